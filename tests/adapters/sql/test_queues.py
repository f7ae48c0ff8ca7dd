from __future__ import annotations

from contracts.queue_forgetting import QueueForgettingContract
from contracts.queues import QueuesContract


class TestQueues(QueuesContract):
    pass


class TestQueueForgetting(QueueForgettingContract):
    pass
