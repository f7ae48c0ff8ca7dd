"""What requests leave in the audit log: one hook after each, so that no view can forget it.

Every endpoint that changes something stands in ACTIONS, with None where it leaves nothing, and a
test fails when one does not. Reading one's own pages leaves nothing, and costs one look into a
dict.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

import structlog
from flask import Flask, g, request
from werkzeug.wrappers import Response

from gas.domain.audit import ACCOUNT, VISITOR, AuditOutcome, Deed, deed
from gas.domain.errors import GasError
from gas.web import forged
from gas.web.wired import services

WITHIN = timedelta(hours=1)
KEPT = 4096


@dataclass(frozen=True, slots=True)
class Action:
    """What is written down when an endpoint was used."""

    name: str
    kind: str = ACCOUNT
    thing_id: Callable[[Response], str] = lambda _: _my_id()
    detail: Callable[[Response], str] = lambda _: ""


def _my_id() -> str:
    return g.account.id if g.get("account") else ""


def _argument(name: str) -> Callable[[Response], str]:
    return lambda _: str((request.view_args or {}).get(name, ""))


def _made_job(response: Response) -> str:
    """The id of the job that the answer leads to; empty if it failed."""
    made = response.get_json(silent=True) if response.is_json else None
    if isinstance(made, dict):
        return str(made.get("id", ""))
    return response.headers.get("Location", "").rpartition("/")[2]


def _of_job(name: str) -> Action:
    return Action(name, "job", _argument("job_id"))


def _page(name: str) -> Action:
    return Action("operator.looked", "page", lambda _: "", lambda _: name)


def _made_thing(_: Response) -> str:
    """The id that the view has left for us: no answer leads to it."""
    return str(g.get("made_id", ""))


_TOKEN_MADE = Action("token.made", "token", _made_thing)
_WEBHOOK_MADE = Action("webhook.made", "webhook", _made_thing)
_TOKEN_REVOKED = Action("token.revoked", "token", _argument("token_id"))
_WEBHOOK_REVOKED = Action("webhook.revoked", "webhook", _argument("webhook_id"))

ACTIONS: dict[str, Action | None] = {
    "account.begin": None,  # nobody is signed in yet
    "account.use": None,  # a session that begins is seen below, whatever opened it
    "account.back": None,
    "account.sign_out": Action("session.ended"),
    "profile.change": Action("account.profile_changed"),
    "profile.ask_for_email": None,  # it counts once it is confirmed
    "profile.take_email": Action("account.email_changed"),
    "profile.end_one": Action("session.ended"),
    "profile.end_others": Action("session.ended_elsewhere"),
    "tokens.make": _TOKEN_MADE,
    "tokens.revoke": _TOKEN_REVOKED,
    "webhooks.add": _WEBHOOK_MADE,
    "webhooks.revoke": _WEBHOOK_REVOKED,
    "webhooks.switch_on": Action("webhook.switched_on", "webhook", _argument("webhook_id")),
    "webhooks.test": None,
    "billing.subscribe": Action("plan.checkout_begun"),
    "billing.manage_subscription": Action("plan.portal_opened"),
    "billing.look": None,
    "billing.hear": None,  # the step that acts on it writes down what comes of it
    "api_uploads.begin": None,
    "api_uploads.put_part": None,
    "api_uploads.give_up": None,
    "api_jobs.submit": Action("job.created", "job", _made_job),
    "api_jobs.again": Action("job.created", "job", _made_job),
    "api_jobs.cancel": _of_job("job.cancelled"),
    "api_jobs.delete": _of_job("job.deleted"),
    "api_results.link": _of_job("link.made"),
    "api_tokens.make": _TOKEN_MADE,
    "api_tokens.revoke": _TOKEN_REVOKED,
    "api_webhooks.make": _WEBHOOK_MADE,
    "api_webhooks.revoke": _WEBHOOK_REVOKED,
    "api_webhooks.test": None,
    "jobs.submit": Action("job.created", "job", _made_job),
    "jobs.again": Action("job.created", "job", _made_job),
    "jobs.cancel": _of_job("job.cancelled"),
    "jobs.delete": _of_job("job.deleted"),
    "jobs.download": _of_job("link.made"),
    "uploads.begin": None,  # the job made of it is what counts
    "uploads.put_part": None,
    "uploads.give_up": None,
    "privacy.ask": Action("export.asked"),
    "privacy.download": Action("export.link_made"),
    "privacy.delete": Action("account.deleted"),
    "operators.queues": _page("queues"),
    "operators.results": _page("results"),
    "operators.outbox": _page("outbox"),
    "operators.mail": Action("operator.looked", "mail", _argument("name")),
    "operators.accounts": _page("accounts"),
    "operators.one_account": Action("operator.looked", ACCOUNT, _argument("account_id")),
    "operators.change_account": None,  # the steps that change plan and role write it down
    "operators.audit": _page("audit"),
}
SIGN_IN_ENDPOINTS = frozenset({"account.use", "account.back"})
"""A refusal of these is a sign in that failed."""


def install(app: Flask) -> None:
    tally = Tally()

    def after(response: Response) -> Response:
        for told in (_told(response, tally), _forged(tally)):
            if told is not None:
                _write(told)
        return response

    app.after_request(after)


def _told(response: Response, tally: Tally) -> Deed | None:
    status = response.status_code
    if g.pop("signed_in", False):
        return deed(_my_id(), "session.begun", kind=ACCOUNT, thing_id=_my_id())
    if 400 <= status < 500:
        return _refused(status, tally)
    action = ACTIONS.get(request.endpoint or "")
    if action is None or (action.name == "job.created" and status == HTTPStatus.OK):
        return None  # 200: there was this job already
    return deed(
        _my_id() or VISITOR,
        action.name,
        kind=action.kind,
        thing_id=action.thing_id(response),
        outcome=AuditOutcome.FAILED if status >= 500 else AuditOutcome.DONE,
        detail=g.get("reason_code", "") if status >= 500 else action.detail(response),
    )


def _refused(status: int, tally: Tally) -> Deed | None:
    """Of somebody else's thing, of what is for others, of a sign in. Floods are counted."""
    actor = _my_id() or VISITOR
    code = str(g.get("reason_code", ""))
    job_id = _foreign_job() if status == 404 and actor != VISITOR else ""
    if request.endpoint in SIGN_IN_ENDPOINTS and status != 429:
        name = "session.refused"
    elif job_id or (status == 403 and actor != VISITOR):
        name = "access.refused"
    else:
        return None
    count = tally.count((actor, name), services().clock())
    if not _is_round(count):
        return None
    return deed(
        actor,
        name,
        kind="job" if job_id else "",
        thing_id=job_id,
        outcome=AuditOutcome.REFUSED,
        detail=f"{code} {count}".strip(),
    )


