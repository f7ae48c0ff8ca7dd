"""All results of an account are back: one mail for a change of plan, however many jobs.

Each job that comes back brings a message, and so does one of which nothing will come back: it is
damaged, or deleted. The one after which none is away any more tells. Two of them at once send the
same mail, under the same id. The mail first, then the state, as for jobs.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from gas.domain.account import Account, MailKind
from gas.domain.errors import InputError
from gas.domain.messages import ResultsBack
from gas.domain.plan import Plan
from gas.journey.notify.mails import back_mail
from gas.ports.accounts import Accounts
from gas.ports.jobs import Jobs
from gas.ports.mail import MailSender


def tell_all_back(
    message: ResultsBack, *, jobs: Jobs, accounts: Accounts, mail: MailSender, site_url: str
) -> None:
    account = accounts.get(message.owner_id)
    if account is None or not _is_news(account, account.plan_epoch):
        return
    if jobs.away(account.id, limit=1):
        return  # the message of the last one tells
    if not jobs.came_back(account.id, since=account.plan_since or account.created_at):
        return
    if account.email and MailKind.RESTORED not in account.unwanted_mails:
        with suppress(InputError):  # MAIL_REFUSED: that address never will take one
            mail.send(back_mail(account, site_url))
    _record(account, accounts)


def _is_news(account: Account, epoch: int) -> bool:
    """For the plan of this epoch nobody has been told."""
    premium = account.plan is Plan.PREMIUM and account.plan_epoch == epoch
    return premium and account.restored_epoch != epoch


def _record(told: Account, accounts: Accounts) -> None:
    current: Account | None = told
    while current and _is_news(current, told.plan_epoch):
        noted = replace(current, restored_epoch=told.plan_epoch, version=current.version + 1)
        if accounts.change(noted):
            return
        current = accounts.get(told.id)  # lost to another change of it: look again
