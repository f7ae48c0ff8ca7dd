"""Keeps a message in hand while its step runs."""

from __future__ import annotations

import threading
import time
from types import TracebackType

import structlog

from gas.domain.errors import StaleReceipt
from gas.ports.queues import Queues

FIRST_BEAT_SECONDS = 1.0
"""Early, in case that an operator has set a shorter visibility than the code knows."""

log = structlog.get_logger()


class Held:
    """One message in hand. `lost` turns True when somebody else may have it."""

    def __init__(self, receipt: str, beat_at: float) -> None:
        self.receipt = receipt
        self.beat_at = beat_at
        self.lost = False


class Heartbeat:
    """One thread for the life of a loop, which looks now and then at what is in hand: to start
    or wake a thread for each message would cost more than a short step."""

    def __init__(self, queues: Queues, visibility_seconds: float) -> None:
        self._queues = queues
        self._visibility_seconds = visibility_seconds
        self._beat_seconds = visibility_seconds / 3
        self._held: Held | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        self._thread.join()

    def hold(self, receipt: str) -> Held:
        first = min(FIRST_BEAT_SECONDS, self._beat_seconds)
        self._held = Held(receipt, time.monotonic() + first)
        return self._held

    @property
    def lost(self) -> bool:
        """Whether what is in hand may be somebody else's by now."""
        held = self._held
        return held is None or held.lost

    def let_go(self) -> None:
        self._held = None

    def _run(self) -> None:
        tick_seconds = min(FIRST_BEAT_SECONDS, self._beat_seconds) / 2
        while not self._closed.wait(tick_seconds):
            held = self._held
            if held and not held.lost and time.monotonic() >= held.beat_at:
                self._beat(held)

    def _beat(self, held: Held) -> None:
        try:
            self._queues.extend(held.receipt, self._visibility_seconds)
        except StaleReceipt:
            # Between our look and now it may have been deleted by the loop: then nothing is lost.
            held.lost = self._held is held
        except Exception as error:  # noqa: BLE001 (part of the loop: it must outlive any backend)
            log.warning("heartbeat", error=type(error).__name__)
        else:
            held.beat_at = time.monotonic() + self._beat_seconds
