"""What an operator does with the queues of the SQL backend."""

from __future__ import annotations

from collections.abc import Sequence

from gas.adapters.sql.database import Database, Row, Transaction
from gas.adapters.sql.fair_share import FairShare
from gas.adapters.sql.moments import SECOND, micros, moment
from gas.adapters.sql.queue_limits import no_queue
from gas.adapters.sql.queue_statements import PUT_BACK, READY
from gas.adapters.sql.wake import Wakes
from gas.ports.clock import Clock
from gas.ports.queues import DeadLetter, QueueState

STATES = """
    SELECT q.name, q.delay_seconds, q.visibility_seconds, q.max_receives,
      coalesce(m.ready, 0), coalesce(m.in_hand, 0), coalesce(m.hidden, 0),
      (SELECT count(*) FROM dead_letter d WHERE d.queue = q.name), m.oldest
    FROM queue q LEFT JOIN (
      SELECT queue || '' AS name,
        sum(CASE WHEN visible_at <= ? THEN 1 ELSE 0 END) AS ready,
        sum(CASE WHEN visible_at > ? AND token <> '' THEN 1 ELSE 0 END) AS in_hand,
        sum(CASE WHEN visible_at > ? AND token = '' THEN 1 ELSE 0 END) AS hidden,
        min(published_at) AS oldest
      FROM message GROUP BY queue || '') m ON m.name = q.name
    ORDER BY q.name
"""  # by `queue` alone SQLite would take an index, and fetch each row from another place
LETTERS = (
    "SELECT id, body, receive_count, died_at, why FROM dead_letter"
    " WHERE queue = ? AND id > ? ORDER BY id LIMIT ?"
)
IN_HAND = "token <> '' AND visible_at > ?"
COUNT_IN_HAND = f"SELECT count(*) FROM message WHERE body LIKE ? AND {IN_HAND} AND queue <> ?"  # noqa: S608
SET = ("delay_seconds", "visibility_seconds", "max_receives")


class SqlQueueDesk:
    def __init__(self, database: Database, *, wakes: Wakes, clock: Clock) -> None:
        self._database = database
        self._wakes = wakes
        self._clock = clock
        self._share = FairShare(database.driver)

    def states(self) -> Sequence[QueueState]:
        now = micros(self._clock())
        rows = self._database.read(lambda run: run.execute(STATES, (now,) * 3).fetchall())
        select = "SELECT queue, topic FROM subscription ORDER BY topic"
        subscriptions = self._database.read(lambda run: run.execute(select).fetchall())
        return [
            _state(row, tuple(topic for queue, topic in subscriptions if queue == row[0]), now)
            for row in rows
        ]

    def delay_seconds(self, queue: str) -> float:
        select = "SELECT delay_seconds FROM queue WHERE name = ?"
        row = self._database.read(lambda run: run.execute(select, (queue,)).fetchone())
        if row is None:
            raise no_queue(queue)
        return float(row[0])

    def configure(
        self,
        queue: str,
        *,
        delay_seconds: float | None = None,
        visibility_seconds: float | None = None,
        max_receives: int | None = None,
    ) -> None:
        given = dict(zip(SET, (delay_seconds, visibility_seconds, max_receives), strict=True))

        def work(run: Transaction) -> None:
            select = "SELECT configured FROM queue WHERE name = ?"
            row = run.execute(select, (queue,)).fetchone()
            if row is None:
                raise no_queue(queue)
            configured = set(row[0].split())
            for column, value in given.items():
                if value is not None:
                    update = f"UPDATE queue SET {column} = ? WHERE name = ?"  # noqa: S608
                    run.execute(update, (value, queue))
                    configured.add(column)
            update = "UPDATE queue SET configured = ? WHERE name = ?"
            run.execute(update, (" ".join(sorted(configured)), queue))

        self._database.write(work)

    def dead_letters(
        self, queue: str, *, limit: int, after: str | None = None
    ) -> Sequence[DeadLetter]:
        self._require(queue)
        values = (queue, after or "", limit)
        rows = self._database.read(lambda run: run.execute(LETTERS, values).fetchall())
        return [
            DeadLetter(message_id, body, receive_count, moment(died_at), why)
            for message_id, body, receive_count, died_at, why in rows
        ]

    def redrive(self, queue: str, message_id: str | None = None) -> int:
        self._require(queue)
        now = micros(self._clock())
        only, values = (
            ("", (queue,)) if message_id is None else (" AND id = ?", (queue, message_id))
        )
        delete = f"DELETE FROM dead_letter WHERE queue = ?{only} RETURNING id, body, group_id"  # noqa: S608

        def work(run: Transaction) -> int:
            rows = run.execute(delete, values).fetchall()
            visible = 0
            for letter_id, body, group in sorted(rows, key=lambda row: (row[2], row[0])):
                self._share.lock(run, group)
                back = run.execute(PUT_BACK, (letter_id, body, now, group, queue)).fetchall()
                visible += back == [(queue, READY)]
            run.after.append(lambda: self._wakes.wake(queue, visible))
            return len(rows)

        return self._database.write(work)

    def remove_dead_letter(self, queue: str, message_id: str) -> None:
        self._require(queue)
        delete = "DELETE FROM dead_letter WHERE queue = ? AND id = ?"
        self._database.write(lambda run: run.execute(delete, (queue, message_id)))

    def forget(self, mentioned: str, *, apart_from: str) -> int:
        said = f'%"{mentioned}"%'
        now = micros(self._clock())

        def work(run: Transaction) -> int:
            run.execute("DELETE FROM dead_letter WHERE body LIKE ?", (said,))
            run.execute(f"DELETE FROM message WHERE body LIKE ? AND NOT ({IN_HAND})", (said, now))  # noqa: S608
            row = run.execute(COUNT_IN_HAND, (said, now, apart_from)).fetchone()
            return int(row[0]) if row else 0

        return self._database.write(work)

    def _require(self, queue: str) -> None:
        select = "SELECT 1 FROM queue WHERE name = ?"
        if not self._database.read(lambda run: run.execute(select, (queue,)).fetchone()):
            raise no_queue(queue)


def _state(row: Row, topics: tuple[str, ...], now: int) -> QueueState:
    name, delay, visibility, max_receives, visible, held, delayed, dead, oldest = row
    return QueueState(
        name=name,
        topics=topics,
        visible=visible,
        held=held,
        delayed=delayed,
        dead=dead,
        oldest_seconds=0.0 if oldest is None else max(0.0, (now - oldest) / SECOND),
        delay_seconds=delay,
        visibility_seconds=visibility,
        max_receives=max_receives,
    )
