"""Writes requirements/*.txt and package-lock.json: versions and hashes, never an address.

`python3 dev.py lock` runs it. Locks are for every platform and for Python from 3.11 on; they keep
the versions they have unless `--upgrade` is given.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
TEST = ["pyproject.toml", "--extra=postgres", "--group=test"]
OPTIONS_BY_LOCK = {  # what of pyproject.toml it holds, and the lock that it agrees with
    "run": ["pyproject.toml"],
    "test": [*TEST, "--constraint=requirements/run.txt"],
    "check": [*TEST, "--group=check", "--constraint=requirements/test.txt"],
    "benchmarks": [*TEST, "--group=benchmarks", "--constraint=requirements/check.txt"],
    "venv": ["--group=venv"],
    "node": ["--group=node"],
    "lock": ["--group=lock"],
}


def main(options: list[str]) -> int:
    for name, its_options in OPTIONS_BY_LOCK.items():
        path = FOLDER / f"{name}.txt"
        command = [sys.executable, "-m", "uv", "pip", "compile"]
        command += ["--universal", "--python-version=3.11", "--generate-hashes", "--no-header"]
        command += ["--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
        command += [*its_options, *options, f"--output-file=requirements/{name}.txt"]
        subprocess.run(command, cwd=ROOT, check=True)
        refuse_addresses(path, "://")
    npm = ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(npm, cwd=ROOT, check=True)
    refuse_addresses(ROOT / "package-lock.json", '"resolved"')
    return 0


def refuse_addresses(path: Path, mark: str) -> None:
    """The project is installed from whatever registry a machine is set to."""
    if mark in path.read_text():
        sys.exit(f"{path.relative_to(ROOT)} names addresses: look at how pip and npm are set up")
    print(f"{path.relative_to(ROOT)} is up to date")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
