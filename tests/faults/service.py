"""A whole service as processes of their own, to be killed and looked after."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from ports import free_port

ROOT = Path(__file__).parents[2]
POLL_SECONDS = 0.02
PLENTY = {
    "changes_per_minute": "1000000",
    "sign_ins_per_minute": "1000000",
    "api_per_minute": "1000000",
}
"""Who is quick on a quick machine is not what these tests are about."""


def until(reached: Callable[[], object], *, seconds: float, what: str) -> None:
    """Polls; fails with `what` when it takes too long."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(POLL_SECONDS)


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Nothing of the caller's but PATH."""
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))
    given = {f"GAS_{name.upper()}": value for name, value in settings.items()}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": paths, "GAS_HOME": str(home), **given}


def gas(home: Path, *arguments: str, **settings: str) -> list[str]:
    """Runs a command to its end and gives the lines that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "gas.cli", *arguments],
        env=environment(home, **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@dataclass
class Service:
    home: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    supervisor: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "output.log").open("ab") as output:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "gas.cli", "up", "--no-link", "--port", str(self.port)],
                env=environment(self.home, **(PLENTY | self.settings)),
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )

    def processes(self) -> list[psutil.Process]:
        """The supervisor's descendants."""
        if self.supervisor is None or self.supervisor.poll() is not None:
            return []
        try:
            return list(psutil.Process(self.supervisor.pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return []

    def workers(self, name: str) -> list[int]:
        """Process ids of the live workers of this name: they hold a file each."""
        alive = {process.pid for process in self.processes()}
        holders = (self.home / "run" / "holders").glob(f"{name}-*")
        return sorted(pid for holder in holders if (pid := int(holder.name.split("-")[1])) in alive)

    def web(self) -> list[int]:
        """Process ids of the web's supervisor-side process and of those below it."""
        return [pid for pid in self._web_pids() if psutil.pid_exists(pid)]

    def _web_pids(self) -> list[int]:
        found = []
        for process in self.processes():
            try:
                if "web" in process.cmdline():
                    found += [process.pid, *(c.pid for c in process.children(recursive=True))]
            except psutil.NoSuchProcess:
                continue
        return found

    def kill_supervisor(self) -> None:
        """-9; then nothing of it may live on."""
        assert self.supervisor is not None
        family = self.processes()
        self.supervisor.kill()
        self.supervisor.wait(timeout=10)
        deadline = time.monotonic() + 15
        while left := [told for process in family if (told := _life(process))]:
            assert time.monotonic() < deadline, f"live on without their supervisor: {left}"
            time.sleep(POLL_SECONDS)

    def stop(self) -> int:
        """In order, by SIGTERM; the exit code."""
        assert self.supervisor is not None
        self.supervisor.send_signal(signal.SIGTERM)
        return self.supervisor.wait(timeout=30)

    def end(self) -> None:
        """However the test went."""
        if self.supervisor is not None and self.supervisor.poll() is None:
            family = self.processes()
            self.supervisor.kill()
            self.supervisor.wait(timeout=10)
            for process in family:
                with suppress(psutil.NoSuchProcess):  # it is ending by itself
                    process.kill()


def _life(process: psutil.Process) -> str:
    """What it is and does; empty once it ended."""
    try:
        status = process.status()
        return "" if status == psutil.STATUS_ZOMBIE else f"{status}: {process.cmdline()}"
    except psutil.NoSuchProcess:
        return ""
