from __future__ import annotations

from contracts.queues import QueuesContract


class TestQueues(QueuesContract):
    pass
