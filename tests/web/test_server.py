"""The server: it ends when told, lets requests end, and leaves nothing behind."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from gas.web.server import GRACE_SECONDS
from ports import free_port

ROOT = Path(__file__).parents[2]
SERVE = (
    "import sys; from gas.web.server import serve; "
    "serve('127.0.0.1', int(sys.argv[1]), target='web_target:app')"
)


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int

    def get(self, path: str) -> str:
        return get(self.port, path)


def get(port: int, path: str) -> str:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", path)
    text = line.getresponse().read().decode()
    line.close()
    return text


def answers(port: int) -> bool:
    try:
        return bool(get(port, "/"))
    except OSError:
        return False


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def holds(process: psutil.Process, port: int) -> bool:
    """A line from this port."""
    return any(line.raddr and line.raddr.port == port for line in process.net_connections("tcp"))


def environment() -> dict[str, str]:
    paths = os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))
    return {**os.environ, "PYTHONPATH": paths}


def until(what: str, seconds: float, true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@pytest.fixture
def server() -> Iterator[Server]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], env=environment())
    started = Server(process, port)
    try:
        until("the server answers", 20, lambda: answers(port))
        yield started
    finally:
        for child in psutil.Process(process.pid).children() if process.poll() is None else ():
            child.kill()
        process.kill()
        process.wait()


def test_sigterm_lets_a_request_in_flight_end(server: Server, tmp_path: Path) -> None:
    worker = psutil.Process(int(server.get("/")))
    answers: list[str] = []
    begun = tmp_path / "begun"
    asking = threading.Thread(target=lambda: answers.append(server.get(f"/late?{begun}")))
    asking.start()
    until("the request is in flight", 20, begun.exists)
    server.process.send_signal(signal.SIGTERM)
    asking.join(10)
    assert answers == [str(worker.pid)]
    assert server.process.wait(GRACE_SECONDS + 5) == 0
    assert not worker.is_running()


@pytest.mark.slow
def test_a_line_that_never_ends_does_not_hold_it_up(server: Server) -> None:
    worker = psutil.Process(int(server.get("/")))
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(b"PUT /body HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\nx")
        until("the worker has it", 20, lambda: holds(worker, slow.getsockname()[1]))
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(GRACE_SECONDS + 5)
        until("no worker is left", 10, lambda: not alive(worker))


ORPHAN = (
    "import subprocess, sys, time; from gas.workers.process import die_with_parent; "
    "served = subprocess.Popen(sys.argv[1:], preexec_fn=die_with_parent); "
    "print(served.pid, flush=True); time.sleep(99)"
)


@pytest.mark.slow
def test_without_its_supervisor_it_waits_for_no_line() -> None:
    """However long the grace of one that is stopped in order."""
    port = free_port()
    patient = SERVE.replace("serve('", "import gas.web.server as s; s.GRACE_SECONDS = 99; serve('")
    supervisor = subprocess.Popen(
        [sys.executable, "-c", ORPHAN, sys.executable, "-c", patient, str(port)],
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert supervisor.stdout is not None
    listening = psutil.Process(int(supervisor.stdout.readline()))
    try:
        until("the server answers", 20, lambda: answers(port))
        worker = psutil.Process(int(get(port, "/")))
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(b"PUT /body HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\nx")
            until("the worker has it", 20, lambda: holds(worker, slow.getsockname()[1]))
            supervisor.kill()
            until("nothing is left", 20, lambda: not (alive(listening) or alive(worker)))
    finally:
        supervisor.kill()
        supervisor.wait()
        supervisor.stdout.close()
        if alive(listening):
            listening.kill()


@pytest.mark.slow
def test_the_worker_ends_with_a_killed_server(server: Server) -> None:
    worker = psutil.Process(int(server.get("/")))
    server.process.kill()
    server.process.wait()
    until("the worker ends too", GRACE_SECONDS + 10, lambda: not alive(worker))


def test_two_hundred_slow_bodies_do_not_stop_the_others(server: Server) -> None:
    lines = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    try:
        for line in lines:
            line.sendall(b"PUT /body HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nx")

        def seconds_of_fifty() -> float:
            began = time.monotonic()
            for _ in range(50):
                assert server.get("/")
            return time.monotonic() - began

        # Once in three times: the machine that runs the tests may have other things to do.
        assert any(seconds_of_fifty() < 5 for _ in range(3))
        for line in lines:
            line.sendall(b"x")
        for line in lines:
            line.settimeout(10)
            assert line.recv(12) == b"HTTP/1.1 200"
    finally:
        for line in lines:
            line.close()
