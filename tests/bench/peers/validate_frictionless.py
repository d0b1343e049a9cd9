"""frictionless: data package with schema constraints and foreign keys. validate_frictionless.py NIGHT"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tables import ENUM, H, PK, REQ, RX
from frictionless import Package

FK = {'students': [('School_id', 'schools')], 'teachers': [('School_id', 'schools')],
      'sections': [('School_id', 'schools'), ('Teacher_id', 'teachers')], 'staff': [('School_id', 'schools')],
      'enrollments': [('School_id', 'schools'), ('Section_id', 'sections'), ('Student_id', 'students')], 'schools': []}
os.chdir(sys.argv[1])
resources = []
for t in H:
    fields = []
    for x in H[t]:
        constraints = {}
        if x in REQ[t]: constraints['required'] = True
        if x in ENUM and t in ('students', 'sections'): constraints['enum'] = ENUM[x]
        if (t, x) in RX: constraints['pattern'] = RX[(t, x)]
        fields.append({'name': x, 'type': 'string', 'constraints': constraints})
    keys = [{'fields': [x], 'reference': {'resource': p, 'fields': [x]}} for x, p in FK[t]]
    resources.append({'name': t, 'path': t + '.csv', 'type': 'table',
                      'schema': {'fields': fields, 'primaryKey': PK[t], 'foreignKeys': keys}})
report = Package.from_descriptor({'resources': resources}).validate()
print('valid' if report.valid else 'invalid', report.stats)
