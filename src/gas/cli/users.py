"""`gas user`: who may do what."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from gas.cli.given import home_option, json_option, services_from
from gas.domain.account import Account, Role
from gas.domain.errors import Conflict, NotFound
from gas.domain.plan import Plan

if TYPE_CHECKING:
    from gas.ports.services import Services

PLANS = click.Choice([plan.value for plan in Plan])
ROLES = click.Choice([role.value for role in Role])
PAGE = 100


@click.group("user")
def command() -> None:
    """Sign-in links, roles and plans of people; delete an account."""


@command.command("link")
@click.argument("email")
@click.option("--name", default="", help="How to address the person.")
@click.option("--plan", type=PLANS, help="Put the person on this plan.")
@click.option("--operator", is_flag=True, help="Make the person an operator.")
@click.option("--minutes", type=click.IntRange(1, 7 * 24 * 60), default=60, show_default=True)
@home_option
def link(
    email: str, name: str, plan: str | None, operator: bool, minutes: int, home: str | None
) -> None:
    """Print a link that signs EMAIL in, once."""
    from gas.adapters.links import identity_of
    from gas.cli.first_operator import link_for, record

    services = services_from(home)
    if services.sign_in.departs:
        raise Conflict(
            "NO_SIGN_IN_LINKS",
            f"People sign in with {services.sign_in.name} here; a link would let nobody in.",
            cure="They sign in themselves; then `gas user promote` and `gas user plan` know them.",
        )
    account = record(
        services,
        identity_of(email, name),
        plan=Plan(plan) if plan else None,
        role=Role.OPERATOR if operator else None,
    )
    click.echo(link_for(services, account, timedelta(minutes=minutes)))


@command.command("ls")
@json_option
@home_option
def ls(as_json: bool, home: str | None) -> None:
    """List accounts."""
    from gas.cli.show import show

    rows = [
        {
            "email": account.email,
            "name": account.name,
            "role": account.role.value,
            "plan": account.plan.value,
            "since": account.created_at.isoformat(timespec="seconds"),
            "id": account.id,
            "issuer": account.issuer,
        }
        for account in _accounts(services_from(home))
    ]
    show(rows, as_json=as_json, empty="Nobody has an account yet. `gas user link EMAIL` makes one.")


@command.command("promote")
@click.argument("who", metavar="EMAIL|ID")
@click.option("--to", "role", type=ROLES, default=Role.OPERATOR.value, show_default=True)
@home_option
def promote(who: str, role: str, home: str | None) -> None:
    """Change the role of the account with this address or id."""
    from gas.cli.first_operator import set_account

    services = services_from(home)
    account = set_account(services, _find(services, who), role=Role(role))
    click.echo(f"{account.email or account.id} is {account.role.value} now.")


@command.command("plan")
@click.argument("who", metavar="EMAIL|ID")
@click.argument("plan", type=PLANS)
@home_option
def plan(who: str, plan: str, home: str | None) -> None:
    """Put the account with this address or id on PLAN (free or premium)."""
    from gas.cli.first_operator import set_account

    services = services_from(home)
    account = set_account(services, _find(services, who), plan=Plan(plan))
    click.echo(f"{account.email or account.id} is on the {account.plan.value} plan now.")


@command.command("sign-out")
@click.argument("who", metavar="EMAIL|ID")
@click.option("--tokens", is_flag=True, help="Revoke the API tokens, too.")
@home_option
def sign_out(who: str, tokens: bool, home: str | None) -> None:
    """End all sessions of the account with this address or id: a lost laptop, a person who left."""
    from gas.domain.audit import ACCOUNT, TERMINAL, deed

    services = services_from(home)
    account = _find(services, who)
    ended = services.sessions.of(account.id, services.clock())
    services.sessions.remove_of(account.id)
    for session in ended:  # what the authenticator granted for it goes back
        services.sign_in.sign_out(session.sealed, services.site.url)
    revoked = services.api_tokens.remove_all(account.id) if tokens else 0
    told = deed(TERMINAL, "session.ended_by_operator", kind=ACCOUNT, thing_id=account.id)
    services.audit.add(told)
    click.echo(f"{len(ended)} sessions ended, {revoked} API tokens revoked.")


@command.command("rm")
@click.argument("who", metavar="EMAIL|ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
def rm(who: str, yes: bool, home: str | None) -> None:
    """Delete the account with this address or id, with its jobs, files, sessions and mails. Run
    workers remove what was there."""
    from gas.domain.audit import ACCOUNT, TERMINAL, deed
    from gas.journey.forget import delete_account

    services = services_from(home)
    account = _find(services, who)
    if not yes:
        click.confirm(f"Delete {account.email} ({account.id}) and all that is theirs?", abort=True)
    delete_account(
        account,
        accounts=services.accounts,
        queues=services.queues,
        together=services.together,
        clock=services.clock,
    )
    services.audit.add(deed(TERMINAL, "account.deleted", kind=ACCOUNT, thing_id=account.id))
    click.echo("Deleted. What was there is removed by the worker `forget` in a moment.")


def _accounts(services: Services) -> list[Account]:
    found: list[Account] = []
    after = None
    while page := services.accounts.page(limit=PAGE, after=after):
        found += page
        after = page[-1].id
    return found


def _find(services: Services, who: str) -> Account:
    """By id or address; Conflict if several have the address: it is no key to an account."""
    wanted = who.strip().casefold()
    found = [
        account
        for account in _accounts(services)
        if wanted in (account.id, account.email.casefold()) and wanted
    ]
    if len(found) > 1:
        ids = ", ".join(f"{account.id} ({account.issuer})" for account in found)
        raise Conflict(
            "SEVERAL_ACCOUNTS",
            f"{len(found)} accounts have the address {who}: {ids}.",
            cure="Give the id of the one you mean.",
        )
    if not found:
        raise NotFound(
            "NO_ACCOUNT",
            f"There is no account with the address or id {who}.",
            cure="`gas user ls` lists them; people get one when they first sign in.",
        )
    return found[0]
