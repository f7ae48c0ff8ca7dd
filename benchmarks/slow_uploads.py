"""Many browsers on slow lines: each sends one part of an upload at a few kilobytes a second."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

from gas.domain.plan import Limits

TICK_SECONDS = 0.5
PART_BYTES = Limits().part_bytes
PARTS_AN_UPLOAD = 25


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser, with what its forms are protected by."""

    host: str
    port: int
    cookies: str
    token: str

    def headers(self, content_type: str) -> dict[str, str]:
        return {
            "Host": f"{self.host}:{self.port}",
            "Cookie": self.cookies,
            "X-CSRFToken": self.token,
            "Content-Type": content_type,
        }


def open_browser(host: str, port: int, session: str) -> Browser:
    """Asks for the page of a new job, as a browser does, and keeps its token and cookies."""
    line = http.client.HTTPConnection(host, port, timeout=30)
    line.request("GET", "/jobs/new", headers={"Cookie": f"gas_session={session}"})
    answer = line.getresponse()
    page = answer.read().decode()
    line.close()
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    form = re.match(r"[^;]+", answer.getheader("Set-Cookie") or "")
    if answer.status != 200 or not token or not form:
        raise ConnectionError(f"/jobs/new answered {answer.status}: {page[:200]}")
    return Browser(host, port, f"gas_session={session}; {form[0]}", token[1])


def begin_upload(browser: Browser, size_bytes: int) -> dict[str, int]:
    """What the server says of the new upload: its id, part_bytes, part_count."""
    line = http.client.HTTPConnection(browser.host, browser.port, timeout=30)
    body = json.dumps({"name": "slow.vcf", "size_bytes": size_bytes})
    line.request("POST", "/uploads", body=body, headers=browser.headers("application/json"))
    answer = line.getresponse()
    content = answer.read()
    line.close()
    if answer.status != 201:
        raise ConnectionError(f"/uploads answered {answer.status}: {content[:200]!r}")
    found: dict[str, int] = json.loads(content)
    return found


def give_up_upload(browser: Browser, upload_id: str) -> None:
    line = http.client.HTTPConnection(browser.host, browser.port, timeout=30)
    line.request("DELETE", f"/uploads/{upload_id}", headers=browser.headers("application/json"))
    status = line.getresponse().status
    line.close()
    if status != 204:
        raise ConnectionError(f"giving up an upload was answered {status}")


class SlowUploads:
    """While open, so many connections send; each is at it for longer than any measurement."""

    def __init__(self, browser: Browser, *, count: int, bytes_per_second: int) -> None:
        self._browser = browser
        self._count = count
        self._chunk = b"#" * int(bytes_per_second * TICK_SECONDS)
        self._ended = threading.Event()
        self._sending = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()))
        self._begun: list[str] = []
        self.alive = 0
        """Connections that still took bytes at the end."""

    def __enter__(self) -> SlowUploads:
        self._thread.start()
        if not self._sending.wait(60):
            raise ConnectionError("the slow uploads did not begin")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        for upload_id in self._begun:
            give_up_upload(self._browser, upload_id)

    async def _all(self) -> None:
        sends = [asyncio.create_task(self._send(*part)) for part in self._parts()]
        await asyncio.sleep(2 * TICK_SECONDS)
        self._sending.set()
        await asyncio.gather(*sends)

    def _parts(self) -> Iterator[tuple[str, int]]:
        """Path and size of as many parts as connections: an account may have few uploads open."""
        for first in range(0, self._count, PARTS_AN_UPLOAD):
            count = min(PARTS_AN_UPLOAD, self._count - first)
            upload = begin_upload(self._browser, PART_BYTES * count)
            self._begun.append(str(upload["id"]))
            if upload["part_count"] != count:
                raise ConnectionError(f"parts of {PART_BYTES} bytes were expected, not {upload}")
            for number in range(1, count + 1):
                yield f"/uploads/{upload['id']}/parts/{number}", PART_BYTES

    async def _send(self, path: str, size: int) -> None:
        reader, writer = await asyncio.open_connection(self._browser.host, self._browser.port)
        headers = self._browser.headers("application/octet-stream") | {"Content-Length": str(size)}
        lines = [f"PUT {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        try:
            while not self._ended.is_set() and not reader.at_eof():
                writer.write(self._chunk)
                await writer.drain()
                await asyncio.sleep(TICK_SECONDS)
            self.alive += not reader.at_eof()
        except ConnectionError:
            return
        finally:
            writer.transport.abort()