def _forged(tally: Tally) -> Deed | None:
    """Fields that this address does not take. Each of an address is counted apart, so that none
    that was sent often hides another: there are no more than forged.FIELDS."""
    names = forged.found()
    if not names:  # as a rule
        return None
    actor, now = _my_id() or VISITOR, services().clock()
    counted = {
        name: tally.count((actor, f"field.forged {request.endpoint} {name}"), now) for name in names
    }
    told = [f"{name} {count}" for name, count in counted.items() if _is_round(count)]
    if not told:
        return None
    # The rule, not the path: a path holds ids.
    rule = request.url_rule.rule if request.url_rule else ""
    detail = f"{request.method} {rule}: {', '.join(told)}"
    return deed(actor, "field.forged", kind="address", outcome=AuditOutcome.REFUSED, detail=detail)


def _foreign_job() -> str:
    """The id that was asked for, if it is the job of somebody else."""
    job_id = str((request.view_args or {}).get("job_id", ""))
    job = services().jobs.get(job_id) if job_id else None
    return job.id if job is not None and job.owner_id != _my_id() else ""


def _write(told: Deed) -> None:
    """What was done is done: an audit log that cannot be written must not undo it, nor hide it."""
    try:
        services().audit.add(told)
    except GasError as error:
        structlog.get_logger("gas.web").error(
            "audit", action=told.action, account=told.actor, code=error.reason.code
        )


class Tally:
    """How often something happened within the hour, for the keys used last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: OrderedDict[tuple[str, str], tuple[datetime, int]] = OrderedDict()

    def count(self, key: tuple[str, str], now: datetime) -> int:
        with self._lock:
            since, count = self._counts.pop(key, (now, 0))
            if now - since >= WITHIN:
                since, count = now, 0
            self._counts[key] = (since, count + 1)
            if len(self._counts) > KEPT:
                self._counts.popitem(last=False)
            return count + 1


def _is_round(count: int) -> bool:
    """1, 10, 100...: a flood of a million leaves seven entries."""
    return str(count).rstrip("0") == "1"
