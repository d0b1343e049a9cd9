INSERT INTO patrons (student_number, first_name, last_name, birthdate) VALUES
    ('7001', 'Minnie', 'Adair', '2018-01-05'), ('7002', '', 'Bloom', '2018-02-06');
