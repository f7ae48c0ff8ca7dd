"""The real web on a port of this machine, with what may go wrong on the way to it.

Jobs are run by hand, as elsewhere in tests; all else is what a client meets outside.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from gas.adapters.disk import DiskFiles
from gas.client import Client
from gas.client.line import Patience
from gas.domain.account import Account
from gas.domain.ids import new_id
from gas.domain.plan import Limits
from gas.domain.tokens import USUAL_SCOPES, ApiToken, new_token, token_hash
from gas.ports.services import Services
from gas.web import create_app
from rig import Journey, open_journey
from web_rig import services_of

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
QUICK = Patience(tries=6, first_seconds=0.001, most_seconds=0.002)
PART_BYTES = 1000


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    status: int


@dataclass
class Trouble:
    """What happens to the next requests whose `METHOD path` holds `where`."""

    where: str
    times: int
    status: int = 0
    """Answered so; 0: the connection is cut before an answer."""
    headers: tuple[tuple[str, str], ...] = ()
    late: bool = False
    """The service does its work first, and only the answer is lost."""
    after_bytes: int | None = None
    """So much of the answer's body comes, then it is cut."""


@dataclass
class Way:
    """Between client and service."""

    application: Application
    troubles: list[Trouble] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        what = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        self.before(what)
        trouble = self._due(what)
        headers = {name: str(it) for name, it in environ.items() if name.startswith("HTTP_")}
        asked = Asked(environ["REQUEST_METHOD"], environ["PATH_INFO"], headers, 0)
        self.asked.append(asked)
        if trouble is None:
            return self._through(environ, start, asked)
        if trouble.late:
            list(self._through(environ, lambda *_: None, asked))
        elif trouble.after_bytes is not None:
            whole = b"".join(self._through(environ, start, asked))
            return _cut(whole[: trouble.after_bytes], environ["werkzeug.socket"])
        else:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if not trouble.status:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError  # the server goes on to the next line
        start(f"{trouble.status} Trouble", [*trouble.headers, ("Content-Length", "0")])
        return [b""]

    def _through(
        self, environ: Environ, start: Callable[..., Any], asked: Asked
    ) -> Iterable[bytes]:
        def noted(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            asked.status = int(status[:3])
            return start(status, headers, *rest)

        return self.application(environ, noted)

    def _due(self, what: str) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.where in what and trouble.times > 0:
                trouble.times -= 1
                return trouble
        return None

    def count(self, what: str) -> int:
        return sum(what in f"{it.method} {it.path}" for it in self.asked)


def _cut(sent: bytes, line: socket.socket) -> Iterator[bytes]:
    yield sent
    line.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


class Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None: ...
    def log_error(self, *_: object) -> None: ...
    def log(self, *_: object) -> None: ...


@dataclass
class LiveService:
    url: str
    journey: Journey
    services: Services
    way: Way
    token: str

    def token_of(self, account: Account) -> str:
        value, now = new_token(), self.services.clock()
        end = now + timedelta(days=30)
        token = ApiToken(new_id(now), account.id, "test", USUAL_SCOPES, now, end)
        assert self.services.api_tokens.add(token, token_hash(value), most=99)
        return value

    def client(self, token: str = "", **patience: Any) -> Client:
        return Client(self.url, token or self.token, patience=replace(QUICK, **patience))

    def annotate_next(self) -> None:
        """Runs one waiting job to its end."""
        delivery = self.journey.receive()
        assert delivery is not None
        self.journey.annotate(delivery)
        self.journey.store.queues.delete(delivery.receipt)


@contextmanager
def live_service(tmp_path: Path) -> Iterator[LiveService]:
    tmp_path.mkdir()
    (tmp_path / "gas.sqlite3").write_bytes(_newest_database())
    with open_journey(tmp_path) as journey:
        journey.limits = Limits(part_bytes=PART_BYTES)
        server = make_server("127.0.0.1", 0, _absent, threaded=True, request_handler=Silent)
        url = f"http://127.0.0.1:{server.server_port}"
        journey.files = DiskFiles(
            tmp_path / "files", secret_key=b"k" * 32, site_url=url, clock=journey.clock
        )
        services = services_of(journey, tmp_path)
        services = replace(services, site=replace(services.site, url=url))
        way = Way(create_app(services))
        server.app = way
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        service = LiveService(url, journey, services, way, "")
        service.token = service.token_of(journey.account)
        try:
            yield service
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@cache
def _newest_database() -> bytes:
    """It spares each test the migrations."""
    with TemporaryDirectory() as name, open_journey(Path(name)) as journey:
        path = journey.work_path.parent / "gas.sqlite3"
        journey.store.close()
        return path.read_bytes()


def _absent(_environ: Environ, _start: Callable[..., Any]) -> Iterable[bytes]:
    raise NotImplementedError
