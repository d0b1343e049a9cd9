"""Tables for the terminal and for RESULTS.md, and the machine on which they were made.

Used by `run`."""
import datetime
import os
import re

from .files import HERE, ROOT
from .process import Failure, run
from .promises import LABELS, figure

RESULTS = os.path.join(HERE, 'RESULTS.md')
TITLE = '# What the benchmark measured\n\nWritten by `tests/bench/run SIZE --write`; `README.md` tells how to read it.\n'


def figures_table(samples):
    lines = ['| step | median s | from - to | peak MiB | runs |', '|---|--:|--:|--:|--:|']
    for name, label in LABELS.items():
        if name in samples:
            times = [sample['seconds'] for sample in samples[name]]
            peak = figure(samples, name, 'peak_mib')
            lines.append(f'| {label} | {figure(samples, name):.3f} | {min(times):.3f} - {max(times):.3f} | {peak:.0f} | {len(times)} |')
    return '\n'.join(lines)


def verdicts_table(verdicts):
    if not verdicts:
        return 'No promise can be judged: ours and the peers have not both been measured.'
    lines = ['| promise | measured | now | aim | |', '|---|--:|--:|--:|---|']
    for verdict in verdicts:
        cells = ' | '.join(f'{number(value)} {verdict.unit}' for value in (verdict.measured, verdict.now, verdict.aim))
        lines.append(f'| {verdict.promise} | {cells} | {verdict.word()} |')
    return '\n'.join(lines)


def number(value):
    """Three digits that count."""
    return f'{value:.0f}' if value >= 100 else f'{value:.3g}'


def commands(steps):
    """The measured commands, with short names for long paths."""
    lines = []
    for name, command in steps:
        words = ' '.join(word.replace(os.path.join(HERE, 'data'), 'data').replace(HERE + '/', '') for word in command)
        words = re.sub(r'\S*/(rosterd|parse|python3?)(?= )', r'\1', words)
        lines.append(f'{LABELS[name]}:\n    {words}')
    return '\n'.join(lines)


def machine():
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        model = re.search(r'model name\s*: (.*)', file.read())
    with open('/proc/meminfo', encoding='utf-8') as file:
        memory = int(file.read().split()[1]) / 1024 / 1024
    return f"{len(os.sched_getaffinity(0))} cores of {model.group(1) if model else 'an unnamed processor'}, {memory:.0f} GiB, {os.uname().sysname} {os.uname().release}"


def versions(python):
    asked = [('rosterd', ['git', '-C', ROOT, 'describe', '--always', '--dirty']), ('rustc', ['rustc', '--version']),
             ('sqlite3', ['sqlite3', '--version']),
             ('duckdb', [python, '-c', 'import duckdb; print(duckdb.__version__)']),
             ('frictionless', [python, '-c', 'import frictionless; print(frictionless.__version__)'])]
    return ', '.join(f'{name} {answer(command)}' for name, command in asked)


def answer(command):
    try:
        return run(command).strip().removeprefix('rustc ').split(' ')[0] or 'unknown'
    except (Failure, OSError):
        return 'unknown'


def section(size, described, rounds, python, tables, listed):
    """What goes into RESULTS.md for one size."""
    today = datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%d %H:%M UTC')
    return (f'## {size}\n\n{described}. Measured {today} with `tests/bench/run {size} --rounds {rounds}` on {machine()}; '
            f'{versions(python)}.\n\n{tables}\n\n```text\n{listed}\n```\n')


def write(size, text):
    """Puts a section in place of the former one of that size."""
    old = TITLE
    if os.path.exists(RESULTS):
        with open(RESULTS, encoding='utf-8') as file:
            old = file.read()
    kept = [part for part in re.split(r'(?m)^(?=## )', old) if not part.startswith(f'## {size}\n')]
    order = {'small': 0, 'medium': 1, 'large': 2, 'memory': 3}
    parts = sorted([*kept[1:], text], key=lambda part: order.get(part[3:].split('\n')[0], 9))
    with open(RESULTS, 'w', encoding='utf-8') as file:
        file.write('\n'.join(part.rstrip('\n') + '\n' for part in [kept[0], *parts]))
