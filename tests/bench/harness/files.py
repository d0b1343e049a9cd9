"""The folders of one size: the generated data, what is derived from it, and room to work in.

Used by `run` and the steps. Everything lies under tests/bench/data, which git ignores."""
import csv
import json
import os
import shutil
import subprocess

from .process import run

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
KEYS = ['patron_id', 'guid', 'student_number', 'email', 'last_name', 'first_name', 'birthdate']
SIZES = {
    'small': ['small'],
    'medium': ['medium'],
    'large': ['large'],
    'memory': ['--students', '250000', '--enrollments-per-student', '8'],
}


class Folder:
    """tests/bench/data/<size>"""

    def __init__(self, size):
        self.size = size
        self.path = os.path.join(HERE, 'data', size)
        self.work = os.path.join(self.path, 'work')

    def __truediv__(self, name):
        return os.path.join(self.path, name)

    def make(self, generator):
        """Generates what is missing, and reads every file once so that the first step finds them in memory as the others do."""
        if not os.path.exists(self / 'expected.json'):
            run([generator, *SIZES[self.size], self.path, '--shuffle'])
        if not os.path.exists(self / 'patrons-keys.csv'):
            self.write_keys()
        if not os.path.exists(self / 'night1-touched'):
            self.touch_night()
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        for night in ('night1', 'night1-touched', 'night2', 'night2-shuffled'):
            subprocess.run(f'cat {self / night}/*.csv > /dev/null', shell=True, check=True)

    def write_keys(self):
        """The columns of patrons.csv with which the peers match, so that they need not read the others."""
        with open(self / 'patrons.csv', encoding='utf-8') as source, open(self / 'patrons-keys.tmp', 'w', encoding='utf-8') as out:
            writer = csv.writer(out, lineterminator='\n')
            writer.writerow(KEYS)
            writer.writerows([row[key] for key in KEYS] for row in csv.DictReader(source))
        os.rename(self / 'patrons-keys.tmp', self / 'patrons-keys.csv')

    def touch_night(self):
        """The first night with one blank line more at the end of each file: nothing changed, but the bytes did."""
        shutil.rmtree(self / 'night1-touched.tmp', ignore_errors=True)
        shutil.copytree(self / 'night1', self / 'night1-touched.tmp')
        for name in os.listdir(self / 'night1'):
            with open(os.path.join(self / 'night1-touched.tmp', name), 'a', encoding='utf-8') as file:
                file.write('\n')
        os.rename(self / 'night1-touched.tmp', self / 'night1-touched')

    def expected(self):
        with open(self / 'expected.json', encoding='utf-8') as file:
            return json.load(file)

    def describe(self):
        """Rows and bytes of the first night."""
        rows = size = 0
        for name in sorted(os.listdir(self / 'night1')):
            path = os.path.join(self / 'night1', name)
            size += os.path.getsize(path)
            with open(path, 'rb') as file:
                rows += sum(block.count(b'\n') for block in iter(lambda: file.read(1 << 20), b'')) - 1
        return f'{rows:,} rows, {size / 1e6:,.1f} MB'

    def room(self, name):
        return os.path.join(self.work, name)

    def copy(self, source, target):
        """A fresh copy of a folder in the room."""
        shutil.rmtree(self.room(target), ignore_errors=True)
        subprocess.run(['cp', '-a', '--reflink=auto', self.room(source), self.room(target)], check=True)
