UPDATE patrons SET status = 3 WHERE student_number = '7006';
