from __future__ import annotations

import pytest

from contracts.job_results import JobResultsContract
from contracts.jobs import JobsContract
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
