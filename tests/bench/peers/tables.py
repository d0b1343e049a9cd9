"""Columns, primary keys and required columns of the six kinds, for every peer. The first argument of each script is the night's folder."""
import csv
import os
import sys

PK = {'schools': ['School_id'], 'students': ['Student_id'], 'teachers': ['Teacher_id'], 'sections': ['Section_id'],
      'enrollments': ['Section_id', 'Student_id'], 'staff': ['Staff_id']}
H = {t: next(csv.reader(open(os.path.join(sys.argv[1], t + '.csv'), encoding='utf-8'))) for t in PK}
REQ = {'schools': ['School_id', 'School_name'], 'students': ['School_id', 'Student_id', 'Last_name', 'First_name', 'Student_number'],
       'teachers': ['School_id', 'Teacher_id', 'Last_name', 'First_name'], 'sections': ['School_id', 'Section_id', 'Teacher_id'],
       'enrollments': ['School_id', 'Section_id', 'Student_id'], 'staff': ['School_id', 'Staff_id']}
ENUM = {'Grade': ['InfantToddler', 'Preschool', 'PreKindergarten', 'TransitionalKindergarten', 'Kindergarten']
        + [str(i) for i in range(1, 14)] + ['PostGraduate', 'Other', 'Ungraded'],
        'Gender': ['M', 'F', 'X'], 'Hispanic_Latino': ['Y', 'N'], 'Ell_status': ['Y', 'N'], 'IEP_status': ['Y', 'N'],
        'Frl_status': ['F', 'R', 'N'], 'Contact_type': ['guardian', 'family', 'emergency']}
DATE = r'^\d{2}/\d{2}/\d{4}$'
EMAIL = r'^[^@\s]+@[^@\s]+\.[^@\s]+$'
RX = {('students', 'DOB'): DATE, ('students', 'Student_zip'): r'^\d{5}(\d{4})?$', ('students', 'Student_email'): EMAIL,
      ('teachers', 'Teacher_email'): EMAIL}
