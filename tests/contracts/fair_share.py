"""What every `Queues` keeps to among groups: each in turn, and few of one in hand at once.

A runner gives the fixtures `queues`, `desk` and `clock`, of one empty store.
"""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from contracts.files import HandClock
from contracts.queues import SPEC, later, one, state
from gas.domain.messages import JobSubmitted, decode, job_of
from gas.ports.queues import Delivery, QueueDesk, Queues

LIMITED = replace(SPEC, group_limit=2)


def names(queues: Queues, limit: int) -> list[str]:
    found = queues.receive("annotate", holder="one", limit=limit)
    return [job_of(decode(each.body)) for each in found]


class FairShareContract:
    @pytest.fixture(autouse=True)
    def _declared(self, queues: Queues) -> None:
        queues.declare(SPEC)

    def test_one_group_does_not_push_others_out(self, queues: Queues, clock: HandClock) -> None:
        for number in range(30):
            queues.publish(JobSubmitted(f"a{number}", "a"))
            later(clock, 0.001)
        assert names(queues, 5) == ["a0", "a1", "a2", "a3", "a4"]
        for owner in "bc":
            for number in range(3):
                queues.publish(JobSubmitted(f"{owner}{number}", owner))
                later(clock, 0.001)
        # The fifth of a is in hand: b and c go on from there, beside the sixth.
        assert names(queues, 6) == ["a5", "b0", "c0", "a6", "b1", "c1"]
        assert names(queues, 5) == ["a7", "b2", "c2", "a8", "a9"]

    def test_a_group_that_was_served_has_no_claim_to_more(
        self, queues: Queues, clock: HandClock
    ) -> None:
        for number in range(20):
            queues.publish(JobSubmitted(f"a{number}", "a"))
            later(clock, 0.001)
        for delivery in queues.receive("annotate", holder="one", limit=10):
            queues.delete(delivery.receipt)
        for number in range(4):  # nobody has anything in hand now
            queues.publish(JobSubmitted(f"b{number}", "b"))
            later(clock, 0.001)
        assert names(queues, 8) == ["a10", "b0", "a11", "b1", "a12", "b2", "a13", "b3"]

    def test_a_retried_message_keeps_its_turn(self, queues: Queues, clock: HandClock) -> None:
        for number in range(4):
            queues.publish(JobSubmitted(f"a{number}", "a"))
            later(clock, 0.001)
        first = one(queues)
        queues.release(first.receipt, 10)
        queues.publish(JobSubmitted("b0", "b"))
        later(clock, 10)
        assert names(queues, 3) == ["a0", "a1", "b0"]

    def test_no_more_of_a_group_are_in_hand_than_the_queue_allows(
        self, queues: Queues, desk: QueueDesk, clock: HandClock
    ) -> None:
        queues.declare(LIMITED)
        for number in range(5):
            queues.publish(JobSubmitted(f"a{number}", "a"))
            later(clock, 0.001)
        held = queues.receive("annotate", holder="one", limit=9)
        assert [decode(each.body) for each in held] == [
            JobSubmitted("a0", "a"),
            JobSubmitted("a1", "a"),
        ]
        assert (state(desk).visible, state(desk).held) == (3, 2)
        queues.publish(JobSubmitted("b0", "b"))
        assert names(queues, 9) == ["b0"]
        later(clock, 20)
        assert not queues.wait("annotate", holder="two", seconds=0)
        queues.delete(held[0].receipt)
        again = queues.receive("annotate", holder="two", limit=9)
        # Passed over, it used up no receive.
        assert [(decode(each.body), each.receive_count) for each in again] == [
            (JobSubmitted("a2", "a"), 1)
        ]
        queues.bury(again[0].receipt, "why")
        assert names(queues, 9) == ["a3"]
        assert (
            queues.receive("annotate", holder="two", done=[held[1].receipt])[0].receive_count == 1
        )

    def test_what_was_given_back_or_lost_goes_before_what_waits_for_it(
        self, queues: Queues, clock: HandClock
    ) -> None:
        queues.declare(replace(LIMITED, max_receives=9))
        for number in range(3):
            queues.publish(JobSubmitted(f"a{number}", "a"))
            later(clock, 0.001)
        first, _second = queues.receive("annotate", holder="one", limit=2)
        queues.release(first.receipt)
        assert names(queues, 9) == ["a0"]
        assert queues.abandon("one") == 2
        assert names(queues, 9) == ["a0", "a1"]
        later(clock, 31)
        assert names(queues, 9) == ["a0", "a1"]

    def test_one_that_dies_in_the_queue_makes_room(
        self, queues: Queues, desk: QueueDesk, clock: HandClock
    ) -> None:
        queues.declare(replace(LIMITED, group_limit=1))
        for number in range(3):
            queues.publish(JobSubmitted(f"a{number}", "a"))
            later(clock, 0.001)
        for _ in range(3):
            assert names(queues, 9) == ["a0"]
            later(clock, 31)
        assert names(queues, 9) == ["a1"]
        assert desk.redrive("annotate") == 1
        assert names(queues, 9) == []
        later(clock, 31)
        assert names(queues, 9) == ["a1"]

    def test_another_limit_holds_for_what_is_there(self, queues: Queues, clock: HandClock) -> None:
        queues.declare(LIMITED)
        for number in range(6):
            queues.publish(JobSubmitted(f"a{number}", "a"))
            later(clock, 0.001)
        assert names(queues, 9) == ["a0", "a1"]
        queues.declare(replace(LIMITED, group_limit=3))
        assert names(queues, 9) == ["a2"]
        queues.declare(replace(LIMITED, group_limit=1))
        assert names(queues, 9) == []
        queues.declare(SPEC)
        assert names(queues, 9) == ["a3", "a4", "a5"]

    def test_a_receiver_wakes_when_one_of_the_group_ends(self, queues: Queues) -> None:
        queues.declare(replace(LIMITED, group_limit=1))
        queues.publish(JobSubmitted("a0", "a"))
        queues.publish(JobSubmitted("a1", "a"))
        held = one(queues)
        found: list[Delivery] = []

        def receive() -> None:
            found.extend(queues.receive("annotate", holder="two", wait_seconds=60))

        waiting = threading.Thread(target=receive)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        assert found == []
        queues.delete(held.receipt)
        waiting.join(15)
        assert not waiting.is_alive()
        assert [job_of(decode(each.body)) for each in found] == ["a1"]
