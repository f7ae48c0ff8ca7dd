from __future__ import annotations

from contracts.fair_share import FairShareContract
from contracts.queue_forgetting import QueueForgettingContract
from contracts.queue_waits import QueueWaitsContract
from contracts.queues import QueuesContract


class TestQueues(QueuesContract):
    pass


class TestFairShare(FairShareContract):
    pass


class TestQueueForgetting(QueueForgettingContract):
    pass


class TestQueueWaits(QueueWaitsContract):
    pass
