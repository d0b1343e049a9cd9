UPDATE patrons SET notes = 'two books lost' WHERE student_number = '7001';
