"""A visitor of the service's own web: what a browser does, with the standard library."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from gas.domain.errors import GasError, Unavailable

TIMEOUT_SECONDS = 30.0
CSRF = re.compile(rb'name="csrf[-_]token" (?:content|value)="([^"]+)"')
"""In the head of a signed-in visitor's pages, and in every form."""
Body = bytes | None


class Refused(GasError):
    """The web answered, and not with what was asked for."""


class Visitor:
    """Keeps cookies and the token that forms are protected with; follows no redirect."""

    def __init__(self, url: str) -> None:
        self.url = url
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            parts.hostname or "127.0.0.1", parts.port or 80, timeout=TIMEOUT_SECONDS
        )
        self._cookies: dict[str, str] = {}
        self._csrf = ""

    def __enter__(self) -> Visitor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def ready(self) -> bool:
        """Whether the pages can be served by now."""
        try:
            self.get("/readyz")
        except (Unavailable, Refused):
            return False
        return True

    def sign_in(self, link: str) -> None:
        parts = urlsplit(link)
        self.get(f"{parts.path}?{parts.query}")
        token = parts.query.partition("token=")[2]
        form = urlencode({"token": token, "csrf_token": self._csrf}).encode()
        self._ask("POST", parts.path, form, "application/x-www-form-urlencoded")
        self.get("/jobs")  # the session is a new one, and so is its token

    def upload(self, name: str, content: bytes) -> str:
        """In parts, as the page does it; the upload's id."""
        upload = self.post("/uploads", {"name": name, "size_bytes": len(content)})
        size = int(upload["part_bytes"])
        for number in range(1, int(upload["part_count"]) + 1):
            part = content[(number - 1) * size : number * size]
            path = f"/uploads/{upload['id']}/parts/{number}"
            self.put(path, part)
        return str(upload["id"])

    def put(self, path: str, part: bytes) -> None:
        self._ask("PUT", path, part, "application/octet-stream")

    def post(self, path: str, fields: Mapping[str, object]) -> dict[str, Any]:
        answer = self._ask("POST", path, json.dumps(fields).encode(), "application/json")
        found: dict[str, Any] = json.loads(answer)
        return found

    def get(self, path: str) -> bytes:
        return self._ask("GET", path, None, "")

    def download(self, job_id: str, name: str) -> bytes:
        """A file of a job, by the link that its page leads to."""
        self._ask("GET", f"/jobs/{job_id}/files/{quote(name)}", None, "")
        parts = urlsplit(self._location)
        return self.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    def _ask(self, method: str, path: str, body: Body, content_type: str) -> bytes:
        headers = {"Accept": "application/json, text/html;q=0.9", "X-CSRFToken": self._csrf}
        if content_type:
            headers["Content-Type"] = content_type
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{key}={value}" for key, value in self._cookies.items())
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Unavailable(
                "WEB_SILENT",
                f"The web at {self.url} does not answer.",
                cure="Look into the log of the service, logs/gas.log in its home.",
            ) from error
        self._remember(response, answer)
        if response.status >= http.client.BAD_REQUEST:
            raise _refusal(response, answer, method=method, path=urlsplit(path).path)
        return answer

    def _remember(self, response: http.client.HTTPResponse, answer: bytes) -> None:
        self._location = response.headers.get("Location", "")
        for header in response.headers.get_all("Set-Cookie", []):
            for key, morsel in SimpleCookie(header).items():
                self._cookies[key] = morsel.value
        if found := CSRF.search(answer):
            self._csrf = found[1].decode()


def _refusal(
    response: http.client.HTTPResponse, answer: bytes, *, method: str, path: str
) -> Refused:
    """What the web said was wrong. `path` comes without what follows it: a token may."""
    told: dict[str, str] = {}
    if response.headers.get_content_type() == "application/json":
        told = json.loads(answer)
    return Refused(
        told.get("code", "WEB_REFUSED"),
        told.get("message", f"The web answered {response.status} to {method} {path}."),
        place=told.get("place", ""),
        cure=told.get("cure", "Look into the log of the service, logs/gas.log in its home."),
    )
