"""Who calls: the address of the other end, as far as those in between can be trusted."""

from __future__ import annotations

import ipaddress

from flask import request

from gas.web.wired import services

UNKNOWN = "unknown"


def caller() -> str:
    """The address that rates are counted by. A header counts for nothing unless the operator says
    how many proxies of theirs stand before us: everybody can send one."""
    return counted_as(_claimed(services().site.trusted_proxies) or request.remote_addr or "")


def counted_as(address: str) -> str:
    """An IPv6 address by its network of 64 bits: one household has all of that."""
    try:
        found = ipaddress.ip_address(address.strip().strip("[]"))
    except ValueError:
        return UNKNOWN
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(getattr(found, "ipv4_mapped", None) or found)


def _claimed(proxies: int) -> str | None:
    """What the outermost of our own proxies saw: each adds one at the end."""
    if not proxies:
        return None
    hops = [hop for line in request.headers.getlist("X-Forwarded-For") for hop in line.split(",")]
    return hops[-proxies] if len(hops) >= proxies else None
