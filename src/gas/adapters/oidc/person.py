"""Claims -> the identity that GAS knows. Everything but the subject may be missing or odd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gas.domain.account import Identity
from gas.domain.profile import is_address, printable

NAMES = ("name", "preferred_username", "nickname")
INSTITUTIONS = ("organization", "identity_provider_display_name", "organisation", "hd")
"""Of Globus the first two; `hd` of Google."""


def identity_of(claims: Mapping[str, Any], issuer: str) -> Identity:
    return Identity(
        issuer=issuer,
        subject=str(claims["sub"]),
        email=_email(claims),
        name=_first(claims, NAMES),
        institution=_first(claims, INSTITUTIONS),
    )


def tells_enough(claims: Mapping[str, Any]) -> bool:
    """Whether the userinfo endpoint need not be asked."""
    return bool(_first(claims, ("email",)) and _first(claims, NAMES))


def _email(claims: Mapping[str, Any]) -> str:
    """None that the provider says it has not verified: mails about jobs would go to a stranger.
    Where it says nothing (Globus, Entra) it stands for it."""
    verified = claims.get("email_verified", True)
    email = claims.get("email")
    if verified in (False, "false", None) or not isinstance(email, str):  # Cognito says it in words
        return ""
    return email if is_address(email) else ""


def _first(claims: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = claims.get(name)
        if isinstance(value, str) and (text := printable(value)):
            return text
    return ""
