"""Delete my account: nothing is left but its id in the audit log, whatever happens meanwhile."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gas.domain.account import Identity
from gas.domain.errors import GasError, NotFound, Unavailable
from gas.domain.job import JobState, Progress
from gas.domain.messages import AccountDeleted
from gas.domain.plan import Plan
from gas.journey.forget import SETTLE, take_up
from gas.journey.submit import upload_key
from gas.ports.annotation import Progresses
from journey.leaving import Countdown, Killed, Leaving
from journey.seen import received
from rig import VCF, Journey

TOMBSTONE = ["audit.thing"]


@pytest.fixture
def leaving(journey: Journey, tmp_path: Path) -> Leaving:
    return Leaving(journey, tmp_path)


def test_nothing_is_left_but_the_tombstone(leaving: Leaving) -> None:
    leaving.furnish()
    leaving.export()
    before = leaving.traces()
    for place in ("account.id", "session.account_id", "job.id", "job_event.job_id", "message.body",
                  "dead_letter.body", "sign_in_link.email", "export.account_id"):  # fmt: skip
        assert place in before
    for folder in ("kept/inputs", "kept/results", "kept/logs", "kept/exports", "uploads", "outbox"):
        assert any(folder in place for place in before), folder
    # The export's message is still in somebody's hands: it comes back until that is over.
    leaving.delete()
    assert leaving.forget_all() >= 1
    leaving.journey.clock.forward(seconds=90)
    leaving.forget_all()
    assert leaving.traces() == TOMBSTONE
    (entry,) = leaving.journey.store.audit.page(limit=9)
    assert (entry.deed.action, entry.deed.thing) == (
        "account.forgotten",
        leaving.journey.account.id,
    )


def test_others_keep_what_is_theirs(leaving: Leaving) -> None:
    journey = leaving.journey
    ada, journey.account = journey.account, journey.sign_in("bob@example.org", Plan.PREMIUM)
    bobs = Leaving(journey, leaving.home)
    bobs.furnish()
    before = bobs.traces()
    journey.account = ada
    leaving.finished_job()
    leaving.delete()
    leaving.forget_all()
    assert leaving.traces() == TOMBSTONE
    bob = journey.sign_in("bob@example.org")
    assert bob.plan is Plan.PREMIUM
    bobs.journey.account = bob
    assert [place for place in before if place not in bobs.traces()] == []


def test_the_account_is_dead_at_once_and_its_identity_is_free(leaving: Leaving) -> None:
    leaving.furnish()
    journey = leaving.journey
    store, old = journey.store, journey.account
    leaving.delete()
    assert store.accounts.get(old.id) is None
    assert store.sessions.live("hash", journey.clock()) is None
    assert store.sign_in_links.take("link", journey.clock()) is None
    with pytest.raises(NotFound):
        leaving.delete()
    journey.account = store.accounts.sign_in(
        Identity(old.issuer, old.subject, "new@example.org"),
        replace(old, id="9" * 26, email="new@example.org", plan=Plan.FREE),
    )
    assert journey.account.id != old.id
    job = journey.submit(journey.upload())
    journey.account, new = old, journey.account
    leaving.forget_all()
    assert leaving.traces() == TOMBSTONE
    assert journey.job(job.id).owner_id == new.id


def test_a_message_that_comes_twice_or_late_does_no_harm(leaving: Leaving) -> None:
    leaving.furnish()
    store = leaving.journey.store
    leaving.delete()
    for _ in range(3):
        store.queues.publish(AccountDeleted(leaving.journey.account.id))
    leaving.forget_all()
    store.queues.publish(AccountDeleted(leaving.journey.account.id))
    leaving.forget_all()
    assert leaving.traces() == TOMBSTONE
    assert len(store.audit.page(limit=9)) == 1


def test_an_account_that_is_not_marked_is_left_alone(leaving: Leaving) -> None:
    leaving.furnish()
    before = leaving.traces()
    leaving.journey.store.queues.publish(AccountDeleted(leaving.journey.account.id))
    leaving.forget_all()
    assert leaving.traces() == before


def every_call() -> Iterator[Countdown]:
    for number in range(1, 60):
        yield Countdown(number)
        yield Countdown(number, after=True)


def test_it_survives_a_kill_at_every_call(leaving: Leaving) -> None:
    """Each round is killed one call later, until a round gets through. What one round removed is
    not there for the next, so each begins with everything again."""
    journey = leaving.journey
    through = 0
    for number, countdown in enumerate(every_call()):
        journey.account = journey.sign_in(f"u{number}@example.org")
        leaving.job_ids.clear()
        leaving.finished_job()
        leaving.notify_all()
        journey.submit(journey.upload())
        leaving.delete()
        journey.clock.forward(seconds=SETTLE.total_seconds())
        delivery = journey.receive("forget")
        assert delivery is not None
        try:
            leaving.forget(delivery, countdown)
            through += 1
        except Killed:
            pass
        journey.store.queues.abandon("test-forget")
        leaving.forget_all()
        assert leaving.traces() == TOMBSTONE, countdown
        if through == 2:
            break
    assert through == 2


def test_the_sweep_takes_up_what_lost_its_message(leaving: Leaving) -> None:
    leaving.furnish()
    journey = leaving.journey
    leaving.delete()
    lost = journey.receive("forget")
    assert lost is not None
    journey.store.queues.delete(lost.receipt)

    def swept() -> int:
        return take_up(
            accounts=journey.store.accounts, queues=journey.store.queues, clock=journey.clock
        )

    assert swept() == 0
    journey.clock.forward(minutes=11)
    assert swept() == 1
    leaving.forget_all()
    assert leaving.traces() == TOMBSTONE
    assert swept() == 0


def one_round_is_not_the_last(leaving: Leaving) -> None:
    """Something is in somebody's hands: the message has to come back."""
    queues = leaving.journey.store.queues
    leaving.delete()
    leaving.journey.clock.forward(seconds=SETTLE.total_seconds())
    delivery = leaving.journey.receive("forget")
    assert delivery is not None
    with pytest.raises(Unavailable):
        leaving.forget(delivery)
    queues.release(delivery.receipt)


