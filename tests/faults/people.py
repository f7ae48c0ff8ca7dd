"""People of a live service: what they do through its web, and what they are told there."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from faults.service import Service, environment, gas, until
from gas.cli.visitor import Refused, Visitor
from gas.domain.ids import new_id
from gas.wiring import now

SECONDS = 60.0
RESULTS = re.compile(r'data-results="(\w+)"')
EVENT = re.compile(r'<li class="event-(\w+)"')
FILE = re.compile(r"<bdi[^>]*>([^<]+)</bdi>.*SHA-256 <code[^>]*>([0-9a-f]{64})<", re.DOTALL)


@dataclass
class Person:
    service: Service
    email: str
    visitor: Visitor

    def submit(self, content: bytes, name: str = "") -> str:
        """Under a name of its own: a job that equals one before is not run."""
        upload_id = self.visitor.upload(name or f"{new_id(now())}.vcf", content)
        job = self.visitor.post("/jobs", {"upload_id": upload_id, "reference": "demo"})
        return str(job["id"])

    def page(self, job_id: str) -> str:
        return self.visitor.get(f"/jobs/{job_id}").decode()

    def results(self, job_id: str) -> str:
        """Where they are, as the page says; empty if it says nothing of it."""
        found = RESULTS.search(self.page(job_id))
        return found[1] if found else ""

    def events(self, job_id: str) -> list[str]:
        return EVENT.findall(self.page(job_id))

    def has_seen(self, job_id: str, *events: str) -> None:
        """Waits until the page tells of them."""
        told = f"the page of {job_id} tells of {', '.join(events)}"
        until(lambda: set(events) <= set(self.events(job_id)), seconds=SECONDS, what=told)

    def annotated(self, job_id: str) -> tuple[str, str]:
        """Name and SHA-256 of the annotated file."""
        items = self.page(job_id).split('<li class="list-group-item">')[1:]
        files = [(match[1], match[2]) for item in items if (match := FILE.search(item))]
        (found,) = (file for file in files if file[0].endswith(".annot.vcf.gz"))
        return found

    def download(self, job_id: str) -> bytes:
        return self.visitor.download(job_id, self.annotated(job_id)[0])

    def has_it_whole(self, job_id: str) -> None:
        """The annotated file can be downloaded, and is what the page says."""
        found = hashlib.sha256(self.download(job_id)).hexdigest()
        assert found == self.annotated(job_id)[1]

    def refused(self, job_id: str) -> str:
        """The code with which the download is refused; empty if it is not."""
        try:
            self.download(job_id)
        except Refused as error:
            return error.reason.code
        return ""

    def comes_back(self, job_id: str) -> None:
        self.has_seen(job_id, "restored")
        self.has_it_whole(job_id)

    def put_on(self, plan: str) -> None:
        """By the operator."""
        gas(self.service.home, "user", "plan", self.email, plan, **self.service.settings)


@contextmanager
def person(service: Service, email: str, *, plan: str = "free") -> Iterator[Person]:
    """Signed in by a link."""
    settings = {**service.settings, "port": str(service.port)}
    lines = gas(service.home, "user", "link", email, "--plan", plan, **settings)
    (link,) = (line.split()[-1] for line in lines if "sign-in/link?token=" in line)
    with Visitor(service.url) as visitor:
        until(visitor.ready, seconds=SECONDS, what="the web is ready")
        visitor.sign_in(link)
        yield Person(service, email, visitor)


def rows(service: Service, *words: str) -> list[dict[str, Any]]:
    """What an operator reads of a command, be it good news or not."""
    done = subprocess.run(
        [sys.executable, "-m", "gas.cli", *words, "--json"],
        env=environment(service.home, **service.settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def logged(service: Service, code: str) -> int:
    """How often the service's log names it."""
    log = service.home / "logs" / "gas.log"
    return log.read_text().count(f"code={code}") if log.exists() else 0


def reads(service: Service, code: str, *, before: int) -> None:
    """Waits until the operator can read it in the log, where it stood so often before. (What goes
    on and on is told less and less often: to wait for the next time may be long.)"""
    until(lambda: logged(service, code) > before, seconds=SECONDS, what=f"the log says {code}")


def idle(service: Service, *queues: str) -> bool:
    states = {each["name"]: each for each in rows(service, "queue", "ls")}
    return not any(states[name]["visible"] + states[name]["held"] for name in queues)
