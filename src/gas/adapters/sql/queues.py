"""Queues in SQL: topics, delay, visibility, receipts, dead letters, long poll.

A message is held while it has a token and its `visible_at` lies ahead; a receipt names queue,
message and token, so that one of an earlier delivery fits nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gas.adapters.sql.database import Database, Row, Statements, Transaction
from gas.adapters.sql.fair_share import FairShare
from gas.adapters.sql.holders import Holders
from gas.adapters.sql.moments import SECOND, micros
from gas.adapters.sql.queue_declaring import declare, stands
from gas.adapters.sql.queue_limits import limits_of
from gas.adapters.sql.queue_statements import (
    ABANDON,
    DELETE,
    DIE,
    DUE,
    HELD,
    HOLDERS,
    NEXT,
    PROMOTE,
    PUBLISH,
    READY,
    RELEASE_LATER,
    RELEASE_NOW,
    TAKE,
)
from gas.adapters.sql.receipts import parsed, stale, well_formed
from gas.adapters.sql.wake import Wakes
from gas.domain.ids import new_id
from gas.domain.messages import Message, QueueSpec, encode, group_of, topic_of
from gas.ports.clock import Clock
from gas.ports.queues import Delivery

LOOK_SECONDS = 0.1  # the longest a waiting receiver goes without looking by itself
DEAD_LOOK_SECONDS = 0.05  # a busy receiver looks for dead holders no more often than this
TRIED_TOO_OFTEN = "received {count} times without being finished"


@dataclass(frozen=True, slots=True)
class _Receive:
    """One call of `receive`."""

    queue: str
    holder: str
    limit: int
    done: tuple[tuple[str, str, str], ...]


class SqlQueues:
    def __init__(self, database: Database, *, wakes: Wakes, holders: Holders, clock: Clock) -> None:
        self._database = database
        self._wakes = wakes
        self._holders = holders
        self._clock = clock
        self._share = FairShare(database.driver)
        self._next = NEXT + database.driver.skip_locked
        self._promote = PROMOTE.format(skip_locked=database.driver.skip_locked)
        self._looked = 0.0

    def declare(self, spec: QueueSpec) -> None:
        if not self._database.read(lambda run: stands(run, spec)):
            self._database.write(lambda run: declare(run, spec, self._share, self._now()))

    def publish(self, message: Message) -> None:
        body, group = encode(message), group_of(message)

        def work(run: Transaction) -> None:
            moment = self._clock()
            now = micros(moment)
            self._share.lock(run, group)
            values = (new_id(moment), body, now, group, topic_of(message))
            for queue, place in run.execute(PUBLISH, values).fetchall():
                if place == READY:
                    self._wake(run, queue)

        self._database.write(work)

    def receive(
        self,
        queue: str,
        *,
        holder: str,
        wait_seconds: float = 0.0,
        limit: int = 1,
        done: Sequence[str] = (),
    ) -> Sequence[Delivery]:
        call = _Receive(queue, holder, limit, tuple(well_formed(done)))
        if call.done or wait_seconds <= 0:
            self._be(holder)
            if found := self._take(call):
                return found
            call = _Receive(queue, holder, limit, ())
        deadline = time.monotonic() + wait_seconds
        while (left := deadline - time.monotonic()) > 0:
            if self.wait(queue, holder=holder, seconds=left) and (found := self._take(call)):
                return found
        return []

    def wait(self, queue: str, *, holder: str, seconds: float) -> bool:
        self._be(holder)
        deadline = time.monotonic() + seconds
        if time.monotonic() - self._looked > DEAD_LOOK_SECONDS:
            self._bury_dead_holders(queue)
        while True:
            pause = self._seconds_to_due(queue)
            if pause <= 0:
                return True
            if self._bury_dead_holders(queue):
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            if self._wakes.wait(queue, min(left, LOOK_SECONDS, max(pause, 0.001))):
                return True

    def extend(self, receipt: str, visibility_seconds: float) -> None:
        now = self._now()
        update = f"UPDATE message SET visible_at = ? WHERE {HELD}"  # noqa: S608
        until = now + int(visibility_seconds * SECOND)
        held = (*parsed(receipt), now)
        if not self._database.write(lambda run: run.execute(update, (until, *held)).rowcount):
            raise stale()

    def release(self, receipt: str, delay_seconds: float = 0.0, *, counts: bool = True) -> None:
        now = self._now()
        queue, *rest = parsed(receipt)
        delay, uncounted = int(delay_seconds * SECOND), int(not counts)

        def work(run: Transaction) -> None:
            if delay > 0:
                done = run.execute(RELEASE_LATER, (now + delay, uncounted, queue, *rest, now))
            else:
                done = run.execute(RELEASE_NOW, (uncounted, queue, *rest, now))
            if not done.rowcount:
                raise stale()
            if delay <= 0:
                self._wake(run, queue)

        self._database.write(work)

    def delete(self, receipt: str) -> None:
        now = self._now()
        queue, *rest = parsed(receipt)

        def work(run: Transaction) -> None:
            group = run.execute(f"{DELETE} RETURNING group_id", (queue, *rest, now)).fetchone()
            if group is None:
                raise stale()
            self._ended(run, queue, group)

        self._database.write(work)

    def bury(self, receipt: str, why: str) -> None:
        now = self._now()
        queue, *rest = parsed(receipt)
        delete = f"{DELETE} RETURNING id, body, receive_count, group_id"

        def work(run: Transaction) -> None:
            row = run.execute(delete, (queue, *rest, now)).fetchone()
            if row is None:
                raise stale()
            run.execute(DIE, (queue, *row, now, why))
            self._ended(run, queue, row[3:])

        self._database.write(work)

    def abandon(self, holder: str) -> int:
        now = self._now()

        def work(run: Transaction) -> int:
            rows = run.execute(ABANDON, (holder, now)).fetchall()
            for (queue,) in rows:
                self._wake(run, queue)
            return len(rows)

        return self._database.write(work)

    def _be(self, holder: str) -> None:
        if self._holders.is_new:
            self._holders.bury_dead(self._holders.names(), self.abandon)
        self._holders.take(holder)

    def _take(self, call: _Receive) -> list[Delivery]:
        found = self._database.write(lambda run: self._receive(run, call))
        if found:
            self._wakes.taken(call.queue, len(found))
        return found

    def _receive(self, run: Transaction, call: _Receive) -> list[Delivery]:
        now = self._now()
        run.execute(self._promote, (call.queue, now))
        # After a change of messages: so a new limit holds already, or not before this has ended.
        visibility, max_receives, group_limit = limits_of(run, call.queue)
        self._delete(run, call.done, now, grouped=group_limit > 0)
        found: list[Delivery] = []
        while len(found) < call.limit:
            values = (call.queue, call.limit - len(found))
            rows = run.execute(self._next, values).fetchall()
            for row in rows:
                if row[2] >= max_receives:
                    _die(run, call.queue, row, now)
                    self._ended(run, call.queue, row[4:])
                else:
                    found.append(_taken(run, call, row, now + visibility))
            if not rows:
                break
        return found

    def _delete(
        self, run: Transaction, receipts: Sequence[tuple[str, str, str]], now: int, *, grouped: bool
    ) -> None:
        if not grouped:
            for receipt in receipts:
                run.execute(DELETE, (*receipt, now))
            return
        returning = f"{DELETE} RETURNING queue, group_id"
        rows = [run.execute(returning, (*receipt, now)).fetchone() for receipt in receipts]
        for queue in {row[0] for row in rows if row}:
            self._ended(run, queue, [row[1] for row in rows if row and row[0] == queue])

    def _ended(self, run: Transaction, queue: str, groups: Iterable[str]) -> None:
        for _ in range(self._share.ended(run, queue, groups, self._now())):
            self._wake(run, queue)

    def _seconds_to_due(self, queue: str) -> float:
        """Until the next message becomes visible; 0 or less if one is."""

        def work(run: Statements) -> Row | None:
            row = run.execute(DUE, (queue, queue)).fetchone()
            if row is None or row[0] is None:
                limits_of(run, queue)  # is there such a queue?
                return None
            return row

        row = self._database.read(work)
        return (row[0] - self._now()) / SECOND if row else LOOK_SECONDS

    def _bury_dead_holders(self, queue: str) -> int:
        self._looked = time.monotonic()
        rows = self._database.read(lambda run: run.execute(HOLDERS, (queue,)).fetchall())
        given_back = 0

        def abandon(holder: str) -> None:
            nonlocal given_back
            given_back += self.abandon(holder)

        self._holders.bury_dead((holder for (holder,) in rows), abandon)
        return given_back

    def _wake(self, run: Transaction, queue: str) -> None:
        run.after.append(lambda: self._wakes.wake(queue))

    def _now(self) -> int:
        return micros(self._clock())


def _taken(run: Transaction, call: _Receive, row: Row, until: int) -> Delivery:
    message_id, body, receive_count, abandoned, _ = row
    token = secrets.token_hex(8)
    run.execute(TAKE, (token, call.holder, until, call.queue, message_id))
    return Delivery(
        queue=call.queue,
        message_id=message_id,
        receipt=f"{call.queue}/{message_id}/{token}",
        body=body,
        receive_count=receive_count + 1,
        abandoned=bool(abandoned),
    )


def _die(run: Transaction, queue: str, row: Row, now: int) -> None:
    message_id, body, receive_count, _, group = row
    why = TRIED_TOO_OFTEN.format(count=receive_count)
    run.execute(DIE, (queue, message_id, body, receive_count, group, now, why))
    run.execute("DELETE FROM message WHERE queue = ? AND id = ?", (queue, message_id))
