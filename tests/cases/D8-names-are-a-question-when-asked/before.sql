INSERT INTO patrons (first_name, last_name, notes, district, roles, status, site) VALUES ('Mina', 'Adair', 'here before the first sync', 'default', 'student', 1, '11');
