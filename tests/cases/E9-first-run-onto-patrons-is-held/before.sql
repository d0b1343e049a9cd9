INSERT INTO patrons (student_number, first_name, last_name, birthdate, district, roles, status, site) VALUES ('90001', 'Fab', 'Lab', '2012-02-02', 'default', 'student', 1, '21');
