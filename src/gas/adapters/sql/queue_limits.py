"""What a queue allows, and what is said if there is no such queue."""

from __future__ import annotations

from gas.adapters.sql.database import Statements
from gas.adapters.sql.moments import SECOND
from gas.adapters.sql.queue_statements import LIMITS
from gas.domain.errors import NotFound


def limits_of(run: Statements, queue: str) -> tuple[int, int, int]:
    """Visibility in microseconds, the most receives, and the most of a group in hand."""
    row = run.execute(LIMITS, (queue,)).fetchone()
    if row is None:
        raise no_queue(queue)
    return int(row[0] * SECOND), row[1], row[2]


def no_queue(queue: str) -> NotFound:
    return NotFound("NO_QUEUE", f"There is no queue {queue!r}.", cure="See `gas queue ls`.")
