"""Results of many jobs archived and brought back, and what that costs somebody with one job.

    python3 dev.py benchmark lifecycle

One home on this disk, warm side and cold side; the workers `lifecycle` and `cold` as `gas up` runs
them; each job with three files. No grace period, and restores that take `--restore-seconds`.

- 'archived': from the start of the workers until every file is in cold storage and all is at rest;
- 'restored': from the change of plan until every file is back, verified, and at rest;
- 'one restore': somebody else's single job, from the change of plan until it can be downloaded:
  again and again while nothing else goes on, and while the many come back; what counts is the
  difference. Restored and archived again through the same workers.
- memory: PSS of the workers when a tenth of the jobs was done, and the most of it.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

# As a script, too: `python benchmarks/lifecycle.py`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import table
from benchmarks.processes import Crowd, end_with_all, pss_megabytes, wait_until
from gas.domain.account import Account, Identity
from gas.domain.ids import new_id
from gas.domain.job import (
    Claim,
    FileKind,
    Findings,
    Job,
    JobFile,
    ResultsState,
    completed,
    started,
    submitted,
)
from gas.domain.keys import results_prefix
from gas.domain.messages import ARCHIVE, JobFinished
from gas.domain.plan import Plan
from gas.domain.results import ARCHIVED_KINDS
from gas.journey.subscribe import change_plan
from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import build

NOTHING = "0" * 64
LONG_SECONDS = 3600.0


@dataclass(frozen=True)
class Bench:
    services: Services
    folder: Path
    file_bytes: int

    def account(self, name: str) -> Account:
        now = self.services.clock()
        new = Account(new_id(now), "bench", name, "", "", now)
        return self.services.accounts.sign_in(Identity("bench", name, ""), new)

    def finished_job(self, owner: Account) -> Job:
        """As the annotate step leaves it."""
        now, number = self.services.clock(), new_id(self.services.clock())
        given = JobFile(FileKind.INPUT, "a.vcf", f"inputs/{owner.id}/{number}", 9, NOTHING)
        jobs = self.services.jobs
        with self.services.together(durable=False):
            job = jobs.create(submitted(Job(number, owner.id, number, given, "none", now)))
            run = started(job, Claim("bench", number, timedelta(seconds=30)), now)
            jobs.change(run)
        results = tuple(self._stored(run.job, kind) for kind in sorted(ARCHIVED_KINDS))
        done = completed(run.job, Findings(results, given), self.services.clock())
        with self.services.together(durable=False):
            jobs.change(done)
            self.services.queues.publish(JobFinished(job.id, job.owner_id))
        return done.job

    def _stored(self, job: Job, kind: FileKind) -> JobFile:
        path = self.folder / "made"
        path.write_bytes(secrets.token_bytes(self.file_bytes))
        key = f"{results_prefix(job)}/{job.attempt}/{kind.value}"
        stored = self.services.files.store(key, path)
        path.unlink(missing_ok=True)
        return JobFile(kind, kind.value, key, stored.size_bytes, stored.sha256)

    def change_plan(self, account: Account, plan: Plan) -> None:
        wired = self.services
        change_plan(
            account.id,
            plan,
            actor="bench",
            accounts=wired.accounts,
            queues=wired.queues,
            audit=wired.audit,
            together=wired.together,
            clock=wired.clock,
        )

    def jobs_in(self, state: ResultsState) -> int:
        return sum(each.jobs for each in self.services.jobs.results_totals() if each.state is state)

    def rests(self) -> bool:
        """No results of anybody are on their way, and nobody is asked to look at any."""
        far = self.services.clock() + timedelta(days=365)
        return not self.services.jobs.unsettled(before=far, limit=1)


@dataclass
class Watch:
    """How long many jobs take, and the workers' memory meanwhile."""

    bench: Bench
    pids: list[int]
    state: ResultsState
    count: int
    meanwhile: Callable[[], None] = lambda: None
    early: float = 0.0
    most: float = 0.0

    def seconds(self) -> float:
        began = time.monotonic()
        while self.bench.jobs_in(self.state) < self.count or not self.bench.rests():
            self._weigh()
            self.meanwhile()
            time.sleep(0.1)
            if time.monotonic() - began > LONG_SECONDS:
                raise TimeoutError(f"they are not {self.state}")
        return time.monotonic() - began

    def _weigh(self) -> None:
        megabytes = pss_megabytes(self.pids)
        if not self.early and self.bench.jobs_in(self.state) >= self.count / 10:
            self.early = megabytes
        self.most = max(self.most, megabytes)


