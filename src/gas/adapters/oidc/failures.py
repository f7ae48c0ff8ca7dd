"""What can go wrong on the way there and back, for the person who wanted to sign in."""

from __future__ import annotations

from gas.domain.errors import Forbidden, Unavailable

AGAIN = "Begin again on the sign-in page."
TELL = "Try again; if it stays so, tell the operator of this service."
ASKS_AGAIN = frozenset(
    {"login_required", "interaction_required", "consent_required", "account_selection_required"}
)
OURS = frozenset({"invalid_client", "unauthorized_client"})
PASSING = frozenset({"server_error", "temporarily_unavailable"})


def not_begun() -> Forbidden:
    return Forbidden(
        "SIGN_IN_NOT_BEGUN",
        "No sign-in was begun in this browser, it took too long, or it was finished already.",
        cure=f"{AGAIN} The browser has to take cookies, and stay the same one.",
    )


def foreign_answer(what: str) -> Forbidden:
    """It does not belong to the sign-in that this browser began."""
    return Forbidden(
        "SIGN_IN_FOREIGN",
        "This answer belongs to another sign-in than the one that was begun last.",
        place=what,
        cure=f"{AGAIN} Do not follow a link of others to get here.",
    )


def bad_token(check: str) -> Forbidden:
    return Forbidden(
        "SIGN_IN_TOKEN",
        "What the sign-in provider says of you does not stand up to a check.",
        place=check,
        cure=TELL,
    )


def code_refused() -> Forbidden:
    return Forbidden(
        "SIGN_IN_USED_OR_EXPIRED",
        "This answer of the sign-in provider was used already, or came too late.",
        cure=AGAIN,
    )


def no_longer_welcome() -> Forbidden:
    return Forbidden(
        "NO_LONGER_WELCOME",
        "The sign-in provider does not vouch for this session any more.",
        cure="Sign in again.",
    )


def of_answer(error: str) -> Forbidden | Unavailable:
    """For the `error` that a provider sends the browser back with (RFC 6749 4.1.2.1, OIDC core
    3.1.2.6). Its description is not shown: anybody can write one into a link."""
    if error == "access_denied":
        return Forbidden(
            "SIGN_IN_DENIED",
            "The sign-in was broken off: you said no there, or the provider did.",
            cure="Sign in again and agree, or ask there who may use this service.",
        )
    if error in ASKS_AGAIN:
        return Forbidden(
            "SIGN_IN_ASKS_AGAIN",
            "The sign-in provider wants to ask you something first.",
            cure="Sign in there, then begin again on the sign-in page.",
        )
    if error in PASSING:
        return unreachable()
    return set_up_wrong("the request")


def of_token_endpoint(error: str) -> Forbidden | Unavailable:
    """For the `error` of RFC 6749 5.2."""
    if error == "invalid_grant":
        return code_refused()
    if error in OURS:
        return set_up_wrong("the client's id or secret")
    return unreachable() if error in PASSING else set_up_wrong("the request")


def set_up_wrong(what: str) -> Unavailable:
    return Unavailable(
        "SIGN_IN_SET_UP",
        "The sign-in provider and this service are not set up for each other.",
        place=what,
        cure="Tell the operator of this service; docs/backends/oidc.md says what to look at.",
    )


def unreachable() -> Unavailable:
    return Unavailable(
        "SIGN_IN_UNAVAILABLE", "The sign-in provider does not answer as it should.", cure=TELL
    )
