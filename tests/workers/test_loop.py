"""The loop over the real queue and the real journey; only the engine is a fake."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from adapters.sql.children import Child
from gas.domain.errors import Unavailable
from gas.domain.job import JobState, cancelled
from gas.domain.messages import JobFinished, JobSubmitted
from gas.ports.queues import Delivery, Queues, QueueState
from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import opened
from gas.workers.back_off import BackOff
from gas.workers.loop import Begin, whole
from gas.workers.steps import annotate_step, notify_step
from workers.errands import events, eventually, found, hand_in, runs
from workers.loops import running

BACKLOG = 40
VISIBILITY_SECONDS = 4.0
"""So long that nobody loses a message because the machine had other things to do for a while."""


def annotator(services: Services) -> Begin:
    return annotate_step(services, "tested-1-ab", services.site.work_path)


def state(services: Services, queue: str = "annotate") -> QueueState:
    return next(found for found in services.queue_desk.states() if found.name == queue)


def final(services: Services, *jobs: object) -> Callable[[], bool]:
    return lambda: all(found(services, job).state.final for job in jobs)  # type: ignore[arg-type]


def test_a_job_and_its_mail_are_done_and_their_messages_gone(services: Services) -> None:
    job = hand_in(services, "ok.vcf")
    with running(services, annotator(services)):
        eventually(final(services, job))
    with running(services, notify_step(services), queue="notify"):
        eventually(lambda: found(services, job).notified_at)
    assert found(services, job).state is JobState.COMPLETED
    for queue in ("annotate", "notify"):
        now = state(services, queue)
        assert (now.visible, now.held, now.delayed, now.dead) == (0, 0, 0, 0)
    assert services.outbox
    assert len(services.outbox.page(1, size=9).mails) == 1


def test_nothing_stays_undeleted_while_no_next_message_comes(services: Services) -> None:
    job = hand_in(services, "ok.vcf")
    with running(services, annotator(services)):
        eventually(final(services, job))
        eventually(lambda: state(services).held == 0)
    assert len(runs(services.site.work_path.parent)) == 1


def test_what_breaks_every_time_is_tried_three_times_and_others_go_on(services: Services) -> None:
    jobs = [hand_in(services, name) for name in ("broken.vcf", "ok1.vcf", "crash.vcf", "ok2.vcf")]
    with running(services, annotator(services)):
        eventually(final(services, *jobs))
        eventually(lambda: state(services).dead == 2)
    states = [found(services, job).state.value for job in jobs]
    assert states == ["FAILED", "COMPLETED", "FAILED", "COMPLETED"]
    names = [line.split()[0] for line in runs(services.site.work_path.parent)]
    assert [names.count(f"{kind}.vcf") for kind in ("broken", "crash", "ok1")] == [3, 3, 1]
    reason = found(services, jobs[0]).reason
    assert reason is not None
    assert reason.code == "ENGINE_BROKE"


def test_a_file_at_fault_fails_once_and_is_not_tried_again(services: Services) -> None:
    job = hand_in(services, "bad.vcf")
    with running(services, annotator(services)):
        eventually(final(services, job))
    assert events(services, job) == ["submitted", "started", "failed"]
    assert state(services).dead == 0


def test_a_message_that_is_none_of_ours_is_buried_at_once(services: Services) -> None:
    @dataclass(frozen=True)
    class JobSubmitted:  # same topic, other fields
        text: str

    services.queues.publish(JobSubmitted("nonsense"))  # type: ignore[arg-type]
    job = hand_in(services, "ok.vcf")
    with running(services, annotator(services)):
        eventually(final(services, job))
    (letter,) = services.queue_desk.dead_letters("annotate", limit=10)
    assert letter.why.startswith("BAD_MESSAGE")
    assert letter.receive_count == 1


def test_a_retry_waits_longer_each_time() -> None:
    back_off = BackOff(first_seconds=1.0, most_seconds=10.0)
    for tries, most in ((1, 1.0), (2, 2.0), (3, 4.0), (5, 10.0), (5000, 10.0)):
        waits = {back_off.seconds(tries) for _ in range(50)}
        assert len(waits) > 1, "no jitter"
        assert all(most / 2 <= wait <= most for wait in waits)


def test_a_refused_message_is_delayed_by_the_back_off(services: Services) -> None:
    hand_in(services, "ok.vcf")
    seen = threading.Event()

    def unwilling(_delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        seen.set()
        raise Unavailable("NOT_NOW", "Not now.")

    with running(services, whole(unwilling), back_off=BackOff(60.0, 60.0)):
        assert seen.wait(20)
        eventually(lambda: state(services).delayed == 1)


def test_the_drain_interrupts_the_engine_and_another_worker_begins_at_once(
    services: Services, settings: Settings
) -> None:
    job = hand_in(services, "slow.vcf")
    with running(services, annotator(services)) as first:
        eventually(lambda: runs(settings.home))
        first.end()
    assert events(services, job) == ["submitted", "started", "released"]
    now = state(services)
    assert (now.visible, now.held) == (1, 0)
    assert not list(services.site.work_path.iterdir())
    (settings.home / "go").touch()
    with running(services, annotator(services)):
        eventually(final(services, job))
    assert found(services, job).state is JobState.COMPLETED
    assert found(services, job).attempt == 2


def test_a_busy_worker_notices_one_that_died(services: Services, settings: Settings) -> None:
    """Though it always finds a next message, and never has to wait."""

    def hold(writer: int) -> None:
        with opened(settings) as own:
            (delivery,) = own.queues.receive("annotate", holder="doomed-1-ab")
            os.write(writer, delivery.message_id.encode())
            time.sleep(600)

    for number in range(BACKLOG):
        hand_in(services, f"{number}.vcf")
    order: list[str] = []

    def step(delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        time.sleep(0.05)
        order.append(delivery.message_id)

    with Child(hold) as doomed:
        held = doomed.read().decode()
        with running(services, whole(step)):
            eventually(lambda: len(order) >= 2)
            doomed.kill()
            before = len(order)
            eventually(lambda: held in order)
            # By its place: the others go on while this thread waits to be run.
            assert order.index(held) - before < BACKLOG // 2


def test_heartbeats_hold_a_message_beyond_its_visibility(
    services: Services, settings: Settings
) -> None:
    services.queue_desk.configure("annotate", visibility_seconds=VISIBILITY_SECONDS)
    job = hand_in(services, "slow.vcf")
    with running(services, annotator(services), visibility_seconds=VISIBILITY_SECONDS):
        eventually(lambda: runs(settings.home))
        began = services.clock()
        # Longer than the visibility, in which another receiver would get it.
        while (services.clock() - began).total_seconds() < 1.5 * VISIBILITY_SECONDS:
            assert not services.queues.receive("annotate", holder="other-1-cd", wait_seconds=0.1)
        (settings.home / "go").touch()
        eventually(final(services, job))
    assert len(runs(settings.home)) == 1


def test_a_step_whose_message_was_lost_is_told_to_stop(services: Services) -> None:
    hand_in(services, "ok.vcf")
    told: list[bool] = []

    def step(delivery: Delivery, should_stop: Callable[[], bool]) -> None:
        services.queues.release(delivery.receipt, 60.0)  # as if its time had run out
        eventually(should_stop)
        told.append(should_stop())

    with capture_logs() as logs, running(services, whole(step), visibility_seconds=0.3):
        eventually(lambda: told)
    assert state(services).delayed == 1, "the new holder's message is left alone"
    assert [log["outcome"] for log in logs if log["event"] == "step"] == ["lost"]


def test_duplicates_and_late_messages_do_no_harm(services: Services) -> None:
    job = hand_in(services, "ok.vcf")
    early = JobFinished(job.id, job.owner_id)
    services.queues.publish(early)  # overtook the job
    for _ in range(5):
        services.queues.publish(JobSubmitted(job.id, job.owner_id))
    with running(services, notify_step(services), queue="notify"):
        eventually(lambda: state(services, "notify").visible == 0)
        with (
            running(services, annotator(services), holder="a-1-aa"),
            running(services, annotator(services), holder="b-1-bb"),
        ):
            eventually(final(services, job))
            eventually(lambda: state(services).visible + state(services).held == 0)
        eventually(lambda: found(services, job).notified_at)
        services.queues.publish(early)
        eventually(lambda: state(services, "notify").visible + state(services, "notify").held == 0)
    assert events(services, job) == ["submitted", "started", "completed", "notified"]
    assert services.outbox
    assert len(services.outbox.page(1, size=9).mails) == 1


@dataclass
class Moody:
    """A queue that does not answer for a while; the rest is the real one's."""

    real: Queues
    failures: int
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def receive(
        self,
        queue: str,
        *,
        holder: str,
        wait_seconds: float = 0.0,
        limit: int = 1,
        done: Sequence[str] = (),
    ) -> Sequence[Delivery]:
        self.asked.append(tuple(done))
        if done and self.failures:
            self.failures -= 1
            raise Unavailable("STORE_BUSY", "Not now.")
        return self.real.receive(
            queue, holder=holder, wait_seconds=wait_seconds, limit=limit, done=done
        )

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


