"""What people say of themselves: their name, institution and time zone, and the mails they want."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from gas.domain.account import Account, MailKind
from gas.domain.errors import InputError

MOST_LETTERS = 200
MOST_LETTERS_OF_AN_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    name: str
    institution: str
    time_zone: str
    unwanted_mails: frozenset[MailKind] = frozenset()


def with_profile(account: Account, profile: Profile) -> Account:
    """The account's next version. InputError BAD_PROFILE names the field."""
    if profile.time_zone and profile.time_zone not in time_zones():
        raise bad_profile("time zone", "Choose one of the list.")
    return replace(
        account,
        name=_line(profile.name, "name"),
        institution=_line(profile.institution, "institution"),
        time_zone=profile.time_zone,
        unwanted_mails=profile.unwanted_mails,
        version=account.version + 1,
    )


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """Names of the tz database, those of places before the rest; only UTC where it is missing."""
    import zoneinfo  # it looks where Python was built; most who import this want no list

    names = zoneinfo.available_timezones() - {"localtime", "Factory"}
    return tuple(sorted(names, key=lambda name: ("/" not in name, name))) or ("UTC",)


def is_address(text: str) -> bool:
    """Whether it looks like one email address; whether it is one, only a mail there tells."""
    local, at, domain = text.partition("@")
    plain = text.isprintable() and not any(letter.isspace() for letter in text)
    whole = bool(local and at and domain) and "@" not in domain
    return whole and plain and len(text) <= MOST_LETTERS_OF_AN_ADDRESS


def printable(text: str, most_letters: int = MOST_LETTERS) -> str:
    """One line of it: what a terminal, a mail header or a page could stumble over is gone."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(line.split())[:most_letters].rstrip()


def _line(text: str, field: str) -> str:
    if len(text.strip()) > MOST_LETTERS:
        raise bad_profile(field, f"Give at most {MOST_LETTERS} letters.")
    return printable(text)


def bad_profile(field: str, cure: str) -> InputError:
    return InputError("BAD_PROFILE", f"The {field} cannot be used.", place=field, cure=cure)
