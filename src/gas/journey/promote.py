"""Promote: an account, a role in -> the account has that role, from its next request on."""

from __future__ import annotations

from dataclasses import replace

from gas.domain.account import Account, Role
from gas.domain.audit import ACCOUNT, deed
from gas.ports.accounts import Accounts
from gas.ports.audit import Audit
from gas.ports.together import Together


def change_role(
    account_id: str,
    role: Role,
    *,
    actor: str,
    accounts: Accounts,
    audit: Audit,
    together: Together,
) -> Account | None:
    """The account as it is then; None if there is none. Twice does no harm. `actor`: who did it,
    for the audit log."""
    while account := accounts.get(account_id):
        wanted = replace(account, role=role, version=account.version + 1)
        if account.role is role:
            return account
        with together():
            if accounts.change(wanted):
                name = "account.role_changed"
                told = deed(actor, name, kind=ACCOUNT, thing_id=account_id, detail=role.value)
                audit.add(told)
                return wanted
        # Lost to another change of the account: look again.
    return None
