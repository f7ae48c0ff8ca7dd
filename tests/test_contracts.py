"""The import contracts: they hold, and each is seen to fail on a planted breach."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
NAME_BY_ID = {contract["id"]: contract["name"] for contract in SETUP["contracts"]}

BREACHES = [
    ("layers", "domain/plan.py", "import gas.ports.clock"),
    ("layers", "journey/submit.py", "import gas.adapters.sql"),
    ("layers", "web/home.py", "import gas.workers.loop"),
    ("layers", "adapters/disk/files.py", "import gas.engines.bcftools"),
    ("layers", "workers/loop.py", "import gas.wiring"),
    ("layers", "settings.py", "import gas.cli"),
    ("layers", "unlisted.py", "x = 1"),
    ("steps", "journey/notify.py", "import gas.journey.annotate"),
    ("backends", "adapters/disk/files.py", "import gas.adapters.sql"),
    ("engines", "engines/other.py", "import gas.engines.bcftools"),
    ("sdk-pages", "cli/show.py", "import flask"),
    ("sdk-pages", "journey/submit.py", "import flask_openapi3"),
    ("sdk-pages", "workers/fleet.py", "import granian"),
    ("sdk-sql", "catalogue.py", "import sqlalchemy"),
    ("sdk-sql", "web/jobs.py", "import sqlite3"),
    ("sdk-smtp", "journey/notify.py", "import smtplib"),
    ("sdk-pysam", "journey/annotate/attempt.py", "import pysam"),
    ("sdk-duckdb", "web/home.py", "import duckdb"),
    ("sdk-http", "web/home.py", "import urllib3"),
    ("sdk-oidc", "web/account.py", "import authlib"),
    ("sdk-oidc", "web/departures.py", "import cryptography"),
    ("client", "client/names.py", "import gas.domain.ids"),
    ("sdk-requests", "journey/notify.py", "import requests"),
    ("sdk-command-line", "workers/fleet.py", "import click"),
    ("sdk-settings", "domain/job.py", "import pydantic"),
    ("sdk-settings", "web/jobs.py", "import pydantic"),
    ("sdk-stripe", "journey/pay.py", "import stripe"),
    ("sdk-zstd", "web/home.py", "import backports"),
    ("sdk-logs", "journey/sweep.py", "import structlog"),
]

TRIPWIRE = """
import importlib, pkgutil, sys, threading
BUILDS = ("socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.fork",
    "os.posix_spawn", "os.mkdir", "os.rename", "os.remove")
def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set("wax+") & set(arguments[1])
    probe = event == "socket.bind" and arguments[1] == ("::1", 0)  # urllib3: is there IPv6 here?
    if (event in BUILDS and not probe) or writes:
        print("BUILT", event, arguments, flush=True)
sys.addaudithook(watch)
import gas
for found in pkgutil.walk_packages(gas.__path__, "gas."):
    if not found.name.endswith("__main__") and ".migrations" not in found.name:
        importlib.import_module(found.name)
print("THREADS", threading.active_count())
"""


def broken_contracts(folder: Path) -> set[str]:
    """Names of the contracts that the tree in `folder` breaks."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Contracts:" in run.stdout, run.stdout + run.stderr
    lines = run.stdout.splitlines()
    broken = {line.removesuffix(" BROKEN") for line in lines if line.endswith(" BROKEN")}
    assert bool(broken) == bool(run.returncode)
    return broken


def python_files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def run_python(program: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source that a test may spoil."""
    shutil.copytree(
        SOURCE, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_contracts_hold() -> None:
    assert broken_contracts(ROOT) == set()


@pytest.mark.parametrize(("contract", "module", "breach"), BREACHES)
def test_a_breach_breaks_its_contract(tree: Path, contract: str, module: str, breach: str) -> None:
    path = tree / "src" / "gas" / module
    before = path.read_text() if path.exists() else ""
    path.write_text(f"{before}\n\n{breach}\n")
    assert broken_contracts(tree) == {NAME_BY_ID[contract]}


def test_every_contract_is_seen_to_fail() -> None:
    assert {contract for contract, _, _ in BREACHES} == set(NAME_BY_ID)


def test_every_vendor_has_a_contract() -> None:
    protected = {
        module
        for contract in SETUP["contracts"]
        for module in contract.get("protected_modules", ())
    }
    imported = {
        name
        for path in python_files()
        for name in imported_names(ast.parse(path.read_text()))
        if name != "gas" and name not in sys.stdlib_module_names
    }
    assert imported <= protected


def imported_names(tree: ast.AST) -> set[str]:
    """Top-level names of what a module imports, wherever in it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_only_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(SOURCE / "gas"))
        for path in python_files()
        if reads_environment(ast.parse(path.read_text()))
    }
    assert readers == {"settings.py"}


def reads_environment(tree: ast.AST) -> bool:
    """`os.environ`, `os.getenv` or an import of them. Setting a variable for a program that is
    called is no reading, and a WSGI `request.environ` is another thing."""
    names = {"environ", "environb", "getenv"}
    set_ones = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    }
    return any(
        (isinstance(node, ast.ImportFrom) and any(alias.name in names for alias in node.names))
        or (
            isinstance(node, ast.Attribute)
            and node.attr in names
            and isinstance(node.value, ast.Name)
            and node.value.id == "os"
            and id(node) not in set_ones
        )
        for node in ast.walk(tree)
    )


def test_nothing_is_built_at_import() -> None:
    assert run_python(TRIPWIRE).splitlines() == ["THREADS 1"]


def test_the_command_line_starts_light() -> None:
    heavy = {"flask", "sqlalchemy", "pysam", "granian", "pydantic", "alembic", "rich", "requests"}
    loaded = run_python("import sys, gas.cli; print(*sys.modules)").split()
    assert heavy.isdisjoint(loaded)
