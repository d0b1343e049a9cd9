"""The peers' steps: csv crate, frictionless, sqlite3, DuckDB, on the same files.

Used by `run`. A peer is believed only if it found no error and as many changes as there are; then its figures count."""
import os
import shutil

from .files import HERE
from .process import measure, must, run, text

SCRIPTS = os.path.join(HERE, 'peers')


class Peers:
    who = 'peers'
    steps = ['parse', 'frictionless', 'import', 'duck_first', 'duck_unchanged', 'upsert', 'duck_next', 'duck_shuffled']
    #: minutes at large; one run there tells enough
    once = ('frictionless',)

    def __init__(self, folder, parser, python):
        self.folder, self.parser, self.python, self.expected = folder, parser, python, folder.expected()

    def prepare(self):
        """Nothing: the peers bring no library of their own."""

    def command(self, name):
        night = {'upsert': 'night2', 'duck_next': 'night2', 'duck_shuffled': 'night2-shuffled'}.get(name, 'night1')
        data = self.folder / night
        if name == 'parse':
            return [self.parser, data]
        if name == 'frictionless':
            return [self.python, f'{SCRIPTS}/validate_frictionless.py', data]
        if name in ('import', 'upsert'):
            return [f'{SCRIPTS}/sqlite_{name}.sh', data, self.database('run', 'sqlite')]
        mode = 'night1' if name == 'duck_first' else 'night2'
        return [self.python, f'{SCRIPTS}/duckdb_tuned.py', data, self.database('run', 'duckdb'), mode, self.folder / 'patrons-keys.csv']

    def database(self, room, peer):
        return os.path.join(self.folder.room(f'{peer}-{room}'), f'roster.{peer}')

    def run(self, name):
        """One measured run of a step, on its own copy of the first night's database where it needs one."""
        peer = {'parse': None, 'frictionless': None, 'import': 'sqlite', 'upsert': 'sqlite'}.get(name, 'duckdb')
        first = name in ('import', 'duck_first')
        if first:
            shutil.rmtree(self.folder.room(f'{peer}-run'), ignore_errors=True)
            os.makedirs(self.folder.room(f'{peer}-run'))
        elif peer:
            self.folder.copy(f'{peer}-first', f'{peer}-run')
        sample = measure(self.command(name), self.folder.room(f'peer-{name}.txt'))
        must(sample, sample.code == 0, f'{name}: the exit code must be 0')
        getattr(self, f'verify_{name}', self.verify_duck)(sample, text(sample), name)
        if first and not os.path.exists(self.folder.room(f'{peer}-first')):
            os.rename(self.folder.room(f'{peer}-run'), self.folder.room(f'{peer}-first'))
        return sample

    def verify_parse(self, sample, output, _):
        rows = sum(self.expected[kind] for kind in ('students', 'teachers', 'sections', 'enrollments', 'schools', 'staff'))
        must(sample, output.startswith(f'{rows} rows'), f'parse: {rows} rows must be read')

    def verify_frictionless(self, sample, output, _):
        must(sample, output.startswith('valid '), 'frictionless: the files must be valid')

    def verify_import(self, sample, _, __):
        count = int(run(['sqlite3', self.database('run', 'sqlite'), 'SELECT count(*) FROM enrollments']))
        must(sample, count == self.expected['enrollments'], 'sqlite3 import: all enrollments must be there')

    def verify_upsert(self, sample, output, _):
        want = self.expected
        for line in (f"upsert students|{want['changed'] + want['new']}", f"delete students|{want['gone']}",
                     f"upsert enrollments|{want['enrollments_created']}", f"delete enrollments|{want['enrollments_removed']}"):
            must(sample, line + '\n' in output, f'sqlite3 upsert: it must say {line}')

    def verify_duck(self, sample, output, name):
        want = self.expected
        matches = {'duck_first': (want['known_by_number'], want['known_by_email'], want['students']), 'duck_unchanged': (0, 0, 0)}
        match = matches.get(name, (0, 0, want['new']))
        must(sample, 'errors {}\n' in output, f'{name}: DuckDB must find no error')
        must(sample, f'match {match}\n' in output, f'{name}: DuckDB must match {match}')
        if name in ('duck_next', 'duck_shuffled'):
            changed = want['changed']
            diff = f"'students': ({changed + want['gone']}, {changed + want['new']})"
            must(sample, diff in output, f'{name}: DuckDB must find {diff}')
