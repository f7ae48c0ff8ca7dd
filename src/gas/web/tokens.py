"""The account's API tokens: list, make, revoke. A token is shown on the page that made it, once."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.domain.errors import InputError, NotFound
from gas.domain.tokens import DEFAULT_DAYS, MAX_NAME_LETTERS, MAX_TOKENS, USUAL_SCOPES, Scope
from gas.web.issuing import issue_token
from gas.web.wired import me, services

pages = Blueprint("tokens", __name__, url_prefix="/account/tokens")
LIFETIMES = ((7, "a week"), (30, "30 days"), (90, "90 days"), (365, "a year"))
label_by_scope = {
    Scope.JOBS_READ: "See jobs, and download their results",
    Scope.JOBS_WRITE: "Upload, submit, cancel and delete jobs",
    Scope.ACCOUNT_READ: "See the account and the names of its tokens",
    Scope.TOKENS_WRITE: "Make and revoke tokens",
}


@pages.get("")
def mine() -> str:
    return render_template("account_tokens.html", **shown_tokens())


@pages.post("")
def make() -> str:
    token, value = issue_token(
        me(), name=request.form.get("name", ""), scopes=_scopes(), days=_days()
    )
    return render_template("account_token_made.html", made=token, value=value)


@pages.post("/<token_id>/revoke")
def revoke(token_id: str) -> Response:
    if not services().api_tokens.remove(me().id, token_id):
        raise NotFound("TOKEN_NOT_FOUND", "There is no such token among yours.")
    return redirect(url_for("tokens.mine"), 303)


def shown_tokens() -> dict[str, object]:
    """What `parts/account_tokens.html` needs."""
    return {
        "tokens": services().api_tokens.of_account(me().id),
        "scopes": label_by_scope,
        "usual_scopes": USUAL_SCOPES,
        "lifetimes": LIFETIMES,
        "usual_days": DEFAULT_DAYS,
        "max_name_letters": MAX_NAME_LETTERS,
        "max_tokens": MAX_TOKENS,
        "now": services().clock(),
    }


def _scopes() -> frozenset[Scope]:
    given = frozenset(request.form.getlist("scope"))
    if not given or not given <= {scope.value for scope in Scope}:
        raise InputError(
            "BAD_TOKEN_SCOPES",
            "A token needs at least one of the rights that there are.",
            place="scope",
            cure="Go back and choose what the token may do.",
        )
    return frozenset(map(Scope, given))


def _days() -> int:
    return request.form.get("days", 0, type=int)
