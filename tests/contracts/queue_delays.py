"""How every `Queues` delays. A runner gives the fixtures `queues`, `desk` and `clock`."""

from __future__ import annotations

import pytest

from contracts.files import HandClock
from contracts.queues import MESSAGE, SPEC, later, none, one, state
from gas.domain.errors import NotFound, StaleReceipt
from gas.domain.messages import JobFinished, QueueSpec, decode
from gas.ports.queues import QueueDesk, Queues


class QueueDelaysContract:
    @pytest.fixture(autouse=True)
    def _declared(self, queues: Queues) -> None:
        queues.declare(SPEC)

    def test_a_wait_that_does_not_count_spends_no_receive(
        self, queues: Queues, desk: QueueDesk, clock: HandClock
    ) -> None:
        queues.publish(MESSAGE)
        for delay in (10, 0) * 5:  # the limit is three
            delivery = one(queues)
            assert delivery.receive_count == 1
            queues.release(delivery.receipt, delay, counts=False)
            with pytest.raises(StaleReceipt):
                queues.release(delivery.receipt, delay, counts=False)
            later(clock, delay - 0.1)
            assert not delay or none(queues)
            later(clock, 0.1)
        queues.release(one(queues).receipt)
        assert one(queues).receive_count == 2
        assert state(desk).dead == 0

    def test_the_delay_of_a_queue_is_told(self, queues: Queues, desk: QueueDesk) -> None:
        queues.declare(QueueSpec("archive", ("JobFinished",), delay_seconds=300))
        assert (desk.delay_seconds("archive"), desk.delay_seconds("annotate")) == (300, 0)
        desk.configure("archive", delay_seconds=0.5)
        assert desk.delay_seconds("archive") == 0.5
        with pytest.raises(NotFound):
            desk.delay_seconds("nothing")

    def test_a_queue_delays(self, queues: Queues, desk: QueueDesk, clock: HandClock) -> None:
        queues.declare(QueueSpec("archive", ("JobFinished",), delay_seconds=300))
        queues.publish(JobFinished("job", "me"))
        assert none(queues, "archive")
        assert state(desk, "archive").delayed == 1
        later(clock, 300)
        assert decode(one(queues, "archive").body) == JobFinished("job", "me")
