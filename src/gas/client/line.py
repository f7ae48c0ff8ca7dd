"""The line to a service: asks, waits and asks again where that may help, and says what is wrong.

What is asked twice does no harm: operations that would are given a key by their callers. The token
goes to the service alone, never where a redirect leads (none is followed), and never in clear but
to this very machine. requests is imported where it is used: urllib3 opens a socket when it is.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from gas import __version__
from gas.client.answers import bad_answer
from gas.client.errors import ClientError

if TYPE_CHECKING:
    import requests

TIMEOUT_SECONDS = (30.0, 120.0)
"""To connect, or to get rid of a piece of what is sent; to be answered."""
AGAIN = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 300.0
"""However long a service asks to wait."""
LINES_AT_ONCE = 8


class Content(Protocol):
    """A body of known length that is read bit by bit, once."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[bytes]: ...
    def read(self, size: int = -1, /) -> bytes: ...
    def __enter__(self) -> Content: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Told(Protocol):
    """Is told what a client waits for, and for how long."""

    def __call__(self, why: str, seconds: float, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How often something is tried, and how long to wait between: doubled each time."""

    tries: int = 8
    first_seconds: float = 0.5
    most_seconds: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    told: Told | None = None

    def wait(self, tries: int, why: str, *, least: float = 0.0) -> None:
        doubled = min(self.first_seconds * 2.0 ** (tries - 1), self.most_seconds)
        spread = doubled * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)
        seconds = min(max(least, spread), LONGEST_WAIT)
        if self.told:
            self.told(why, seconds)
        self.sleep(seconds)


class _Bearer:
    """Given as the way to sign in, so that no ~/.netrc goes before it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Line:
    def __init__(self, url: str, token: str, *, patience: Patience) -> None:
        import requests
        from requests.adapters import HTTPAdapter

        self.url = checked_url(url)
        self.patience = patience
        self._bearer = _Bearer(token)
        self._nobody = _Bearer("")
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"gas-client/{__version__}"
        adapter = HTTPAdapter(pool_maxsize=LINES_AT_ONCE)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)

    def close(self) -> None:
        self._session.close()

    def json(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> Any:
        """The answer, parsed; None if it has no body."""
        answer = self.ask(
            method, path, body=body, params=params, headers=headers, patience=patience
        )
        return json_of(answer) if answer.content else None

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        content: Callable[[], Content] | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        patience: Patience | None = None,
    ) -> requests.Response:
        """An answer below 400. `content` makes what is sent as it is, anew for each try; `body` is
        sent as JSON."""

        def once() -> requests.Response:
            sent = {"Accept": "application/json", **(headers or {})}
            if content is not None:
                sent["Content-Type"] = "application/octet-stream"
            with content() if content is not None else nullcontext() as data:
                return self._session.request(
                    method,
                    f"{self.url}/api/v1{path}",
                    json=body,
                    data=data,
                    params=params,
                    headers=sent,
                    auth=self._bearer,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                )

        answer = self._insist(once, patience or self.patience, removes=method == "DELETE")
        if answer.is_redirect or answer.status_code < 200:
            raise bad_answer()
        return answer

    def fetch(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """What a link of the service leads to, wherever that is, to be read bit by bit. Without
        the token: the link is the permission. Tried once."""
        return self._session.get(
            checked_url(url, whole=True),
            headers={"Accept-Encoding": "identity", **headers},
            auth=self._nobody,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
            stream=True,
        )

    def _insist(
        self, once: Callable[[], requests.Response], patience: Patience, *, removes: bool
    ) -> requests.Response:
        from requests import RequestException

        tries = 0
        while True:
            tries += 1
            try:
                answer = once()
            except RequestException as error:
                if tries >= patience.tries or not may_help(error):
                    raise not_reachable(self.url, error) from error
                patience.wait(tries, "no answer")
                continue
            removed_before = removes and answer.status_code == 404 and tries > 1
            if answer.status_code < 400 or removed_before:
                return answer
            problem = problem_of(answer)
            if answer.status_code not in AGAIN or tries >= patience.tries:
                raise problem
            patience.wait(tries, problem.code, least=retry_after(answer))


def checked_url(url: str, *, whole: bool = False) -> str:
    """Without a slash at the end, unless it is `whole`. ClientError for what is no https, except
    on this machine: the token would be read by everybody on the way."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        raise ClientError(
            "BAD_URL",
            "The address of the service cannot be used.",
            cure="Give one such as https://gas.example.org.",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise ClientError(
            "NOT_SECURE",
            "The address is not https: token and data could be read on the way.",
            cure="Give an https address. http is for a service on this machine only.",
        )
    return url if whole else url.rstrip("/")


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def may_help(error: requests.RequestException) -> bool:
    """Whether to try again. A certificate that is wrong stays so."""
    from requests.exceptions import InvalidURL, SSLError

    return not isinstance(error, SSLError | InvalidURL)


def not_reachable(url: str, error: Exception) -> ClientError:
    """Without what the library says, which holds addresses of links."""
    host = urlsplit(url).netloc
    return ClientError(
        "NOT_REACHABLE",
        f"The service at {host} does not answer ({type(error).__name__}).",
        cure="See that it runs and that the address is right, then do it again.",
    )


def json_of(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise bad_answer() from error


def problem_of(answer: requests.Response) -> ClientError:
    """From `application/problem+json`; from a proxy in between, by its status alone."""
    try:
        fields = answer.json()
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or "code" not in fields:
        return ClientError(
            "NO_SERVICE",
            f"Something that is not GAS answered {answer.status_code}.",
            cure="See that the address is right; what is in between may have broken.",
            status=answer.status_code,
        )
    places = [str(it.get("place", "")) for it in fields.get("fields") or [] if isinstance(it, dict)]
    return ClientError(
        str(fields["code"]),
        str(fields.get("detail") or fields.get("message") or fields.get("title") or ""),
        place=str(fields.get("place") or ", ".join(places)),
        cure=str(fields.get("cure") or ""),
        status=answer.status_code,
    )


def retry_after(answer: requests.Response) -> float:
    """In seconds; 0 if it does not say so."""
    text = answer.headers.get("Retry-After", "")
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
