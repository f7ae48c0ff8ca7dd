"""The supervisor with real processes, killed for real."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from gas.domain.job import JobState
from gas.ports.services import Services
from gas.settings import Settings
from workers.errands import events, eventually, found, hand_in, runs

ROOT = Path(__file__).parents[2]
RESTART_SECONDS, KILLS = 0.3, 5


@contextmanager
def fleet(kind: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}"}
    command = [sys.executable, "-m", "workers.small_fleet", kind, str(folder)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    family = []
    try:
        eventually(lambda: "starts as" in said(folder))
        yield process
    finally:
        if process.poll() is None:
            family = children(process)
            process.kill()
        process.wait()
        assert process.stderr
        process.stderr.close()
        for child in family:
            with suppress(psutil.NoSuchProcess):  # it is ending by itself
                child.kill()


def children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return list(psutil.Process(process.pid).children(recursive=True))


def said(folder: Path) -> str:
    path = folder / "fleet.log"
    return path.read_text() if path.exists() else ""


def pids(folder: Path, name: str) -> list[int]:
    return [int(pid) for pid in re.findall(rf"\b{name} starts as process (\d+)", said(folder))]


def gone(processes: list[psutil.Process]) -> bool:
    """None of them runs; what nobody reaps where the tests run does not count."""
    return not any(alive(process) for process in processes)


def alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_children_stop_group_by_group_and_the_code_is_0(tmp_path: Path) -> None:
    with fleet("toys", tmp_path) as up:
        eventually(lambda: said(tmp_path).count("is here") == 3)
        up.send_signal(signal.SIGINT)
        assert up.wait(10) == 0
    ends = re.findall(r"\| (\w+) ends$", said(tmp_path), re.MULTILINE)
    assert ends == ["early", "middle", "late"]
    assert re.search(r"^late +\| late is here$", said(tmp_path), re.MULTILINE)


def test_one_that_dies_starts_at_once_and_then_less_and_less_often(tmp_path: Path) -> None:
    with fleet("mayfly", tmp_path) as up:
        eventually(lambda: len(pids(tmp_path, "mayfly")) >= 4)
        up.terminate()
        assert up.wait(10) == 0
    waits = [float(at) for at in re.findall(r"starts again in ([\d.]+) s", said(tmp_path))][:3]
    assert waits[0] == 0.0
    assert 0.1 <= waits[1] <= 0.2
    assert 0.2 <= waits[2] <= 0.4
    assert len(pids(tmp_path, "steady")) == 1
    assert "exit code 3" in said(tmp_path)


def kill_after_a_second(name: str, folder: Path, number: int) -> None:
    """Of those of this name that were started one after the other, the one of this number."""
    eventually(lambda: len(pids(folder, name)) == number)
    # Not by its time of birth: what the kernel tells of that may be a second off.
    seen = time.monotonic()
    eventually(lambda: time.monotonic() - seen > 1.2)
    psutil.Process(pids(folder, name)[-1]).kill()


def test_one_that_is_killed_from_outside_now_and_then_starts_at_once(tmp_path: Path) -> None:
    with fleet("toys", tmp_path) as up:
        for number in (1, 2, 3):
            kill_after_a_second("early", tmp_path, number)
        eventually(lambda: len(pids(tmp_path, "early")) == 4)
        up.terminate()
        assert up.wait(10) == 0
    assert re.findall(r"KILL\); starts again in ([\d.]+) s", said(tmp_path)) == ["0.0"] * 3


def test_one_that_will_not_stop_is_killed_with_all_it_started(tmp_path: Path) -> None:
    with fleet("deaf", tmp_path) as up:
        eventually(lambda: "deaf is here" in said(tmp_path))
        family = children(up)
        assert len(family) == 2
        up.terminate()
        assert up.wait(10) == 1
        eventually(lambda: gone(family))


def test_a_second_signal_forces(tmp_path: Path) -> None:
    with fleet("deaf and patient", tmp_path) as up:
        eventually(lambda: "deaf is here" in said(tmp_path))
        up.terminate()
        eventually(lambda: "stops: deaf" in said(tmp_path))
        assert up.poll() is None
        up.terminate()
        assert up.wait(10) == 1


def holders(work_path: Path) -> set[int]:
    """The processes that the folders are named after."""
    return {int(path.name.split("-")[1]) for path in work_path.iterdir()}


def seconds_from_kill_to_next_run(home: Path) -> float:
    before = runs(home)
    killed_at = time.time()
    os.kill(int(before[-1].split()[1]), signal.SIGKILL)
    eventually(lambda: len(runs(home)) > len(before))
    return float(runs(home)[len(before)].split()[2]) - killed_at


def test_a_killed_annotators_job_runs_again_at_once_and_completes_once(
    services: Services, settings: Settings, tmp_path: Path
) -> None:
    job = hand_in(services, "slow.vcf")
    with fleet("workers", tmp_path) as up:
        eventually(lambda: runs(settings.home))
        # The best of some: the machine that runs the tests may have other things to do.
        gaps = [seconds_from_kill_to_next_run(settings.home) for _ in range(KILLS)]
        assert min(gaps) < RESTART_SECONDS
        (settings.home / "go").touch()
        eventually(lambda: found(services, job).notified_at)
        eventually(
            lambda: len(pids(tmp_path, "annotate-1") + pids(tmp_path, "annotate-2")) == 2 + KILLS
        )
        # A worker that has only just started has yet to remove what the dead one left.
        living = {pids(tmp_path, "annotate-1")[-1], pids(tmp_path, "annotate-2")[-1]}
        eventually(lambda: holders(services.site.work_path) == living)
        up.terminate()
        assert up.wait(10) == 0
    assert found(services, job).state is JobState.COMPLETED
    expected = ["submitted", *["started"] * (1 + KILLS), "completed", "notified"]
    assert events(services, job) == expected
    assert not list(services.site.work_path.iterdir()), "the dead workers' folders are removed"


def test_nobody_outlives_a_supervisor_that_is_killed(
    services: Services, settings: Settings, tmp_path: Path
) -> None:
    job = hand_in(services, "slow.vcf")
    with fleet("workers", tmp_path) as up:
        eventually(lambda: runs(settings.home))
        eventually(lambda: len(children(up)) == 3)
        family = children(up)
        up.kill()
        up.wait()
        eventually(lambda: gone(family))
    assert events(services, job)[-1] == "released"
    (settings.home / "go").touch()
    (tmp_path / "fleet.log").unlink()
    with fleet("workers", tmp_path) as up:
        eventually(lambda: found(services, job).state is JobState.COMPLETED)
        up.terminate()
        assert up.wait(10) == 0


def seconds_of_an_ordered_stop(home: Path, folder: Path) -> float:
    before = len(runs(home))
    with fleet("workers", folder) as up:
        eventually(lambda: len(runs(home)) > before)
        began = time.monotonic()
        up.terminate()
        assert up.wait(10) == 0
        return time.monotonic() - began


def test_an_ordered_stop_gives_the_running_job_back_within_two_seconds(
    services: Services, settings: Settings, tmp_path: Path
) -> None:
    job = hand_in(services, "slow.vcf")
    # Once in three times: the machine that runs the tests may have other things to do.
    assert any(seconds_of_an_ordered_stop(settings.home, tmp_path) < 2 for _ in range(3))
    stops = len(runs(settings.home))
    assert events(services, job) == ["submitted", *["started", "released"] * stops]
    (state,) = (one for one in services.queue_desk.states() if one.name == "annotate")
    assert (state.visible, state.held) == (1, 0)
