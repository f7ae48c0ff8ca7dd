"""Notify: `JobFinished`, `PlanChanged` or `ResultsBack` in -> at most one mail to whom it concerns.

The mail's id is made of the job's, or of the epoch of the plan, so that a repeat after a crash is
the same mail to any mail program, and the same file in an outbox.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from gas.domain.account import Account, MailKind
from gas.domain.errors import InputError
from gas.domain.job import Job, JobState, notified
from gas.domain.messages import PlanChanged, ResultsBack, decode, job_of
from gas.domain.results import available_until
from gas.journey.notify.back import tell_all_back
from gas.journey.notify.mails import finished_mail, plan_mail
from gas.ports.accounts import Accounts
from gas.ports.clock import Clock
from gas.ports.jobs import Jobs
from gas.ports.mail import MailSender
from gas.ports.queues import Delivery

kind_by_state = {JobState.COMPLETED: MailKind.COMPLETED, JobState.FAILED: MailKind.FAILED}
MOST_COUNTED = 100_000
NOT_WANTED = "you do without these mails"
NO_ADDRESS = "your account has no email address"


def notify(
    delivery: Delivery,
    *,
    jobs: Jobs,
    accounts: Accounts,
    mail: MailSender,
    site_url: str,
    grace: Callable[[], timedelta],
    clock: Clock,
) -> None:
    """Returns when the message is done with; Unavailable when the mail shall be tried later."""
    message = decode(delivery.body)
    if isinstance(message, PlanChanged):
        account = accounts.get(message.account_id)
        if account and account.plan_epoch == message.epoch:  # else a later message tells
            away = jobs.away(account.id, limit=MOST_COUNTED)
            with suppress(InputError):  # MAIL_REFUSED: that address never will take one
                mail.send(plan_mail(account, grace(), away=away, site_url=site_url, now=clock()))
    elif isinstance(message, ResultsBack):
        tell_all_back(message, jobs=jobs, accounts=accounts, mail=mail, site_url=site_url)
    else:
        job = jobs.get(job_of(message))
        account = accounts.get(job.owner_id) if job and _is_news(job) else None
        if job and account:
            said = _told(job, account, mail, site_url, grace=grace(), clock=clock)
            _record(job, said, jobs=jobs, clock=clock)


def _is_news(job: Job) -> bool:
    return not job.deleted_at and not job.notified_at and job.state in kind_by_state


def _told(
    job: Job,
    account: Account,
    mail: MailSender,
    site_url: str,
    *,
    grace: timedelta,
    clock: Clock,
) -> str:
    """Sends the mail, if it is wanted and there is where to. What to say of it if it was not."""
    if kind_by_state[job.state] in account.unwanted_mails:
        return NOT_WANTED
    if not account.email:
        return NO_ADDRESS
    until = available_until(job, account, grace)
    try:
        mail.send(finished_mail(job, account, until=until, now=clock(), site_url=site_url))
    except InputError as error:
        return error.reason.code
    return ""


def _record(job: Job, detail: str, *, jobs: Jobs, clock: Clock) -> None:
    current: Job | None = job
    while current and not current.notified_at:
        if jobs.change(notified(current, clock(), detail=detail)):
            return
        # Lost to another change of the job (a deletion, say): look again.
        current = jobs.get(job.id)
