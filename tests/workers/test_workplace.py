"""A worker's own folder, and those of the dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gas.workers.workplace import workplace

ROOT = Path(__file__).parents[2]
LIVE = """
import sys
from pathlib import Path
from gas.workers.workplace import workplace
with workplace(Path(sys.argv[1]), sys.argv[2]) as path:
    (path / "run").mkdir()
    print("here", flush=True)
    sys.stdin.read()
"""


def test_folders_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    workers = []
    for name in ("dead", "living"):
        command = [sys.executable, "-c", LIVE, str(tmp_path), name]
        worker = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert worker.stdout
        assert worker.stdout.readline() == b"here\n"
        workers.append(worker)
    dead, living = workers
    dead.send_signal(signal.SIGKILL)
    dead.communicate()
    assert (tmp_path / "dead" / "run").exists()
    with workplace(tmp_path, "mine") as mine:
        assert mine.is_dir()
        assert {path.name for path in tmp_path.iterdir()} == {"living", "mine"}
        assert (tmp_path / "living" / "run").exists()
    living.communicate(b"")
    assert living.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_worker_that_ends_meanwhile_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "iterdir", lambda root: iter([root / "gone"]))
    with workplace(tmp_path, "mine") as mine:
        assert mine.is_dir()
