"""What a live session needs now and then: a note of its use, and a word of the authenticator.

Neither may stop a page: on a full disk nothing is noted, and while the authenticator does not
answer the session goes on until its end.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from gas.domain.account import Session
from gas.domain.errors import Forbidden, StoreFull, Unavailable
from gas.web.wired import services

SEEN_EVERY = timedelta(minutes=5)
ASK_AGAIN = timedelta(minutes=5)
"""When the authenticator did not answer, or who asked it died over that."""


def still_welcome(session: Session) -> bool:
    """False: the authenticator says no, and the session is over."""
    now = services().clock()
    if now - session.seen_at >= SEEN_EVERY:
        with suppress(StoreFull, Unavailable):
            services().sessions.seen(session.id, now, over_at(session.created_at, now))
    if session.renew_at is None or session.renew_at > now:
        return True
    try:
        return _renew(session, session.renew_at, now)
    except (StoreFull, Unavailable):
        return True


def over_at(created_at: datetime, now: datetime) -> datetime:
    """When a session is over that is used now, and not again."""
    limits = services().limits
    return min(now + limits.session_idle, created_at + limits.session_lifetime)


def _renew(session: Session, due: datetime, now: datetime) -> bool:
    sessions, sign_in = services().sessions, services().sign_in
    claimed = now + ASK_AGAIN
    # Many requests come at once, and what is sealed may be used up by one: it alone asks.
    if not sessions.renew(session.id, before=due, after=claimed, sealed=session.sealed):
        return True
    try:
        grant = sign_in.renew(session.sealed)
    except Forbidden:
        sessions.remove(session.id)
        return False
    after = now + grant.renew_after if grant.renew_after else None
    if not sessions.renew(session.id, before=claimed, after=after, sealed=grant.sealed):
        # It was ended meanwhile: what was just granted goes back.
        sign_in.sign_out(grant.sealed, services().site.url)
    return True
