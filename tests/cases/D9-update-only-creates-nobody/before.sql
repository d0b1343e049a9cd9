INSERT INTO patrons (student_number, first_name, last_name, notes, district, roles, status, site) VALUES ('7001', 'Mina', 'Adair', 'here before the first sync', 'default', 'student', 1, '11');
