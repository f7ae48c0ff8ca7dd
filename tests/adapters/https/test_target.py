"""URLs of users, read strictly."""

from __future__ import annotations

import pytest

from gas.adapters.https.target import Target, target_of
from gas.domain.errors import InputError

PORTS = frozenset({443, 8443})
REFUSED = [
    "",
    "lab.example.org",
    "//lab.example.org/x",
    "http://lab.example.org/",
    "http://lab.example.org:443/",
    "HTTP://lab.example.org/",
    "ftp://lab.example.org/",
    "file:///etc/passwd",
    "gopher://lab.example.org:443/",
    "javascript:alert(1)",
    "https://",
    "https:///x",
    "https://lab.example.org:22/",
    "https://lab.example.org:0/",
    "https://lab.example.org:99999/",
    "https://lab.example.org:port/",
    "https://user@lab.example.org/",
    "https://user:word@lab.example.org/",
    "https://@lab.example.org/",
    "https://lab.example.org/#part",
    "https://lab.example.org/a b",
    "https://lab.example.org/\r\nHost: evil",
    "https://lab.example.org\\@evil.example/",
    "https://lab.example.org/\t",
    "https://lab.example.org/\x00",
    "https://läb.example.org/",
    "https://lab.example.org/é",
    "https://-lab.example.org/",
    "https://lab..example.org/",
    "https://lab_.example.org/",
    "https://%6cab.example.org/",
    "https://[::1/",
    "https://[fe80::1%25eth0]/",
    "https://lab.example.org/" + "x" * 2000,
]


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_odd_is_refused(url: str) -> None:
    with pytest.raises(InputError) as raised:
        target_of(url, ports=PORTS, loopback=False)
    assert raised.value.reason.code == "HOOK_URL"
    assert "lab.example" not in raised.value.reason.message


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://lab.example.org", Target(True, "lab.example.org", 443, "/")),
        ("HTTPS://LAB.example.org:8443?a=1", Target(True, "lab.example.org", 8443, "/?a=1")),
        (
            "https://lab.example.org./a/b?c=%20d",
            Target(True, "lab.example.org", 443, "/a/b?c=%20d"),
        ),
        ("https://8.8.8.8/x", Target(True, "8.8.8.8", 443, "/x")),
        ("https://[2606:4700::1111]/", Target(True, "2606:4700::1111", 443, "/")),
    ],
)
def test_where_it_leads(url: str, target: Target) -> None:
    assert target_of(url, ports=PORTS, loopback=False) == target


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000/", "http://[::1]:1/", "http://localhost/"])
def test_this_machine_only_where_a_setting_allows_it(url: str) -> None:
    assert target_of(url, ports=PORTS, loopback=True).path == "/"
    with pytest.raises(InputError):
        target_of(url, ports=PORTS, loopback=False)


@pytest.mark.parametrize("url", ["http://lab.example.org/", "https://lab.example.org:22/"])
def test_the_setting_is_for_this_machine_alone(url: str) -> None:
    with pytest.raises(InputError):
        target_of(url, ports=PORTS, loopback=True)


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("https://lab.example.org/", "lab.example.org"),
        ("https://lab.example.org:8443/", "lab.example.org:8443"),
        ("https://[2606:4700::1111]:8443/", "[2606:4700::1111]:8443"),
    ],
)
def test_the_host_header(url: str, header: str) -> None:
    assert target_of(url, ports=PORTS, loopback=False).host_header == header
