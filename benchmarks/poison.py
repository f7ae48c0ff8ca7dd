"""What a file that breaks the engine at every try costs the jobs beside it.

    python3 dev.py benchmark poison

Two workers, a full queue of jobs that take `--milliseconds` each, once with and once without a
broken one among them, in turns. The broken one is tried three times, becomes a dead letter, and
its job FAILED; what is compared is how many of the others are finished a second.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

# As a script, too: `python benchmarks/poison.py`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import table
from benchmarks.ours.engine import NOWHERE, POISON, SLOW
from benchmarks.processes import Crowd, TooSlow, end_with_all, wait_until
from gas.domain.ids import new_id
from gas.domain.job import FileKind, Job, JobFile, JobState, submitted
from gas.domain.messages import ANNOTATE, JobSubmitted
from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import build

OWNER = "0" * 26
INPUT = "inputs/bench/1"
WORKERS = 2


def submit(services: Services, name: str) -> str:
    now = services.clock()
    given = JobFile(FileKind.INPUT, name, INPUT, 62, "0" * 64)
    job_id = new_id(now)
    job = Job(job_id, OWNER, job_id, given, NOWHERE.name, now)
    with services.together():
        services.jobs.create(submitted(job))
        services.queues.publish(JobSubmitted(job_id, OWNER))
    return job_id


def measure(count: int, milliseconds: int, *, poisoned: bool) -> float:
    """Jobs a second of those that are not broken."""
    with tempfile.TemporaryDirectory(prefix="gas-bench-") as name, Crowd(Path(name)) as crowd:
        home = Path(name) / "home"
        services = build(Settings(home=home, engine=SLOW))
        source = Path(name) / "input.vcf"
        source.write_text("##fileformat=VCFv4.2\n")
        services.files.store(INPUT, source)
        known = {"GAS_HOME": str(home), "GAS_ENGINE": SLOW}
        for _ in range(WORKERS):
            crowd.start([sys.executable, "-m", "gas.cli", "worker", "annotate"], extra=known)
        wait_until("the workers", lambda: all_at_work(services), seconds=30)
        with services.together():  # all are there at once, the broken one first
            broken = [submit(services, POISON)] if poisoned else []
            job_ids = [submit(services, f"{milliseconds}.vcf") for _ in range(count)]
        wait_until("the jobs", lambda: ended(services, [*job_ids, *broken]), seconds=120)
        if poisoned:
            check_broken(services, broken[0])
        jobs = [job for job_id in job_ids if (job := services.jobs.get(job_id))]
        begun = min(job.started_at for job in jobs if job.started_at)
        done = max(job.finished_at for job in jobs if job.finished_at)
        return count / (done - begun).total_seconds()


def all_at_work(services: Services) -> bool:
    """Each has done some of these; one that still starts would be taken for a slower one."""
    job_ids = [submit(services, "5.vcf") for _ in range(4 * WORKERS)]
    wait_until("the first jobs", lambda: ended(services, job_ids), seconds=30)
    jobs = [services.jobs.get(job_id) for job_id in job_ids]
    return len({job.worker for job in jobs if job is not None}) == WORKERS


def ended(services: Services, job_ids: list[str]) -> bool:
    jobs = [services.jobs.get(job_id) for job_id in reversed(job_ids)]
    return all(job is not None and job.state.final for job in jobs)


def check_broken(services: Services, job_id: str) -> None:
    def dead() -> bool:
        return len(services.queue_desk.dead_letters(ANNOTATE.name, limit=9)) == 1

    wait_until("the dead letter", dead, seconds=10)
    job = services.jobs.get(job_id)
    if job is None or job.state is not JobState.FAILED or job.attempt != 3:
        raise TooSlow("the broken job was not FAILED after three tries")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--milliseconds", type=int, default=50, help="that a job takes")
    chosen = parser.parse_args()
    end_with_all()
    found: dict[str, list[float]] = {"alone": [], "beside a broken one": []}
    for number in range(chosen.rounds):
        # Each comes first in turn: a machine that grows slower favours neither.
        for name, rates in sorted(found.items(), reverse=bool(number % 2)):
            poisoned = name != "alone"
            rates.append(measure(chosen.jobs, chosen.milliseconds, poisoned=poisoned))
            print(f"round {number + 1}: {name}: {rates[-1]:.1f} jobs/s", flush=True)
    alone, beside = (statistics.median(rates) for rates in found.values())
    # Of the two of a round, which saw the same machine.
    kept = statistics.median(each[1] / each[0] for each in zip(*found.values(), strict=True))
    rows = [["alone", f"{alone:.1f}", ""], ["beside it", f"{beside:.1f}", f"{kept:.1%}"]]
    print(table.drawn(["", "jobs/s", "of alone"], rows))
    print(table.saved("poison", found))


if __name__ == "__main__":
    main()
