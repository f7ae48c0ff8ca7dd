"""Slow senders leave threads for those who only want to see a page."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable

import pytest

from gas.web import gate
from gas.web.turns import PAGES_AT_ONCE, Environ, Respond, Turns
from web_rig import Pages


class Slow:
    """Answers once it is let go; counts who is inside."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.inside = threading.Semaphore(0)

    def __call__(self, environ: Environ, respond: Respond) -> Iterable[bytes]:
        self.inside.release()
        self.go.wait(60)
        respond("200 OK", [])
        return [b"done"]


def asked(turns: Turns, method: str, answers: list[str]) -> threading.Thread:
    def respond(status: str, _headers: list[tuple[str, str]]) -> None:
        answers.append(status[:3])

    thread = threading.Thread(target=turns, args=({"REQUEST_METHOD": method}, respond))
    thread.start()
    return thread


def test_bodies_beyond_their_share_are_refused_at_once_and_pages_are_not() -> None:
    slow, answers = Slow(), list[str]()
    turns = Turns(slow, bodies_at_once=3)
    sending = [asked(turns, "PUT", answers) for _ in range(3)]
    for _ in sending:
        assert slow.inside.acquire(timeout=30)
    asked(turns, "POST", answers).join(30)
    assert answers == ["503"]
    reading = asked(turns, "GET", answers)
    assert slow.inside.acquire(timeout=30)
    slow.go.set()
    for thread in (*sending, reading):
        thread.join(30)
    assert sorted(answers) == ["200"] * 4 + ["503"]
    asked(turns, "PUT", answers).join(30)
    assert answers[-1] == "200"


def test_pages_that_hang_do_not_stop_the_others() -> None:
    slow, answers = Slow(), list[str]()
    turns = Turns(slow, bodies_at_once=1)
    reading = [asked(turns, "GET", answers) for _ in range(PAGES_AT_ONCE + 2)]
    for _ in reading:
        assert slow.inside.acquire(timeout=30)
    slow.go.set()
    for thread in reading:
        thread.join(30)
    assert answers == ["200"] * len(reading)


def test_of_strangers_few_may_send_at_once(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_strangers", threading.BoundedSemaphore(1))
    stranger, ada = pages.stranger(), pages.ada()
    stranger.get("/sign-in/link?token=x")
    for _ in range(3):  # the seat is given back
        assert stranger.form("/sign-in/link", token="x").status_code == 403
    assert gate._strangers.acquire(blocking=False)
    refused = stranger.form("/sign-in/link", token="x")
    assert refused.status_code == 503
    assert "TOO_BUSY" in refused.text
    assert ada.get("/jobs").status_code == 200


def test_a_program_is_told_of_it_as_of_everything() -> None:
    told: list[tuple[str, str]] = []
    turns = Turns(Slow(), bodies_at_once=0)
    environ = {"REQUEST_METHOD": "PUT", "PATH_INFO": "/api/v1/uploads/x/parts/1"}
    body = b"".join(turns(environ, lambda _status, headers: told.extend(headers)))
    assert ("Content-Type", "application/problem+json") in told
    assert json.loads(body)["code"] == "TOO_BUSY"
    assert json.loads(body)["status"] == 503
