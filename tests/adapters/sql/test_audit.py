"""The audit log and the exports in SQL; the database itself refuses to change an entry."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from contracts.accounts import known, refused_once_it_goes
from contracts.audit import AuditContract
from contracts.files import HandClock
from gas.adapters.sql.store import SqlStore
from gas.domain.audit import deed
from gas.domain.export import Export, ExportState
from gas.ports.audit import Audit

EMPTY_AUDIT = (
    "ALTER TABLE audit DISABLE TRIGGER USER; TRUNCATE audit; ALTER TABLE audit ENABLE TRIGGER USER"
)


@pytest.fixture
def audit(store: SqlStore, url: str) -> Audit:
    if url.startswith("postgres"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(EMPTY_AUDIT.encode())
    return store.audit


class TestAudit(AuditContract):
    pass


@pytest.mark.parametrize("change", ["UPDATE audit SET detail = ''", "DELETE FROM audit"])
def test_the_database_refuses_changes(audit: Audit, url: str, tmp_path: Path, change: str) -> None:
    audit.add(deed("me", "x.done"))
    with pytest.raises((sqlite3.Error, psycopg.Error), match="only grows"):
        run(url, change)
    assert len(audit.page(limit=9)) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET detail = 'other' WHERE number = 2",
        "UPDATE audit SET actor = 'other' WHERE number = 2",
        "DELETE FROM audit WHERE number = 2",
    ],
)
def test_what_was_changed_all_the_same_is_found(audit: Audit, url: str, change: str) -> None:
    for number in range(3):
        audit.add(deed("me", f"x.{number}"))
    if url.startswith("sqlite"):
        run(url, "DROP TRIGGER audit_no_update")
        run(url, "DROP TRIGGER audit_no_delete")
        run(url, change)
    else:
        run(
            url,
            f"ALTER TABLE audit DISABLE TRIGGER USER; {change};"
            "ALTER TABLE audit ENABLE TRIGGER USER",
        )
    assert audit.verify().broken_at == 2


def run(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as lite, lite:
            lite.execute(statement)
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


def test_an_entry_joins_what_is_done_together(store: SqlStore, audit: Audit) -> None:
    with pytest.raises(ZeroDivisionError), store.together():
        audit.add(deed("me", "x.done"))
        _ = 1 / 0
    assert audit.page(limit=9) == []


def new_export(clock: HandClock, export_id: str = "e1", account_id: str = "me") -> Export:
    return Export(export_id, account_id, clock(), with_files=True)


def test_an_account_that_goes_gets_no_export(store: SqlStore, clock: HandClock) -> None:
    gone = refused_once_it_goes(
        store.accounts, lambda it: store.exports.ask(new_export(clock, account_id=it))
    )
    assert store.exports.of_account(gone) is None


def test_one_export_at_a_time(store: SqlStore, clock: HandClock) -> None:
    known(store.accounts, "me")
    first = store.exports.ask(new_export(clock))
    assert store.exports.ask(new_export(clock, "e2")) == first
    ready = replace(first, state=ExportState.READY, size_bytes=7, finished_at=clock(), version=2)
    assert store.exports.change(ready)
    assert not store.exports.change(ready)
    assert store.exports.of_account("me") == ready
    second = store.exports.ask(new_export(clock, "e2"))
    assert (second.id, second.state) == ("e2", ExportState.ASKED)
    store.exports.remove(first)
    assert store.exports.of_account("me") == second
    assert store.exports.asked_before(clock() + timedelta(1), limit=9) == [second]
    store.exports.remove(second)
    assert store.exports.of_account("me") is None
