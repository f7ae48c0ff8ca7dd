"""What is under way while an account goes: nothing of it is left behind."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from adapters.sql.test_late_writes import Rival
from gas.adapters.disk import files
from gas.adapters.disk.durable import sync_and_hash
from gas.domain.account import AccountGone
from gas.domain.errors import GasError, Unavailable
from gas.domain.job import Change, Job, JobState, Progress
from gas.journey.forget import SETTLE
from gas.journey.submit import upload_key
from gas.ports.annotation import Progresses
from gas.wiring import one_by_one
from journey.leaving import Leaving
from journey.seen import received
from rig import VCF, Journey

TOMBSTONE = ["audit.thing"]


@pytest.fixture
def leaving(journey: Journey, tmp_path: Path) -> Leaving:
    return Leaving(journey, tmp_path)


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


def test_a_job_that_is_late_where_nothing_is_undone_is_taken_back(
    leaving: Leaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where jobs are kept elsewhere than accounts: nobody comes by any more to remove it."""
    journey = leaving.journey
    upload_id, real = journey.upload(), journey.store.jobs.create

    def late(change: Change) -> Job:
        leaving.delete()
        journey.clock.forward(seconds=SETTLE.total_seconds())
        leaving.forget_all()
        leaving.job_ids.append(change.job.id)
        return real(change)

    monkeypatch.setattr(journey.store, "together", one_by_one)
    monkeypatch.setattr(journey.store.jobs, "create", late)
    with pytest.raises(AccountGone):
        journey.submit(upload_id)
    assert len(leaving.job_ids) == 1
    assert leaving.traces() == TOMBSTONE


def test_who_deletes_an_account_waits_for_a_job_that_is_being_recorded(
    leaving: Leaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = leaving.journey
    accounts, upload_id = journey.store.accounts, journey.upload()
    real, waited = accounts.require_living, []
    rival = Rival(lambda *_: leaving.delete(), journey.store, journey.account)

    def then_deleted(account_id: str) -> None:
        real(account_id)
        rival.start()
        waited.append(rival.waits())

    monkeypatch.setattr(accounts, "require_living", then_deleted)
    leaving.job_ids.append(journey.submit(upload_id).id)
    rival.join(30)
    assert waited == [True]
    assert accounts.marked(journey.account.id), "it is deleted, only later"
    leaving.forget_all()
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


def test_an_upload_that_is_long_in_finishing_while_the_files_go(
    leaving: Leaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = leaving.journey
    upload_id = journey.upload()

    def long(path: Path) -> tuple[int, str]:
        found = sync_and_hash(path)
        leaving.delete()
        journey.clock.forward(seconds=SETTLE.total_seconds())
        leaving.forget_all()
        return found

    monkeypatch.setattr(files, "sync_and_hash", long)
    with pytest.raises(GasError):
        journey.submit(upload_id)
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
