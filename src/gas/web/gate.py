"""What every request passes before a view sees it, the cheapest check first."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

from flask import Flask, g, redirect, request, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest, Unauthorized
from werkzeug.wrappers import Response

from gas.domain.account import Account, Role
from gas.domain.errors import Forbidden, InputError, Unavailable
from gas.web.access import account_of_request, safe_next
from gas.web.addresses import caller
from gas.web.api.door import let_in
from gas.web.failures import wants_json
from gas.web.problems import asked_by_program
from gas.web.rates import require_rate
from gas.web.refusals import Refusal
from gas.web.wired import services

MAX_FORM_BYTES = 64 * 1024
PARTS = frozenset({"uploads.put_part", "api_uploads.put_part"})
JSON_BODIES = frozenset(
    {
        "uploads.begin",
        "jobs.submit",
        "api_uploads.begin",
        "api_jobs.submit",
        "api_jobs.again",
        "api_results.link",
        "api_tokens.make",
        "api_webhooks.make",
    }
)
OPERATOR_PAGES = "operators"
ANY_HOST = frozenset({"health.alive", "health.ready"})  # machines ask these by address
OPEN = ANY_HOST | {"static", "files.serve", "api_docs.document", "contact.security_txt"}
"""Nobody's account is looked up for these."""
PUBLIC = frozenset(
    {
        "home.home",
        "account.sign_in",
        "account.begin",
        "account.back",
        "account.link",
        "account.use",
        "api_docs.page",
        "privacy.deleted",
    }
)
"""Pages for everybody; all the others are for those who are signed in."""
SIGN_INS = frozenset({"account.begin", "account.use"})
"""Tries to sign in: counted by address."""
RETURNS = frozenset({"account.back"})
"""The second half of one, which has us ask the provider: counted by address, apart from the first,
so that it does not halve the rate."""
LINKS = frozenset({"jobs.download", "privacy.download"})
"""Reading that leaves an entry in the audit log: counted by account, as often as forms."""
HOOKS = frozenset({"billing.hear"})
"""Where other services call us: counted by address. Whoever sends these proves it by a signature
over the body: no account, no form."""
MAX_HOOK_BYTES = 256 * 1024
READS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_csrf = CSRFProtect()
STRANGERS_AT_ONCE = 64
_strangers = threading.BoundedSemaphore(STRANGERS_AT_ONCE)


def install(app: Flask) -> None:
    _csrf.init_app(app)
    app.before_request(_gate)
    app.teardown_request(_leave)


def _gate() -> Response | None:
    g.account = None
    endpoint, reads = request.endpoint, request.method in READS
    if endpoint in ANY_HOST:
        return None
    _require_own_host()
    if endpoint in OPEN:
        return None
    _require_text()
    request.max_content_length = _body_limit(endpoint)
    if asked_by_program():
        _through_the_programs_door()
        return None
    if endpoint in HOOKS:
        require_rate("hooks", caller(), services().rates.hooks_per_minute)
        _take_strangers_seat()
        return None
    g.account = account = account_of_request()
    _require_rate(endpoint, account, reads=reads)
    if account is None and not reads:
        _take_strangers_seat()
    if endpoint is None:
        return None  # no such page, or not with this method
    _require_content_type(endpoint)
    if not reads:
        _require_own_form()
    if account is None and endpoint not in PUBLIC:
        return _to_sign_in()
    _require_operator(account)
    return None


def _through_the_programs_door() -> None:
    """Programs have tokens: no cookie, so no form's token either, and no page to be sent to."""
    endpoint = request.endpoint
    if endpoint is None:
        return  # no such operation, or not with this method
    try:
        let_in(sends_part=endpoint in PARTS)
    except Refusal:
        # To hear why, the sender of a part has to be heard out: if there is a seat for it.
        g.strangers_seat = endpoint in PARTS and _strangers.acquire(blocking=False)
        raise
    _require_content_type(endpoint)


