"""Attacks over real HTTP on the web as it is run: redirects, planted cookies, slow senders."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import quote

import pytest

from web.real_web import FORM, RealWeb, Visitor, real_web

AWAY = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "//evil.example@127.0.0.1",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "\t//evil.example",
    "/\r\n/evil.example",
    "/\r\nSet-Cookie: gas_session=planted",
    "/\x00/evil.example",
    "evil.example",
]
SLOW = 200
ABSENT = "0" * 26


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealWeb]:
    with real_web(tmp_path_factory.mktemp("real") / "home") as started:
        yield started


@pytest.mark.parametrize("target", AWAY)
def test_next_leads_nowhere_else_from_the_page_and_from_the_form(web: RealWeb, target: str) -> None:
    visitor = web.signed_in("ada@example.org")
    for encoded in (quote(target, safe=""), quote(quote(target, safe=""), safe="")):
        page = visitor.get(f"/sign-in?next={encoded}")
        assert page.status == 200
        assert 'href="/jobs">Go on' in page.text
        assert "evil" not in page.text
        assert "planted" not in str(page.headers)
    token = web.link_token("ada@example.org")
    visitor.get(f"/sign-in/link?token={token}")
    answer = visitor.form("/sign-in/link", token=token, next=target)
    assert (answer.status, answer.headers["Location"]) == (303, "/jobs")
    assert "planted" not in str(answer.headers)


def test_a_planted_cookie_is_never_a_session(web: RealWeb) -> None:
    """Who plants cookies in a browser knows nothing of the session that it gets."""
    thief = web.visitor()
    thief.get("/sign-in/link?token=x")
    planted = {"gas_session": "planted-by-the-thief-" + "x" * 22, **thief.cookies}
    victim = web.visitor()
    victim.cookies |= planted
    token = web.link_token("bob@example.org")
    victim.get(f"/sign-in/link?token={token}")
    assert victim.form("/sign-in/link", token=token).status == 303
    assert victim.cookies["gas_session"] != planted["gas_session"]
    thief.cookies |= planted
    assert thief.get("/jobs").status == 302
    assert victim.get("/jobs").status == 200
    # nor does what the thief knows of the forms protect those of the new session
    victim.token = thief.token
    assert victim.form("/sign-out").status == 400
    assert victim.get("/jobs").status == 200


def test_signed_out_the_old_cookie_is_dead(web: RealWeb) -> None:
    ada = web.signed_in("ada@example.org")
    ada.get("/jobs")
    old = dict(ada.cookies)
    assert ada.form("/sign-out").headers["Location"] == "/"
    ada.cookies = old
    assert ada.get("/jobs").status == 302


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5, 6",
        "Content-Length: +5",
        "Content-Length: -5",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Content-Length: 5\r\n Transfer-Encoding: chunked",
    ],
)
def test_a_request_of_doubtful_length_is_refused(web: RealWeb, framing: str) -> None:
    """What proxies read in two ways hides a second request in the first."""
    hidden = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: hidden\r\n\r\n"
    head = f"POST /sign-in/link HTTP/1.1\r\nHost: 127.0.0.1\r\n{framing}\r\n\r\n0\r\n\r\n"
    answer = _all_of(web, head.encode() + hidden)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")
    assert b'"alive"' not in answer


def test_of_two_lengths_the_chunks_count(web: RealWeb) -> None:
    head = "POST /sign-in/link HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 300\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    after = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    answer = _all_of(web, (head + after).encode())
    assert answer.count(b"HTTP/1.1 400") == 1  # the form without its token
    assert answer.count(b"HTTP/1.1 ") == 1 or b'"alive"' in answer


def _all_of(web: RealWeb, sent: bytes) -> bytes:
    with _connected(web) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        parts = []
        while part := line.recv(1 << 16):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("kind", ["heads", "forms of strangers", "parts of a user"])
def test_two_hundred_slow_senders_do_not_stop_the_others(web: RealWeb, kind: str) -> None:
    ada, eve = web.signed_in("ada@example.org"), web.signed_in("eve@example.org")
    ada.get("/jobs/new")
    head = _slow_head(kind, eve)
    with ExitStack() as closing:
        lines = [closing.enter_context(_connected(web)) for _ in range(SLOW)]
        for line in lines:
            line.sendall(head)
        seconds = []
        for letter in b"X: slow":
            for line in lines:
                _drip(line, letter)
            began = time.monotonic()
            assert ada.get("/jobs").status == 200
            assert web.visitor().get("/").status == 200
            # who is signed in may send, whatever strangers hold up
            assert ada.form(f"/jobs/{ABSENT}/cancel").status == 404
            seconds.append(time.monotonic() - began)
        # But for once: the machine that runs the tests may have other things to do.
        assert sorted(seconds)[-2] < 5
        if kind == "forms of strangers":  # few seats are theirs, and they are told at once
            stranger = web.visitor()
            stranger.get("/sign-in/link?token=x")
            assert stranger.form("/sign-in/link", token="x").status == 503
    deadline = time.monotonic() + 30
    stranger = web.visitor()
    stranger.get("/sign-in/link?token=x")
    while stranger.form("/sign-in/link", token="x").status == 503:
        assert time.monotonic() < deadline, "seats of lines that are closed stay taken"
        time.sleep(0.05)


def _slow_head(kind: str, eve: Visitor) -> bytes:
    if kind == "heads":
        return b"GET /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    fields = {"Host": "127.0.0.1", "Content-Length": "5000"}
    if kind == "forms of strangers":
        begin = "POST /sign-in/link"
        fields |= {"Content-Type": FORM}
    else:
        eve.get("/jobs/new")
        made = json.loads(eve.json("/uploads", name="slow.vcf", size_bytes=5000).text)
        begin = f"PUT /uploads/{made['id']}/parts/1"
        fields |= {"Content-Type": "application/octet-stream", "X-CSRFToken": eve.token}
        fields |= {"Cookie": eve.sent_cookies}
    lines = (f"{begin} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()))
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _connected(web: RealWeb) -> socket.socket:
    return socket.create_connection(("127.0.0.1", web.port), timeout=60)


def _drip(line: socket.socket, letter: int) -> None:
    try:
        line.sendall(bytes([letter]))
    except OSError:
        return  # refused and closed: that one holds nothing any more
