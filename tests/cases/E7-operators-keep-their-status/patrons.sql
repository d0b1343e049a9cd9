UPDATE patrons SET security_group = 'operator' WHERE student_number = '503';
