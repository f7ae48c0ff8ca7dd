"""What people are told, in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gas.domain.account import Account, MailKind
from gas.domain.job import Job, JobState
from gas.domain.plan import Plan
from gas.domain.spans import in_words
from gas.ports.mail import Mail, letter

WHAT_STAYS = "Your input, the counts, the summary, the log and the provenance stay."


def finished_mail(
    job: Job, account: Account, *, until: datetime | None, now: datetime, site_url: str
) -> Mail:
    """`until`: the end of the grace period, for whom there is one."""
    done = job.state is JobState.COMPLETED
    what = "is done" if done else "failed"
    lines = [f"Your job on {job.input.name} against {job.reference} {what}."]
    if job.reason:
        lines += [f"{job.reason.message} [{job.reason.code}]", job.reason.cure]
    if done and job.results and until:
        lines += _of_grace(account, until, now)
    return letter(
        f"job-{job.id}.finished",
        to=account.email,
        account_id=account.id,
        subject=f"{job.input.name} {what}",
        paragraphs=lines,
        link=("See the job", f"{site_url}/jobs/{job.id}"),
        site_url=site_url,
    )


def _of_grace(account: Account, until: datetime, now: datetime) -> list[str]:
    if now >= until:  # no mail could go out for longer than that
        return [
            f"The results could be downloaded until {moment(until, account)}. They are archived"
            f" now: nothing is lost, and on the premium plan they come back. {WHAT_STAYS}"
        ]
    return [
        f"You can download the results until {moment(until, account)}. Then the annotated file and"
        f" its tables are archived. {WHAT_STAYS} On the premium plan results are kept."
    ]


def plan_mail(
    account: Account, grace: timedelta, *, away: int, site_url: str, now: datetime
) -> Mail:
    """`away`: so many jobs have their results in cold storage, or on the way back."""
    premium = account.plan is Plan.PREMIUM
    return letter(
        f"plan-{account.id}.epoch-{account.plan_epoch}",
        to=account.email,
        account_id=account.id,
        subject=f"you are on the {account.plan} plan now",
        paragraphs=_of_premium(account, away) if premium else _of_free(account, grace, away, now),
        link=("See your jobs", f"{site_url}/jobs"),
        site_url=site_url,
    )


def _of_premium(account: Account, away: int) -> list[str]:
    lines = [
        "Your plan was changed: you are on the premium plan now.",
        "Far larger files are taken, and your results are kept.",
    ]
    if away:
        told = account.is_mailed(MailKind.RESTORED)
        then = "; another mail tells you when all are back" if told else ""
        lines.append(f"The archived results of {_jobs(away)} come back by themselves{then}.")
    return lines


def _of_free(account: Account, grace: timedelta, away: int, now: datetime) -> list[str]:
    until = (account.plan_since or now) + grace
    lines = [
        "Your plan was changed: you are on the free plan now.",
        "Its rules hold from now on, also for what is stored. Jobs that are under way go on; new"
        " ones, and old ones that are run again, must fit its limit of size.",
    ]
    if now >= until:  # no mail could go out for longer than that
        lines.append(
            "The results that were there could be downloaded until"
            f" {moment(until, account)}. They are archived now: nothing is lost,"
            f" and on the premium plan they come back. {WHAT_STAYS}"
        )
    else:
        lines.append(
            "Results that can be downloaded now will be archived: download what you want to keep"
            f" until {moment(until, account)}. Nothing is deleted. {WHAT_STAYS}"
        )
        if away:
            lines.append(
                f"The results of {_jobs(away)} are in cold storage already, and stay there."
            )
    return [*lines, f"Results of new jobs can be downloaded for {in_words(grace)}."]


def _jobs(count: int) -> str:
    return f"{count:,} job{'' if count == 1 else 's'}"


def back_mail(account: Account, site_url: str) -> Mail:
    return letter(
        f"restored-{account.id}.epoch-{account.plan_epoch}",
        to=account.email,
        account_id=account.id,
        subject="your results are back",
        paragraphs=[
            "The results that were archived are back from cold storage, and can be downloaded.",
            "On the premium plan they are kept.",
        ],
        link=("See your jobs", f"{site_url}/jobs"),
        site_url=site_url,
    )


def moment(at: datetime, account: Account) -> str:
    """In the zone of the account, else in UTC."""
    try:
        local = at.astimezone(ZoneInfo(account.time_zone) if account.time_zone else UTC)
    except (ZoneInfoNotFoundError, ValueError):
        local = at.astimezone(UTC)
    return f"{local:%d %B %Y, %H:%M} {local.tzname()}"
