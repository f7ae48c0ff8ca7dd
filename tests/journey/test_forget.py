"""Delete my account: nothing is left but its id in the audit log, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gas.domain.account import Identity
from gas.domain.errors import NotFound, Unavailable
from gas.domain.messages import AccountDeleted
from gas.domain.plan import Plan
from gas.journey.forget import SETTLE, take_up
from journey.leaving import Countdown, Killed, Leaving
from rig import Journey

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


def test_mails_to_an_address_of_before_go_too(leaving: Leaving) -> None:
    journey = leaving.journey
    leaving.finished_job()
    leaving.notify_all()
    old = journey.account
    journey.account = replace(old, email="new@example.org", version=old.version + 1)
    assert journey.store.accounts.change(journey.account)
    assert any(place.startswith("outbox") for place in leaving.traces())
    leaving.delete()
    leaving.forget_all()
    assert leaving.traces() == TOMBSTONE


def test_what_cannot_go_now_holds_up_nothing_else(
    leaving: Leaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cold folder is away: the message comes back, and only what lies there waits for it."""
    journey = leaving.journey
    for _ in range(3):
        leaving.finished_job()
    leaving.notify_all()
    real, stuck = journey.files.delete, leaving.job_ids[0]

    def away(prefix: str) -> None:
        if f"{prefix}/".startswith(f"results/{journey.account.id}/") and (
            prefix.endswith((stuck, journey.account.id))
        ):
            raise Unavailable("COLD_STORE_MISSING", "Not mounted.")
        real(prefix)

    leaving.delete()
    with monkeypatch.context() as patch:
        patch.setattr(journey.files, "delete", away)
        assert leaving.forget_all() > 1
    left = journey.store.jobs.belonging(journey.account.id, limit=9)
    assert [job.id for job in left] == [stuck]
    assert [key.split("/")[:3:2] for key in journey.stored()] == [["results", stuck]]
    assert not any(place.startswith("outbox") for place in leaving.traces())
    journey.clock.forward(seconds=90)
    leaving.forget_all()
    assert leaving.traces() == TOMBSTONE


def test_results_go_in_one_go_before_any_job(
    leaving: Leaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store goes through all that is under way for each prefix: not for each of many jobs."""
    journey = leaving.journey
    for _ in range(2):
        leaving.finished_job()
    real = journey.files.delete
    left: list[int] = []

    def noted(prefix: str) -> None:
        real(prefix)
        left.append(sum(key.startswith("results/") for key in journey.stored()))

    leaving.delete()
    monkeypatch.setattr(journey.files, "delete", noted)
    leaving.forget_all()
    assert left[0] == 0
    assert leaving.traces() == TOMBSTONE


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


def test_two_at_once_leave_one_tombstone(leaving: Leaving, monkeypatch: pytest.MonkeyPatch) -> None:
    store = leaving.journey.store
    leaving.delete()
    leaving.journey.clock.forward(seconds=SETTLE.total_seconds())
    first = leaving.journey.receive("forget")
    store.queues.publish(AccountDeleted(leaving.journey.account.id))
    second = leaving.journey.receive("forget")
    assert first
    assert second
    real = store.accounts.remove

    def late(account_id: str) -> bool:
        monkeypatch.setattr(store.accounts, "remove", real)
        leaving.forget(second)
        return real(account_id)

    monkeypatch.setattr(store.accounts, "remove", late)
    leaving.forget(first)
    assert [entry.deed.action for entry in store.audit.page(limit=9)] == ["account.forgotten"]


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
