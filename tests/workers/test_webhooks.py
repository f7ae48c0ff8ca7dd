"""Webhooks through the workers: real queues, real sockets, and receivers that are slow."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.https.listener import hold, listening, ok
from contracts.accounts import known
from gas.domain.errors import Later
from gas.domain.ids import new_id
from gas.domain.messages import AnnouncementDue, encode
from gas.domain.webhook import CHOICES, Webhook
from gas.journey.announce import announce_test
from gas.ports.queues import Delivery
from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import opened
from gas.workers.loop import whole
from gas.workers.roster import run_worker
from gas.workers.shares import shared
from gas.workers.stop import Stop
from workers.errands import eventually, hand_in
from workers.loops import running


@pytest.fixture
def services(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("GAS_HTTPS_LOOPBACK", "1")
    monkeypatch.setenv("GAS_HTTPS_SECONDS", "1")
    with opened(settings) as wired:
        yield wired


@contextmanager
def at_work(services: Services, *names: str) -> Iterator[None]:
    stop = Stop()
    threads = [threading.Thread(target=run_worker, args=(name, services, stop)) for name in names]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.ask()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


def hook(services: Services, owner_id: str, port: int) -> Webhook:
    now = services.clock()
    webhook = Webhook(new_id(now), owner_id, f"http://127.0.0.1:{port}/", CHOICES, now)
    services.webhooks.add(webhook, most=99)
    return webhook


def test_the_end_of_a_job_reaches_the_receiver(services: Services) -> None:
    with listening() as listener:
        job = hand_in(services, "ok.vcf")
        hook(services, job.owner_id, listener.port)
        with at_work(services, "annotate", "announce", "deliver"):
            eventually(lambda: listener.requests)
    assert job.id.encode() in listener.requests[0]
    assert b"webhook-signature: v1," in listener.requests[0]


def test_a_slow_receiver_blocks_nobody(services: Services) -> None:
    def test_of(webhook: Webhook) -> None:
        announce_test(
            webhook,
            new_id(services.clock()),
            webhooks=services.webhooks,
            queues=services.queues,
            together=services.together,
            clock=services.clock,
        )

    slow_ones: list[int] = []

    def count(line: socket.socket) -> None:
        slow_ones.append(slow.connections)
        ok(line)

    known(services.accounts, "mallory", "ada")
    with listening(hold) as slow, listening(count) as quick:
        first = hook(services, "mallory", slow.port)
        for _ in range(40):
            test_of(first)  # 40 s of work for one thread
        with at_work(services, "deliver"):
            eventually(lambda: slow.connections)
            before = slow.connections
            test_of(hook(services, "ada", quick.port))
            eventually(lambda: slow_ones)
    # Of forty, each of which takes a second, so many were before it.
    assert slow_ones[0] - before <= 12


def message(owner_id: str, *, receive_count: int = 1) -> Delivery:
    body = encode(AnnouncementDue("", owner_id, "msg"))
    return Delivery("deliver", "1", "receipt", body, receive_count)


def test_an_account_has_its_share_and_no_more() -> None:
    begun, go = threading.Semaphore(0), threading.Event()
    done: list[str] = []

    def step(delivery: Delivery, _: object) -> None:
        begun.release()
        assert go.wait(10)
        done.append(delivery.body)

    fair = shared(step, each=2)
    threads = [
        threading.Thread(target=fair, args=(message("ada"), lambda: False)) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
        assert begun.acquire(timeout=10)
    with pytest.raises(Later) as soon:
        fair(message("ada"), lambda: False)
    with pytest.raises(Later) as after_many:
        fair(message("ada", receive_count=9), lambda: False)
    assert soon.value.seconds <= 1
    assert 30 <= after_many.value.seconds <= 60
    go.set()
    fair(message("bob"), lambda: False)
    for thread in threads:
        thread.join(10)
    fair(message("ada"), lambda: False)
    assert len(done) == 4


def test_what_comes_later_comes_when_it_said(services: Services) -> None:
    def step(_delivery: Delivery, _: object) -> None:
        raise Later("NOT_YET", "Not yet.", seconds=3600)

    services.queues.publish(AnnouncementDue("", "ada", "msg"))

    def delayed() -> int:
        return next(it.delayed for it in services.queue_desk.states() if it.name == "deliver")

    with running(services, whole(step), queue="deliver"):
        eventually(lambda: delayed() == 1)
