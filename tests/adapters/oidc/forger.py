"""A provider whose token endpoint says what a test tells it to, and asks as strictly as others."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import Key, RSAKey

from gas.adapters.oidc import OidcSettings, Preset
from oidc_rig import RETURN

CLIENT, SECRET = "gas", "a-secret-of-at-least-32-characters!"
Claims = dict[str, Any]
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
NEW_KEY = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})


@dataclass
class Forger:
    url: str = ""
    keys: list[Key] = field(default_factory=lambda: [KEY])
    preset: Preset = Preset.NONE
    algorithms: tuple[str, ...] = ("RS256",)
    """That discovery lists; an honest token is signed by the first."""
    make: Callable[[Claims], str] | None = None
    """The ID token, from honest claims."""
    answer: Callable[[Mapping[str, Any]], tuple[int, bytes]] | None = None
    """The whole answer of the token endpoint, from the honest one."""
    person: Mapping[str, Any] = field(default_factory=dict)
    changed: Mapping[str, Any] = field(default_factory=dict)
    """In the discovery document."""
    silent: bool = False
    asked: list[str] = field(default_factory=list)
    """Paths."""
    questions: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """What the browser was sent here with, by code."""
    complaints: list[str] = field(default_factory=list)

    def settings(self, **given: Any) -> OidcSettings:
        return OidcSettings(
            **{
                "client_id": CLIENT,
                "client_secret": SECRET,
                "issuer": self.url,
                "preset": self.preset,
                **given,
            }
        )

    @property
    def is_globus(self) -> bool:
        return self.preset is Preset.GLOBUS

    def visit(self, url: str) -> dict[str, str]:
        """As a browser that is signed in here and agrees: the answer it brings back."""
        question = dict(parse_qsl(urlsplit(url).query))
        code = f"code-{len(self.questions)}"
        self.questions[code] = question
        return {"code": code, "state": question["state"]}

    def honest(self, question: Mapping[str, str]) -> Claims:
        now = int(datetime.now(UTC).timestamp())
        times = {"iat": now, "exp": now + 300}
        return {"iss": self.url, "sub": "ada", "aud": CLIENT, "nonce": question["nonce"], **times}

    def discovery(self) -> Mapping[str, Any]:
        ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        document = {f"{name}_endpoint": f"{self.url}/{path}" for name, path in ends.items()}
        return {
            **document,
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": list(self.algorithms),
            "code_challenge_methods_supported": [] if self.is_globus else ["S256"],
            **self.changed,
        }

    def key_set(self) -> Mapping[str, Any]:
        odd = [{"kty": "quantum", "kid": "first"}, "no key", {"kty": "RSA", "n": 7}]
        return {"keys": [*odd, *(key.as_dict(private=False) for key in self.keys)]}

    def token(self, fields: Mapping[str, str], authorization: str) -> tuple[int, bytes]:
        question = self.questions.pop(fields.get("code", ""), None)
        if question is None:
            return 400, b'{"error": "invalid_grant"}'
        self._check(fields, authorization, question)
        claims = self.honest(question)
        make = self.make or (lambda honest: signed(honest, algorithm=self.algorithms[0]))
        honest = {"access_token": "access", "token_type": "Bearer", "id_token": make(claims)}
        return self.answer(honest) if self.answer else (200, json.dumps(honest).encode())

    def _check(
        self, fields: Mapping[str, str], authorization: str, question: Mapping[str, str]
    ) -> None:
        verifier = fields.get("code_verifier", "")
        challenge = hashlib.sha256(verifier.encode()).digest()
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        expected = {
            "grant type": fields.get("grant_type") == "authorization_code",
            "return": fields.get("redirect_uri") == question["redirect_uri"] == RETURN,
            "client": authorization == f"Basic {basic}",
            "pkce": not verifier
            if self.is_globus
            else base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
            == question.get("code_challenge"),
        }
        self.complaints += [name for name, right in expected.items() if not right]


def signed(claims: Claims, key: Key = KEY, algorithm: str = "RS256", **header: str) -> str:
    full = {"alg": algorithm, "kid": key.kid or "first", **header}
    return jwt.encode(full, claims, key, algorithms=[algorithm])


@contextmanager
def forger(shape: str = "plain") -> Iterator[Forger]:
    state = Forger()
    if shape == "globus":
        state = Forger(preset=Preset.GLOBUS, algorithms=("RS512",))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            state.asked.append(path)
            pages: dict[str, Callable[[], Mapping[str, Any]]] = {
                "/.well-known/openid-configuration": state.discovery,
                "/keys": state.key_set,
                "/userinfo": lambda: state.person,
            }
            if path == "/moved":
                self.send_response(302)
                self.send_header("Location", f"{state.url}/keys")
                self.end_headers()
                return
            self._send(200, json.dumps(pages[path]()).encode())

        def do_POST(self) -> None:
            state.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if self.path == "/moved":
                self.send_response(307)  # with the body, and with our secret in its head
                self.send_header("Location", f"{state.url}/token")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            fields = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(*state.token(fields, self.headers.get("Authorization", "")))

        def _send(self, status: int, body: bytes) -> None:
            if state.silent:
                status, body = 503, b""
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
