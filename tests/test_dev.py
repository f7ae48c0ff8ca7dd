"""dev.py: what it takes, what it says, and the locks it installs."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
LOCKS = ROOT / "requirements"
NAMES = sorted(path.stem for path in LOCKS.glob("*.txt"))
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def run_dev(*arguments: str, folder: Path = ROOT, **environment: str) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, "dev.py", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def pins(name: str) -> set[tuple[str, str]]:
    lines = (LOCKS / f"{name}.txt").read_text().splitlines()
    return {(found[1], found[2]) for line in lines if (found := PIN.match(line))}


@pytest.fixture
def dev(tmp_path: Path) -> ModuleType:
    """dev.py of a folder of its own, with the project's locks and a venv in name only."""
    shutil.copy(ROOT / "dev.py", tmp_path)
    shutil.copytree(LOCKS, tmp_path / "requirements")
    spec = importlib.util.spec_from_file_location("dev", tmp_path / "dev.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.PYTHON.parent.mkdir(parents=True)
    module.PYTHON.touch()
    return module


@pytest.mark.parametrize("name", NAMES)
def test_every_pin_of_a_lock_has_hashes_and_nothing_else(name: str) -> None:
    lines = (LOCKS / f"{name}.txt").read_text().splitlines()
    assert pins(name)
    assert not [line for line in lines if not PIN.match(line) and not HASH.match(line)]


@pytest.mark.parametrize(
    ("smaller", "larger"), [("run", "test"), ("test", "check"), ("test", "benchmarks")]
)
def test_a_larger_lock_holds_the_smaller(smaller: str, larger: str) -> None:
    assert pins(smaller) < pins(larger)


def test_usage_is_told_and_nothing_is_installed() -> None:
    code, output = run_dev()
    assert code == 2
    assert "dev.py demo" in output
    assert run_dev("--help")[0] == 0
    assert run_dev("nonsense")[0] == 2


def test_a_lock_is_installed_once_and_a_larger_one_counts(dev: ModuleType) -> None:
    assert not dev.installed("run")
    dev.stamp_path("test").write_text(dev.stamp_of("test"))
    assert dev.installed("run")
    assert dev.installed("test")
    assert not dev.installed("check")


def test_a_changed_lock_is_installed_anew(dev: ModuleType) -> None:
    dev.stamp_path("run").write_text(dev.stamp_of("run"))
    with dev.lock_path("run").open("a") as lock:
        lock.write("# changed\n")
    assert not dev.installed("run")


def test_the_gas_command_runs_from_a_folder_with_a_space(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "VENV", tmp_path / "a venv")
    monkeypatch.setattr(dev, "PYTHON", Path(sys.executable))
    (dev.VENV / "bin").mkdir(parents=True)
    dev.link_source()
    run = subprocess.run(
        [dev.VENV / "bin" / "gas", "--help"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Usage: gas" in run.stdout


def test_a_failing_pip_is_told_with_a_cure(dev: ModuleType, tmp_path: Path) -> None:
    dev.PYTHON.unlink()
    unreachable = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_FIND_LINKS": "",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "0",
    }
    code, output = run_dev("gas", "--help", folder=tmp_path, **unreachable)
    assert code == 1
    assert "pip could not install requirements/run.txt" in output
    assert "run the same command again" in output


def test_a_package_of_another_hash_is_not_installed(dev: ModuleType, tmp_path: Path) -> None:
    """A wheel of that name and version, which somebody else has made."""
    wheel = tmp_path / "changed-1.0-py3-none-any.whl"
    facts = "changed-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(
            f"{facts}/METADATA", "Metadata-Version: 2.1\nName: changed\nVersion: 1.0\n"
        )
        archive.writestr(f"{facts}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{facts}/RECORD", "")
    offline = ("--no-index", "--find-links", str(tmp_path), "--target", str(tmp_path / "into"))
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for hashes in (f" --hash=sha256:{'0' * 64}", ""):
        dev.lock_path("run").write_text(f"changed==1.0{hashes}\n")
        with pytest.raises(dev.SetupFailed):
            dev.pip_install(sys.executable, "run", *offline)
    assert not (tmp_path / "into").exists()
    dev.lock_path("run").write_text(f"changed==1.0 --hash=sha256:{digest}\n")
    dev.pip_install(sys.executable, "run", *offline)
    assert (tmp_path / "into" / facts).exists()


def test_the_pages_files_are_those_that_package_json_names() -> None:
    vendor = ROOT / "src" / "gas" / "web" / "static" / "vendor"
    if not vendor.exists():
        pytest.skip("the pages' files were not fetched: run `python3 dev.py test`")
    named = json.loads((ROOT / "package.json").read_text())["gas"]["vendor"]
    found = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.is_file()}
    assert found - {".stamp"} == set(named)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_fresh_clone_with_an_empty_home_runs_and_the_second_run_installs_nothing(
    tmp_path: Path,
) -> None:
    clone, home = tmp_path / "clone", tmp_path / "home"
    home.mkdir()
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True, timeout=60)
    bare = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    command = ["python3", "dev.py", "gas", "--help"]
    outputs = []
    for _ in range(2):
        run = subprocess.run(
            command, cwd=clone, env=bare, capture_output=True, text=True, timeout=300, check=False
        )
        assert run.returncode == 0, run.stderr
        outputs.append(run.stderr)
    assert "installing" in outputs[0]
    assert outputs[1] == ""
