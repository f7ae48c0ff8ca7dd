"""The journey of a job that does nothing, on GAS and on its peers, in turns.

    python3 dev.py benchmark journey
    python -m benchmarks.journey --peers-python /path/to/venv/bin/python

The peers are celery, redis (and Debian's redis-server), huey, procrastinate and dbos, the last two
on psycopg[binary] and pgserver; who is not installed there is skipped, and the reason printed.
One round gives every contestant a fresh broker in a fresh folder, and then

1. one client submits `--jobs` jobs as fast as it can (submit/s), each durable when accepted;
2. two worker processes are started and work them off: jobs/s and CPU milliseconds per job are
   taken between the 10th and the 90th percent of completions, so that starting is not counted;
3. the same workers get jobs at each of `--rates` a second: milliseconds from before the
   submission until the worker is done. The slower, the longer: between two jobs caches go cold.

For GAS a job is the whole state machine, every commit synced: PENDING and message; RUNNING;
COMPLETED and a message that it finished; the message deleted. It is done when that is committed.
'gas' keeps no files, like the peers, and its runs' folders lie in memory; 'gas + files on disk'
stores each run's log with fsync.
The peers are done when the function was called; except in 'with states' nobody writes down what
became of a job, which favours them. What each loses on kill -9 is in the last column, and in
the docstring of each one's module. CPU is that of the workers; the broker's is in the JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# As a script, too: `python benchmarks/journey.py`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import stamps, table
from benchmarks.contestants import (
    CONTESTANTS,
    YARDSTICK,
    Broker,
    Contestant,
    interpreter_for,
    open_broker,
)
from benchmarks.processes import (
    Crowd,
    TooSlow,
    cpu_seconds,
    descendants,
    end_with_all,
    pss_megabytes,
    run,
    wait_until,
)

PERCENTS = (50, 99)


@dataclass(frozen=True, slots=True)
class Load:
    jobs: int
    rates: tuple[float, ...]
    paced: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    submits_per_second: float
    jobs_per_second: float
    worker_cpu_ms: float
    broker_cpu_ms: float
    paced_ms: dict[str, float]
    """'p50 at 50': the median at 50 jobs a second, and so on."""
    pss_megabytes: float

    def flat(self) -> dict[str, float]:
        told: dict[str, Any] = asdict(self)
        return {**told.pop("paced_ms"), **told}


def measure(contestant: Contestant, interpreter: str, load: Load) -> Figures:
    """One round of one contestant. TooSlow if it does not get through."""
    with tempfile.TemporaryDirectory(prefix="gas-bench-") as name:
        folder = Path(name)
        with Crowd(folder) as crowd:
            broker = open_broker(contestant, crowd, folder, interpreter)
            return _Round(contestant, interpreter, load, broker, crowd, folder).figures()


@dataclass(frozen=True, slots=True)
class _Round:
    contestant: Contestant
    interpreter: str
    load: Load
    broker: Broker
    crowd: Crowd
    folder: Path

    def figures(self) -> Figures:
        self._play("prepare")
        filled = json.loads(self._play("fill", "--count", str(self.load.jobs)))["seconds"]
        workers = [
            self.crowd.start([self.interpreter, "-m", *self._part("worker")]).pid
            for _ in range(self.contestant.worker_count)
        ]
        rate, worker_cpu, broker_cpu = self._drain(workers)
        paced = {
            f"p{percent} at {rate:g}": table.percentile(latencies, percent)
            for place, rate in enumerate(self.load.rates)
            for latencies in [self._paced(rate, first=place * self.load.paced)]
            for percent in PERCENTS
        }
        return Figures(
            submits_per_second=self.load.jobs / filled,
            jobs_per_second=rate,
            worker_cpu_ms=worker_cpu,
            broker_cpu_ms=broker_cpu,
            paced_ms=paced,
            pss_megabytes=pss_megabytes(
                [*workers, *descendants(workers), *self._broker_pids()],
            ),
        )

    def _broker_pids(self) -> list[int]:
        return sorted({*self.broker.pids, *descendants(self.broker.pids)})

    @property
    def _done(self) -> Path:
        return self.folder / "done"

    def _part(self, part: str, *more: str) -> list[str]:
        known = ["--broker", self.broker.url, "--done", str(self._done)]
        return [self.contestant.module, part, *known, *more]

    def _play(self, part: str, *more: str) -> str:
        return run(self.interpreter, *self._part(part, *more), seconds=self.load.seconds)

    def _drain(self, workers: Sequence[int]) -> tuple[float, float, float]:
        """Jobs per second; CPU milliseconds per job of the workers and of the broker."""
        counts, costs = [], []
        for share in (0.1, 0.9, 1.0):
            self._wait_for(int(self.load.jobs * share))
            pids = [*workers, *descendants(workers)]
            counts.append(stamps.count(self._done))
            costs.append((cpu_seconds(pids), cpu_seconds(self._broker_pids())))
        moments = sorted(stamps.read(self._done).values())
        first, last = len(moments) // 10, len(moments) * 9 // 10
        seconds = (moments[last] - moments[first]) / 1e9
        jobs = max(1, counts[1] - counts[0])
        spent = [1000 * (after - before) / jobs for before, after in zip(*costs[:2], strict=True)]
        return (last - first) / seconds, spent[0], spent[1]

    def _wait_for(self, jobs: int) -> None:
        wait_until(
            f"the end of {jobs} jobs",
            lambda: stamps.count(self._done) >= jobs,
            seconds=self.load.seconds,
        )

    def _paced(self, rate: float, *, first: int) -> list[float]:
        """Milliseconds from submission to done of each job."""
        path = self.folder / f"submitted-{rate:g}"
        load = ["--count", str(self.load.paced), "--rate", str(rate), "--first", str(first)]
        self._play("pace", "--submitted", str(path), *load)
        submitted = stamps.read(path)
        wait_until(
            "the end of the paced jobs",
            lambda: submitted.keys() <= stamps.read(self._done).keys(),
            seconds=self.load.seconds,
        )
        done = stamps.read(self._done)
        return [(done[key] - moment) / 1e6 for key, moment in submitted.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "--peers-python",
        default=os.environ.get("PEERS_PYTHON", sys.executable),
        help="where the peers are installed (PEERS_PYTHON; by default this one)",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--rates", default="50,200,400", help="paced jobs a second, with commas")
    parser.add_argument("--paced", type=int, default=150, help="number of paced jobs at each rate")
    parser.add_argument("--seconds", type=float, default=60.0, help="at most, for any one part")
    parser.add_argument("--only", default="", help="parts of names, with commas")
    chosen = parser.parse_args()
    end_with_all()
    rates = tuple(float(rate) for rate in chosen.rates.split(","))
    load = Load(chosen.jobs, rates, chosen.paced, chosen.seconds)
    found = run_rounds(_entered(chosen.only, chosen.peers_python), load, chosen.rounds)
    report(found, rates)


def _entered(only: str, peers_python: str) -> dict[Contestant, str]:
    """Interpreter by contestant, for those who can take part; says who cannot."""
    wanted = [word.strip() for word in only.split(",")]
    entered: dict[Contestant, str] = {}
    for contestant in CONTESTANTS:
        if any(word in contestant.name for word in wanted):
            try:
                entered[contestant] = interpreter_for(contestant, peers_python)
            except TooSlow as why:
                print(f"skipped: {contestant.name}: {why}")
    return entered


def run_rounds(
    entered: dict[Contestant, str], load: Load, rounds: int
) -> dict[Contestant, list[Figures]]:
    found: dict[Contestant, list[Figures]] = {contestant: [] for contestant in entered}
    for number in range(rounds):
        for contestant, interpreter in entered.items():
            try:
                figures = measure(contestant, interpreter, load)
            except TooSlow as why:
                print(f"failed: round {number + 1} of {contestant.name}: {why}")
                continue
            found[contestant].append(figures)
            print(
                f"round {number + 1}: {contestant.name}: {figures.jobs_per_second:.0f} jobs/s",
                flush=True,
            )
    return found


def report(found: dict[Contestant, list[Figures]], rates: Sequence[float]) -> None:
    """Prints the table of medians, and writes every round to JSON."""
    medians = {c: table.medians([f.flat() for f in each]) for c, each in found.items() if each}
    yardstick = next((m for c, m in medians.items() if c.name == YARDSTICK), None)
    rows = []
    for contestant, median in medians.items():
        drained = [figures.jobs_per_second for figures in found[contestant]]
        ratio = median["jobs_per_second"] / yardstick["jobs_per_second"] if yardstick else 0.0
        rows.append(
            [
                contestant.name,
                f"{median['submits_per_second']:.0f}",
                f"{median['jobs_per_second']:.0f} ({min(drained):.0f}-{max(drained):.0f})",
                f"{ratio:.2f}" if ratio else "-",
                f"{median['worker_cpu_ms']:.2f}",
                *(f"{median[f'p50 at {r:g}']:.1f} / {median[f'p99 at {r:g}']:.1f}" for r in rates),
                f"{median['pss_megabytes']:.0f}",
                contestant.loses,
            ]
        )
    heads = ["", "submit/s", "jobs/s (range)", f"x {YARDSTICK}", "CPU ms/job"]
    heads += [f"p50 / p99 ms at {rate:g}/s" for rate in rates]
    print(table.drawn([*heads, "PSS MB", "kill -9 of everything loses"], rows))
    print(table.saved("journey", {c.name: [asdict(f) for f in e] for c, e in found.items()}))


if __name__ == "__main__":
    main()
