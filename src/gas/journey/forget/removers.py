"""What is removed of a marked account, one kind of thing each, in the order they are listed.

Jobs are stopped before their files go, or an annotator would store more. Whatever else belongs to
accounts brings a remover of its own.
"""

from __future__ import annotations

from contextlib import suppress

from gas.domain.account import Account
from gas.domain.errors import GasError
from gas.domain.job import Job, cancelled
from gas.domain.keys import RESULTS, file_prefixes
from gas.ports.accounts import Sessions
from gas.ports.billing import Billing, Payers
from gas.ports.clock import Clock
from gas.ports.exports import Exports
from gas.ports.files import Files, delete_all
from gas.ports.jobs import Jobs
from gas.ports.mail import Outbox
from gas.ports.tokens import ApiTokens, RequestKeys
from gas.ports.webhooks import Webhooks

BATCH = 100
ROOTS = ("inputs", "results", "logs", "exports")
"""Every file of an account lies below `<root>/<account>`."""


def remove_sessions(account: Account, *, sessions: Sessions) -> None:
    """A belt: the mark takes them along, and none is added after it. A version from before that was
    so may have added some, and may still serve while this one is installed."""
    sessions.remove_of(account.id)


def remove_access(account: Account, *, tokens: ApiTokens, keys: RequestKeys) -> None:
    """Of programs."""
    tokens.remove_all(account.id)
    keys.remove_all(account.id)


def remove_webhooks(account: Account, *, webhooks: Webhooks) -> None:
    """With what was announced to them; a post that is under way is the last."""
    webhooks.remove_all(account.id)


def remove_payer(account: Account, *, billing: Billing | None, payers: Payers) -> None:
    """Ends the subscription at the vendor first: by our record a crash in between is found.
    Unavailable while the vendor does not answer; then the round is tried again. Where nobody takes
    money any more, there is nobody left to tell."""
    while payer := payers.get(account.id):
        if billing is not None and payer.has_customer:
            billing.forget(payer.customer_id)
        if payers.remove(payer):
            return
        # Lost to a request on its way: it may have made a customer, of whom only the record tells.


def stop_jobs(account: Account, *, jobs: Jobs, clock: Clock) -> None:
    """Their annotators notice it at the next report."""
    after = None
    while page := jobs.owned_by(account.id, limit=BATCH, before=after):
        after = page[-1].id
        for job in page:
            _stop(job, jobs=jobs, clock=clock)


def _stop(job: Job, *, jobs: Jobs, clock: Clock) -> None:
    current: Job | None = job
    while current is not None and not current.state.final:
        if jobs.change(cancelled(current, clock())):
            return
        current = jobs.get(job.id)


def remove_jobs(account: Account, *, jobs: Jobs, files: Files) -> None:
    """Files first, then the row with its events: by the row a crash in between is found. One whose
    files cannot go now holds up no other; in the end the last trouble is raised."""
    # In one go first: a store may have to go through all that is under way for each prefix.
    with suppress(GasError):  # by a job below it is told again
        files.delete(f"{RESULTS}/{account.id}")
    trouble: GasError | None = None
    after = None
    while page := jobs.belonging(account.id, limit=BATCH, after=after):
        after = page[-1].id
        for job in page:
            try:
                delete_all(files, file_prefixes(job))
            except GasError as error:
                trouble = error
            else:
                jobs.purge(job.id)
    if trouble:
        raise trouble


def remove_files(account: Account, *, files: Files, exports: Exports) -> None:
    """Whatever is left: uploads on their way, exports, what no job names."""
    delete_all(files, [f"{root}/{account.id}" for root in ROOTS])
    if export := exports.of_account(account.id):
        exports.remove(export)


def remove_mails(account: Account, *, outbox: Outbox | None) -> None:
    """Those that lie here. What went out is out of our hands."""
    if outbox is not None:
        outbox.remove_of(account.id, account.email)
