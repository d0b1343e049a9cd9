INSERT INTO patrons (first_name, last_name, birthdate, notes, district, roles, status, site) VALUES ('Mina', 'Adair', '2018-01-05', 'here before the first sync', 'default', 'student', 1, '11');
