"""What every contestant's script can play: `prepare`, `fill`, `pace` and `worker`.

`fill` submits jobs as fast as one client can; `pace` submits them at a rate and writes down when.
Each runs as a process of its own under the contestant's interpreter, so nothing but the standard
library is used here.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stamps import Stamps

PACED_FROM = 1_000_000
"""Numbers of paced jobs begin here, to be told from those of the fill."""

Submit = Callable[[int], str]
"""Submits the n-th job durably and gives the key that its worker will stamp."""


@dataclass(frozen=True, slots=True)
class Role:
    prepare: Callable[[str], None]
    """Makes tables and the like on the broker."""
    open_submit: Callable[[str], Submit]
    work: Callable[[str, Stamps], None]
    """Works until it is terminated."""


def play(role: Role) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=("prepare", "fill", "pace", "worker"))
    parser.add_argument("--broker", required=True)
    parser.add_argument("--done", type=Path, required=True, help="stamps of finished jobs")
    parser.add_argument("--submitted", type=Path, help="stamps of submissions, for pace")
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--first", type=int, default=0, help="number of the first one, for pace")
    chosen = parser.parse_args()
    if chosen.part == "prepare":
        role.prepare(chosen.broker)
    elif chosen.part == "worker":
        role.work(chosen.broker, Stamps(chosen.done))
    elif chosen.part == "fill":
        print(json.dumps({"seconds": _fill(role.open_submit(chosen.broker), chosen.count)}))
    else:
        submitted = Stamps(chosen.submitted)
        numbers = range(PACED_FROM + chosen.first, PACED_FROM + chosen.first + chosen.count)
        _pace(role.open_submit(chosen.broker), submitted, numbers, chosen.rate)


def _fill(submit: Submit, count: int) -> float:
    submit(-1)  # connects
    began = time.monotonic()
    for number in range(count):
        submit(number)
    return time.monotonic() - began


def _pace(submit: Submit, submitted: Stamps, numbers: range, rate: float) -> None:
    submit(-2)  # connects
    began = time.monotonic()
    for place, number in enumerate(numbers, 1):
        time.sleep(max(0.0, began + place / rate - time.monotonic()))
        moment = time.monotonic_ns()
        submitted.put(submit(number), moment)
