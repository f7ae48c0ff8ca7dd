"""Ties a child process down: it dies with its parent, and has limits of memory and time."""

from __future__ import annotations

import ctypes
import os
import resource
import signal

PR_SET_PDEATHSIG = 1
SPARE_SECONDS = 10


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


def _lower(kind: int, wanted: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(kind, (value, value))
