"""Ties a child process down: it dies with its parent, has limits of memory and time, no network,
and sees the files of its run only."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gas.engines.bcftools import capabilities, landlock, seccomp

PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
SPARE_SECONDS = 10
SYSTEM = (
    *("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/usr/share/zoneinfo"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/ssl/openssl.cnf", "/dev/urandom", "/dev/zero"),
    *("/proc", "/sys/fs/cgroup", "/sys/devices/system/cpu"),
)
"""Libraries, and what they ask about the machine; nothing of these is anybody's secret. In /proc
the kernel keeps memory and environment of others from who is under Landlock, and not root."""


@dataclass(frozen=True, slots=True)
class Walls:
    """What keeps a child in."""

    calls: bool
    """No network, no other program: seccomp."""
    files: bool
    """The files of its run only: Landlock."""


def die_with(parent_pid: int) -> None:
    """SIGKILL for this process once its parent is gone, even if that is so already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent_pid:  # it died before the call, so no signal will come
        os._exit(1)


def limit(*, memory_bytes: int, seconds: int) -> None:
    """For this process and those it starts, each on its own."""
    _lower(resource.RLIMIT_AS, memory_bytes)
    _lower(resource.RLIMIT_CPU, seconds + SPARE_SECONDS)  # the parent's own limit comes first
    _lower(resource.RLIMIT_CORE, 0)


def shut_in(*, reads: Sequence[str] | None, writes: Sequence[str]) -> Walls:
    """As far as this kernel can; `gas doctor` says how far. With None for `reads` all files may be
    read: a reference is made from files that lie anywhere."""
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    capabilities.give_up()
    files = reads is not None and _see_only(reads, writes)
    return Walls(calls=seccomp.refuse_calls(), files=files)


def try_walls() -> Walls:
    """What `shut_in` would do here, tried in a process that ends at once."""
    child = os.fork()
    if child == 0:
        walls = shut_in(reads=(), writes=())
        os._exit(walls.calls | walls.files << 1)
    _, status = os.waitpid(child, 0)
    found = os.waitstatus_to_exitcode(status)
    return Walls(calls=bool(found & 1), files=bool(found & 2)) if found > 0 else Walls(False, False)


def _see_only(reads: Sequence[str], writes: Sequence[str]) -> bool:
    own = [Path("/dev/null"), *map(Path, writes)]
    try:
        return landlock.see_only(reads=[*_program(), *map(Path, reads)], writes=own)
    except OSError:  # a kernel that has it and does not let us
        return False


def _program() -> Iterator[Path]:
    """What this program itself is made of, and still has to load."""
    yield from map(Path, SYSTEM)
    yield from (Path(place) for place in (sys.prefix, sys.base_prefix, *sys.path) if place)


def _lower(kind: int, wanted: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))
