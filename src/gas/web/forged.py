"""Fields that nobody sets by asking: a role, a plan, an owner. No address reads what it does not
take, so they change nothing; that somebody tried is for the audit log.

They are looked for by name, from a list that is fixed, in requests that the gate let in and that
change something: in the address, in JSON, and in the forms of pages. What stands in them is not
looked at. A body is read for it only where that cannot fail: what becomes of the request is not
ours to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

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
    names = chain(request.args, _of_body())
    known = {field_of(name) for name in names} - {"", *TAKEN.get(endpoint, ())}
    g.forged_fields = tuple(sorted(known))


def field_of(name: str) -> str:
    """Which of FIELDS it means, however it is written; else empty. Of 'user[role][0]' the last part
    counts that is a word, as with those who would take it for a list."""
    parts = (part.strip() for part in reversed(re.split(r"[\[\].]", name)))
    last = next((part for part in parts if part and not part.isdecimal()), "")
    return _field_by_letters.get(last.replace("_", "").replace("-", "").lower(), "")


def _of_body() -> Iterable[str]:
    """JSON is read here, and kept for the view; forms of pages the gate has read for their token.
    No operation of programs takes a form."""
    if request.is_json:
        # What is no JSON is told by the view.
        return _keys(request.get_json(silent=True)) if _can_be_read() else ()
    return () if asked_by_program() else chain(request.form, request.files)


def _can_be_read() -> bool:
    """Reading too much is an error, and without a length it ends when the sender likes; there may
    be nobody else who would read it."""
    length, most = request.content_length, request.max_content_length
    return length is not None and (most is None or length <= most)


def _keys(body: object) -> Iterator[str]:
    waiting = [body]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from each
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
