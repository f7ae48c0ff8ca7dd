"""Promote: an account, a role in -> the account has that role, from its next request on."""

from __future__ import annotations

from dataclasses import replace

from gas.domain.account import Account, Role
from gas.ports.accounts import Accounts


def change_role(account_id: str, role: Role, *, accounts: Accounts) -> Account | None:
    """The account as it is then; None if there is none. Twice does no harm."""
    while account := accounts.get(account_id):
        wanted = replace(account, role=role, version=account.version + 1)
        if account.role is role:
            return account
        if accounts.change(wanted):
            return wanted
        # Lost to another change of the account: look again.
    return None
