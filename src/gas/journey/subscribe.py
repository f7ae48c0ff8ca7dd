"""Subscribe: an account, a plan in -> the account is on that plan; `PlanChanged` out.

The one way to change a plan, whoever asks: an operator, the command line, or who takes payment.
The epoch rises only if the plan really changes, so that a repetition is no news to anybody.
"""

from __future__ import annotations

from dataclasses import replace

from gas.domain.account import Account
from gas.domain.audit import ACCOUNT, Deed, deed
from gas.domain.messages import PlanChanged
from gas.domain.plan import Plan
from gas.ports.accounts import Accounts
from gas.ports.audit import Audit
from gas.ports.clock import Clock
from gas.ports.queues import Queues
from gas.ports.together import Together


def change_plan(
    account_id: str,
    plan: Plan,
    *,
    actor: str,
    accounts: Accounts,
    queues: Queues,
    audit: Audit,
    together: Together,
    clock: Clock,
) -> Account | None:
    """The account as it is then; None if there is none. Twice does no harm. `actor`: who did it,
    for the audit log."""
    while account := accounts.get(account_id):
        if account.plan is plan:
            return account
        epoch = account.plan_epoch + 1
        wanted = replace(
            account,
            plan=plan,
            plan_epoch=epoch,
            plan_since=clock(),
            version=account.version + 1,
        )
        with together():
            if accounts.change(wanted):
                queues.publish(PlanChanged(account_id, epoch))
                audit.add(_deed(actor, account_id, plan))
                return wanted
        # Lost to another change of the account: look again.
    return None


def _deed(actor: str, account_id: str, plan: Plan) -> Deed:
    name = "account.plan_changed"
    return deed(actor, name, kind=ACCOUNT, thing_id=account_id, detail=plan.value)
