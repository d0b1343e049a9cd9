UPDATE patrons SET notes = 'reads to the little ones', policy = 'LONG', security_group = 'helpers' WHERE student_number = '7001';
