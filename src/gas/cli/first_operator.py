"""The first operator, for whom `gas up` prints a sign-in link as Jupyter does."""

from __future__ import annotations

from datetime import timedelta

from gas.domain.account import Account, Identity, Role
from gas.domain.audit import ACCOUNT, TERMINAL, deed
from gas.domain.ids import new_id
from gas.domain.plan import Plan
from gas.journey.promote import change_role
from gas.journey.subscribe import change_plan
from gas.ports.services import Services

LINK_LIFETIME = timedelta(hours=1)
PAGE = 100


def operator_link(services: Services, email: str) -> str | None:
    """A fresh link while the operator has not used the service yet; else None."""
    if services.sign_in.departs:
        return None  # nobody is let in by a link; `gas user promote` makes the first operator
    operator = ensure_operator(services, email)
    if services.jobs.owned_by(operator.id, limit=1):
        return None
    return link_for(services, operator)


def first_words(services: Services) -> str:
    """How people get in."""
    if not services.sign_in.departs:
        return "`gas user link EMAIL` makes a sign-in link"
    if first_operator(services):
        return f"sign in with {services.sign_in.name}"
    return f"sign in with {services.sign_in.name}, then `gas user promote EMAIL` makes an operator"


def ensure_operator(services: Services, email: str) -> Account:
    """The first operator; made, on the premium plan, if there is none."""
    from gas.adapters.links import identity_of

    return first_operator(services) or record(
        services, identity_of(email), plan=Plan.PREMIUM, role=Role.OPERATOR
    )


def first_operator(services: Services) -> Account | None:
    after = None
    while page := services.accounts.page(limit=PAGE, after=after):
        for account in page:
            if account.role is Role.OPERATOR:
                return account
        after = page[-1].id
    return None


def link_for(services: Services, account: Account, lifetime: timedelta = LINK_LIFETIME) -> str:
    from gas.adapters.links import issue_link

    services.audit.add(deed(TERMINAL, "link.issued", kind=ACCOUNT, thing_id=account.id))
    identity = Identity(account.issuer, account.subject, account.email, account.name)
    return issue_link(
        services.sign_in_links,
        identity,
        site_url=services.site.url,
        lifetime=lifetime,
        clock=services.clock,
    )


def record(
    services: Services, identity: Identity, *, plan: Plan | None = None, role: Role | None = None
) -> Account:
    """The account of this person, made if there is none, with this plan and role if given."""
    now = services.clock()
    new = Account(
        id=new_id(now),
        issuer=identity.issuer,
        subject=identity.subject,
        email=identity.email,
        name=identity.name,
        created_at=now,
        role=role or Role.USER,
        plan=plan or Plan.FREE,
    )
    account = services.accounts.sign_in(identity, new)
    return set_account(services, account, plan=plan, role=role)


def set_account(
    services: Services, account: Account, *, plan: Plan | None = None, role: Role | None = None
) -> Account:
    """With this plan and role."""
    if plan is not None:
        changed = change_plan(
            account.id,
            plan,
            actor=TERMINAL,
            accounts=services.accounts,
            queues=services.queues,
            audit=services.audit,
            together=services.together,
            clock=services.clock,
        )
        account = changed or account
    if role is not None:
        changed = change_role(
            account.id,
            role,
            actor=TERMINAL,
            accounts=services.accounts,
            audit=services.audit,
            together=services.together,
        )
        account = changed or account
    return account
