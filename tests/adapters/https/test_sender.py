"""The sender against real sockets. Each guard is also taken away, to see that it was the guard."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from adapters.https.listener import hold, listening, ok, saying
from gas.adapters.https import HttpsSettings, sender
from gas.adapters.https.sender import HttpsHooks
from gas.domain.errors import GasError, InputError, Unavailable

BODY = b'{"type":"job.completed"}'
HEADERS = {"webhook-id": "msg_1"}
LAB = HttpsSettings(loopback=True, seconds=20.0)
STRICT = HttpsSettings(ports="443", seconds=20.0)


def post(hooks: HttpsHooks, url: str) -> int:
    return hooks.send(url, BODY, headers=HEADERS)


def named(*addresses: str) -> Callable[[str, int], list[str]]:
    """A resolver that gives these, each time it is asked."""
    return lambda _host, _port: list(addresses)


def code_of(hooks: HttpsHooks, url: str) -> str:
    with pytest.raises(GasError) as raised:
        post(hooks, url)
    assert url not in str(raised.value)
    return raised.value.reason.code


def test_what_arrives() -> None:
    with listening() as listener:
        assert post(HttpsHooks(LAB), f"http://127.0.0.1:{listener.port}/a?b=c") == 200
    (request,) = listener.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /a?b=c HTTP/1.1"
    assert f"Host: 127.0.0.1:{listener.port}" in lines
    assert "webhook-id: msg_1" in lines
    assert "Content-Type: application/json" in lines
    assert body == BODY


@pytest.mark.parametrize("status", [204, 302, 404, 410, 500])
def test_the_status_is_told_whatever_it_is(status: int) -> None:
    with listening(saying(f"HTTP/1.1 {status} X\r\n\r\n")) as listener:
        assert post(HttpsHooks(LAB), f"http://127.0.0.1:{listener.port}/") == status


def test_early_hints_are_passed_over() -> None:
    hint = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    with listening(saying(f"{hint}{hint}HTTP/1.0 201\r\n\r\n")) as listener:
        assert post(HttpsHooks(LAB), f"http://127.0.0.1:{listener.port}/") == 201


CLOSED = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "::1", "::ffff:10.0.0.1"]


@pytest.mark.parametrize("address", CLOSED)
def test_a_name_that_leads_into_the_house_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled = dialling(monkeypatch)
    hooks = HttpsHooks(STRICT, resolve=named(address))
    assert code_of(hooks, "https://lab.example.org/") == "HOOK_ADDRESS"
    assert dialled == []
    monkeypatch.setattr(sender, "is_public", lambda _: True)
    assert code_of(hooks, "https://lab.example.org/") == "HOOK_SILENT"
    assert dialled == [(address, 443)], "without the guard it goes there"


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[fd00::1]"])
def test_an_address_that_is_not_public_is_refused_before_anything_is_posted(host: str) -> None:
    with pytest.raises(GasError) as raised:
        HttpsHooks(STRICT).check(f"https://{host}/")
    assert raised.value.reason.code == "HOOK_ADDRESS"


def test_names_and_public_addresses_are_taken_as_they_are_written() -> None:
    hooks = HttpsHooks(STRICT, resolve=named())
    hooks.check("https://lab.example.org/")
    hooks.check("https://8.8.8.8/")
    HttpsHooks(LAB).check("http://127.0.0.1:8000/")


def dialling(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Where connections would go; none is made."""
    dialled: list[tuple[str, int]] = []

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", dial)
    return dialled


