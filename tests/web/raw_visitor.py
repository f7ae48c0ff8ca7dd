"""A visitor who speaks HTTP by hand: nothing stops them from lying about what they send."""

from __future__ import annotations

import http.client
import json
import re
import socket
from dataclasses import dataclass, field

from rig import VCF

LIMIT = 150_000
PART = 100_000
COMMENT = b"##free=" + b"x" * 1000 + b"\n"


def vcf_of(size: int) -> bytes:
    """Exactly so many bytes, and what a head is looked at for is right."""
    first, _, rest = VCF.partition(b"\n")
    room = size - len(VCF)
    padding = COMMENT * (room // len(COMMENT) - 1)
    padding += b"##a=" + b"y" * (room - len(padding) - 5) + b"\n"
    content = first + b"\n" + padding + rest
    assert len(content) == size
    return content


@dataclass
class Visitor:
    """Speaks HTTP by hand, as whom nobody can stop from lying."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.request(method, path, body or None, self._headers(headers))
        answer = line.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        found = re.search(r'name="csrf(?:-token" content|_token" value)="([^"]+)"', text)
        self.token = found[1] if found else self.token
        line.close()
        return answer.status, text

    def json(self, path: str, **fields: object) -> tuple[int, dict[str, str]]:
        body = json.dumps(fields).encode()
        status, text = self.ask("POST", path, body, **{"Content-Type": "application/json"})
        return status, json.loads(text)

    def begin(self, size: int) -> str:
        status, answer = self.json("/uploads", name="a.vcf", size_bytes=size)
        assert status == 201, answer
        return str(answer["id"])

    def put(self, upload_id: str, number: int, body: bytes, **headers: str) -> int:
        return self.ask("PUT", f"/uploads/{upload_id}/parts/{number}", body, **headers)[0]

    def raw(self, upload_id: str, number: int, body: bytes, *heads: str) -> int:
        """The body as it is, under these headers alone; the status, or 0 if it just hangs up."""
        head = [f"PUT /uploads/{upload_id}/parts/{number} HTTP/1.1", *heads, "Connection: close"]
        head += [f"{name}: {value}" for name, value in self._headers({}).items()]
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
            try:
                line.sendall("\r\n".join((*head, "", "")).encode() + body)
                line.shutdown(socket.SHUT_WR)
                answer = line.makefile("rb").readline().split()
            except OSError:
                return 0
        return int(answer[1]) if len(answer) > 1 else 0

    def parts(self, upload_id: str) -> list[int]:
        status, text = self.ask("GET", f"/uploads/{upload_id}")
        assert status == 200
        found: list[int] = json.loads(text)["parts"]
        return found

    def submit(self, upload_id: str) -> tuple[int, dict[str, str]]:
        return self.json("/jobs", upload_id=upload_id, reference="demo")

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        own = {
            "Host": f"127.0.0.1:{self.port}",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRFToken": self.token,
            "Accept": "text/html" if not self.token else "application/json",
            "Content-Type": "application/octet-stream",
        }
        return own | more


def chunked(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