def _require_rate(endpoint: str | None, account: Account | None, *, reads: bool) -> None:
    rates = services().rates
    if endpoint in SIGN_INS:
        require_rate("sign-ins", caller(), rates.sign_ins_per_minute)
    elif endpoint in RETURNS:
        require_rate("returns", caller(), rates.sign_ins_per_minute)
    elif account is None:
        return
    elif endpoint in PARTS:
        require_rate("parts", account.id, rates.parts_per_minute)
    elif endpoint in LINKS:
        require_rate("links", account.id, rates.changes_per_minute)
    elif not reads:
        require_rate("changes", account.id, rates.changes_per_minute)


def _take_strangers_seat() -> None:
    """A body that comes slowly holds a thread; of those who are not signed in few may do so."""
    if not _strangers.acquire(blocking=False):
        raise Unavailable(
            "TOO_BUSY", "Too many people are signing in at once.", cure="Try again in a minute."
        )
    g.strangers_seat = True


def _leave(_error: BaseException | None) -> None:
    if g.pop("strangers_seat", False):
        _strangers.release()


def _require_own_host() -> None:
    """A foreign name that resolves to our address (DNS rebinding) gets nothing."""
    host = request.environ.get("HTTP_HOST", "").lower()
    if host == urlsplit(services().site.url).netloc.lower():
        return
    try:
        if urlsplit(f"//{host}").hostname in LOOPBACK:
            return
    except ValueError:
        pass  # no host at all
    raise InputError(
        "WRONG_HOST",
        "This service does not answer under the name it was asked by.",
        cure="Use the address that its operator gave you.",
    )


def _require_text() -> None:
    """No text of PostgreSQL holds a NUL; to whoever asks for one it would look broken."""
    if "\0" in request.path:
        raise BadRequest


def _body_limit(endpoint: str | None) -> int:
    if endpoint in PARTS:
        return services().limits.part_bytes
    if endpoint in HOOKS:
        return MAX_HOOK_BYTES
    return MAX_FORM_BYTES


def _require_content_type(endpoint: str) -> None:
    """Before anything parses the body: a part taken for a form would be kept in memory."""
    if endpoint in PARTS:
        wanted = "application/octet-stream"
    elif endpoint in JSON_BODIES:
        wanted = "application/json"
    else:
        return
    if request.mimetype != wanted:
        raise UnsupportedType(wanted)


class UnsupportedType(InputError):
    """The body is not of the kind that this address takes."""

    def __init__(self, wanted: str) -> None:
        super().__init__(
            "WRONG_CONTENT_TYPE",
            f"The body was sent as {request.mimetype or 'nothing in particular'!r}.",
            cure=f"Send it with Content-Type {wanted}.",
        )


def _require_own_form() -> None:
    """The form's token, and what the browser itself says about where the request comes from."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden(
            "FOREIGN_FORM",
            "The request came from a page of another site.",
            cure="Do it on the pages of this service.",
        )
    _csrf.protect()


def _to_sign_in() -> Response:
    if wants_json() or request.method not in READS:
        raise Unauthorized
    if "HX-Request" in request.headers:  # a fragment must not swallow the sign-in page
        target = url_for("account.sign_in", next=_page_of_fragment())
        return Response(status=401, headers={"HX-Redirect": target})
    wanted = request.full_path.rstrip("?")
    return redirect(url_for("account.sign_in", next=safe_next(wanted)))


def _page_of_fragment() -> str | None:
    try:
        return safe_next(urlsplit(request.headers.get("HX-Current-URL", "")).path)
    except ValueError:
        return None  # no address at all


def _require_operator(account: Account | None) -> None:
    is_operator = account is not None and account.role is Role.OPERATOR
    if request.blueprint == OPERATOR_PAGES and not is_operator:
        raise Forbidden(
            "OPERATORS_ONLY",
            "This page is for the operators of the service.",
            cure="Sign in with an operator's account.",
        )
