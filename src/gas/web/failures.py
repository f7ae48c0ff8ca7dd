"""Every failure as a page, or as JSON: its code, what, where and the cure.

Whoever looks for a job that is not theirs gets the same answer as for one that never was. That an
account was deleted is told: it is always the account of the one who asks.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from traceback import format_tb

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from gas.domain import errors
from gas.domain.account import AccountGone
from gas.domain.errors import GasError, Reason
from gas.web.problems import asked_by_program, problem
from gas.web.refusals import Refusal

JSON_BLUEPRINT = "uploads"
JSON_ENDPOINTS = frozenset({"jobs.submit", "health.ready"})

status_by_error: dict[type[GasError], int] = {
    errors.TooLarge: 413,
    errors.InputError: 400,
    errors.NotFound: 404,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.StoreFull: 507,
    errors.Unavailable: 503,
    errors.StaleReceipt: 409,
    errors.Interrupted: 503,
    errors.EngineFailed: 500,
}
status_by_code = {"WRONG_CONTENT_TYPE": 415}

NOT_FOUND = Reason(
    "NOT_FOUND",
    "There is nothing here, or it is not yours.",
    cure="Look for it among your jobs.",
)
reason_by_status = {
    400: Reason("BAD_REQUEST", "The request cannot be understood.", cure="Go back and try again."),
    401: Reason("SIGN_IN_FIRST", "You are not signed in.", cure="Sign in and do it again."),
    403: Reason("FORBIDDEN", "You may not do this.", cure="Sign in with another account."),
    404: NOT_FOUND,
    405: Reason(
        "WRONG_METHOD",
        "This address does not take such a request.",
        cure="Use the buttons of the pages, or the operations of /api/docs.",
    ),
    411: Reason(
        "LENGTH_REQUIRED",
        "The request does not say how long its body is.",
        cure="Send a Content-Length.",
    ),
    413: Reason(
        "TOO_LARGE",
        "More was sent than this address takes.",
        cure="Send files on the page for a new job, which sends them in parts.",
    ),
    415: Reason(
        "WRONG_CONTENT_TYPE",
        "The body is of a kind that this address does not take.",
        cure="Send JSON as application/json.",
    ),
}
CRASHED = Reason(
    "INTERNAL_ERROR",
    "Something in the service broke. Your files and jobs are safe.",
    cure="Try again; if it stays so, give the operator the number of this error.",
)
FORM_EXPIRED = Reason(
    "FORM_EXPIRED",
    "The form was opened in another session, or too long ago.",
    cure="Go back, load the page anew and send it again.",
)


def install(app: Flask) -> None:
    app.register_error_handler(CSRFError, lambda _: answer(400, FORM_EXPIRED))
    app.register_error_handler(GasError, _of_gas)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_bug)


def wants_json() -> bool:
    if request.blueprint == JSON_BLUEPRINT or request.endpoint in JSON_ENDPOINTS:
        return True
    return request.accept_mimetypes.best == "application/json" or request.is_json


def answer(status: int, reason: Reason, *, request_id: str = "") -> Response:
    g.reason_code = reason.code  # for the audit log
    if asked_by_program():
        response = problem(status, reason, request_id=request_id)
    elif wants_json():
        parts = {name: getattr(reason, name) for name in ("code", "message", "place", "cure")}
        if request_id:
            parts["request_id"] = request_id
        response = jsonify(parts)
    else:
        page = render_template(
            "failure.html",
            status=status,
            phrase=HTTPStatus(status).phrase,
            reason=reason,
            request_id=request_id,
        )
        response = make_response(page)
    response.status_code = status
    if status in (503, 507):
        response.headers["Retry-After"] = "10"
    return response


def _of_gas(error: GasError) -> Response:
    if isinstance(error, Refusal):
        response = answer(error.status, error.reason)
        response.headers.extend(error.headers)
        return response
    status = status_by_code.get(error.reason.code) or next(
        status_by_error[kind] for kind in type(error).__mro__ if kind in status_by_error
    )
    if status == 404 and not isinstance(error, AccountGone):
        return answer(404, NOT_FOUND)
    request_id = _log(status, error) if status >= 500 else ""
    return answer(status, error.reason, request_id=request_id)


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 or (status not in reason_by_status and not asked_by_program()):
        return make_response(error.get_response())  # a redirect of the router, 416 and the like
    response = answer(status, reason_by_status.get(status, reason_by_status[400]))
    for name, value in error.get_headers(None):
        if name in {"Allow", "WWW-Authenticate"}:
            response.headers[name] = value
    return response


def _of_bug(error: Exception) -> Response:
    return answer(500, CRASHED, request_id=_log(500, error))


def _log(status: int, error: Exception) -> str:
    """Writes what broke; the number it returns stands on the page too."""
    request_id = secrets.token_hex(6)
    account = g.get("account")
    structlog.get_logger("gas.web").error(
        "request failed",
        request_id=request_id,
        status=status,
        # the rule, not the path: a path may carry the token of a link
        rule=request.url_rule.rule if request.url_rule else None,
        method=request.method,
        account=account.id if account else None,
        # where, and not what it says: that may quote a token, or what a file holds
        traceback=None if isinstance(error, GasError) else _frames(error),
        code=error.reason.code if isinstance(error, GasError) else type(error).__name__,
    )
    return request_id


def _frames(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    before = f"{_frames(cause)}\n" if cause else ""
    return before + "".join(format_tb(error.__traceback__)) + type(error).__name__
