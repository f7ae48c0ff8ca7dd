"""Several processes' worth of hands on the same files at once: marked, moved, asked back, looked
at, read and deleted in any order. Nothing breaks, nothing is lost, nothing deleted comes back."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.disk.cold_rig import Rig
from gas.domain.errors import CapacityRefused, NotArchived, NotFound, NotReady
from gas.domain.results import Place
from gas.ports.cold_storage import Speed, StoreEventKind

HANDS, STEPS = 5, 200
STAYING = [f"results/ada/stays{number}/1/a.vcf.gz" for number in range(3)]
GOING = [f"results/bob/goes{number}/1/a.vcf.gz" for number in range(3)]
REFUSED = (NotFound, NotArchived, NotReady, CapacityRefused)


def content(key: str) -> bytes:
    return key.encode() * 300


@pytest.mark.parametrize("seed", range(4))
def test_many_hands_at_once(tmp_path: Path, seed: int) -> None:
    rig = Rig(tmp_path, compress=bool(seed % 2))
    for key in STAYING + GOING:
        rig.keep(key, content(key))

    def hand(number: int) -> None:
        chance = random.Random(100 * seed + number)
        for _ in range(STEPS):
            step(rig, chance, chance.choice(STAYING + GOING))

    with ThreadPoolExecutor(HANDS) as pool:
        for working in [pool.submit(hand, number) for number in range(HANDS)]:
            working.result()

    assert {event.kind for event in rig.events} >= {StoreEventKind.MOVED, StoreEventKind.RESTORED}
    rig.settle()
    for key in STAYING:
        bring_back(rig, key)
        with rig.files.open(key) as stream:
            assert stream.read() == content(key)
    for key in GOING:
        rig.files.delete(key.rpartition("/")[0])
        assert rig.store.look(key).place is Place.GONE
    rig.settle()
    assert rig.cold_files() == []
    assert rig.records() == []


def step(rig: Rig, chance: random.Random, key: str) -> None:
    store = rig.another() if chance.random() < 0.1 else rig.store
    with suppress(*REFUSED):
        match chance.randrange(12):
            case 0 | 1 | 2:
                store.mark(key)
            case 3:
                store.unmark(key)
            case 4:
                store.begin_restore(key, speed=Speed.STANDARD)
            case 5 | 6:
                store.finish_restore(key)
            case 7:
                store.verify(key)
            case 8:
                assert key in GOING or store.look(key).place is not Place.GONE
                with rig.files.open(key) as stream:
                    assert stream.read() == content(key)
            case 9 if key in GOING:
                rig.files.delete(key.rpartition("/")[0])
                made = rig.home / f"made-{chance.random()}"
                made.write_bytes(content(key))
                rig.files.store(key, made)
            case _:
                rig.clock.now += rig.store.usual_restore
                store.tend(rig.events.append, limit=3)


def bring_back(rig: Rig, key: str) -> None:
    store = rig.store
    store.unmark(key)
    with suppress(NotArchived):
        store.begin_restore(key, speed=Speed.STANDARD)
        rig.settle()
        store.finish_restore(key)
