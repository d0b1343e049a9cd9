"""The promises about speed and memory with their bars, and what was measured against each.

Used by `report` and `run`. `now` is the bar of the first release, `aim` where it should be."""
from dataclasses import dataclass
from statistics import median

LABELS = {
    'check': 'rosterd check', 'first': 'rosterd ingest, first night', 'again': 'rosterd ingest, same bytes again',
    'touched': 'rosterd ingest, nothing changed but bytes', 'next': 'rosterd ingest, next night',
    'shuffled': 'rosterd ingest, next night in random row order', 'parse': 'csv crate, read and parse, 2 threads',
    'frictionless': 'frictionless validate', 'import': 'sqlite3 .import, no checks', 'upsert': 'sqlite3 staging upsert, next night',
    'duck_first': 'DuckDB tuned, first night', 'duck_unchanged': 'DuckDB tuned, unchanged night',
    'duck_next': 'DuckDB tuned, next night', 'duck_shuffled': 'DuckDB tuned, next night in random row order',
}
RATIOS = [
    ('check, against frictionless', 'check', 'frictionless', 1 / 50, 1 / 100),
    ('check, against parsing with the csv crate', 'check', 'parse', 8, 3),
    ('first night, against sqlite3 .import', 'first', 'import', 0.6, 0.3),
    ('first night, against DuckDB', 'first', 'duck_first', 1.6, 1.0),
    ('next night, against DuckDB', 'next', 'duck_next', 0.6, 0.25),
    ('next night, against sqlite3 upsert', 'next', 'upsert', 0.12, 0.05),
    ('unchanged night (other bytes), against DuckDB', 'touched', 'duck_unchanged', 0.15, 0.05),
    ('unchanged night (same bytes), against DuckDB', 'again', 'duck_unchanged', 0.15, 0.05),
    ('next night in random row order, against DuckDB', 'shuffled', 'duck_shuffled', 1.6, 0.8),
]
PEAKS = {'large': (700, 300), 'memory': (256, 128)}
GROWTH = (12, 10)


@dataclass
class Verdict:
    promise: str
    measured: float
    unit: str
    now: float
    aim: float
    gate: bool

    @property
    def met(self):
        return self.measured <= self.now

    def word(self):
        return 'aim met' if self.measured <= self.aim else 'met' if self.met else 'MISSED'


def figure(samples, name, what='seconds'):
    """The median time of a step, or its largest peak; None if it was not run."""
    values = [sample[what] for sample in samples.get(name, [])]
    if not values:
        return None
    return median(values) if what == 'seconds' else max(values)


def verdicts(size, samples, medium):
    """Every promise for which there are figures."""
    return [*ratios(samples), *peaks(size, samples), *(growth(samples, medium) if size == 'large' else [])]


def ratios(samples):
    for promise, ours, peer, now, aim in RATIOS:
        mine, theirs = figure(samples, ours), figure(samples, peer)
        if mine and theirs:
            yield Verdict(promise, mine / theirs, 'x', now, aim, False)


def peaks(size, samples):
    found = [peak for name in LABELS if LABELS[name].startswith('rosterd') and (peak := figure(samples, name, 'peak_mib'))]
    if found and size in PEAKS:
        yield Verdict('peak resident memory, any step', max(found), 'MiB', *PEAKS[size], True)


def growth(samples, medium):
    for name, label in LABELS.items():
        large, small = figure(samples, name), figure(medium, name)
        if label.startswith('rosterd') and large and small:
            yield Verdict(f'growth from medium: {label}', large / small, 'x', *GROWTH, True)
