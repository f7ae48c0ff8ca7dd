"""Notify, of results: until when, that they will be archived, and that all are back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gas.domain.account import Account, MailKind
from gas.domain.errors import Unavailable
from gas.domain.job import ResultsState
from gas.domain.messages import PlanChanged, ResultsBack
from gas.domain.plan import Plan
from gas.ports.queues import Delivery
from journey.test_notify import die, finish, run
from results_rig import put, put_on
from rig import Journey


def test_a_free_user_is_told_until_when_and_what_stays(journey: Journey) -> None:
    _, delivery = finish(journey)
    assert journey.store.accounts.change(
        replace(journey.account, version=2, time_zone="Asia/Tokyo")
    )
    run(journey, delivery)
    (mail,) = journey.postbox.sent
    assert "until 02 January 2026, 12:09 JST" in mail.text
    assert "the log" in mail.text


def test_a_mail_that_comes_late_does_not_promise_what_is_over(journey: Journey) -> None:
    _, delivery = finish(journey)
    journey.clock.forward(hours=1)
    run(journey, delivery)
    (mail,) = journey.postbox.sent
    assert "could be downloaded until 02 January 2026, 03:09 UTC" in mail.text
    assert "You can download" not in mail.text


def test_who_pays_is_told_of_no_end(journey: Journey) -> None:
    _, delivery = finish(journey)
    put_on(journey, Plan.PREMIUM)
    run(journey, delivery)
    assert "until" not in journey.postbox.sent[0].text


def test_the_mail_of_a_downgrade_says_until_when(journey: Journey) -> None:
    put_on(journey, Plan.PREMIUM)
    journey.clock.forward(days=3)
    put_on(journey, Plan.FREE)
    journey.clock.forward(seconds=20)
    run(journey, published(journey, PlanChanged(journey.account.id, 3)))
    (mail,) = journey.postbox.sent
    assert "until 05 January 2026, 03:09 UTC" in mail.text
    assert "Nothing is deleted" in mail.text
    assert "in cold storage" not in mail.text


def test_the_mail_of_a_downgrade_that_comes_late_says_what_is_over(journey: Journey) -> None:
    put_on(journey, Plan.FREE)
    journey.clock.forward(hours=1)
    run(journey, published(journey, PlanChanged(journey.account.id, 2)))
    (mail,) = journey.postbox.sent
    assert "could be downloaded until 02 January 2026, 03:09 UTC" in mail.text
    assert "what you want to keep" not in mail.text


def test_nobody_is_asked_to_download_what_is_in_cold_storage(journey: Journey) -> None:
    away(journey, 2)
    put_on(journey, Plan.FREE)
    run(journey, published(journey, PlanChanged(journey.account.id, 3)))
    (mail,) = journey.postbox.sent
    assert "Results that can be downloaded now" in mail.text
    assert "The results of 2 jobs are in cold storage already" in mail.text


def test_the_mail_of_an_upgrade_says_what_comes_back(journey: Journey) -> None:
    job_id, _ = finish(journey)
    put(journey, job_id, ResultsState.ARCHIVED)
    put_on(journey, Plan.PREMIUM)
    run(journey, published(journey, PlanChanged(journey.account.id, 2)))
    assert "results of 1 job come back" in journey.postbox.sent[0].text
    assert "another mail tells" in journey.postbox.sent[0].text


def test_no_mail_is_promised_to_who_does_without(journey: Journey) -> None:
    away(journey, 1)
    account = known(journey)
    without = replace(account, unwanted_mails=frozenset({MailKind.RESTORED}), version=3)
    assert journey.store.accounts.change(without)
    run(journey, published(journey, PlanChanged(journey.account.id, 2)))
    (mail,) = journey.postbox.sent
    assert "results of 1 job come back by themselves." in mail.text
    assert "another mail" not in mail.text


def published(journey: Journey, message: PlanChanged | ResultsBack) -> Delivery:
    """As `notify` gets it."""
    while journey.receive("notify"):
        pass  # what came of the jobs is in hand
    journey.store.queues.publish(message)
    delivery = journey.receive("notify")
    assert delivery is not None
    return delivery


def away(journey: Journey, count: int) -> list[str]:
    """Jobs that are archived, their owner on the premium plan now."""
    job_ids = [finish(journey)[0] for _ in range(count)]
    for job_id in job_ids:
        put(journey, job_id, ResultsState.ARCHIVED, ResultsState.RESTORING)
    put_on(journey, Plan.PREMIUM)
    return job_ids


def back(journey: Journey, job_id: str) -> Delivery:
    return published(journey, ResultsBack(job_id, journey.account.id))


def known(journey: Journey) -> Account:
    found = journey.store.accounts.get(journey.account.id)
    assert found is not None
    return found


def test_one_mail_when_the_last_is_back_in_whatever_order_and_number(journey: Journey) -> None:
    job_ids = away(journey, 3)
    for job_id in job_ids[:2]:
        put(journey, job_id, ResultsState.AVAILABLE)
    run(journey, back(journey, job_ids[0]))
    assert journey.postbox.sent == []
    put(journey, job_ids[2], ResultsState.AVAILABLE)
    for job_id in (job_ids[2], job_ids[1], job_ids[2]):  # late, and twice
        run(journey, back(journey, job_id))
    (mail,) = journey.postbox.sent
    assert mail.message_id == f"restored-{journey.account.id}.epoch-2@gas.example"
    assert mail.subject == "GAS: your results are back"
    assert known(journey).restored_epoch == 2


def test_one_that_will_not_come_back_holds_up_no_mail(journey: Journey) -> None:
    came, lost = away(journey, 2)
    put(journey, came, ResultsState.AVAILABLE)
    run(journey, back(journey, came))
    assert journey.postbox.sent == []
    put(journey, lost, ResultsState.DAMAGED)
    run(journey, back(journey, lost))
    assert len(journey.postbox.sent) == 1


def test_of_nothing_that_came_back_no_mail_tells(journey: Journey) -> None:
    (lost,) = away(journey, 1)
    put(journey, lost, ResultsState.DAMAGED)
    run(journey, back(journey, lost))
    assert journey.postbox.sent == []
    put(journey, lost, ResultsState.RESTORING, ResultsState.AVAILABLE)  # it was mended
    run(journey, back(journey, lost))
    assert len(journey.postbox.sent) == 1


def test_a_crash_after_sending_repeats_the_same_mail_and_then_none(journey: Journey) -> None:
    (job_id,) = away(journey, 1)
    put(journey, job_id, ResultsState.AVAILABLE)
    delivery = back(journey, job_id)
    real = journey.store.accounts.change
    journey.store.accounts.change = die  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        run(journey, delivery)
    journey.store.accounts.change = real  # type: ignore[method-assign]
    for _ in range(2):
        run(journey, delivery)
    first, second = journey.postbox.sent
    assert first.message_id == second.message_id


def test_what_comes_back_again_later_is_no_news_and_another_plan_is(journey: Journey) -> None:
    (job_id,) = away(journey, 1)
    put(journey, job_id, ResultsState.AVAILABLE)
    run(journey, back(journey, job_id))
    put(journey, job_id, ResultsState.RESTORING, ResultsState.AVAILABLE)
    run(journey, back(journey, job_id))
    assert len(journey.postbox.sent) == 1
    put_on(journey, Plan.FREE)
    run(journey, back(journey, job_id))
    assert len(journey.postbox.sent) == 1
    put(journey, job_id, ResultsState.ARCHIVED)
    put_on(journey, Plan.PREMIUM)
    put(journey, job_id, ResultsState.RESTORING, ResultsState.AVAILABLE)
    run(journey, back(journey, job_id))
    assert [mail.message_id[-13:] for mail in journey.postbox.sent] == [
        "2@gas.example",
        "4@gas.example",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda it: replace(it, unwanted_mails=frozenset({MailKind.RESTORED})),
        lambda it: replace(it, email=""),
    ],
)
def test_nobody_is_told_who_does_without_or_has_no_address(
    journey: Journey, change: Callable[[Account], Account]
) -> None:
    (job_id,) = away(journey, 1)
    account = known(journey)
    assert journey.store.accounts.change(replace(change(account), version=account.version + 1))
    put(journey, job_id, ResultsState.AVAILABLE)
    run(journey, back(journey, job_id))
    assert journey.postbox.sent == []
    assert known(journey).restored_epoch == 2


def test_a_plan_that_changes_while_the_mail_goes_out_is_told_of_anew(journey: Journey) -> None:
    (job_id,) = away(journey, 1)
    put(journey, job_id, ResultsState.AVAILABLE)

    def change_twice() -> None:
        journey.postbox.before = lambda: None
        put_on(journey, Plan.FREE)
        put_on(journey, Plan.PREMIUM)

    journey.postbox.before = change_twice
    run(journey, back(journey, job_id))
    assert known(journey).restored_epoch == 0
    run(journey, back(journey, job_id))  # nothing was away since
    assert known(journey).restored_epoch == 0
    put(journey, job_id, ResultsState.RESTORING, ResultsState.AVAILABLE)
    run(journey, back(journey, job_id))
    assert known(journey).restored_epoch == 4


def test_a_mail_server_that_is_down_is_waited_for(journey: Journey) -> None:
    (job_id,) = away(journey, 1)
    put(journey, job_id, ResultsState.AVAILABLE)

    def refuse() -> None:
        raise Unavailable("MAIL_UNAVAILABLE", "No answer.")

    journey.postbox.before = refuse
    with pytest.raises(Unavailable):
        run(journey, back(journey, job_id))
    assert known(journey).restored_epoch == 0


def test_nobody_is_told_of_a_deleted_account(journey: Journey) -> None:
    (job_id,) = away(journey, 1)
    put(journey, job_id, ResultsState.AVAILABLE)
    assert journey.store.accounts.mark_deleted(known(journey), journey.clock())
    run(journey, back(journey, job_id))
    assert journey.postbox.sent == []
