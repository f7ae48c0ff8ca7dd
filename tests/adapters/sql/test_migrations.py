"""Databases of before: what is in them is still there, and means the same."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command

from adapters.sql.conftest import open_sqlite
from contracts.accounts import HOUR, NOW
from contracts.files import HandClock
from gas.adapters.sql.moments import micros
from gas.adapters.sql.store import SqlStore, open_store
from gas.domain.account import Session
from gas.domain.errors import StaleReceipt
from gas.domain.job import ResultsState
from gas.ports.jobs import ResultsTotal


def make_old(url: str, folder: Path, clock: HandClock, version: str) -> None:
    """The tables as they were at this version."""
    upgrade = command.upgrade
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: upgrade(config, version))
        open_store(url, run_path=folder / "run", clock=clock).close()


def test_accounts_and_sessions_from_before_profiles(
    sqlite_path: Path, tmp_path: Path, clock: HandClock
) -> None:
    make_old(f"sqlite:///{sqlite_path}", tmp_path, clock, "0002")
    began, ends = micros(NOW), micros(NOW + HOUR)
    with closing(sqlite3.connect(sqlite_path)) as connection, connection:
        connection.execute(
            "INSERT INTO account VALUES ('1', 'links', 'ada', 'a@b.c', 'Ada', ?, 'operator',"
            " 'premium', 3, 7)",
            (began,),
        )
        connection.execute("INSERT INTO session VALUES ('s', '1', ?, ?)", (began, ends))
    with closing(open_sqlite(sqlite_path, tmp_path, clock)) as store:
        found = store.sessions.live("s", NOW)
        assert found
        assert found.session == Session("s", "1", NOW, NOW + HOUR, seen_at=NOW)
        account = found.account
        assert (account.name, account.role, account.plan_epoch) == ("Ada", "operator", 3)
        assert (account.institution, account.time_zone) == ("", "")
        assert account.unwanted_mails == frozenset()


PERSON = (
    "INSERT INTO account (id, issuer, subject, email, name, created_at, role, plan, plan_epoch,"
    " version) VALUES ('1', 'links', 'ada', 'a@b.c', 'Ada', 1, 'user', 'free', 3, 7)"
)
OLD_JOB = (
    "INSERT INTO job (id, owner_id, request_key, input, reference, created_at, state, version,"
    " attempt, worker, message_id, finished_at, stage, fraction, outcome)"
    """ VALUES ('{id}', '1', '{id}', '["input", "a.vcf", "k", 1, "00"]', 'demo', 1, '{state}', 3,"""
    " 1, 'w', 'm', {finished}, 'done', 1.0, '{outcome}')"
)
OUTCOME = json.dumps(
    {
        "reason": None,
        "results": [
            ["annotated", "a.annot.vcf.gz", "r/a", 100, "aa"],
            ["index", "a.annot.vcf.gz.tbi", "r/i", 5, "ab"],
            ["variants", "a.variants.parquet", "r/v", 20, "ac"],
            ["transcripts", "a.transcripts.parquet", "r/t", 3, "ad"],
            ["summary", "summary.json", "r/s", 7, "ae"],
        ],
        "results_state": "ARCHIVED",
        "log": ["log", "a.log", "r/l", 9, "af"],
        "counts": [["Total", 350]],
    }
)
FAILED = json.dumps(
    {
        "reason": {"code": "X", "message": "x", "place": "", "cure": ""},
        "results": [],
        "results_state": "AVAILABLE",
        "log": None,
        "counts": [],
    }
)


def execute(url: str, *statements: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def open_engine(url: str) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gas.sqlite3'}"
    return str(request.getfixturevalue("postgres")(f"old_{request.node.originalname[:40]}"))


def test_results_and_plans_from_before_their_life_was_kept(
    old_url: str, tmp_path: Path, clock: HandClock
) -> None:
    began = micros(datetime.now(UTC))
    finished = {"finished": micros(NOW)}
    make_old(old_url, tmp_path, clock, "0008")
    execute(
        old_url,
        PERSON,
        OLD_JOB.format(id="a", state="COMPLETED", outcome=OUTCOME, **finished),
        OLD_JOB.format(id="b", state="FAILED", outcome=FAILED, **finished),
        OLD_JOB.format(id="c", state="PENDING", outcome="", finished="NULL"),
        *(
            OLD_JOB.format(id=f"d{number:04}", state="COMPLETED", outcome=OUTCOME, **finished)
            for number in range(1000)  # more than it takes at once
        ),
    )
    with closing(open_store(old_url, run_path=tmp_path / "run", clock=clock)) as store:
        for job_id in ("a", "d0000", "d0999"):
            job = store.jobs.get(job_id)
            assert job
            assert (job.results_state, job.results_since, job.check_at) == ("ARCHIVED", NOW, NOW)
            assert [file.size_bytes for file in job.results] == [100, 5, 20, 3, 7]
            assert (job.log and job.log.size_bytes, job.counts) == (9, (("Total", 350),))
        for job_id in ("b", "c"):
            job = store.jobs.get(job_id)
            assert job
            assert (job.results_state, job.results_since, job.check_at) == ("AVAILABLE", None, None)
            assert (job.reason and job.reason.code) == ("X" if job_id == "b" else None)
        assert store.jobs.results_totals() == [
            ResultsTotal(ResultsState.ARCHIVED, 1001, 1001 * 123, NOW)
        ]
        assert "results_state" not in said(store)
        account = store.accounts.get("1")
        assert account
        assert (account.settled_epoch, account.plan_epoch, account.restored_epoch) == (3, 3, 0)
        assert account.plan_since
        assert began <= micros(account.plan_since) <= micros(datetime.now(UTC))


def said(store: SqlStore) -> str:
    rows = store._database.read(lambda run: run.execute("SELECT outcome FROM job").fetchall())
    return " ".join(text for (text,) in rows)


MESSAGE = (
    "INSERT INTO message (queue, id, body, published_at, visible_at, receive_count, token, holder,"
    " abandoned, group_id, turn, place, parked) VALUES"
    " ('{queue}', '{id}', '{id} in {queue}', 1, {visible_at}, {count}, '{token}', '{holder}', 0,"
    " 'ada', {turn}, {place}, {parked})"
)


def test_messages_from_before_they_lay_in_the_order_of_their_ids(
    old_url: str, tmp_path: Path, clock: HandClock
) -> None:
    def message(queue: str, message_id: str, **more: object) -> str:
        told = {"visible_at": 1, "count": 0, "token": "", "holder": "", "place": 1, "parked": 0}
        return MESSAGE.format_map({"queue": queue, "id": message_id, **told, **more})

    make_old(old_url, tmp_path, clock, "0009")
    held = {"count": 2, "token": "t", "holder": "w", "place": 0, "visible_at": micros(NOW + HOUR)}
    execute(
        old_url,
        "INSERT INTO queue VALUES ('q', 0, 30, 1000, '', 3)",
        "INSERT INTO queue VALUES ('other', 0, 30, 1000, '', 0)",
        message("q", "1", turn=7, **held),
        message("q", "2", turn=9),
        message("q", "3", turn=8),
        message("q", "4", turn=10, place=2, parked=1),
        message("other", "3", turn=1),
        message("other", "0", turn=2),
    )
    with closing(open_store(old_url, run_path=tmp_path / "run", clock=clock)) as store:
        queues = store.queues
        others = queues.receive("other", holder="v", limit=9)
        assert [found.body for found in others] == ["3 in other", "0 in other"]
        first = queues.receive("q", holder="v", limit=9)
        assert [found.message_id for found in first] == ["3", "2"]
        with pytest.raises(StaleReceipt):
            queues.delete("q/1/u")
        queues.delete("q/1/t")
        (last,) = queues.receive("q", holder="v", limit=9)
        assert (last.message_id, last.body, last.receive_count) == ("4", "4 in q", 1)
        engine = open_engine(old_url)
        inspector = sqlalchemy.inspect(engine)
        assert inspector.get_pk_constraint("message")["constrained_columns"] == ["id", "queue"]
        names = {found["name"] for found in inspector.get_indexes("message")}
        assert names == {"message_turn", "message_group", "message_due", "message_held"}
        assert "message_of_before" not in inspector.get_table_names()
        engine.dispose()