@pytest.mark.parametrize(
    "url", ["https://2130706433/", "https://127.1/", "https://0x7f.1/", "https://0177.0.0.1/"]
)
def test_other_spellings_of_loopback_are_found_out_by_what_they_resolve_to(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled = dialling(monkeypatch)
    assert code_of(HttpsHooks(STRICT), url) in {"HOOK_ADDRESS", "HOOK_SILENT", "HOOK_URL"}
    assert dialled == []


def test_one_closed_address_among_public_ones_closes_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dialled = dialling(monkeypatch)
    hooks = HttpsHooks(STRICT, resolve=named("8.8.8.8", "10.0.0.1"))
    assert code_of(hooks, "https://lab.example.org/") == "HOOK_ADDRESS"
    assert dialled == []


def test_a_name_that_changes_between_look_and_use_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rebinding: the second answer would be loopback. The first is used, and nobody asks again."""
    dialled = dialling(monkeypatch)
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    asked: list[str] = []

    def rebind(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    hooks = HttpsHooks(STRICT, resolve=rebind)
    assert code_of(hooks, "https://rebind.example.org/") == "HOOK_SILENT"
    assert dialled == [("8.8.8.8", 443)]
    assert asked == ["rebind.example.org"]


def test_the_system_is_asked_for_the_name_once(monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked = socket.getaddrinfo, []

    def count(host: str, *rest: object, **named: object) -> object:
        asked.append(host)
        return real(host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", count)
    with listening() as listener:
        post(HttpsHooks(LAB), f"http://localhost:{listener.port}/")
    assert asked.count("localhost") == 1
    assert set(asked) <= {"localhost", "127.0.0.1", "::1"}  # what is dialled is an address


def test_no_redirect_is_followed() -> None:
    with listening() as inner:
        there = f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{inner.port}/\r\n\r\n"
        with listening(saying(there)) as outer:
            assert post(HttpsHooks(LAB), f"http://127.0.0.1:{outer.port}/") == 307
        assert inner.connections == 0


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as proxy, listening() as listener:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(HttpsHooks(LAB), f"http://127.0.0.1:{listener.port}/") == 200
        assert proxy.connections == 0


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "http://localhost:{port}/"]
)
def test_this_machine_is_refused_unless_a_setting_allows_it(url: str) -> None:
    with listening() as listener:
        assert code_of(HttpsHooks(STRICT), url.format(port=listener.port)) == "HOOK_URL"
        assert listener.connections == 0


def test_a_private_address_stays_refused_where_loopback_is_allowed() -> None:
    hooks = HttpsHooks(LAB, resolve=named("10.0.0.1"))
    assert code_of(hooks, "https://lab.example.org/") == "HOOK_ADDRESS"


def drip(line: socket.socket) -> None:
    """A byte at a time, for ever: each comes in time, and the answer never."""
    try:
        for letter in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000:
            line.sendall(bytes([letter]))
            time.sleep(0.05)
    except OSError:
        return


def assert_soon_silent(hooks: HttpsHooks, url: str) -> None:
    def seconds() -> float:
        began = time.monotonic()
        assert code_of(hooks, url) == "HOOK_SILENT"
        return time.monotonic() - began

    # Once in three times: the machine that runs the tests may have other things to do.
    assert any(seconds() < 2 for _ in range(3))


@pytest.mark.parametrize("answer", [drip, hold], ids=["drips", "holds"])
def test_a_slow_receiver_has_one_deadline_for_everything(
    answer: Callable[[socket.socket], None],
) -> None:
    with listening(answer) as listener:
        hooks = HttpsHooks(HttpsSettings(loopback=True, seconds=0.4))
        assert_soon_silent(hooks, f"http://127.0.0.1:{listener.port}/")


def test_a_slow_resolver_is_not_waited_for() -> None:
    with listening() as listener:

        def slow(_host: str, _port: int) -> list[str]:
            listener.ended.wait(5)
            return ["127.0.0.1"]

        hooks = HttpsHooks(HttpsSettings(loopback=True, seconds=0.2), resolve=slow)
        assert_soon_silent(hooks, f"http://127.0.0.1:{listener.port}/")


@pytest.mark.parametrize(
    "text",
    ["", "SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\n"],
)
def test_what_speaks_no_http_is_silent(text: str) -> None:
    with listening(saying(text)) as listener:
        with pytest.raises(Unavailable, match="HOOK_SILENT"):
            post(HttpsHooks(LAB), f"http://127.0.0.1:{listener.port}/")
        assert len(listener.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 5_000 + "\r\n",
        "HTTP/1.1 103 X\r\n\r\n" * 5_000 + "HTTP/1.1 200 OK\r\n\r\n",
    ],
    ids=["long head", "many hints"],
)
def test_of_an_endless_head_a_little_is_read(answer: str) -> None:
    """It would be 200 at last."""
    with listening(saying(answer)) as listener:
        assert code_of(HttpsHooks(LAB), f"http://127.0.0.1:{listener.port}/") == "HOOK_SILENT"


def test_the_body_of_an_answer_is_not_waited_for() -> None:
    def endless(line: socket.socket) -> None:
        ok(line)
        line.recv(1)

    with listening(endless) as listener:
        assert post(HttpsHooks(LAB), f"http://127.0.0.1:{listener.port}/") == 200


def test_nobody_there_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert code_of(HttpsHooks(LAB), f"http://127.0.0.1:{port}/") == "HOOK_SILENT"


def test_a_name_that_nobody_knows_is_silent() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    hooks = HttpsHooks(STRICT, resolve=unknown)
    assert code_of(hooks, "https://lab.example.org/") == "HOOK_SILENT"


def test_another_address_is_tried_where_the_first_does_not_answer() -> None:
    with listening() as listener:
        hooks = HttpsHooks(LAB, resolve=named("127.0.0.2", "127.0.0.1"))
        assert post(hooks, f"http://localhost:{listener.port}/") == 200


def test_check_looks_at_the_address_as_written() -> None:
    hooks = HttpsHooks(STRICT, resolve=named())
    hooks.check("https://lab.example.org/")
    with pytest.raises(InputError, match="HOOK_URL"):
        hooks.check("http://lab.example.org/")


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_check_refuses_an_address_that_nothing_will_ever_be_posted_to(host: str) -> None:
    with pytest.raises(InputError, match="HOOK_ADDRESS"):
        HttpsHooks(STRICT).check(f"https://{host}/")
    HttpsHooks(STRICT).check("https://8.8.8.8/")
    HttpsHooks(LAB).check("http://127.0.0.1:8080/")