def test_a_queue_that_does_not_answer_is_asked_again_with_the_same_receipts(
    services: Services,
) -> None:
    job = hand_in(services, "ok.vcf")
    moody = Moody(services.queues, failures=2)
    with running(services, annotator(services), queues=moody):  # type: ignore[arg-type]
        eventually(final(services, job))
        eventually(lambda: moody.failures == 0 and state(services).held == 0)
    with_receipts = [done for done in moody.asked if done]
    assert len(with_receipts) == 3
    assert len(set(with_receipts)) == 1


def test_the_log_tells_job_and_user_and_never_what_an_error_says(services: Services) -> None:
    job = hand_in(services, "crash.vcf")
    with capture_logs() as logs, running(services, annotator(services)):
        eventually(final(services, job))
    steps = [log for log in logs if log["event"] == "step"]
    assert {(log["job_id"], log["user_id"]) for log in steps} == {(job.id, job.owner_id)}
    assert [log["outcome"] for log in steps] == ["retried", "retried", "buried"]
    assert steps[0]["error"] == "RuntimeError"
    assert all(log["seconds"] >= 0 for log in steps)
    assert "genotype" not in str(logs)


@pytest.mark.parametrize("queue", ["annotate", "notify"])
def test_an_idle_worker_drains_quickly(services: Services, queue: str) -> None:
    step = annotator(services) if queue == "annotate" else notify_step(services)

    def seconds_to_drain() -> float:
        with running(services, step, queue=queue) as idle:
            began = time.monotonic()
            idle.end()
            return time.monotonic() - began

    # Once in three times: the machine that runs the tests may have other things to do.
    assert any(seconds_to_drain() < 2 for _ in range(3))


def test_a_job_cancelled_while_it_waited_is_not_run(services: Services) -> None:
    job = hand_in(services, "ok.vcf")
    assert services.jobs.change(cancelled(found(services, job), services.clock()))
    with running(services, annotator(services)):
        eventually(lambda: state(services).visible + state(services).held == 0)
    assert found(services, job).state is JobState.CANCELLED
    assert runs(services.site.work_path.parent) == []
