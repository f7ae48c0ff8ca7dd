"""Which addresses are public, by name of what each one is."""

from __future__ import annotations

import pytest

from gas.adapters.https.addresses import is_loopback, is_public

CLOSED = {
    "unspecified": "0.0.0.0",
    "this network": "0.1.2.3",
    "private ten": "10.0.0.1",
    "carrier NAT": "100.64.0.1",
    "end of carrier NAT": "100.127.255.255",
    "loopback": "127.0.0.1",
    "other loopback": "127.8.8.8",
    "metadata of a cloud": "169.254.169.254",
    "private 172": "172.16.0.1",
    "end of private 172": "172.31.255.255",
    "protocol assignments": "192.0.0.8",
    "documentation": "192.0.2.1",
    "6to4 relay": "192.88.99.1",
    "private 192": "192.168.1.1",
    "benchmarks": "198.19.255.255",
    "documentation 2": "198.51.100.7",
    "documentation 3": "203.0.113.7",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unspecified 6": "::",
    "loopback 6": "::1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped public": "::ffff:8.8.8.8",
    "mapped metadata in hex": "::ffff:a9fe:a9fe",
    "compatible": "::127.0.0.1",
    "translated": "::ffff:0:127.0.0.1",
    "NAT64": "64:ff9b::7f00:1",
    "local NAT64": "64:ff9b:1::a9fe:a9fe",
    "discard": "100::1",
    "Teredo": "2001::1",
    "ORCHID": "2001:20::1",
    "documentation 6": "2001:db8::1",
    "6to4 of loopback": "2002:7f00:1::",
    "documentation 6 long": "3fff::1",
    "segment routing": "5f00::1",
    "unique local": "fd00::1",
    "metadata of a cloud 6": "fd00:ec2::254",
    "link-local 6": "fe80::1",
    "with a zone": "fe80::1%eth0",
    "public with a zone": "2a00:1450::1%lo",
    "site-local": "fec0::1",
    "multicast 6": "ff02::1",
    "a name": "localhost",
    "a number": "2130706433",
    "octal": "0177.0.0.1",
    "nothing": "",
}
OPEN = ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1"]
OPEN_6 = ["2a00:1450:4001:81b::200e", "2606:4700::1111", "2001:4860:4860::8888"]


@pytest.mark.parametrize("address", CLOSED.values(), ids=CLOSED.keys())
def test_closed(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [*OPEN, *OPEN_6])
def test_open(address: str) -> None:
    assert is_public(address)


def test_loopback_is_of_this_machine_only() -> None:
    assert [is_loopback(it) for it in ("127.0.0.1", "127.1.2.3", "::1")] == [True] * 3
    others = ("10.0.0.1", "0.0.0.0", "::ffff:10.0.0.1", "169.254.169.254", "localhost")
    assert [is_loopback(it) for it in others] == [False] * 5
