"""Times as their reader sees them: in the zone of the account, or of the browser if it has none."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import g, has_request_context
from markupsafe import Markup, escape


def zone_of_reader() -> str:
    """The name of the zone that the account has chosen; empty if it has not."""
    account = g.get("account") if has_request_context() else None
    return account.time_zone if account else ""


def when(moment: datetime, zone: str = "") -> Markup:
    """In `zone`, with the exact time on hover. Without one UTC, which `times.js` puts in the
    browser's zone, and marks by a title of its own."""
    moment = moment.astimezone(UTC)
    exact = moment.replace(tzinfo=None).isoformat(timespec="milliseconds")
    there = _zone(zone) if zone else None
    if there is None:
        return Markup(f'<time datetime="{exact}Z">{moment:%Y-%m-%d %H:%M} UTC</time>')  # noqa: S704
    local = moment.astimezone(there)
    title = escape(f"{local:%A, %d %B %Y, %H:%M:%S} {zone} (UTC{local:%z})")
    return Markup(  # noqa: S704 - the title is escaped, the rest is digits and a zone's letters
        f'<time datetime="{exact}Z" title="{title}">{local:%Y-%m-%d %H:%M} {escape(local.tzname())}'
        "</time>"
    )


def when_for_reader(moment: datetime) -> Markup:
    return when(moment, zone_of_reader())


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    """None if this machine does not know it any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
