"""What root may do beyond others, given up but for the sake of files.

With CAP_PERFMON alone a process sees the environment of others, Landlock or not. Who is not root
has nothing to give up. Numbers are those of <linux/capability.h>.
"""

from __future__ import annotations

import ctypes

VERSION_3 = 0x20080522
CHOWN, DAC_OVERRIDE, FOWNER, FSETID = 0, 1, 3, 4
KEPT = 1 << CHOWN | 1 << DAC_OVERRIDE | 1 << FOWNER | 1 << FSETID
"""Files of a run may belong to another user where root runs the annotators."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Set(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def give_up() -> bool:
    """For this process and all it forks; False where the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = _Header(VERSION_3, 0)
    sets = (_Set * 2)()  # 64 bits, in two halves
    if libc.capget(ctypes.byref(header), sets) != 0:
        return False
    kept = sets[0].permitted & KEPT
    sets[0] = _Set(kept, kept, 0)
    sets[1] = _Set(0, 0, 0)
    return bool(libc.capset(ctypes.byref(header), sets) == 0)
