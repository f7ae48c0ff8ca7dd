"""Notify: `JobFinished` or `PlanChanged` in -> one mail to the owner of the job or plan.

The mail's id is made of the job's, or of the epoch of the plan, so that a repeat after a crash is
the same mail to any mail program, and the same file in an outbox.
"""

from __future__ import annotations

from contextlib import suppress

from gas.domain.account import Account, MailKind
from gas.domain.errors import InputError
from gas.domain.job import Job, JobState, notified
from gas.domain.messages import PlanChanged, decode, job_of
from gas.domain.plan import Plan
from gas.ports.accounts import Accounts
from gas.ports.clock import Clock
from gas.ports.jobs import Jobs
from gas.ports.mail import Mail, MailSender, letter
from gas.ports.queues import Delivery

kind_by_state = {JobState.COMPLETED: MailKind.COMPLETED, JobState.FAILED: MailKind.FAILED}
NOT_WANTED = "you do without these mails"
NO_ADDRESS = "your account has no email address"

WHAT_IT_MEANS = {
    Plan.PREMIUM: (
        "Your plan was changed: you are on the premium plan now.",
        "Far larger files are taken, and your results are kept.",
    ),
    Plan.FREE: (
        "Your plan was changed: you are on the free plan now.",
        "Its rules hold from now on, also for what is stored. Jobs that are under way go on; new"
        " ones, and old ones that are run again, must fit its limit of size.",
        "Results of free users are not kept for long: download what you want to keep. Your jobs"
        " and their logs stay listed.",
    ),
}


def notify(
    delivery: Delivery,
    *,
    jobs: Jobs,
    accounts: Accounts,
    mail: MailSender,
    site_url: str,
    clock: Clock,
) -> None:
    """Returns when the message is done with; Unavailable when the mail shall be tried later."""
    message = decode(delivery.body)
    if isinstance(message, PlanChanged):
        _tell_of_plan(message, accounts=accounts, mail=mail, site_url=site_url)
        return
    job = jobs.get(job_of(message))
    if job is None or job.deleted_at or job.notified_at or job.state not in kind_by_state:
        return
    account = accounts.get(job.owner_id)
    if account is None:
        return
    _record(job, _told(job, account, mail, site_url), jobs=jobs, clock=clock)


def _told(job: Job, account: Account, mail: MailSender, site_url: str) -> str:
    """Sends the mail, if it is wanted and there is where to. What to say of it if it was not."""
    if kind_by_state[job.state] in account.unwanted_mails:
        return NOT_WANTED
    if not account.email:
        return NO_ADDRESS
    try:
        mail.send(_mail(job, account, site_url))
    except InputError as error:
        return error.reason.code
    return ""


def _tell_of_plan(
    message: PlanChanged, *, accounts: Accounts, mail: MailSender, site_url: str
) -> None:
    account = accounts.get(message.account_id)
    if account and account.plan_epoch == message.epoch:  # else a later message tells
        with suppress(InputError):  # MAIL_REFUSED: that address never will take one
            mail.send(_plan_mail(account, site_url))


def _record(job: Job, detail: str, *, jobs: Jobs, clock: Clock) -> None:
    current: Job | None = job
    while current and not current.notified_at:
        if jobs.change(notified(current, clock(), detail=detail)):
            return
        # Lost to another change of the job (a deletion, say): look again.
        current = jobs.get(job.id)


def _mail(job: Job, account: Account, site_url: str) -> Mail:
    what = "is done" if job.state is JobState.COMPLETED else "failed"
    lines = [f"Your job on {job.input.name} against {job.reference} {what}."]
    if job.reason:
        lines += [f"{job.reason.message} [{job.reason.code}]", job.reason.cure]
    return letter(
        f"job-{job.id}.finished",
        to=account.email,
        account_id=account.id,
        subject=f"{job.input.name} {what}",
        paragraphs=lines,
        link=("See the job", f"{site_url}/jobs/{job.id}"),
        site_url=site_url,
    )


def _plan_mail(account: Account, site_url: str) -> Mail:
    return letter(
        f"plan-{account.id}.epoch-{account.plan_epoch}",
        to=account.email,
        account_id=account.id,
        subject=f"you are on the {account.plan} plan now",
        paragraphs=WHAT_IT_MEANS[account.plan],
        link=("See your jobs", f"{site_url}/jobs"),
        site_url=site_url,
    )
