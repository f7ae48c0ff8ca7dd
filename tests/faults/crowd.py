"""People on the free plan who submit jobs, some of whom change their plan: what they do, and when.

Everything is decided by the dice before it begins; `agenda` is that.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from faults.stage import Stage
from gas.adapters.links import identity_of
from gas.cli.first_operator import record, set_account
from gas.domain.account import Account
from gas.domain.plan import Plan

PEOPLE = 20
UPGRADE, WAVER, TRY_OUT = 10, 4, 2
"""So many become premium and end so, and of them so many leave and come again; so many others
become premium and leave."""
RECORDS = 40
"""Of the demo in each input, so that 200 are run in the time there is."""

Entry = tuple[float, Callable[[], object]]
"""Seconds from the beginning, and what is done then."""


@dataclass(frozen=True, slots=True)
class PlanEpoch:
    """A plan that somebody was put on."""

    account_id: str
    number: int
    plan: Plan
    began: float
    """By the monotonic clock."""


@dataclass
class Crowd:
    stage: Stage
    demo: bytes
    dice: random.Random
    people: list[Account] = field(default_factory=list)
    job_ids: list[str] = field(default_factory=list)
    epochs: list[PlanEpoch] = field(default_factory=list)

    def __post_init__(self) -> None:
        services = self.stage.services
        names = [f"visitor-{number}@example.org" for number in range(PEOPLE)]
        self.people = [record(services, identity_of(name)) for name in names]

    def agenda(self, *, jobs: int, seconds: float) -> list[Entry]:
        """Jobs in the first two thirds of the time, changes of plan in all of it."""
        dice = self.dice
        times = [dice.uniform(0, seconds * 2 / 3) for _ in range(jobs)]
        entries: list[Entry] = [
            (at, partial(self.submit, self.people[number % PEOPLE], number))
            for number, at in enumerate(times)
        ]
        for place, person in enumerate(self.people[: UPGRADE + TRY_OUT]):
            changes = 1
            if place < WAVER:
                changes = 3
            elif place >= UPGRADE:
                changes = 2
            moments = sorted(dice.uniform(0, seconds) for _ in range(changes))
            plans = (Plan.PREMIUM, Plan.FREE, Plan.PREMIUM)
            entries += [
                (at, partial(self.put_on, person, plan))
                for at, plan in zip(moments, plans, strict=False)
            ]
        return entries

    def submit(self, person: Account, number: int) -> None:
        stage = replace(self.stage, account=person)
        self.job_ids.append(stage.submit(self._content(number)).id)

    def _content(self, number: int) -> bytes:
        """Of its own for each."""
        lines = self.demo.splitlines(keepends=True)
        head = [line for line in lines if line.startswith(b"#")]
        records = lines[len(head) :]
        begin = number * 3 % (len(records) - RECORDS)
        return b"".join((*head, *records[begin : begin + RECORDS]))

    def put_on(self, person: Account, plan: Plan) -> None:
        """As `gas user plan` does it."""
        changed = set_account(self.stage.services, person, plan=plan)
        self.epochs.append(PlanEpoch(person.id, changed.plan_epoch, plan, time.monotonic()))

    def now(self) -> Iterator[Account]:
        """The people as they are now."""
        for person in self.people:
            found = self.stage.services.accounts.get(person.id)
            assert found is not None
            yield found
