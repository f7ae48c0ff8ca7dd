"""The no-op job on GAS: the real store, queue, loop and step under an engine that does nothing.

The broker is `<home>#plain`, where no file reaches a disk (a run's folder lies in memory, and what
is stored is not kept), or `<home>#disk`, where the run's log is stored with fsync like everywhere
else in GAS. On kill -9 of everything nothing is lost, and the
job in hand starts again as soon as a worker runs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from benchmarks.ours.engine import NAME, NOWHERE
from benchmarks.ours.files import NoFiles
from benchmarks.role import Role, Submit, play
from benchmarks.stamps import Stamps
from gas.domain.ids import new_id
from gas.domain.job import FileKind, Job, JobFile, submitted
from gas.domain.messages import ANNOTATE, JobSubmitted, decode, job_of
from gas.ports.queues import Delivery
from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import build
from gas.workers.events import write_events_to_output
from gas.workers.loop import Closing, Loop, Post, Work
from gas.workers.roster import new_holder
from gas.workers.steps import annotate_step
from gas.workers.stop import Stop, stop_on_signals
from gas.workers.workplace import workplace

OWNER = "0" * 26
INPUT = "inputs/bench/1"
MEMORY = Path("/dev/shm/gas-benchmark-runs")


@cache
def _services(broker: str) -> Services:
    home, _, files = broker.partition("#")
    services = build(Settings(home=Path(home), engine=NAME))
    return services if files == "disk" else replace(services, files=NoFiles())


def prepare(broker: str) -> None:
    services = _services(broker)
    source = services.site.work_path.parent / "input.vcf"
    source.write_text("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    services.files.store(INPUT, source)


def open_submit(broker: str) -> Submit:
    services = _services(broker)

    def submit(_number: int) -> str:
        now = services.clock()
        job_id = new_id(now)
        given = JobFile(FileKind.INPUT, "input.vcf", INPUT, 62, "0" * 64)
        job = Job(job_id, OWNER, job_id, given, NOWHERE.name, now)
        with services.together():
            services.jobs.create(submitted(job))
            services.queues.publish(JobSubmitted(job_id, OWNER))
        return job_id

    return submit


def _work(broker: str, stamps: Stamps) -> None:
    write_events_to_output()
    services, stop, holder = _services(broker), Stop(), new_holder("annotate")
    stop_on_signals(stop)
    with workplace(_runs_path(broker), holder) as work_path:
        begin = annotate_step(services, holder, work_path)

        def stamped(delivery: Delivery) -> Work | None:
            work = begin(delivery)
            job_id = job_of(decode(delivery.body))
            return work and (lambda should_stop: _Stamped(work(should_stop), stamps, job_id))

        post = Post(ANNOTATE.name, ANNOTATE.name, ANNOTATE.visibility_seconds, stamped)
        queues, together = services.queues, services.together
        Loop(post, queues=queues, together=together, holder=holder, stop=stop).run()


def _runs_path(broker: str) -> Path:
    """Where the folders of runs come and go. What is left in memory of workers that were killed,
    the next ones remove."""
    if broker.endswith("#disk"):
        return _services(broker).site.work_path
    MEMORY.mkdir(exist_ok=True)
    return MEMORY


class _Stamped:
    """Marks the job once it is COMPLETED and that is durable."""

    def __init__(self, closing: Closing | None, stamps: Stamps, job_id: str) -> None:
        self._closing = closing
        self._stamps = stamps
        self._job_id = job_id

    def commit(self) -> None:
        if self._closing:
            self._closing.commit()

    def after(self) -> None:
        self._stamps.mark(self._job_id)
        if self._closing:
            self._closing.after()


if __name__ == "__main__":
    play(Role(prepare=prepare, open_submit=open_submit, work=_work))
