"""Files that a process may see, by the kernel's Landlock (Linux 5.19 on): nothing but what is
listed, for itself and all it forks, for good. Needs no right and no daemon, works in containers.

Numbers and structures are those of <linux/landlock.h>; the system calls have the same numbers on
every architecture.
"""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION = 1
PATH_BENEATH = 1
LEAST_VERSION = 2  # before it, nothing may be renamed into another folder

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
ALL_OF_VERSION_2 = (1 << 14) - 1
TRUNCATE, IOCTL_DEVICE = 1 << 14, 1 << 15
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
READ = EXECUTE | READ_FILE | READ_DIR
CONNECT_AND_BIND = 0b11
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Of the kernel's Landlock; 0 if it has none, or too old a one."""
    found = _libc().syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    return int(found) if found >= LEAST_VERSION else 0


def see_only(*, reads: Iterable[Path], writes: Iterable[Path]) -> bool:
    """Paths that are not there are passed over. False, and nothing changed, where the kernel has
    no Landlock. The caller has set no_new_privs."""
    found = version()
    if not found:
        return False
    handled = _handled(found)
    sizes = 8 if found < 4 else 16 if found < 6 else 24  # as much of the structure as it knows
    wanted = _Ruleset(handled, CONNECT_AND_BIND, ABSTRACT_SOCKETS_AND_SIGNALS)
    rules = _call(CREATE_RULESET, ctypes.byref(wanted), sizes, 0)
    try:
        for path in reads:
            _allow(rules, path, READ & handled)
        for path in writes:
            _allow(rules, path, handled & ~EXECUTE)
        _call(RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
    return True


def _handled(found: int) -> int:
    later = (TRUNCATE if found >= 3 else 0) | (IOCTL_DEVICE if found >= 5 else 0)
    return ALL_OF_VERSION_2 | later


def _allow(rules: int, path: Path, allowed: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(folder).st_mode):
            allowed &= OF_A_FILE
        _call(ADD_RULE, rules, PATH_BENEATH, ctypes.byref(_Beneath(allowed, folder)), 0)
    finally:
        os.close(folder)


def _call(number: int, *given: object) -> int:
    answer = int(_libc().syscall(number, *given))
    if answer < 0:
        raise OSError(ctypes.get_errno(), f"landlock {number}")
    return answer


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
