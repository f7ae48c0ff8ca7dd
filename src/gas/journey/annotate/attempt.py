"""One attempt at a job: run the engine, store what it found, publish it or take it back."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gas.domain.errors import (
    GasError,
    GivenUp,
    InputError,
    Interrupted,
    Reason,
    StoreFull,
    Unavailable,
)
from gas.domain.job import (
    Change,
    EventKind,
    FileKind,
    Findings,
    Job,
    JobFile,
    JobState,
    Progress,
    completed,
    failed,
    interrupted,
    released,
)
from gas.domain.keys import log_prefix, results_prefix, stem
from gas.domain.messages import JobFinished
from gas.domain.plan import Limits
from gas.journey.annotate.reuse import copied, equal_job
from gas.ports.annotation import LOG_NAME, AnnotationTask, Engine, Outcome
from gas.ports.clock import Clock
from gas.ports.files import Files
from gas.ports.jobs import Jobs
from gas.ports.queues import Queues
from gas.ports.together import Together

LEASE = timedelta(seconds=30)
REPORT_EVERY = timedelta(seconds=0.5)
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
TRIES = 3
"""So often may the engine break on one job."""
BROKEN = Reason(
    "WORKER_ERROR",
    "The annotator met an error of its own.",
    cure="Tell the operator the id of the job; the log of the service says more.",
)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a run needs, bound once per worker."""

    worker: str
    jobs: Jobs
    files: Files
    queues: Queues
    together: Together
    engine: Engine
    limits: Limits
    work_path: Path
    clock: Clock
    should_stop: Callable[[], bool] = lambda: False


class Ending:
    """The last change of an attempt. If it does not apply, the attempt was overtaken, and nothing
    of it stays. The winner removes what attempts before it may have left when their worker was
    killed; should that fail, files that no job names are found later."""

    def __init__(self, job: Job, change: Change, bench: Bench) -> None:
        self._job = job
        self._change = change
        self._bench = bench
        self.won = False

    def commit(self) -> None:
        """In one commit with the message that tells of it. Again, if that commit fails."""
        self.won = self._bench.jobs.change(self._change)
        if self.won:
            self._bench.queues.publish(JobFinished(self._job.id, self._job.owner_id))

    def after(self) -> None:
        if not self.won:
            _take_back(self._job, self._bench)
            return
        with suppress(OSError, GasError):
            for attempt in range(1, self._job.attempt):
                remove_attempt(self._job, attempt, self._bench)


def run(job: Job, bench: Bench) -> Ending | None:
    """One attempt, of a job that was just claimed. What is left to do is the change that publishes
    its results; None if the attempt ended otherwise, which is recorded then. Raises GivenUp when
    the job was FAILED because the engine broke once too often, any other error when the message
    shall be delivered again."""
    run_path = bench.work_path / f"{job.id}-{job.attempt}"
    broken: Reason | None = BROKEN
    try:
        _check_stop(job, bench)
        run_path.mkdir(parents=True)  # never a used one: an engine's walls are bound to it
        findings = _reuse(job, run_path, bench)
        if findings is None:
            findings = _stored(job, _annotate(job, run_path, bench), run_path, bench)
        broken = None
        return Ending(job, completed(job, findings, bench.clock()), bench)
    except InputError as error:
        broken = None
        _fail(job, error.reason, run_path, bench)
    except Interrupted:
        broken = None
        if _release(job, "worker stopped", bench):
            raise  # the message goes back to its place in the queue
        _take_back(job, bench)
    except (StoreFull, Unavailable) as error:
        broken = None
        _release(job, error.reason.code, bench)
        raise
    except GasError as error:
        broken = error.reason
        raise
    except OSError as error:
        if error.errno in NO_ROOM:  # on our own disk: no fault of the job
            broken = None
            _release(job, "NO_ROOM", bench)
        raise
    finally:
        # Not an `except`: an error nobody foresaw must free the job just the same, and go on.
        try:
            if broken is not None:
                _count_try(job, broken, run_path, bench)
        finally:
            _input_path(run_path).unlink(missing_ok=True)
            shutil.rmtree(run_path, ignore_errors=True)
    return None


def _input_path(run_path: Path) -> Path:
    """Beside the run's folder, which the engine gets empty."""
    return run_path.with_name(f"{run_path.name}.input")


def _reuse(job: Job, run_path: Path, bench: Bench) -> Findings | None:
    """Results that are there already, taken over; None if there are none."""
    key = bench.engine.run_key(job.reference, job.options, job.input.sha256)
    earlier = equal_job(job, key, jobs=bench.jobs, files=bench.files)
    prefix = f"{results_prefix(job)}/{job.attempt}"
    results = copied(earlier, prefix, files=bench.files) if earlier else None
    if earlier is None or results is None:
        return None
    why = "Input, reference, known variants, options and versions are the same."
    text = f"These are the results of job {earlier.id}. {why}\n"
    (run_path / LOG_NAME).write_text(text, encoding="utf-8")
    return Findings(results, _store_log(job, run_path, bench), earlier.counts)