def test_an_annotator_that_runs_while_the_account_goes(leaving: Leaving) -> None:
    """The first round does not wait for it, and takes its job away; the last one does."""
    journey = leaving.journey
    job = journey.submit(journey.upload())
    leaving.job_ids.append(job.id)
    seen: list[object] = []

    def meanwhile(report: Progresses) -> None:
        one_round_is_not_the_last(leaving)
        seen.append(journey.store.jobs.get(job.id))
        report(Progress("middle", 0.5))

    journey.engine.midway = meanwhile
    delivery = received(journey)
    journey.annotate(delivery)
    journey.store.queues.delete(delivery.receipt)
    assert seen == [None]
    leaving.forget_all()
    assert leaving.traces() == TOMBSTONE


def test_an_annotator_that_publishes_after_the_account_has_gone(leaving: Leaving) -> None:
    """It was stopped for so long that its message is not its own any more."""
    journey = leaving.journey
    job = journey.submit(journey.upload())
    leaving.job_ids.append(job.id)
    delivery = received(journey)

    def meanwhile(_report: Progresses) -> None:
        leaving.delete()
        journey.clock.forward(minutes=2)
        leaving.forget_all()
        kept = [place for place in leaving.traces() if not place.startswith("work/")]
        assert kept == TOMBSTONE

    journey.engine.midway = meanwhile
    journey.annotate(delivery)
    assert leaving.traces() == TOMBSTONE


def test_a_mail_in_hand_while_the_account_goes(leaving: Leaving) -> None:
    journey = leaving.journey
    leaving.finished_job()
    delivery = journey.receive("notify")
    assert delivery is not None

    class Slow:
        def send(self, mail: object) -> None:
            one_round_is_not_the_last(leaving)
            leaving.mail.send(mail)  # type: ignore[arg-type]

    leaving.notify(delivery, Slow())
    journey.store.queues.delete(delivery.receipt)
    assert any("outbox" in place for place in leaving.traces())
    leaving.forget_all()
    assert leaving.traces() == TOMBSTONE


def test_a_mail_that_is_late(leaving: Leaving) -> None:
    journey = leaving.journey
    leaving.finished_job()
    delivery = journey.receive("notify")
    assert delivery is not None
    leaving.delete()
    journey.clock.forward(minutes=2)
    leaving.forget_all()
    leaving.notify(delivery)
    assert leaving.traces() == TOMBSTONE


def test_requests_under_way_leave_nothing(leaving: Leaving) -> None:
    """A part, a submit, an upload, a job to run again: of a browser that was let in before."""
    journey = leaving.journey
    done = leaving.finished_job()
    half, whole = journey.upload(), journey.upload()
    leaving.delete()
    journey.clock.forward(seconds=SETTLE.total_seconds())
    with pytest.raises(GasError) as caught:
        journey.submit(whole)
    assert caught.value.reason.code == "ACCOUNT_DELETED"
    with pytest.raises(GasError):
        journey.run_again(done)
    leaving.forget_all()
    with pytest.raises(GasError):
        journey.files.put_part(upload_key(journey.account.id, half), 1, io.BytesIO(VCF), len(VCF))
    with pytest.raises(GasError):
        journey.submit(half)
    with pytest.raises(GasError):
        journey.upload()
    assert leaving.traces() == TOMBSTONE


def test_a_part_in_flight_while_the_files_go(leaving: Leaving) -> None:
    journey = leaving.journey
    upload_id = journey.upload()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if journey.store.accounts.get(journey.account.id):
                leaving.delete()
                journey.clock.forward(seconds=SETTLE.total_seconds())
                leaving.forget_all()
            return super().read(size)

    with pytest.raises(GasError):
        journey.files.put_part(upload_key(journey.account.id, upload_id), 1, Slow(VCF), len(VCF))
    assert leaving.traces() == TOMBSTONE


def test_jobs_are_stopped_before_they_are_removed(leaving: Leaving) -> None:
    """An annotator that looks between the two finds CANCELLED."""
    journey = leaving.journey
    job = journey.submit(journey.upload())
    leaving.delete()
    delivery = journey.receive("forget")
    assert delivery is not None
    states: list[JobState] = []
    real = journey.files.delete

    def look(prefix: str) -> None:
        if (found := journey.store.jobs.get(job.id)) is not None:
            states.append(found.state)
        real(prefix)

    journey.files.delete = look  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        leaving.forget(delivery)
    assert set(states) == {JobState.CANCELLED}
