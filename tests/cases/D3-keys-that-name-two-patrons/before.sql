INSERT INTO patrons (student_number, first_name, last_name, notes, district, roles, status, site) VALUES ('7001', 'Mina', 'Adair', 'here before the first sync', 'default', 'student', 1, '11');
INSERT INTO patrons (email, first_name, last_name, notes, district, roles, status, site) VALUES ('mina.adair@students.example.org', 'Mina', 'Adair', 'the other', 'default', 'student', 1, '11');
