"""The engine without network, credentials or other people's files: a child tries them all."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import gas
from gas.engines.bcftools import capabilities, confine, landlock, process, seccomp
from gas.engines.bcftools.confine import Walls, try_walls
from gas.engines.bcftools.process import Bounds, Child

SECRET = "canary-9f2c"
PROBE = """
import json, os, sys
sys.path.insert(0, {source!r})
from gas.engines.bcftools import child

def tried(attempt):
    try:
        return "got " + repr(attempt())[:2000]
    except OSError as error:
        return type(error).__name__

def connect():
    import socket
    with socket.create_connection(("127.0.0.1", {port}), timeout=5) as found:
        return found.recv(100)

def unix():
    import socket
    return socket.socket(socket.AF_UNIX)

def run():
    os.execv("/bin/true", ["true"])

def work(what, told, emit):
    run_of = json.loads(told)
    read = lambda path: open(path, "rb").read()
    found = {{
        "connect": tried(connect),
        "unix": tried(unix),
        "passwd": tried(lambda: read("/etc/passwd")),
        "secret": tried(lambda: read({secret!r})),
        "neighbour": tried(lambda: read({neighbour!r})),
        "home": tried(lambda: os.listdir({home!r})),
        "parent": tried(lambda: read(f"/proc/{{os.getppid()}}/environ")),
        "memory": tried(lambda: open(f"/proc/{{os.getppid()}}/mem", "rb")),
        "signal": tried(lambda: os.kill(os.getppid(), 0)),
        "outside": tried(lambda: open({home!r} + "/made", "w")),
        "program": tried(run),
        "environment": repr(dict(os.environ)),
        "input": tried(lambda: read(run_of["input_path"])),
        "reference": tried(lambda: os.listdir(run_of["references_path"])),
        "own": tried(lambda: open("made", "w").write("x")),
    }}
    if os.fork() == 0:
        leaves = [connect, os.setsid, lambda: os.setpgid(0, 0)]
        with open("forked", "w") as said:
            said.write(" ".join(tried(attempt) for attempt in leaves))
        os._exit(0)
    os.wait()
    return found

child._work = work
sys.exit(child.main())
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def found(
    tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """What the probe got, run as the engine runs its child."""
    if try_walls() != Walls(calls=True, files=True):
        pytest.skip("this kernel has no Landlock or no seccomp; `gas doctor` says so")
    home = tmp_path / "home"
    run = home / "work" / "run"
    run.mkdir(parents=True)
    (home / "references").mkdir()
    (home / "secret").write_text(SECRET)
    (home / "work" / "other.input").write_text("another's")
    (home / "work" / "run.input").write_text("mine")
    probe = PROBE.format(
        source=str(Path(gas.__file__).parents[1]),
        port=listener.getsockname()[1],
        secret=str(home / "secret"),
        neighbour=str(home / "work" / "other.input"),
        home=str(home),
    )
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "probe.py").write_text(probe)
    monkeypatch.setattr(process, "MODULE", "probe")
    # Where the child looks for its module: three folders above this.
    monkeypatch.setattr(process, "__file__", str(tmp_path / "code/a/b/c/process.py"))
    for name in ("GAS_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "STRIPE_KEY"):
        monkeypatch.setenv(name, SECRET)
    told = {
        "input_path": str(home / "work" / "run.input"),
        "references_path": str(home / "references"),
    }
    bounds = Bounds(memory_bytes=1 << 30, seconds=60)
    with Child("annotate", json.dumps(told), work_path=run, bounds=bounds) as child:
        answers = list(child.answers())
    done: dict[str, str] = answers[-1]["done"]
    return done | {"forked": (run / "forked").read_text()}


def test_it_gets_what_its_run_needs(found: dict[str, str]) -> None:
    assert found["input"] == "got b'mine'"
    assert found["reference"] == "got []"
    assert found["own"] == "got 1"


def test_it_gets_nothing_else(found: dict[str, str]) -> None:
    refused = {name for name, what in found.items() if what == "PermissionError"}
    assert refused >= {
        "connect",
        "unix",
        "passwd",
        "secret",
        "neighbour",
        "home",
        "parent",
        "memory",
        "outside",
        "program",
    }, found
    assert found["forked"].split() == ["PermissionError"] * 3  # nor leaves it the group that ends
    assert "signal" in refused or landlock.version() < 6
    assert SECRET not in str(found)
    assert not {"GAS_", "AWS_", "STRIPE"} & set(found["environment"].split("'"))


def test_without_walls_the_probe_gets_through(
    tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tests above refuse is there to be had: they do not pass by a missing file."""
    outcome, said = os.pipe()
    child = os.fork()
    if child == 0:
        with socket.create_connection(listener.getsockname(), timeout=5):
            os.write(said, Path("/etc/passwd").read_bytes()[:4])
            os.write(said, b"/" if Path(f"/proc/{os.getppid()}/environ").read_bytes() else b"")
        os._exit(0)
    os.waitpid(child, 0)
    os.close(said)
    with os.fdopen(outcome, "rb") as stream:
        assert stream.read().endswith(b"/")


def test_walls_cost_next_to_nothing() -> None:
    """Beside the start of the program that they are for; without the fork, which costs what this
    process has in memory by then."""
    tried = cost_of_children(lambda: [try_walls() for _ in range(20)]) / 20
    walls = tried - cost_of_children(lambda: fork_alone(20)) / 20
    assert walls > 0
    program = [sys.executable, "-c", "import gas.engines.bcftools.child"]
    paths = {**os.environ, "PYTHONPATH": str(Path(gas.__file__).parents[1])}
    start = cost_of_children(lambda: subprocess.run(program, env=paths, check=True))
    assert walls < start / 4


def fork_alone(times: int) -> None:
    for _ in range(times):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)


def cost_of_children(act: Callable[[], object]) -> float:
    """Seconds of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from gas.engines.bcftools import BcftoolsEngine

    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "ARCHITECTURES", {})
    assert try_walls() == Walls(calls=False, files=False)
    assert [each.split()[-1] for each in BcftoolsEngine(tmp_path).missing_walls()] == [
        "seccomp)",
        "Landlock)",
    ]


def test_a_kernel_that_refuses_leaves_the_run_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_given: object) -> bool:
        raise PermissionError

    monkeypatch.setattr(landlock, "see_only", refuse)
    assert not confine._see_only((), ())


def test_the_filter_is_the_same_on_both_machines() -> None:
    sizes = {len(seccomp.program(machine)) for machine in seccomp.ARCHITECTURES}
    assert sizes == {8 * (len(seccomp.REFUSED) + 7)}


def test_capabilities_are_given_up() -> None:
    child = os.fork()
    if child == 0:
        given_up = capabilities.give_up()
        facts = Path("/proc/self/status").read_text()
        left = int(facts.partition("CapEff:\t")[2].split()[0], 16)
        os._exit(0 if given_up and left & ~capabilities.KEPT == 0 else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
