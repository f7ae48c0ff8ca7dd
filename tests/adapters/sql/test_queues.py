from __future__ import annotations

from contracts.fair_share import FairShareContract
from contracts.queues import QueuesContract


class TestQueues(QueuesContract):
    pass


class TestFairShare(FairShareContract):
    pass
