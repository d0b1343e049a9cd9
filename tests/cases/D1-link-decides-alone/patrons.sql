UPDATE patrons SET student_number = '9999' WHERE student_number = '7001';
