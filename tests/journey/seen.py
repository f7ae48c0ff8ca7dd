"""What a test of the steps looks at."""

from __future__ import annotations

from gas.domain.messages import JobFinished, decode_job
from gas.ports.queues import Delivery
from rig import Journey


def received(journey: Journey) -> Delivery:
    delivery = journey.receive()
    assert delivery is not None
    return delivery


def finished_messages(journey: Journey) -> list[str]:
    found = []
    while delivery := journey.receive("notify"):
        message = decode_job(delivery.body)
        assert isinstance(message, JobFinished)
        found.append(message.job_id)
        journey.store.queues.delete(delivery.receipt)
    return found


def no_work_left(journey: Journey) -> bool:
    return list(journey.work_path.iterdir()) == []
