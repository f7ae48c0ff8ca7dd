"""Pages for those who run the service; the gate lets nobody else in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.domain.account import Account, Role
from gas.domain.errors import Forbidden, InputError, NotFound
from gas.domain.ids import is_id
from gas.domain.job import ResultsState
from gas.domain.plan import Plan
from gas.domain.spans import in_words
from gas.journey.promote import change_role
from gas.journey.subscribe import change_plan
from gas.ports.audit import AuditFilter
from gas.ports.mail import Outbox, require_outbox
from gas.web.wired import grace, me, services

pages = Blueprint("operators", __name__, url_prefix="/operator")
MAILS_A_PAGE = 20
ENTRIES_A_PAGE = 50
ACCOUNTS_A_PAGE = 50
MOST_BITS = 63


@pages.get("/queues")
def queues() -> str:
    return render_template("queues.html", queues=services().queue_desk.states())


@pages.get("/results")
def results() -> str:
    wired = services()
    return render_template(
        "stored_results.html",
        totals=wired.jobs.results_totals(),
        states=list(ResultsState),
        grace=in_words(grace()),
        settles_within=in_words(wired.cold_storage.settles_within),
        overdue_before=wired.unhurried() - wired.cold_storage.settles_within,
    )


@pages.get("/outbox")
def outbox() -> str:
    number = request.args.get("page", 1, type=int)
    return render_template("outbox.html", page=_outbox().page(number, size=MAILS_A_PAGE))


@pages.get("/outbox/<name>")
def mail(name: str) -> str:
    return render_template("mail.html", mail=_outbox().read(name))


@pages.get("/audit")
def audit() -> str:
    wanted = AuditFilter(
        account_id=_text("account"),
        action=_text("action"),
    )
    before = _number("before")
    found = services().audit.page(wanted, limit=ENTRIES_A_PAGE + 1, before=before)
    entries = found[:ENTRIES_A_PAGE]
    return render_template(
        "audit.html",
        wanted=wanted,
        before=before,
        entries=entries,
        older=entries[-1].number if len(found) > ENTRIES_A_PAGE else None,
    )


def _text(name: str) -> str:
    """Without NUL, which no text of PostgreSQL can be compared with."""
    return request.args.get(name, "").replace("\0", "").strip()


def _number(name: str) -> int | None:
    """None, too, for one that is larger than a database can look for."""
    number = request.args.get(name, type=int)
    return None if number is None or number.bit_length() > MOST_BITS else number


@pages.get("/accounts")
def accounts() -> str:
    wanted, after = _text("email"), request.args.get("after", "")
    found = services().accounts.page(
        limit=ACCOUNTS_A_PAGE + 1, after=after if is_id(after) else None, email=wanted
    )
    shown = found[:ACCOUNTS_A_PAGE]
    return render_template(
        "accounts.html",
        accounts=shown,
        counts=services().jobs.counts([each.id for each in shown]),
        next=shown[-1].id if len(found) > len(shown) else None,
        email=wanted,
        after=after,
    )


@pages.get("/accounts/<account_id>")
def one_account(account_id: str) -> str:
    return _account_page(_known(account_id), confirm=False)


@pages.post("/accounts/<account_id>")
def change_account(account_id: str) -> Response | str:
    """Asks first: what is sent without `confirmed` changes nothing."""
    known = _known(account_id)
    plan, role = _chosen(known)
    if known.id == me().id and role is not known.role:
        raise Forbidden(
            "OWN_ROLE",
            "Nobody changes their own role: the service could be left without an operator.",
            cure="Ask another operator, or use `gas user promote`.",
        )
    if (plan, role) != (known.plan, known.role):
        if request.form.get("confirmed") != "yes":
            return _account_page(known, confirm=True, plan=plan, role=role)
        _change(known, plan, role)
    return redirect(url_for("operators.one_account", account_id=known.id, done="yes"), 303)


def _change(known: Account, plan: Plan, role: Role) -> None:
    wired = services()
    change_plan(
        known.id,
        plan,
        actor=me().id,
        accounts=wired.accounts,
        queues=wired.queues,
        audit=wired.audit,
        together=wired.together,
        clock=wired.clock,
    )
    change_role(
        known.id,
        role,
        actor=me().id,
        accounts=wired.accounts,
        audit=wired.audit,
        together=wired.together,
    )


def _chosen(known: Account) -> tuple[Plan, Role]:
    """What the form asks for; what it leaves out stays."""
    try:
        plan, role = request.form.get("plan", known.plan), request.form.get("role", known.role)
        return Plan(plan), Role(role)
    except ValueError as error:
        raise InputError(
            "BAD_FIELD", "There is no such plan or role.", cure="Choose one of those offered."
        ) from error


def _known(account_id: str) -> Account:
    found = services().accounts.get(account_id)
    if found is None:
        raise NotFound(
            "NO_ACCOUNT", "There is no such account.", cure="Look at the list of accounts."
        )
    return found


def _account_page(
    known: Account, *, confirm: bool, plan: Plan | None = None, role: Role | None = None
) -> str:
    return render_template(
        "one_account.html",
        person=known,
        own=known.id == me().id,
        count=services().jobs.counts([known.id]).get(known.id, 0),
        confirm=confirm,
        plan=plan or known.plan,
        role=role or known.role,
        plans=list(Plan),
        roles=list(Role),
    )


def _outbox() -> Outbox:
    return require_outbox(services().outbox)
