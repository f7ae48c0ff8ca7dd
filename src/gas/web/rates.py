"""How often accounts and addresses may ask: counted in the memory of this process.

One time in the future is kept for each who asks (GCRA): when all that was asked would have been
due at an even pace. A burst of a minute's worth is let through. Several web processes count each
for themselves; a restart forgets.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import Flask, Response, current_app, g

from gas.web.refusals import Refusal

WINDOW_SECONDS = 60.0
KEPT = 20_000
"""Those who asked last; about 200 bytes each. Who is dropped begins anew."""
EXTENSION = "gas.rates"


@dataclass(frozen=True, slots=True)
class Verdict:
    policy: str
    per_minute: int
    allowed: bool
    left: int
    whole_seconds: int
    """Until as many may be asked as at first."""
    retry_seconds: int
    """Until the next one is allowed; 0 if it is now."""

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers writes them."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.per_minute};w={int(WINDOW_SECONDS)}',
            "RateLimit": f'"{self.policy}";r={self.left};t={self.whole_seconds}',
        }


class Limiter:
    def __init__(self, clock: Callable[[], float] = time.monotonic, kept: int = KEPT) -> None:
        self._clock = clock
        self._kept = kept
        self._due: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, policy: str, who: str, per_minute: int) -> Verdict:
        """What is refused costs nothing: the wait does not grow."""
        step = WINDOW_SECONDS / per_minute
        with self._lock:
            now = self._clock()
            due = max(self._due.get((policy, who), now), now)
            allowed = due + step <= now + WINDOW_SECONDS + 1e-6  # sums of steps are not exact
            if allowed:
                due += step
                self._due[policy, who] = due
                self._due.move_to_end((policy, who))
                if len(self._due) > self._kept:
                    self._due.popitem(last=False)
        ahead = due - now
        return Verdict(
            policy,
            per_minute,
            allowed,
            left=max(0, int((WINDOW_SECONDS - ahead) / step + 1e-6)),
            whole_seconds=math.ceil(ahead),
            retry_seconds=0 if allowed else max(1, math.ceil(due + step - now - WINDOW_SECONDS)),
        )


def install(app: Flask) -> None:
    app.extensions[EXTENSION] = Limiter()
    app.after_request(_say)


def require_rate(policy: str, who: str, per_minute: int) -> None:
    """Refusal 429 for those who ask too often. The answer's headers tell of the last one asked."""
    verdict = cast("Limiter", current_app.extensions[EXTENSION]).take(policy, who, per_minute)
    g.rate = verdict
    if not verdict.allowed:
        raise Refusal(
            "TOO_MANY_REQUESTS",
            f"More than {per_minute} requests of this kind came within a minute.",
            status=429,
            cure=f"Go on in {verdict.retry_seconds} s, and more slowly.",
            headers={"Retry-After": str(verdict.retry_seconds)},
        )


def _say(response: Response) -> Response:
    verdict: Verdict | None = g.get("rate")
    if verdict is not None:
        response.headers.extend(verdict.headers)
    return response
