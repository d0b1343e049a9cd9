UPDATE patrons SET status = 4 WHERE student_number = '7006';
