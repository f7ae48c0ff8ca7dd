from __future__ import annotations

import pytest

from contracts.fair_share import FairShareContract
from contracts.queue_delays import QueueDelaysContract
from contracts.queue_forgetting import QueueForgettingContract
from contracts.queues import QueuesContract
from gas.adapters.sql.queue_desk import STATES
from gas.adapters.sql.queue_statements import PROMOTE
from gas.adapters.sql.store import SqlStore


class TestQueues(QueuesContract):
    pass


class TestFairShare(FairShareContract):
    pass


class TestQueueForgetting(QueueForgettingContract):
    pass


class TestQueueDelays(QueueDelaysContract):
    pass


@pytest.mark.parametrize(
    ("statement", "values", "used"),
    [
        (
            PROMOTE.format(skip_locked=""),
            ("q", 1),
            [
                "SEARCH message USING PRIMARY KEY (id=? AND queue=?)",
                "SEARCH message USING INDEX message_due (queue=? AND visible_at<?)",
            ],
        ),
        (STATES, (1, 1, 1), ["SCAN message"]),  # in the order of the table, whatever it holds
    ],
)
def test_looks_at_messages_read_no_more_than_they_must(
    sqlite_store: SqlStore, statement: str, values: tuple[str | int, ...], used: list[str]
) -> None:
    explain = f"EXPLAIN QUERY PLAN {statement}"
    rows = sqlite_store._database.read(lambda run: run.execute(explain, values).fetchall())
    assert [row[3] for row in rows if " message" in row[3]] == used
