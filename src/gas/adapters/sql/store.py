"""Everything that is kept in the database, opened at once."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from gas.adapters.sql.accounts import SqlAccounts
from gas.adapters.sql.audit import SqlAudit
from gas.adapters.sql.database import Database, Driver
from gas.adapters.sql.exports import SqlExports
from gas.adapters.sql.holders import Holders
from gas.adapters.sql.jobs import SqlJobs
from gas.adapters.sql.opening import open_driver
from gas.adapters.sql.payers import SqlPayers
from gas.adapters.sql.queue_desk import SqlQueueDesk
from gas.adapters.sql.queues import SqlQueues
from gas.adapters.sql.sessions import SqlSessions, SqlSignInLinks
from gas.adapters.sql.tokens import SqlApiTokens, SqlRequestKeys
from gas.adapters.sql.wake import Wakes
from gas.adapters.sql.webhooks import SqlWebhooks
from gas.ports.clock import Clock


class SqlStore:
    """Implements `Store`."""

    def __init__(self, driver: Driver, *, run_path: Path, clock: Clock) -> None:
        self._database = Database(driver)
        self._wakes = Wakes(run_path)
        self._holders = Holders(run_path)
        self.jobs = SqlJobs(self._database)
        self.accounts = SqlAccounts(self._database)
        self.sessions = SqlSessions(self._database)
        self.sign_in_links = SqlSignInLinks(self._database)
        self.api_tokens = SqlApiTokens(self._database)
        self.request_keys = SqlRequestKeys(self._database)
        self.audit = SqlAudit(self._database, clock=clock)
        self.exports = SqlExports(self._database)
        self.payers = SqlPayers(self._database)
        self.queues = SqlQueues(
            self._database, wakes=self._wakes, holders=self._holders, clock=clock
        )
        self.webhooks = SqlWebhooks(self._database)
        self.queue_desk = SqlQueueDesk(self._database, wakes=self._wakes, clock=clock)

    def together(self, *, durable: bool = True) -> AbstractContextManager[None]:
        return self._database.together(durable=durable)

    def close(self) -> None:
        """Gives back what this process opened. What its holders still hold counts as abandoned."""
        self._database.driver.close()
        self._wakes.close()
        self._holders.close()


def open_store(url: str, *, run_path: Path, clock: Clock) -> SqlStore:
    """The store at `url` (`sqlite:////path/to/gas.sqlite3`, `postgresql://...`), at its newest
    migration. `run_path` holds locks and pipes and must be the same for all processes of a
    machine. Unavailable if the database cannot be used, Conflict STORE_NEWER if it is newer."""
    run_path.mkdir(parents=True, exist_ok=True)
    return SqlStore(open_driver(url, run_path=run_path), run_path=run_path, clock=clock)