@dataclass
class OneOfAnother:
    """Somebody with a single job, who subscribes and leaves again and again."""

    bench: Bench
    account: Account
    job: Job
    seconds: list[float] = field(default_factory=list)

    def measure(self) -> None:
        began = time.monotonic()
        self.bench.change_plan(self.account, Plan.PREMIUM)
        self._wait(ResultsState.AVAILABLE)
        self.seconds.append(time.monotonic() - began)
        self.bench.change_plan(self.account, Plan.FREE)
        self._wait(ResultsState.ARCHIVED)

    def _wait(self, state: ResultsState) -> None:
        def reached() -> bool:
            job = self.bench.services.jobs.get(self.job.id)
            files = [file for file in job.results if file.kind in ARCHIVED_KINDS] if job else []
            warm = state is ResultsState.AVAILABLE
            places = {bool(self.bench.services.files.stat(file.key)) for file in files}
            return job is not None and job.results_state is state and places == {warm}

        wait_until(f"{state} of the single job", reached, seconds=120)


def measure(count: int, file_bytes: int, restore_seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="gas-bench-") as name, Crowd(Path(name)) as crowd:
        home = Path(name) / "home"
        bench = Bench(build(Settings(home=home)), Path(name), file_bytes)
        bench.services.queue_desk.configure(ARCHIVE.name, delay_seconds=0)
        many, one = bench.account("many"), bench.account("one")
        for number in range(count):
            bench.finished_job(many)
            if number % 1000 == 999:
                print(f"  {number + 1} jobs are there", flush=True)
        single = OneOfAnother(bench, one, bench.finished_job(one))
        known = {"GAS_HOME": str(home), "GAS_DISK_RESTORE_SECONDS": str(restore_seconds)}
        pids = [
            crowd.start([sys.executable, "-m", "gas.cli", "worker", name], extra=known).pid
            for name in ("lifecycle", "cold")
        ]
        archive = Watch(bench, pids, ResultsState.ARCHIVED, count + 1)
        archived = archive.seconds()
        for _ in range(5):
            single.measure()
        alone, single.seconds = single.seconds, []
        bench.change_plan(many, Plan.PREMIUM)
        restore = Watch(bench, pids, ResultsState.AVAILABLE, count, single.measure)
        restored = restore.seconds()
        return {
            "archived_per_s": (count + 1) / archived,
            "restored_per_s": count / restored,
            "alone_s": statistics.median(alone),
            "beside_s": statistics.median(single.seconds),
            "beside_worst_s": max(single.seconds),
            "beside_count": len(single.seconds),
            "archive_early_mb": archive.early,
            "archive_most_mb": archive.most,
            "restore_early_mb": restore.early,
            "restore_most_mb": restore.most,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--file-bytes", type=int, default=4096)
    parser.add_argument("--restore-seconds", type=float, default=1.0)
    chosen = parser.parse_args()
    end_with_all()
    rounds = []
    for number in range(chosen.rounds):
        rounds.append(measure(chosen.jobs, chosen.file_bytes, chosen.restore_seconds))
        shown = ", ".join(f"{name} {value:.2f}" for name, value in rounds[-1].items())
        print(f"round {number + 1}: {shown}", flush=True)
    found = table.medians(rounds)
    rows = [
        ["archived", f"{found['archived_per_s']:.0f} jobs/s", _memory(found, "archive")],
        ["restored", f"{found['restored_per_s']:.0f} jobs/s", _memory(found, "restore")],
        ["one restore, alone", f"{found['alone_s']:.2f} s", ""],
        [
            "one restore, beside the many",
            f"{found['beside_s']:.2f} s, worst {found['beside_worst_s']:.2f} s",
            f"+{found['beside_worst_s'] - found['alone_s']:.2f} s at worst",
        ],
    ]
    print(table.drawn([f"{chosen.jobs:,} jobs", "", "PSS when a tenth was done, most"], rows))
    print(table.saved("lifecycle", rounds))


def _memory(found: dict[str, float], phase: str) -> str:
    return f"{found[f'{phase}_early_mb']:.0f} MB, {found[f'{phase}_most_mb']:.0f} MB"


if __name__ == "__main__":
    main()
