"""Notify: one mail a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gas.domain.account import MailKind
from gas.domain.errors import InputError, Unavailable
from gas.journey.delete import delete
from gas.journey.notify import NO_ADDRESS, NOT_WANTED, notify
from gas.ports.annotation import Progresses
from gas.ports.queues import Delivery
from rig import Journey


def finish(journey: Journey) -> tuple[str, Delivery]:
    job = journey.submit(journey.upload())
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    finished = journey.receive("notify")
    assert finished is not None
    return job.id, finished


def run(journey: Journey, delivery: Delivery) -> None:
    notify(
        delivery,
        jobs=journey.store.jobs,
        accounts=journey.store.accounts,
        mail=journey.postbox,
        site_url="http://gas.example",
        grace=lambda: timedelta(minutes=5),
        clock=journey.clock,
    )


def test_one_mail_however_often_it_is_delivered(journey: Journey) -> None:
    job_id, delivery = finish(journey)
    for _ in range(3):
        run(journey, delivery)
    (mail,) = journey.postbox.sent
    assert mail.to == "ada@example.org"
    assert f"http://gas.example/jobs/{job_id}" in mail.text
    assert "is done" in mail.subject
    assert journey.events(job_id)[-1] == "notified"


def test_a_crash_after_the_hand_over_repeats_the_same_mail(journey: Journey) -> None:
    _, delivery = finish(journey)
    real, journey.store.jobs.change = journey.store.jobs.change, die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        run(journey, delivery)
    journey.store.jobs.change = real  # type: ignore[method-assign]
    run(journey, delivery)
    first, second = journey.postbox.sent
    assert first.message_id == second.message_id


def die(change: object) -> bool:
    raise KeyboardInterrupt


def test_a_mail_that_cannot_go_now_is_tried_later(journey: Journey) -> None:
    job_id, delivery = finish(journey)

    def refuse() -> None:
        raise Unavailable("MAIL_UNAVAILABLE", "No answer.")

    journey.postbox.before = refuse
    with pytest.raises(Unavailable):
        run(journey, delivery)
    assert journey.job(job_id).notified_at is None


def test_a_mail_that_never_will_go_is_noted_and_done_with(journey: Journey) -> None:
    job_id, delivery = finish(journey)

    def refuse() -> None:
        raise InputError("MAIL_REFUSED", "No such person.")

    journey.postbox.before = refuse
    run(journey, delivery)
    assert journey.job(job_id).notified_at is not None
    assert journey.store.jobs.events(job_id)[-1].detail == "MAIL_REFUSED"


def test_the_mail_of_a_failed_job_says_why_and_what_to_do(journey: Journey) -> None:
    def refuse(report: Progresses) -> None:
        raise InputError("BAD_COLUMNS", "Too <few> columns.", cure="Add them.")

    journey.engine.midway = refuse
    _, delivery = finish(journey)
    run(journey, delivery)
    (mail,) = journey.postbox.sent
    assert "BAD_COLUMNS" in mail.text
    assert "Add them." in mail.text
    assert "&lt;few&gt;" in mail.html


def test_nobody_is_told_of_a_deleted_job(journey: Journey) -> None:
    job_id, delivery = finish(journey)
    delete(
        journey.account,
        job_id,
        jobs=journey.store.jobs,
        files=journey.files,
        queues=journey.store.queues,
        together=journey.store.together,
        clock=journey.clock,
    )
    run(journey, delivery)
    assert journey.postbox.sent == []
    assert journey.stored() == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unwanted_mails": frozenset({MailKind.COMPLETED})}, NOT_WANTED),
        ({"email": ""}, NO_ADDRESS),
    ],
)
def test_no_mail_where_none_is_wanted_or_there_is_no_address(
    journey: Journey, changed: dict[str, object], said: str
) -> None:
    job_id, delivery = finish(journey)
    account = replace(journey.account, version=2, **changed)  # type: ignore[arg-type]
    assert journey.store.accounts.change(account)
    for _ in range(2):
        run(journey, delivery)
    assert journey.postbox.sent == []
    last = journey.store.jobs.events(job_id)[-1]
    assert (last.kind, last.detail) == ("notified", said)


def test_who_does_without_mails_of_failures_still_hears_of_successes(journey: Journey) -> None:
    _, delivery = finish(journey)
    unwanted = frozenset({MailKind.FAILED})
    assert journey.store.accounts.change(
        replace(journey.account, version=2, unwanted_mails=unwanted)
    )
    run(journey, delivery)
    assert len(journey.postbox.sent) == 1
