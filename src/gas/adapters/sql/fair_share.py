"""How many messages of one group are in hand at once: the rest are parked until one ends.

A parked message uses up no receive, and no receiver looks at it. Whoever ends a message takes the
next parked one of its group out, in the same commit. Those who publish and those who end of one
group take turns (`Driver.lock_group`), or each could overlook what the other is about to do.
"""

from __future__ import annotations

from collections.abc import Iterable

from gas.adapters.sql.database import Driver, Transaction
from gas.adapters.sql.queue_statements import PARK_ALL, PARKED_GROUPS, READY, UNPARK, UNPARK_ALL
from gas.domain.messages import QueueSpec


class FairShare:
    def __init__(self, driver: Driver) -> None:
        self._lock_group = driver.lock_group
        self._lock_messages = driver.lock_messages

    def lock(self, run: Transaction, group: str) -> None:
        if self._lock_group and group:
            run.execute(self._lock_group, (group,))

    def ended(self, run: Transaction, queue: str, groups: Iterable[str], now: int) -> int:
        """A message of each was deleted. Says how many others became visible."""
        visible = 0
        for group in sorted(groups):  # in one order, so that no two wait for each other
            if group:
                self.lock(run, group)
                visible += _unpark(run, queue, group, now) == READY
        return visible

    def set_limit(self, run: Transaction, spec: QueueSpec, now: int) -> None:
        """What is in hand stays so; the others are parked, or not, by the new limit."""
        select = "SELECT group_limit FROM queue WHERE name = ?"
        row = run.execute(select, (spec.name,)).fetchone()
        if row == (spec.group_limit,):
            return
        update = "UPDATE queue SET group_limit = ? WHERE name = ?"
        run.execute(update, (spec.group_limit, spec.name))
        if self._lock_messages:
            # Who publishes by the limit of before comes first: a message that is parked after all
            # were taken out would wait for ever.
            run.execute(self._lock_messages)
        if spec.group_limit <= 0:
            run.execute(UNPARK_ALL, (spec.name,))
            return
        run.execute(PARK_ALL, (spec.name,))
        for (group,) in run.execute(PARKED_GROUPS, (spec.name,)).fetchall():
            self.lock(run, group)
            while _unpark(run, spec.name, group, now) is not None:
                pass


def _unpark(run: Transaction, queue: str, group: str, now: int) -> int | None:
    """Takes the next parked one out, if there is one and its group has room for it. Its place."""
    values = (now, queue, queue, group, queue, group, queue)
    row = run.execute(UNPARK, values).fetchone()
    return row[0] if row else None
