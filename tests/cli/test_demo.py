"""`gas demo`, from nothing to what was found, with the real engine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from workers.errands import eventually

ROOT = Path(__file__).parents[2]


def demo(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gas.cli", "demo", "--exit", "--home", str(home)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "GAS_ANNOTATORS": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def left_behind(home: Path) -> list[int]:
    """What was started for this home, and still runs."""
    return [process.pid for process in psutil.process_iter() if is_of(process, home)]


def is_of(process: psutil.Process, home: Path) -> bool:
    try:
        return bool(process.environ().get("GAS_HOME") == str(home))
    except psutil.Error:
        return False


def test_the_search_for_what_is_left_behind_finds_something(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "30"], env=os.environ | {"GAS_HOME": str(tmp_path)}) as left:
        # The kernel shows no environment for a moment while it starts a program.
        eventually(lambda: left_behind(tmp_path) == [left.pid])
        left.kill()


def test_one_command_runs_a_job_and_shows_what_was_found(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = demo(home)
    assert first.returncode == 0, first.stdout + first.stderr
    assert re.search(r"^COMPLETED in [\d.]+ s", first.stdout, re.MULTILINE)
    assert re.search(r"^Total +\d+$", first.stdout, re.MULTILINE)
    assert re.search(r"^demo\.annot\.vcf\.gz +\d+$", first.stdout, re.MULTILINE)
    assert re.search(r"^The job: http://127\.0\.0\.1:\d+/jobs/\w{26}$", first.stdout, re.MULTILINE)
    assert "\x1b" not in first.stdout
    assert "token" not in first.stdout
    assert first.stderr == ""
    assert left_behind(home) == []
    assert not list((home / "work").iterdir())

    second = demo(home)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "Making the demo reference" in first.stdout
    assert "Making the demo reference" not in second.stdout


@pytest.mark.parametrize(
    ("environment", "code"),
    [({"GAS_PREMIUM_INPUT_BYTES": "10"}, "TOO_LARGE"), ({"GAS_MAIL": "pigeon"}, "UNKNOWN_PART")],
)
def test_what_fails_is_told_with_another_exit_code(
    tmp_path: Path, environment: dict[str, str], code: str
) -> None:
    result = demo(tmp_path / "home", **environment)
    assert result.returncode == 1
    assert code in result.stderr
    assert "Traceback" not in result.stderr
    assert left_behind(tmp_path / "home") == []
