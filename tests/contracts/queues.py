"""What every `Queues` and `QueueDesk` keeps to.

A runner gives the fixtures `queues`, `desk` and `clock`, of one empty store.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from contracts.files import HandClock
from gas.domain.errors import NotFound, StaleReceipt
from gas.domain.messages import JobFinished, JobSubmitted, QueueSpec, decode, job_of
from gas.ports.queues import Delivery, QueueDesk, Queues, QueueState

SPEC = QueueSpec("annotate", ("JobSubmitted",), visibility_seconds=30.0, max_receives=3)
MESSAGE = JobSubmitted("job", "me")


def one(queues: Queues, queue: str = "annotate", holder: str = "one") -> Delivery:
    [delivery] = queues.receive(queue, holder=holder)
    return delivery


def none(queues: Queues, queue: str = "annotate") -> bool:
    return not queues.receive(queue, holder="nobody")


def later(clock: HandClock, seconds: float) -> None:
    clock.now += timedelta(seconds=seconds)


def state(desk: QueueDesk, name: str = "annotate") -> QueueState:
    return next(state for state in desk.states() if state.name == name)


class QueuesContract:
    @pytest.fixture(autouse=True)
    def _declared(self, queues: Queues) -> None:
        queues.declare(SPEC)

    def test_a_message_is_received_held_and_deleted(self, queues: Queues, clock: HandClock) -> None:
        assert none(queues)
        queues.publish(MESSAGE)
        delivery = one(queues)
        assert decode(delivery.body) == MESSAGE
        assert (delivery.queue, delivery.receive_count) == ("annotate", 1)
        assert not delivery.abandoned
        assert none(queues)
        queues.delete(delivery.receipt)
        later(clock, 31)
        assert none(queues)

    def test_a_topic_fans_out_to_its_queues_alone(self, queues: Queues) -> None:
        queues.declare(QueueSpec("audit", ("JobSubmitted", "JobFinished")))
        queues.publish(MESSAGE)
        queues.publish(JobFinished("job", "me"))
        assert decode(one(queues).body) == MESSAGE
        assert none(queues)
        found = queues.receive("audit", holder="one", limit=10)
        assert {type(decode(each.body)) for each in found} == {JobSubmitted, JobFinished}

    def test_nobody_subscribed(self, queues: Queues, desk: QueueDesk) -> None:
        queues.publish(JobFinished("job", "me"))
        assert state(desk).visible == 0

    def test_oldest_first_and_no_more_than_asked(self, queues: Queues, clock: HandClock) -> None:
        for number in range(5):
            queues.publish(JobSubmitted(str(number), "me"))
            later(clock, 0.001)
        found = queues.receive("annotate", holder="one", limit=3)
        assert [job_of(decode(each.body)) for each in found] == ["0", "1", "2"]
        assert len(queues.receive("annotate", holder="one", limit=3)) == 2

    def test_given_back_without_a_delay_it_keeps_its_place(
        self, queues: Queues, clock: HandClock
    ) -> None:
        for number in range(3):
            queues.publish(JobSubmitted(str(number), "me"))
            later(clock, 1)
        queues.release(one(queues).receipt)
        found = queues.receive("annotate", holder="one", limit=3)
        assert [job_of(decode(each.body)) for each in found] == ["0", "1", "2"]

    def test_not_deleted_in_time_it_comes_again(self, queues: Queues, clock: HandClock) -> None:
        queues.publish(MESSAGE)
        first = one(queues)
        later(clock, 29.9)
        assert none(queues)
        later(clock, 0.2)
        second = one(queues)
        assert second.message_id == first.message_id
        assert second.receive_count == 2
        assert second.receipt != first.receipt

    def test_a_stale_receipt_does_nothing(self, queues: Queues, clock: HandClock) -> None:
        queues.publish(MESSAGE)
        first = one(queues)
        later(clock, 31)
        second = one(queues)
        for stale in (first.receipt, "annotate/x/y", "nonsense", "", f"{first.queue}//"):
            with pytest.raises(StaleReceipt):
                queues.delete(stale)
            with pytest.raises(StaleReceipt):
                queues.extend(stale, 5)
            with pytest.raises(StaleReceipt):
                queues.release(stale)
            with pytest.raises(StaleReceipt):
                queues.bury(stale, "why")
        queues.delete(second.receipt)
        with pytest.raises(StaleReceipt):
            queues.delete(second.receipt)

    def test_holding_on(self, queues: Queues, clock: HandClock) -> None:
        queues.publish(MESSAGE)
        delivery = one(queues)
        for _ in range(3):
            later(clock, 20)
            queues.extend(delivery.receipt, 30)
        assert none(queues)
        later(clock, 30)
        with pytest.raises(StaleReceipt):
            queues.extend(delivery.receipt, 30)
        assert one(queues).receive_count == 2

    def test_giving_back(self, queues: Queues, clock: HandClock) -> None:
        queues.publish(MESSAGE)
        queues.release(one(queues).receipt)
        queues.release(one(queues).receipt, 10)
        assert none(queues)
        later(clock, 10)
        again = one(queues)
        assert again.receive_count == 3
        assert not again.abandoned

    def test_done_ones_go_with_the_next_receive(self, queues: Queues, clock: HandClock) -> None:
        queues.publish(JobSubmitted("1", "me"))
        first = one(queues)
        queues.publish(JobSubmitted("2", "me"))
        [second] = queues.receive("annotate", holder="one", done=[first.receipt])
        assert job_of(decode(second.body)) == "2"
        last = [second.receipt, first.receipt, "nonsense"]
        assert queues.receive("annotate", holder="one", done=last) == []
        later(clock, 31)
        assert none(queues)

    def test_received_too_often_it_dies(
        self, queues: Queues, desk: QueueDesk, clock: HandClock
    ) -> None:
        queues.publish(MESSAGE)
        for count in (1, 2, 3):
            assert one(queues).receive_count == count
            later(clock, 31)
        queues.publish(JobSubmitted("next", "me"))
        assert job_of(decode(one(queues).body)) == "next"
        [letter] = desk.dead_letters("annotate", limit=9)
        assert decode(letter.body) == MESSAGE
        assert (letter.receive_count, letter.died_at) == (3, clock.now)
        assert "3" in letter.why

    def test_buried_and_brought_back(self, queues: Queues, desk: QueueDesk) -> None:
        for number in range(3):
            queues.publish(JobSubmitted(str(number), "me"))
        for delivery in queues.receive("annotate", holder="one", limit=3):
            queues.bury(delivery.receipt, "the engine crashed")
        letters = desk.dead_letters("annotate", limit=9)
        ids = [letter.message_id for letter in letters]
        assert ids == sorted(ids)
        assert {letter.why for letter in letters} == {"the engine crashed"}
        assert desk.dead_letters("annotate", limit=2, after=ids[0]) == letters[1:]
        desk.remove_dead_letter("annotate", ids[0])
        desk.remove_dead_letter("annotate", ids[0])
        assert desk.redrive("annotate", ids[0]) == 0
        assert desk.redrive("annotate", ids[1]) == 1
        assert one(queues).message_id == ids[1]
        assert desk.redrive("annotate") == 1
        assert one(queues).receive_count == 1
        assert state(desk).dead == 0

    def test_a_dead_holder_gives_back_at_once(self, queues: Queues, desk: QueueDesk) -> None:
        for number in range(3):
            queues.publish(JobSubmitted(str(number), "me"))
        queues.receive("annotate", holder="dead", limit=2)
        kept = one(queues, holder="alive")
        assert queues.abandon("dead") == 2
        assert queues.abandon("dead") == 0
        assert (state(desk).visible, state(desk).held) == (2, 1)
        again = queues.receive("annotate", holder="alive", limit=9)
        assert [each.abandoned for each in again] == [True, True]
        queues.delete(kept.receipt)
        queues.release(again[0].receipt)
        assert not one(queues).abandoned

    def test_declaring_again_keeps_what_an_operator_set(
        self, queues: Queues, desk: QueueDesk, clock: HandClock
    ) -> None:
        desk.configure("annotate", visibility_seconds=5)
        queues.declare(QueueSpec("annotate", ("JobFinished",), 1.0, 99.0, 7))
        now = state(desk)
        assert now.topics == ("JobFinished",)
        assert (now.delay_seconds, now.visibility_seconds, now.max_receives) == (1.0, 5.0, 7)
        queues.publish(MESSAGE)
        queues.publish(JobFinished("job", "me"))
        later(clock, 1)
        assert isinstance(decode(one(queues).body), JobFinished)
        later(clock, 5)
        assert one(queues).receive_count == 2

    def test_what_an_operator_sees(self, queues: Queues, desk: QueueDesk, clock: HandClock) -> None:
        assert state(desk) == QueueState(
            "annotate", ("JobSubmitted",), 0, 0, 0, 0, 0.0, 0.0, 30.0, 3
        )
        queues.publish(MESSAGE)
        later(clock, 4)
        queues.publish(MESSAGE)
        assert (state(desk).visible, state(desk).oldest_seconds) == (2, 4.0)
        first = one(queues)
        assert (state(desk).visible, state(desk).held, state(desk).oldest_seconds) == (1, 1, 4.0)
        queues.release(first.receipt, 10)
        assert (state(desk).visible, state(desk).held, state(desk).delayed) == (1, 0, 1)

    def test_a_queue_that_is_not_there(self, queues: Queues, desk: QueueDesk) -> None:
        with pytest.raises(NotFound):
            queues.receive("nowhere", holder="one")
        with pytest.raises(NotFound):
            desk.configure("nowhere", delay_seconds=1)
        with pytest.raises(NotFound):
            desk.dead_letters("nowhere", limit=1)
        with pytest.raises(NotFound):
            desk.redrive("nowhere")
        with pytest.raises(NotFound):
            desk.remove_dead_letter("nowhere", "x")

    def test_waiting_in_vain_ends(self, queues: Queues) -> None:
        def seconds() -> float:
            start = time.monotonic()
            assert queues.receive("annotate", holder="one", wait_seconds=0.25) == []
            return time.monotonic() - start

        # The best of three: the machine that runs the tests may have other things to do.
        assert 0.2 < min(seconds() for _ in range(3)) < 2.0

    def test_a_waiting_receiver_wakes(self, queues: Queues) -> None:
        found: list[Delivery] = []

        def receive() -> None:
            found.extend(queues.receive("annotate", holder="one", wait_seconds=60))

        waiting = threading.Thread(target=receive)
        waiting.start()
        queues.publish(MESSAGE)
        waiting.join(15)
        assert not waiting.is_alive()
        assert [decode(each.body) for each in found] == [MESSAGE]

    def test_a_waiting_receiver_sees_what_becomes_due(
        self, queues: Queues, clock: HandClock
    ) -> None:
        queues.publish(MESSAGE)
        one(queues)
        found: list[Delivery] = []

        def receive() -> None:
            found.extend(queues.receive("annotate", holder="two", wait_seconds=60))

        waiting = threading.Thread(target=receive)
        waiting.start()
        later(clock, 31)
        waiting.join(15)
        assert not waiting.is_alive()
        assert [each.receive_count for each in found] == [2]
