"""Rules of the tree: names, sizes, and what is never tracked."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_LINES = 300
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core"}
# Written apart, so that this file does not hold what it looks for.
REGISTRY_HOSTS = re.compile(
    "|".join(
        ("pypi" + r"\.org", "python" + r"hosted\.org", "registry" + r"\.npm", "deb" + r"ian\.org")
    )
)
MACHINE_PATHS = re.compile(
    "|".join(("/wo" + "rk/", "/ro" + "ot/", "/ho" + r"me/\w", "/o" + "pt/py"))
)
BINARY = {".png", ".gz", ".tbi", ".bcf", ".ico"}


def tracked() -> list[Path]:
    """Files of the project: what git has, or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    paths = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file()]


def text_files() -> list[Path]:
    return [path for path in tracked() if path.suffix not in BINARY]


def said(paths: list[Path]) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def test_no_module_is_too_long() -> None:
    modules = [path for path in tracked() if path.suffix == ".py" and path.name != "dev.py"]
    assert not said([path for path in modules if len(path.read_text().splitlines()) > MOST_LINES])


def test_dev_py_stays_one_readable_file() -> None:
    assert len((ROOT / "dev.py").read_text().splitlines()) <= 350


def test_no_name_that_says_nothing() -> None:
    empty = [
        path
        for path in tracked()
        if EMPTY_NAMES & {part.split(".")[0] for part in path.relative_to(ROOT).parts}
    ]
    assert not said(empty)


@pytest.mark.parametrize("forbidden", [REGISTRY_HOSTS, MACHINE_PATHS], ids=["hosts", "paths"])
def test_no_address_of_a_registry_and_no_path_of_a_machine(forbidden: re.Pattern[str]) -> None:
    assert not said([path for path in text_files() if forbidden.search(path.read_text())])


def test_nothing_of_others_is_in_the_tree() -> None:
    foreign = [
        path
        for path in tracked()
        if {"vendor", "node_modules", "site-packages"} & set(path.parts)
        or path.suffix in {".whl", ".tgz", ".so"}
        or path.name.endswith((".min.js", ".min.css"))
    ]
    assert not said(foreign)


def test_the_front_end_is_locked_by_integrity_without_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert {f"node_modules/{name}" for name in wanted} <= packages.keys()
