"""`gas up`, started and stopped for real."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from click.testing import Result

from gas.cli import up as gas_up
from gas.cli.visitor import Visitor
from gas.domain.account import Role
from gas.ports.services import Services
from ports import free_port
from workers.errands import VCF, events, eventually, hand_in, runs

Gas = Callable[..., Result]
ROOT = Path(__file__).parents[2]
PATHS = f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}"


@pytest.fixture
def port() -> int:
    return free_port()


def command(home: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "gas.cli", "--home", str(home), *arguments]


@contextmanager
def up(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    arguments = command(home, "up", "--port", str(port), "--annotators", "1")
    home.parent.mkdir(exist_ok=True)
    with (home.parent / "output").open("wb") as output:
        process = subprocess.Popen(
            arguments, env=os.environ | {"PYTHONPATH": PATHS}, stdout=output, stderr=output
        )
    family: list[psutil.Process] = []
    try:
        yield process
    finally:
        if process.poll() is None:
            family = psutil.Process(process.pid).children(recursive=True)
            process.kill()
        process.wait()
        for child in family:
            with suppress(psutil.NoSuchProcess):  # it is ending by itself
                child.kill()


def output(home: Path) -> str:
    return (home.parent / "output").read_text()


def first_link(home: Path) -> str:
    eventually(lambda: "token=" in output(home))
    found = re.search(r"http://\S+token=\S+", output(home))
    assert found
    return found[0]


def test_one_journey_through_the_running_service(home: Path, services: Services, port: int) -> None:
    (home / "go").touch()
    with up(home, port) as process, Visitor(f"http://127.0.0.1:{port}") as visitor:
        link = first_link(home)
        eventually(visitor.ready)
        assert subprocess.run(
            command(home, "up"), env=os.environ | {"PYTHONPATH": PATHS}, capture_output=True
        ).stderr.startswith(b"ALREADY_UP: ")

        visitor.sign_in(link)
        upload_id = visitor.upload("ok.vcf", VCF)
        job_id = visitor.post("/jobs", {"upload_id": upload_id, "reference": "demo"})["id"]
        eventually(lambda: _is_notified(services, job_id))
        assert visitor.download(job_id, "ok.annot.vcf.gz") == b"annotated"

        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        eventually(lambda: not any(is_alive(child) for child in family))
    (operator,) = services.accounts.page(limit=10)
    assert operator.role is Role.OPERATOR
    log = (home / "logs" / "gas.log").read_text()
    order = [log.index(f"stops: {name}") for name in ("web", "annotate-1", "sweep")]
    assert order == sorted(order)
    assert "token=" not in log
    assert len(runs(home)) == 1


def _is_notified(services: Services, job_id: str) -> bool:
    job = services.jobs.get(job_id)
    return job is not None and job.notified_at is not None


def test_it_stops_within_five_seconds(home: Path, services: Services, port: int) -> None:
    def seconds() -> float:
        with up(home, port) as process, Visitor(f"http://127.0.0.1:{port}") as visitor:
            eventually(visitor.ready)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
            return time.monotonic() - began

    # Once in three times: the machine that runs the tests may have other things to do.
    assert any(seconds() < 5 for _ in range(3))


def test_the_web_that_is_killed_comes_back(home: Path, services: Services, port: int) -> None:
    with up(home, port) as process, Visitor(f"http://127.0.0.1:{port}") as visitor:
        eventually(visitor.ready)
        (web,) = (
            child for child in psutil.Process(process.pid).children() if "web" in child.cmdline()
        )
        os.kill(web.pid, signal.SIGKILL)
        eventually(lambda: not web.is_running())
        eventually(visitor.ready)
        process.terminate()
        assert process.wait(20) == 0


def test_nothing_listens_before_the_home_is_sound(tmp_path: Path, port: int) -> None:
    (tmp_path / "home").touch()
    process = subprocess.run(
        command(tmp_path / "home", "up", "--port", str(port)),
        env=os.environ | {"PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert process.stderr.startswith("HOME_UNUSABLE: ")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with pytest.raises(ConnectionRefusedError):
        connection.connect()


def test_a_port_that_is_taken_is_named(
    gas: Gas, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gas_up, "PORT_PATIENCE_SECONDS", 0.2)
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        result = gas("up", "--port", str(port))
    assert result.exit_code == 1
    assert result.stderr.startswith("PORT_TAKEN: ")
    assert str(port) in result.stderr


def test_an_address_that_is_not_ours_is_named(gas: Gas, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAS_SIGN_IN", "test_wiring:AUTHENTICATOR")
    result = gas("up", "--host", "192.0.2.7")
    assert result.exit_code == 1
    assert result.stderr.startswith("ADDRESS_UNUSABLE: ")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_one_worker_alone_ends_in_order(
    home: Path, services: Services, sign: signal.Signals
) -> None:
    arguments = command(home, "worker", "annotate")
    environment = os.environ | {"PYTHONPATH": PATHS}
    job = hand_in(services, "slow.vcf")
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE) as process:
        eventually(lambda: runs(home))
        process.send_signal(sign)
        said = process.communicate(timeout=30)[0].decode()
    assert process.returncode == 0
    assert "action=end" in said
    assert events(services, job)[-1] == "released"


def test_nothing_of_the_web_outlives_a_supervisor_that_is_killed(home: Path, port: int) -> None:
    def seconds() -> float:
        with up(home, port) as process, Visitor(f"http://127.0.0.1:{port}") as visitor:
            eventually(visitor.ready)
            family = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait()
            began = time.monotonic()
            eventually(lambda: not any(is_alive(child) for child in family))
            return time.monotonic() - began

    # Once in three times: the machine that runs the tests may have other things to do.
    assert any(seconds() < 3 for _ in range(3))


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
