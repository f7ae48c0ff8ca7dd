"""Edit an account: what its person says of it -> its next version.

Read, change, compare-and-set: a plan that changes meanwhile (a payment) stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable

from gas.domain.account import Account
from gas.domain.errors import NotFound
from gas.ports.accounts import Accounts


def edit_account(
    account: Account, change: Callable[[Account], Account], accounts: Accounts
) -> Account:
    """`change` makes the next version of the one it is given. NotFound NO_ACCOUNT if it is gone."""
    current: Account | None = account
    while current:
        wanted = change(current)
        if accounts.change(wanted):
            return wanted
        # Lost to another change: look again.
        current = accounts.get(account.id)
    raise NotFound("NO_ACCOUNT", "The account is not there any more.")
