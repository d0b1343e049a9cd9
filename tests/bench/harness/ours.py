"""Our steps: check, first night, the same again, nothing changed, next night, next night in random order.

Used by `run`. Each step starts from its own copy of a database and is believed only if it reported what expected.json says."""
import json
import os
import sys

from .files import HERE
from .process import measure, must, run

SETTINGS = 'id = "default"\n\n[guard]\nfirst_run = "apply"\n'


class Ours:
    who = 'rosterd'
    steps = ['check', 'first', 'again', 'touched', 'next', 'shuffled']
    once = ()

    def __init__(self, folder, binary):
        self.folder, self.binary, self.expected = folder, binary, folder.expected()

    def command(self, name):
        night = {'check': 'night1', 'first': 'night1', 'again': 'night1', 'touched': 'night1-touched', 'next': 'night2',
                 'shuffled': 'night2-shuffled'}[name]
        if name == 'check':
            return [self.binary, 'check', self.folder / night, '--format', 'json', '-q']
        return [self.binary, '--store', self.store('run'), 'ingest', self.folder / night, '--format', 'json', '-q']

    def store(self, room):
        return os.path.join(self.folder.room(room), 'rosterd.db')

    def prepare(self):
        """The library before the first night: settings, patrons, sites. Every first night starts from a copy of it."""
        os.makedirs(self.folder.room('template'))
        settings = self.folder.room('settings.toml')
        with open(settings, 'w', encoding='utf-8') as file:
            file.write(SETTINGS)
        store = ['--store', self.store('template')]
        run([self.binary, *store, 'district', 'apply', settings])
        run([sys.executable, os.path.join(HERE, 'harness', 'import_patrons.py'), self.store('template'), self.folder / 'patrons.csv'])
        run([self.binary, *store, 'district', 'site-map', '--from', self.folder / 'site-map.csv'])

    def run(self, name):
        """One measured run of a step."""
        if name != 'check':
            self.folder.copy('template' if name == 'first' else 'first', 'run')
        sample = measure(self.command(name), self.folder.room(f'ours-{name}.json'))
        getattr(self, f'verify_{name}')(sample, self.report(sample, name))
        if name == 'first' and not os.path.exists(self.folder.room('first')):
            os.rename(self.folder.room('run'), self.folder.room('first'))
        return sample

    def report(self, sample, name):
        """What the step printed; all steps must end with 0 and find no problem."""
        must(sample, sample.code == 0, f'rosterd, {name}: the exit code must be 0')
        with open(sample.output, encoding='utf-8') as file:
            report = json.load(file)
        must(sample, not any(report.get('problem_counts', {}).values()), f'rosterd, {name}: there must be no problem')
        return report

    def verify_check(self, sample, report):
        must(sample, report['outcome'] == 'clean', 'rosterd, check: the outcome must be clean')
        rows = {file['kind']: file['rows'] for file in report['files']}
        for kind in ('students', 'teachers', 'sections', 'enrollments', 'schools', 'staff'):
            must(sample, rows.get(kind) == self.expected[kind], f'rosterd, check: {self.expected[kind]} rows of {kind} must be read')

    def verify_first(self, sample, report):
        want, got = self.expected, report['people']['students']
        must(sample, report['outcome'] == 'applied', 'rosterd, first night: the outcome must be applied')
        must(sample, got['created'] == want['unknown'], f"rosterd, first night: {want['unknown']} students must be created")
        matched = got['updated'] + got['unchanged']
        must(sample, matched == want['students'] - want['unknown'], 'rosterd, first night: all other students must be matched')
        for kind in ('teachers', 'staff'):
            must(sample, report['people'][kind]['created'] == want[kind], f'rosterd, first night: all {kind} must be created')
        must(sample, patrons(self.store('run')) == self.patrons_after(want), 'rosterd, first night: the patrons must add up')

    def patrons_after(self, want):
        return want['students'] + want['teachers'] + want['staff'] + want['other_patrons']

    def verify_again(self, sample, report):
        must(sample, report['outcome'] == 'no_change', 'rosterd, same night again: the outcome must be no_change')

    def verify_touched(self, sample, report):
        must(sample, report['outcome'] == 'no_change', 'rosterd, nothing changed but bytes: the outcome must be no_change')

    def verify_next(self, sample, report):
        want, got = self.expected, report['people']['students']
        must(sample, report['outcome'] == 'applied', 'rosterd, next night: the outcome must be applied')
        for ours, theirs in (('created', 'new'), ('updated', 'changed'), ('removed', 'gone')):
            must(sample, got[ours] == want[theirs], f'rosterd, next night: {want[theirs]} students must be {ours}')
        for change in ('created', 'removed'):
            count = want[f'enrollments_{change}']
            must(sample, report['enrollments'][change] == count, f'rosterd, next night: {count} enrollments must be {change}')

    verify_shuffled = verify_next


def patrons(database):
    """How many patrons there are, asked in another process to keep this one small."""
    return int(run(['sqlite3', database, 'SELECT count(*) FROM patrons']))
