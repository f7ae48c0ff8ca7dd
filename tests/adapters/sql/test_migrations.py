"""Databases of before: what is in them is still there, and means the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command

from adapters.sql.conftest import open_sqlite
from contracts.accounts import HOUR, NOW
from contracts.files import HandClock
from gas.adapters.sql.moments import micros
from gas.domain.account import Session


def make_old(path: Path, folder: Path, clock: HandClock, version: str) -> None:
    """The tables as they were at this version."""
    upgrade = command.upgrade
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _: upgrade(config, version))
        open_sqlite(path, folder, clock).close()


def test_accounts_and_sessions_from_before_profiles(
    sqlite_path: Path, tmp_path: Path, clock: HandClock
) -> None:
    make_old(sqlite_path, tmp_path, clock, "0002")
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