def _annotate(job: Job, run_path: Path, bench: Bench) -> Outcome:
    input_path = _input_path(run_path)
    bench.files.fetch(job.input.key, input_path)
    task = AnnotationTask(
        input_path=input_path,
        input_name=job.input.name,
        reference=job.reference,
        work_path=run_path,
        seconds=bench.limits.run_seconds,
        memory_bytes=bench.limits.run_memory_bytes,
        processes=bench.limits.run_processes,
        options=job.options,
    )
    return bench.engine.annotate(task, _Reporter(job, bench))


class _Reporter:
    """Progress, heartbeat and fence in one; at most one write every REPORT_EVERY."""

    def __init__(self, job: Job, bench: Bench) -> None:
        self.job = job
        self.bench = bench
        self.last_at: datetime | None = None

    def __call__(self, progress: Progress) -> None:
        bench, now = self.bench, self.bench.clock()
        _check_stop(self.job, bench)
        # A clock set back must not silence the reports: `abs`.
        if self.last_at is not None and abs(now - self.last_at) < REPORT_EVERY:
            return
        self.last_at = now
        if not bench.jobs.report(self.job.id, self.job.attempt, progress, now + LEASE):
            raise Interrupted("RUN_OVERTAKEN", f"Job {self.job.id} is not this attempt's any more.")


def _check_stop(job: Job, bench: Bench) -> None:
    if bench.should_stop():
        raise Interrupted("RUN_STOPPED", f"The run of job {job.id} was told to stop.")


def _stored(job: Job, outcome: Outcome, run_path: Path, bench: Bench) -> Findings:
    """Nobody sees it until the job says so."""
    prefix = f"{results_prefix(job)}/{job.attempt}"
    results = []
    for found in outcome.files:
        name = found.path.name
        stored = bench.files.store(f"{prefix}/{name}", found.path)
        results.append(JobFile(found.kind, name, stored.key, stored.size_bytes, stored.sha256))
    log = _store_log(job, run_path, bench)
    return Findings(tuple(results), log, tuple(outcome.counts))


def _store_log(job: Job, run_path: Path, bench: Bench) -> JobFile:
    path = run_path / LOG_NAME
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text("The run ended before its log began.\n", encoding="utf-8")
    name = f"{stem(job.input.name)}.log"
    stored = bench.files.store(f"{log_prefix(job)}/{job.attempt}/{name}", path)
    return JobFile(FileKind.LOG, name, stored.key, stored.size_bytes, stored.sha256)


def _fail(job: Job, reason: Reason, run_path: Path, bench: Bench) -> bool:
    log = _store_log(job, run_path, bench)
    return _finish(job, failed(job, reason, bench.clock(), log=log), bench)


def _finish(job: Job, change: Change, bench: Bench) -> bool:
    """At once; False if this attempt was overtaken."""
    ending = Ending(job, change, bench)
    with bench.together():
        ending.commit()
    ending.after()
    return ending.won


def remove_attempt(job: Job, attempt: int, bench: Bench) -> None:
    bench.files.delete(f"{results_prefix(job)}/{attempt}")
    bench.files.delete(f"{log_prefix(job)}/{attempt}")


def _take_back(job: Job, bench: Bench) -> None:
    """Overtaken, cancelled, or given back: what this attempt stored is nobody's. Unless it is
    published: an error may have come after the commit that finished the job."""
    stored = bench.jobs.get(job.id)
    told = stored is not None and stored.state in {JobState.COMPLETED, JobState.FAILED}
    if not (stored and told and stored.attempt == job.attempt):
        remove_attempt(job, job.attempt, bench)


def _release(job: Job, why: str, bench: Bench) -> bool:
    """Stopped through no fault of the job. False if it is not this attempt's any more: it may
    even be finished, by this very attempt, whose results must then stay."""
    won = bench.jobs.change(released(job, why, bench.clock()))
    if won:
        _take_back(job, bench)
    return won


def _count_try(job: Job, reason: Reason, run_path: Path, bench: Bench) -> None:
    before = [e for e in bench.jobs.events(job.id) if e.kind is EventKind.INTERRUPTED]
    if len(before) + 1 < TRIES:
        if bench.jobs.change(interrupted(job, reason.code, bench.clock())):
            _take_back(job, bench)
        return
    if _fail(job, reason, run_path, bench):
        raise GivenUp(
            "TRIED_TOO_OFTEN", f"Job {job.id} broke {TRIES} times, at last with {reason.code}."
        )
