"""The web as `gas web` runs it, over a home of its own, and browsers that speak HTTP to it."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import psutil

from gas.adapters.links import issue_link
from gas.domain.account import Identity
from gas.settings import read_settings
from gas.wiring import now, opened
from ports import free_port
from workers.fake_engine import PATH

FORM = "application/x-www-form-urlencoded"
# Attacks are many sign-ins from one address; what stops floods of them is tested elsewhere.
UNHURRIED = {"GAS_SIGN_INS_PER_MINUTE": "10000", "GAS_CHANGES_PER_MINUTE": "10000"}
SOURCES = os.pathsep.join(str(Path(__file__).parents[2] / name) for name in ("src", "tests"))


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Visitor:
    """Cookies kept by name, as a browser does; nothing is followed."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str) -> Answer:
        answer = self._ask("GET", path, None)
        found = re.search(r'name="csrf(?:-token" content|_token" value)="([^"]+)"', answer.text)
        self.token = found[1] if found else self.token
        return answer

    def form(self, path: str, **fields: str) -> Answer:
        return self._ask("POST", path, urlencode({"csrf_token": self.token, **fields}))

    def json(self, path: str, **fields: object) -> Answer:
        return self._ask("POST", path, json.dumps(fields), kind="application/json")

    @property
    def sent_cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, method: str, path: str, body: str | None, *, kind: str = FORM) -> Answer:
        sent = {"Cookie": self.sent_cookies} if self.cookies else {}
        if body is not None:
            sent |= {"Content-Type": kind, "X-CSRFToken": self.token}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as line:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            for header in answer.headers.get_all("Set-Cookie", []):
                for name, made in SimpleCookie(header).items():
                    self.cookies[name] = made.value
            return Answer(answer.status, answer.headers, answer.read().decode())


@dataclass
class RealWeb:
    port: int
    home: Path

    def visitor(self) -> Visitor:
        return Visitor(self.port)

    def link_token(self, email: str) -> str:
        settings = read_settings(home=self.home, engine=PATH)
        with opened(settings) as services:
            identity = Identity("links", email, email)
            link = issue_link(
                services.sign_in_links,
                identity,
                site_url="",
                lifetime=timedelta(hours=1),
                clock=now,
            )
        return link.partition("token=")[2]

    def signed_in(self, email: str) -> Visitor:
        visitor, token = self.visitor(), self.link_token(email)
        visitor.get(f"/sign-in/link?token={token}")
        assert visitor.form("/sign-in/link", token=token).status == 303
        return visitor


@contextmanager
def real_web(home: Path) -> Iterator[RealWeb]:
    port = free_port()
    command = [sys.executable, "-m", "gas.cli", "web", "--port", str(port), "--home", str(home)]
    environment = {**os.environ, **UNHURRIED, "PYTHONPATH": SOURCES, "GAS_ENGINE": PATH}
    process = subprocess.Popen(command, env=environment)
    web = RealWeb(port, home)
    try:
        _wait_for(web, process)
        yield web
    finally:
        for child in psutil.Process(process.pid).children() if process.poll() is None else ():
            child.kill()
        process.kill()
        process.wait()


def _wait_for(web: RealWeb, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            if web.visitor().get("/healthz").status == 200:
                return
        except OSError:
            assert process.poll() is None, "gas web ended"
            assert time.monotonic() < deadline, "gas web does not answer"
            time.sleep(0.1)
