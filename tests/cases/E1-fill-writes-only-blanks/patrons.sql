UPDATE patrons SET username = NULL WHERE student_number = '7001';
UPDATE patrons SET username = 'otis-the-great' WHERE student_number = '7002';
