INSERT INTO patrons (student_number, first_name, last_name, notes, roles, district, status, site) VALUES ('501', 'Vera', 'Oakley', 'here before the first sync', 'teacher', 'default', 1, '11');
