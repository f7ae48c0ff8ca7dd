"""How every `QueueDesk` that can look into its queues forgets an id."""

from __future__ import annotations

import pytest

from contracts.files import HandClock
from contracts.queues import SPEC, later, one, state
from gas.domain.errors import StaleReceipt
from gas.domain.messages import JobFinished, JobSubmitted, QueueSpec
from gas.ports.queues import QueueDesk, Queues


class QueueForgettingContract:
    def test_what_names_an_id_is_removed_but_for_what_is_in_hand(
        self, queues: Queues, desk: QueueDesk, clock: HandClock
    ) -> None:
        queues.declare(SPEC)
        queues.declare(QueueSpec("forget", ("JobFinished",)))
        queues.publish(JobSubmitted("job", "me"))
        queues.bury(one(queues).receipt, "broke")
        queues.publish(JobSubmitted("job", "you"))
        held = one(queues)
        queues.publish(JobSubmitted("job", "me"))
        queues.publish(JobFinished("job", "me"))
        also_held = one(queues, "forget")
        assert desk.forget("me", apart_from="forget") == 0
        assert state(desk).dead == state(desk).visible == 0
        assert desk.forget("you", apart_from="forget") == 1
        assert desk.forget("yo", apart_from="forget") == 0
        assert desk.forget("me", apart_from="annotate") == 1
        later(clock, 31)
        assert desk.forget("you", apart_from="forget") == 0
        with pytest.raises(StaleReceipt):
            queues.delete(held.receipt)
        assert desk.forget("me", apart_from="annotate") == 0
        with pytest.raises(StaleReceipt):
            queues.delete(also_held.receipt)
