UPDATE patrons SET first_name = 'Minnie' WHERE student_number = '7001';
