"""What every `Audit` keeps to. A runner gives the fixture `audit`, and `clock` that it reads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from contracts.files import HandClock
from gas.domain.audit import SYSTEM, AuditOutcome, deed, mark
from gas.ports.audit import Audit, AuditFilter

ADA = "0" * 26
BOB = "1" * 26


class AuditContract:
    def test_entries_are_numbered_and_newest_come_first(self, audit: Audit) -> None:
        assert audit.page(limit=9) == []
        first = audit.add(deed(ADA, "job.created", kind="job", thing_id="j1"))
        second = audit.add(deed(SYSTEM, "account.forgotten", kind="account", thing_id=ADA))
        assert (first.number, second.number) == (1, 2)
        assert audit.page(limit=9) == [second, first]
        assert audit.page(limit=1, before=2) == [first]

    def test_a_filter_is_by_account_action_thing_and_time(
        self, audit: Audit, clock: HandClock
    ) -> None:
        created = audit.add(deed(ADA, "job.created", kind="job", thing_id="j1"))
        clock.now += timedelta(hours=1)
        out = audit.add(deed(BOB, "session.ended", outcome=AuditOutcome.REFUSED, detail="X"))
        gone = audit.add(deed(SYSTEM, "account.forgotten", kind="account", thing_id=ADA))
        assert audit.page(AuditFilter(account_id=ADA), limit=9) == [gone, created]
        assert audit.page(AuditFilter(action="session.ended"), limit=9) == [out]
        assert audit.page(AuditFilter(action="job."), limit=9) == [created]
        assert audit.page(AuditFilter(kind="job", thing=mark("job", "j1")), limit=9) == [created]
        assert audit.page(AuditFilter(since=clock.now), limit=9) == [gone, out]

    def test_an_untouched_chain_holds(self, audit: Audit) -> None:
        assert audit.verify().entries == 0
        last = [audit.add(deed(ADA, f"x.{number}")) for number in range(5)][-1]
        found = audit.verify()
        assert (found.entries, found.last_hash, found.broken_at) == (5, last.hash, None)

    def test_of_many_at_once_all_are_chained(self, audit: Audit) -> None:
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda number: audit.add(deed(ADA, f"x.{number}")), range(24)))
        assert {entry.number for entry in made} == set(range(1, 25))
        assert audit.verify().broken_at is None

    def test_nothing_but_an_account_is_named_by_its_id(self, audit: Audit) -> None:
        entry = audit.add(deed(ADA, "job.created", kind="job", thing_id="j" * 26))
        assert "jjj" not in str(entry)
        assert entry.deed.thing == mark("job", "j" * 26)
