"""What a worker does with a message that has to wait."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gas.domain.errors import Later
from gas.domain.messages import ThawDue
from gas.ports.queues import Delivery
from gas.ports.services import Services
from gas.workers.loop import whole
from workers.errands import eventually
from workers.loops import running


@pytest.mark.parametrize(("counts", "receives"), [(False, [1] * 4), (True, [1, 2, 3, 4])])
def test_to_wait_is_no_try_unless_it_counts(
    services: Services, counts: bool, receives: list[int]
) -> None:
    services.queues.publish(ThawDue("job", "ada"))
    seen: list[int] = []

    def waits(delivery: Delivery, _should_stop: Callable[[], bool]) -> None:
        seen.append(delivery.receive_count)
        seconds = 0.01 if len(seen) < 4 else 60.0
        raise Later("NOT_YET", "Not yet.", seconds=seconds, counts=counts)

    def delayed() -> int:
        return next(it.delayed for it in services.queue_desk.states() if it.name == "thaw")

    with running(services, whole(waits), queue="thaw"):
        eventually(lambda: len(seen) == 4 and delayed() == 1)
    assert seen == receives
