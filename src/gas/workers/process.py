"""Child processes that never outlive their parent (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
CRASHED = 70
"""Exit code of a child that an exception ended (EX_SOFTWARE)."""
HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


def die_with_parent(parent: int | None = None, sign: signal.Signals = signal.SIGTERM) -> None:
    """Asks the kernel for `sign` when the parent dies; if `parent` is dead already, ends here.

    Survives an exec, not a fork. The signal comes when the parent's *thread* that forked ends,
    so fork from a thread that lives as long as its process.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, sign, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # The parent may have died between the fork and the call above: no signal would come.
    if parent is not None and os.getppid() != parent:
        os._exit(0)


def fork_child(run: Callable[[], int], *, output: int) -> int:
    """Forks; the child writes to `output`, leads a process group, runs, and exits. Gives its id.

    A group of its own: Ctrl-C in a terminal reaches the supervisor only, which stops its
    children in order, and a child that will not stop is killed with all it started.
    """
    parent = os.getpid()
    # A signal to the child before it has its own handlers must wait for them.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    child = os.fork()
    if child:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        return child
    code = CRASHED
    try:
        _set_up(parent, output)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        code = run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else CRASHED
    except BaseException:  # noqa: BLE001 (the last frame of a process: nothing is above it)
        traceback.print_exc()
    finally:
        # Never back into the supervisor's frames, nor its exit handlers.
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                code = code or CRASHED
        os._exit(code)


def _set_up(parent: int, output: int) -> None:
    os.setpgid(0, 0)
    die_with_parent(parent)
    signal.set_wakeup_fd(-1)
    for sign in HANDLED:
        signal.signal(sign, signal.SIG_DFL)
    os.dup2(output, 1)
    os.dup2(output, 2)
    # Nothing of the supervisor's stays open here: neither its lock nor its siblings' pipes.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def exec_command(command: list[str]) -> Callable[[], int]:
    """For `fork_child`: turns the child into this program."""

    def run() -> int:
        os.execv(command[0], command)  # noqa: S606 (a list, as everywhere)

    return run


def kill_group(child: int, sign: signal.Signals) -> None:
    """To the child and all in its group; nothing happens if it is gone."""
    try:
        os.killpg(child, sign)
    except ProcessLookupError:
        # It may not have made its group yet.
        try:
            os.kill(child, sign)
        except ProcessLookupError:
            return
