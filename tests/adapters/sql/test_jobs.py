from __future__ import annotations

import pytest

from contracts.job_results import JobResultsContract
from contracts.jobs import JobsContract
from gas.adapters.sql.accounts import UNSETTLED as ACCOUNTS_UNSETTLED
from gas.adapters.sql.jobs import AWAY, COMPLETED, TOTALS, UNSETTLED
from gas.adapters.sql.store import SqlStore
from gas.ports.jobs import Jobs


class TestJobs(JobsContract):
    @pytest.fixture
    def jobs(self, store: SqlStore) -> Jobs:
        return store.jobs


class TestJobResults(JobResultsContract):
    @pytest.fixture
    def jobs(self, store: SqlStore) -> Jobs:
        return store.jobs


@pytest.mark.parametrize(
    ("select", "values", "used"),
    [
        (UNSETTLED, (1, 9), "SEARCH job USING INDEX job_results (check_at<?)"),
        (COMPLETED, ("a", 9), "SEARCH job USING PRIMARY KEY (id>?)"),
        (AWAY, ("me", 1), "SEARCH job USING COVERING INDEX job_away (owner_id=?"),
        (TOTALS, (), "SCAN job USING COVERING INDEX job_results"),
        (ACCOUNTS_UNSETTLED, (1, 9), "USING INDEX account_unsettled"),
    ],
)
def test_what_asks_about_results_reads_no_more_than_it_must(
    sqlite_store: SqlStore, select: str, values: tuple[str | int, ...], used: str
) -> None:
    explain = f"EXPLAIN QUERY PLAN {select}"
    rows = sqlite_store._database.read(lambda run: run.execute(explain, values).fetchall())
    assert any(used in row[3] for row in rows)
    assert not any(row[3] == "SCAN job" for row in rows)
