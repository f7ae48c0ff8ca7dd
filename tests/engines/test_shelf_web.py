"""How servers are asked: patience, redirections, proxies, certificates."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from engines.mirror import QUICK, Mirror, serving
from gas.domain.errors import NotFound, Unavailable
from gas.engines.bcftools.shelf.web import Patience, Web, next_url


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving(Mirror()) as mirror:
        mirror.put("a/file", b"content")
        yield mirror


def waits(mirror: Mirror, patience: Patience) -> list[float]:
    """Seconds between the tries of a server that is always busy."""
    slept: list[float] = []
    mirror.statuses["a/file"] = [503] * patience.tries
    with pytest.raises(Unavailable, match="DOWNLOAD_BROKEN"):
        Web({"here": mirror.url}, patience, slept.append).text(f"{mirror.url}/a/file")
    return slept


def test_waits_grow_to_a_bound_and_are_never_in_step(mirror: Mirror) -> None:
    patience = Patience(tries=8, first_seconds=1.0, longest_seconds=10.0)
    first, second = waits(mirror, patience), waits(mirror, patience)
    assert len(first) == 7
    for seconds, middle in zip(first, (1, 2, 4, 8, 10, 10, 10), strict=True):
        assert middle * 0.5 <= seconds <= middle * 1.5
    assert first != second


def test_server_that_is_down_is_told_after_so_many_tries() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody else answers either
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x.gz"
        with pytest.raises(Unavailable) as caught:
            Web({}, QUICK).look(url)
    assert caught.value.reason.code == "DOWNLOAD_BROKEN"
    assert "x.gz" in caught.value.reason.message
    assert "3 tries" in caught.value.reason.message


def test_server_that_is_not_to_be_trusted(mirror: Mirror) -> None:
    """It speaks no TLS at all; nothing is tried twice then."""
    with pytest.raises(Unavailable, match="DOWNLOAD_UNTRUSTED"):
        Web({}, QUICK).text(mirror.url.replace("http:", "https:") + "/a/file")


def test_redirection_is_followed(mirror: Mirror) -> None:
    mirror.headers["moved"] = {"Location": "/a/file"}
    mirror.statuses["moved"] = [302]
    assert Web({}, QUICK).text(f"{mirror.url}/moved") == "content"


def test_redirection_in_a_circle_ends(mirror: Mirror) -> None:
    mirror.headers["moved"] = {"Location": "/moved"}
    mirror.statuses["moved"] = [302] * 20
    with pytest.raises(Unavailable, match="DOWNLOAD_BROKEN"):
        Web({}, QUICK).text(f"{mirror.url}/moved")


def test_redirection_never_leads_out_of_encryption() -> None:
    assert next_url("https://a.example/b", "/c") == "https://a.example/c"
    assert next_url("http://a.example/b", "https://c.example/") == "https://c.example/"
    with pytest.raises(Unavailable, match="without encryption"):
        next_url("https://a.example/b", "http://a.example/b")


def test_proxy_is_not_asked_for_this_machine(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert Web({}, QUICK).text(f"{mirror.url}/a/file") == "content"


def test_absent_file_is_not_asked_for_twice(mirror: Mirror) -> None:
    with pytest.raises(NotFound, match="NOT_ON_SERVER"):
        Web({}, QUICK).text(f"{mirror.url}/a/none")
    assert len(mirror.asked) == 1


def test_beginning_of_a_file(mirror: Mirror) -> None:
    web = Web({}, QUICK)
    assert web.start_of(f"{mirror.url}/a/file", 3) == b"con"
    mirror.ranges = False
    assert web.start_of(f"{mirror.url}/a/file", 3) == b"con"
