"""The queues against a model: any sequence of calls, at any time, gives what the model gives."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from contracts.files import HandClock
from contracts.queues import later
from gas.adapters.sql.store import SqlStore, open_store
from gas.domain.errors import StaleReceipt
from gas.domain.messages import JobFinished, JobSubmitted, QueueSpec, decode, group_of, job_of
from gas.ports.queues import Delivery

SPECS = {
    "annotate": QueueSpec("annotate", ("JobSubmitted",), 0.0, 30.0, 1000, group_limit=2),
    "audit": QueueSpec("audit", ("JobSubmitted", "JobFinished"), 10.0, 5.0, 3),
}
HOLDERS = st.sampled_from(("one", "two"))
SECONDS = st.sampled_from((0.0, 1.0, 5.0, 10.0, 31.0))


@dataclass
class Modelled:
    """A message as it should be. Times are seconds on the model's own clock."""

    name: str
    owner: str
    visible_at: float
    parked: bool
    turn: int = 0
    receives: int = 0
    receipt: str = ""
    holder: str = ""
    abandoned: bool = False


class QueueMachine(RuleBasedStateMachine):
    store: SqlStore
    clock: HandClock

    receipts: Bundle[Delivery] = Bundle("receipts")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.numbers = itertools.count()
        self.living: dict[str, list[Modelled]] = {name: [] for name in SPECS}
        self.dead: dict[str, set[str]] = {name: set() for name in SPECS}
        for spec in SPECS.values():
            self.store.queues.declare(spec)

    def teardown(self) -> None:
        def empty(run: object) -> None:
            for table in ("message", "dead_letter"):
                run.execute(f"DELETE FROM {table}")  # type: ignore[attr-defined]

        self.store._database.write(empty)

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        later(self.clock, seconds)
        self.now += seconds

    @rule(finished=st.booleans(), owner=st.sampled_from("abc"))
    def publish(self, finished: bool, owner: str) -> None:
        kind = JobFinished if finished else JobSubmitted
        name = str(next(self.numbers))
        self.store.queues.publish(kind(name, owner))
        for spec in SPECS.values():
            if kind.__name__ in spec.topics:
                self._add(spec.name, name, owner, self.now + spec.delay_seconds)

    def _add(self, queue: str, name: str, owner: str, visible_at: float) -> None:
        limit = SPECS[queue].group_limit
        parked = 0 < limit <= self._in_play(queue, owner)
        self.living[queue].append(Modelled(name, owner, visible_at, parked, next(self.numbers)))

    def _in_play(self, queue: str, owner: str) -> int:
        return sum(1 for it in self.living[queue] if it.owner == owner and not it.parked)

    def _ended(self, queue: str, message: Modelled) -> None:
        """Gone: the next parked one of its owner may come."""
        self.living[queue].remove(message)
        parked = [it for it in self.living[queue] if it.owner == message.owner and it.parked]
        if parked and self._in_play(queue, message.owner) < SPECS[queue].group_limit:
            min(parked, key=lambda it: it.turn).parked = False

    @rule(
        target=receipts,
        queue=st.sampled_from(sorted(SPECS)),
        holder=HOLDERS,
        limit=st.integers(1, 3),
    )
    def receive(self, queue: str, holder: str, limit: int) -> MultipleResults[Delivery]:
        found = self.store.queues.receive(queue, holder=holder, limit=limit)
        spec = SPECS[queue]
        visible = [
            each for each in self.living[queue] if each.visible_at <= self.now and not each.parked
        ]
        spent = {each.name for each in visible if each.receives >= spec.max_receives}
        fresh = {each.name: each for each in visible if each.name not in spent}
        assert len(found) == min(limit, len(fresh))
        for owner in "abc":  # the oldest of each
            turns = sorted(each.turn for each in fresh.values() if each.owner == owner)
            got = [fresh[job_of(decode(each.body))] for each in found]
            mine = [each.turn for each in got if each.owner == owner]
            assert mine == turns[: len(mine)]
        for delivery in found:
            message = fresh.pop(job_of(decode(delivery.body)))
            message.receives += 1
            assert delivery.receive_count == message.receives
            assert delivery.abandoned == message.abandoned
            message.receipt, message.holder = delivery.receipt, holder
            message.visible_at, message.abandoned = self.now + spec.visibility_seconds, False
        self._bury_spent(queue, spent, all_of_them=len(found) < limit)
        return multiple(*found)

    def _bury_spent(self, queue: str, spent: set[str], *, all_of_them: bool) -> None:
        """Messages past their limit die when a receive comes upon them, at the latest when it
        has looked at everything."""
        letters = self.store.queue_desk.dead_letters(queue, limit=1000)
        died = {job_of(decode(letter.body)) for letter in letters} - self.dead[queue]
        assert died <= spent
        assert died == spent or not all_of_them
        self.dead[queue] |= died
        self.living[queue] = [each for each in self.living[queue] if each.name not in died]

    @rule(delivery=receipts, seconds=SECONDS)
    def extend(self, delivery: Delivery, seconds: float) -> None:
        if message := self._held(delivery, lambda: self._queues_extend(delivery, seconds)):
            message.visible_at = self.now + seconds

    def _queues_extend(self, delivery: Delivery, seconds: float) -> None:
        self.store.queues.extend(delivery.receipt, seconds)

    @rule(delivery=consumes(receipts), seconds=SECONDS, counts=st.booleans())
    def release(self, delivery: Delivery, seconds: float, counts: bool) -> None:
        def call() -> None:
            self.store.queues.release(delivery.receipt, seconds, counts=counts)

        if message := self._held(delivery, call):
            message.receives -= not counts
            message.visible_at, message.receipt, message.holder = self.now + seconds, "", ""

    @rule(delivery=receipts)
    def delete(self, delivery: Delivery) -> None:
        if message := self._held(delivery, lambda: self.store.queues.delete(delivery.receipt)):
            self._ended(delivery.queue, message)

    @rule(delivery=receipts)
    def bury(self, delivery: Delivery) -> None:
        if message := self._held(delivery, lambda: self.store.queues.bury(delivery.receipt, "x")):
            self._ended(delivery.queue, message)
            self.dead[delivery.queue].add(message.name)

    def _held(self, delivery: Delivery, call: Callable[[], None]) -> Modelled | None:
        """The message, if it is held under this receipt; else the call must be refused."""
        for message in self.living[delivery.queue]:
            if message.receipt == delivery.receipt and message.visible_at > self.now:
                call()
                return message
        with pytest.raises(StaleReceipt):
            call()
        return None

    @rule(holder=HOLDERS)
    def abandon(self, holder: str) -> None:
        held = [
            message
            for messages in self.living.values()
            for message in messages
            if message.holder == holder and message.receipt and message.visible_at > self.now
        ]
        assert self.store.queues.abandon(holder) == len(held)
        for message in held:
            message.visible_at, message.receipt, message.holder = self.now, "", ""
            message.abandoned = True

    @rule(queue=st.sampled_from(sorted(SPECS)))
    def redrive(self, queue: str) -> None:
        desk = self.store.queue_desk
        messages = [decode(letter.body) for letter in desk.dead_letters(queue, limit=1000)]
        assert desk.redrive(queue) == len(self.dead[queue]) == len(messages)
        for message in messages:  # in order of their ids, which is that of each owner's
            self._add(queue, job_of(message), group_of(message), self.now)
        self.dead[queue] = set()

    @invariant()
    def the_operator_sees_the_same(self) -> None:
        for state in self.store.queue_desk.states():
            messages = self.living[state.name]
            hidden = [each for each in messages if each.visible_at > self.now]
            held = sum(1 for each in hidden if each.receipt)
            assert (state.visible, state.held, state.delayed, state.dead) == (
                len(messages) - len(hidden),
                held,
                len(hidden) - held,
                len(self.dead[state.name]),
            )


@contextmanager
def _machine(url: str, run_path: Path) -> Iterator[type[QueueMachine]]:
    time = HandClock()
    opened = open_store(url, run_path=run_path, clock=time)

    class Machine(QueueMachine):
        store = opened
        clock = time

    yield Machine
    opened.close()


def _run(url: str, run_path: Path, examples: int) -> None:
    with _machine(url, run_path) as machine:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=30,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_the_queues_do_as_the_model(url: str, tmp_path: Path) -> None:
    _run(url, tmp_path / "run", 25)


@pytest.mark.slow
def test_the_queues_do_as_the_model_at_length(url: str, tmp_path: Path) -> None:
    _run(url, tmp_path / "run", 250)
