from __future__ import annotations

from contracts.fair_share import FairShareContract
from contracts.queue_delays import QueueDelaysContract
from contracts.queue_forgetting import QueueForgettingContract
from contracts.queues import QueuesContract


class TestQueues(QueuesContract):
    pass


class TestFairShare(FairShareContract):
    pass


class TestQueueForgetting(QueueForgettingContract):
    pass


class TestQueueDelays(QueueDelaysContract):
    pass
