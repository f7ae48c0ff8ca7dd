"""`gas audit`, `gas user sign-out` and `gas user rm`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import Gas
from gas.domain.account import Session
from gas.domain.audit import TERMINAL, deed
from gas.domain.ids import new_id
from gas.domain.tokens import ApiToken, Scope
from gas.ports.services import Services


def listed(gas: Gas, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gas("audit", "ls", "--json", *options).output)
    return found


def test_what_the_terminal_changes_is_written_down(gas: Gas, services: Services) -> None:
    gas("user", "link", "ada@example.org")
    gas("user", "plan", "ada@example.org", "premium")
    gas("user", "promote", "ada@example.org")
    gas("user", "promote", "ada@example.org")  # changes nothing
    told = [(row["actor"], row["action"], row["detail"]) for row in listed(gas)][::-1]
    assert told == [
        (TERMINAL, "link.issued", ""),
        (TERMINAL, "account.plan_changed", "premium"),
        (TERMINAL, "account.role_changed", "operator"),
    ]
    assert "ada@example.org" not in gas("audit", "ls").output


def test_entries_are_chosen_and_paged(gas: Gas, services: Services) -> None:
    services.audit.add(deed("a" * 26, "job.created", kind="job", thing_id="j1"))
    services.audit.add(deed("b" * 26, "job.deleted", kind="job", thing_id="j2"))
    assert [row["action"] for row in listed(gas, "--job", "j1")] == ["job.created"]
    assert [row["action"] for row in listed(gas, "--account", "b" * 26)] == ["job.deleted"]
    assert [row["action"] for row in listed(gas, "--action", "job.")] == [
        "job.deleted",
        "job.created",
    ]
    assert [row["number"] for row in listed(gas, "--limit", "1", "--before", "2")] == [1]
    assert len(listed(gas, "--since", "1h")) == 2
    assert listed(gas, "--since", "2099-01-01") == []
    assert "BAD_TIME" in gas("audit", "ls", "--since", "soon").stderr


def test_verify_says_where_the_log_was_changed(gas: Gas, services: Services, home: Path) -> None:
    for number in range(3):
        services.audit.add(deed(TERMINAL, f"x.{number}"))
    whole = gas("audit", "verify")
    assert (whole.exit_code, whole.output.split()[0]) == (0, "3")
    with closing(sqlite3.connect(home / "gas.sqlite3")) as connection, connection:
        connection.execute("DROP TRIGGER audit_no_update")
        connection.execute("UPDATE audit SET detail = 'x' WHERE number = 2")
    broken = gas("audit", "verify")
    assert (broken.exit_code, "Entry 2" in broken.stderr) == (1, True)


@pytest.mark.parametrize("by_id", [False, True])
def test_an_account_is_deleted_by_address_or_id(gas: Gas, services: Services, by_id: bool) -> None:
    gas("user", "link", "ada@example.org")
    rows = json.loads(gas("user", "ls", "--json").output)
    account_id = next(row["id"] for row in rows if row["email"] == "ada@example.org")
    assert gas("user", "rm", "nobody@example.org", "--yes").exit_code == 1
    assert (
        "Deleted" in gas("user", "rm", account_id if by_id else "Ada@example.org", "--yes").output
    )
    assert services.accounts.get(account_id) is None
    assert services.accounts.marked(account_id) is not None
    assert next(s for s in services.queue_desk.states() if s.name == "forget").visible == 1
    assert listed(gas)[0]["action"] == "account.deleted"
    assert "NO_ACCOUNT" in gas("user", "rm", account_id, "--yes").stderr


def test_somebody_is_signed_out_everywhere(gas: Gas, services: Services) -> None:
    gas("user", "link", "ada@example.org")
    (ada,) = (each for each in services.accounts.page(limit=9) if each.email == "ada@example.org")
    now = services.clock()
    for number in range(2):
        over = now + timedelta(days=1)
        services.sessions.add(Session(f"{number}", ada.id, now, over, seen_at=now))
    token = ApiToken(new_id(now), ada.id, "x", frozenset(Scope), now, now + timedelta(days=1))
    assert services.api_tokens.add(token, "hash", most=9)
    assert gas("user", "sign-out", ada.id).output == "2 sessions ended, 0 API tokens revoked.\n"
    assert services.sessions.live("0", now) is None
    assert services.api_tokens.found("hash", now) is not None
    told = gas("user", "sign-out", "Ada@example.org", "--tokens").output
    assert told == "0 sessions ended, 1 API tokens revoked.\n"
    assert services.api_tokens.found("hash", now) is None
    assert listed(gas)[0]["action"] == "session.ended_by_operator"


def test_of_two_with_one_address_an_id_has_to_say_which(gas: Gas, services: Services) -> None:
    from gas.cli.first_operator import record
    from gas.domain.account import Identity

    for subject in ("1", "2"):
        record(services, Identity("https://id.example.org", subject, "ada@example.org"))
    assert "SEVERAL_ACCOUNTS" in gas("user", "rm", "ada@example.org", "--yes").stderr
    assert len(services.accounts.page(limit=99)) >= 2
