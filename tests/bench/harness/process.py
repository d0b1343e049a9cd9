"""Runs one process and measures it: wall time, and peak resident memory as the kernel counted it.

Used by the steps. The peak includes children that were waited for, so a shell script shows its largest process. A process inherits the
peak of the one that started it: nothing below this runner's own few MiB can be seen, therefore the runner stays small."""
import os
import subprocess
import time
from dataclasses import dataclass


class Failure(Exception):
    """A step did not do what it must; the figures would mean nothing."""


@dataclass
class Sample:
    seconds: float
    peak_mib: float
    code: int
    output: str

    def figures(self):
        return {'seconds': round(self.seconds, 4), 'peak_mib': round(self.peak_mib, 1)}


def environment():
    """Ours, without anything that would change what rosterd does."""
    return {name: value for name, value in os.environ.items() if not name.startswith(('ROSTERD_', 'RUST_LOG'))}


def measure(command, output):
    """Runs `command` with its standard output in the file `output`, after all earlier writes have reached the disk."""
    os.sync()
    with open(output, 'wb') as out, open(output + '.err', 'wb') as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment())
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return Sample(seconds, usage.ru_maxrss / 1024, process.returncode, output)


def run(command, **options):
    """Runs something that is not measured; says what it printed when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), **options)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def text(sample):
    """What the process printed, if it is short."""
    with open(sample.output, encoding='utf-8', errors='replace') as file:
        return file.read(1 << 20)


def must(sample, true, sentence):
    """Fails loudly with what the process said when a step is not as it must be."""
    if not true:
        with open(sample.output + '.err', encoding='utf-8', errors='replace') as file:
            raise Failure(f'{sentence}\nexit code {sample.code}\n{text(sample)[:3000]}\n{file.read(3000)}')
