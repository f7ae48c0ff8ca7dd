"""Fields that nobody sets by asking: a role, a plan, an owner. No address reads what it does not
take, so they change nothing; that somebody tried is for the audit log.

They are looked for by name, from a list that is fixed, in bodies of requests that the gate let in.
What stands in them is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Flask, g, request

from gas.web.gate import HOOKS, PARTS, READS
from gas.web.problems import asked_by_program

FIELDS = (
    "account_id",
    "admin",
    "is_admin",
    "is_operator",
    "issuer",
    "operator",
    "owner",
    "owner_id",
    "plan",
    "plan_epoch",
    "results_state",
    "role",
    "state",
    "subject",
    "user_id",
)
TAKEN = {"operators.change_account": frozenset({"plan", "role"})}
"""Where some of them are what the address is for."""
NO_FORMS = HOOKS | PARTS
_field_by_letters = {name.replace("_", ""): name for name in FIELDS}


def install(app: Flask) -> None:
    app.before_request(_look)


def found() -> tuple[str, ...]:
    """Names of this request's, of FIELDS alone; once."""
    names: tuple[str, ...] = g.pop("forged_fields", ())
    return names


def _look() -> None:
    endpoint = request.endpoint
    if endpoint is None or endpoint in NO_FORMS or request.method in READS:
        return
    known = {field_of(name) for name in _names()} - {"", *TAKEN.get(endpoint, ())}
    g.forged_fields = tuple(sorted(known))


def field_of(name: str) -> str:
    """Which of FIELDS it means, however it is written ('isAdmin', 'account[role]'); else empty."""
    last = name.replace("]", "").replace("[", ".").rpartition(".")[2]
    return _field_by_letters.get(last.replace("_", "").replace("-", "").lower(), "")


def _names() -> Iterable[str]:
    """The body is read here, and kept for the view."""
    if request.is_json:
        return _keys(request.get_json(silent=True))  # what is none is told by the view
    return () if asked_by_program() else request.form.keys()


def _keys(body: object) -> Iterator[str]:
    waiting = [body]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
