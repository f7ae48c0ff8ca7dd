"""Turns and caps beyond the contract: from an older database, and with ten thousand waiting."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config

from adapters.sql.conftest import open_sqlite
from contracts.fair_share import LIMITED, names
from contracts.files import HandClock
from contracts.jobs import create
from contracts.queues import SPEC
from gas.adapters.sql.migrate import MIGRATIONS
from gas.adapters.sql.store import SqlStore
from gas.domain.messages import JobSubmitted, encode

OLD = "INSERT INTO message VALUES ('annotate', ?, ?, 1, ?, 0, '', '', 0)"


def test_messages_of_an_older_database_come_first_and_delays_hold(
    tmp_path: Path, clock: HandClock
) -> None:
    path = tmp_path / "gas.sqlite3"
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.exec_driver_sql("INSERT INTO queue VALUES ('annotate', 0.0, 30.0, 9, '')")
        for number, visible_at in ((1, 1), (2, 1), (3, 2**62)):
            body = encode(JobSubmitted(f"old{number}", "a"))
            connection.exec_driver_sql(OLD, (f"{number:026}", body, visible_at))
    engine.dispose()
    store = open_sqlite(path, tmp_path, clock)
    store.queues.declare(LIMITED)
    store.queues.publish(JobSubmitted("new", "b"))
    assert names(store.queues, 9) == ["old1", "old2", "new"]
    store.close()


def test_a_limit_that_goes_while_somebody_publishes(store: SqlStore) -> None:
    """What is parked by the limit of before is not parked for good."""
    store.queues.declare(replace(LIMITED, group_limit=1))
    store.queues.publish(JobSubmitted("first", "a"))
    changes = threading.Thread(target=store.queues.declare, args=(SPEC,))
    with store.together():
        store.queues.publish(JobSubmitted("second", "a"))
        changes.start()
        changes.join(0.5)
    changes.join(10)
    assert not changes.is_alive()
    assert names(store.queues, 9) == ["first", "second"]


def test_behind_ten_thousand_a_look_costs_what_it_costs_behind_ten(sqlite_store: SqlStore) -> None:
    queues = sqlite_store.queues
    queues.declare(LIMITED)

    def publish(owner: str, count: int) -> None:
        with sqlite_store.together():
            for number in range(count):
                queues.publish(JobSubmitted(f"{owner}{number}", owner))

    def look() -> None:
        assert queues.receive("annotate", holder="two") == []
        assert not queues.wait("annotate", holder="two", seconds=0)

    publish("a", 10)
    assert names(queues, 9) == ["a0", "a1"]
    few = processor_seconds(look, 100)
    publish("a", 10_000)
    publish("b", 2)
    assert names(queues, 9) == ["b0", "b1"]
    assert processor_seconds(look, 100) < 4 * few


def test_the_position_among_ten_thousand_is_cheap(
    sqlite_store: SqlStore, sqlite_path: Path
) -> None:
    store = sqlite_store
    with store.together():
        for minutes in range(5_000):
            create(store.jobs, minutes, owner="a")
        for minutes in range(5_000):
            last = create(store.jobs, 5_000 + minutes, owner=f"b{minutes % 50}")
    assert store.jobs.ahead(last) == 50 * 100 + 99
    ahead = processor_seconds(lambda: store.jobs.ahead(last), 10)
    assert ahead < processor_seconds(lambda: every(sqlite_path, "job"), 10) / 2


def every(path: Path, table: str) -> None:
    """What it would cost to look through the whole table."""
    with closing(sqlite3.connect(path)) as connection:
        assert len(connection.execute(f"SELECT * FROM {table}").fetchall()) >= 10_000


def processor_seconds(act: Callable[[], object], times: int) -> float:
    """Of one such act, in the mean."""
    began = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - began) / times
