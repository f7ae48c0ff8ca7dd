"""A terminal session with `gas` from a folder of its own, against a service that runs elsewhere.

The test makes one and looks at it; `docs/recordings/record.py` makes one and writes it down.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from faults.service import Service, gas, until
from gas.adapters.links import identity_of
from gas.cli.first_operator import record
from gas.domain.ids import new_id
from gas.domain.plan import Plan
from gas.domain.tokens import USUAL_SCOPES, ApiToken, new_token, token_hash
from gas.settings import read_settings
from gas.wiring import opened

PROMPT = "~/project$ "
SOURCES = Path(__file__).parents[2] / "src"
SHOWN_URL = "http://127.0.0.1:8000"


@dataclass
class Session:
    """Commands in `project`, in a home that holds nothing else. Nothing of the machine is in it."""

    home: Path
    url: str
    token: str
    text: str = ""
    codes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.home / "project").mkdir(parents=True)
        (self.home / "token").write_text(self.token + "\n")
        programs = self.home / "bin"
        programs.mkdir()
        script = programs / "gas"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gas.cli "$@"\n')
        script.chmod(0o755)

    @property
    def project(self) -> Path:
        return self.home / "project"

    def run(self, command: str) -> str:
        """What it printed, on both outputs; recorded under a prompt."""
        done = subprocess.run(
            ["bash", "-c", command.replace(SHOWN_URL, self.url)],
            cwd=self.project,
            env={
                "HOME": str(self.home),
                "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
                "PYTHONPATH": str(SOURCES),
                "LANG": "C.UTF-8",
                "TZ": "UTC",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        self.codes.append(done.returncode)
        said = done.stdout.replace(self.url, SHOWN_URL)
        self.text += f"{PROMPT}{command}\n{said}"
        return said


@contextmanager
def session(folder: Path, fasta: Path, gff: Path, reference: str) -> Iterator[Session]:
    """A service with one reference, and a premium user of it."""
    home = folder / "service"
    gas(home, "reference", "add", reference, "--fasta", str(fasta), "--gff", str(gff))
    service = Service(home)
    service.start()
    try:
        until(lambda: _answers(service), seconds=60, what="the service answers")
        yield Session(folder / "ada", service.url, _token(home))
    finally:
        service.stop()
        service.end()


def _answers(service: Service) -> bool:
    from gas.cli.visitor import Visitor

    with Visitor(service.url) as visitor:
        return visitor.ready()


def _token(home: Path) -> str:
    """As if it had been made on the page."""
    with opened(read_settings(home=home)) as services:
        account = record(services, identity_of("ada@example.org"), plan=Plan.PREMIUM)
        value, now = new_token(), services.clock()
        end = now + timedelta(days=1)
        token = ApiToken(new_id(now), account.id, "laptop", USUAL_SCOPES, now, end)
        assert services.api_tokens.add(token, token_hash(value), most=9)
        return value


def record_jobs(made: Session, source: Path, reference: str) -> None:
    """The session of the docs."""
    name = source.name
    (made.project / name).write_bytes(source.read_bytes())
    stem = name.removesuffix(".gz").removesuffix(".vcf")
    made.run("ls")
    made.run(f"gas login {SHOWN_URL} --token-stdin < ~/token")
    made.run(f"gas jobs submit {name} --reference {reference} --wait --results results; echo $?")
    made.run("ls results")
    made.run(f"head -n 12 results/{stem}.count.log")
    made.run("gas jobs ls")
    made.run(f"gas jobs submit {name} --reference nowhere; echo $?")
