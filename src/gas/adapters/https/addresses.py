"""Which addresses are on the public internet, and which lead into somebody's house.

Written out after IANA's special-purpose registries (RFC 6890 and what came later) instead of asking
`ipaddress`, whose `is_global` differs between versions of Python and lets multicast pass.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address

CLOSED_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network, unspecified
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: the metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
OPEN_6 = IPv6Network("2000::/3")
"""All that is handed out as global unicast. Outside of it are loopback, unspecified, unique local,
link-local, multicast, IPv4-mapped and -compatible, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48)."""
CLOSED_6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, with Teredo and ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address within, which may be any
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(address: str) -> bool:
    """With a zone (`fe80::1%eth0`) or in another spelling than the usual: not."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if found.version == 4:
        return not any(found in network for network in CLOSED_4)
    if getattr(found, "scope_id", None):
        return False
    return found in OPEN_6 and not any(found in network for network in CLOSED_6)


def is_address(host: str) -> bool:
    """Rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
