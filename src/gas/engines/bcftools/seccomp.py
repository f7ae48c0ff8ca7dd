"""System calls that a process may not make, by the kernel's seccomp: no socket of any kind, no
other program, no look into other processes. For itself and all it forks, for good.

A filter and not a network namespace: that needs user namespaces, which many kernels and
containers refuse. See docs/decisions/0017-audit.md.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

SET_SECCOMP, MODE_FILTER = 22, 2
LOAD, EQUALS, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06  # <linux/bpf_common.h>
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
NUMBER_AT, ARCHITECTURE_AT = 0, 4  # in struct seccomp_data
X32 = 0x40000000  # the second set of numbers that x86-64 has

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
REFUSED = {
    # name: numbers of x86_64 and aarch64
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "io_uring_setup": (425, 425),  # it makes sockets, and opens files, past this filter
    "execve": (59, 221),
    "execveat": (322, 281),
    "setsid": (112, 157),  # a process that left the run's group would outlive it
    "setpgid": (109, 154),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "open_by_handle_at": (304, 265),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_calls() -> bool:
    """False, and nothing changed, where the kernel or the machine does not know this. The caller
    has set no_new_privs, and has one thread."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        return False
    code = program(machine)
    filter_ = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(SET_SECCOMP, MODE_FILTER, ctypes.byref(filter_), 0, 0) == 0)


def program(machine: str) -> bytes:
    """In the kernel's own small language."""
    column = list(ARCHITECTURES).index(machine)
    numbers = [each[column] for each in REFUSED.values()]
    steps = [
        (LOAD, 0, 0, ARCHITECTURE_AT),
        (EQUALS, 1, 0, ARCHITECTURES[machine]),
        (ANSWER, 0, 0, KILL),  # calls of another architecture have other numbers
        (LOAD, 0, 0, NUMBER_AT),
        (AT_LEAST, len(numbers) + 1, 0, X32),
    ]
    for place, number in enumerate(numbers):
        steps.append((EQUALS, len(numbers) - place, 0, number))
    steps += [(ANSWER, 0, 0, ALLOW), (ANSWER, 0, 0, REFUSE)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
