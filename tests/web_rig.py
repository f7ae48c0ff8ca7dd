"""The pages over a real store and real files, and browsers that are signed in to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gas.adapters.disk import DiskColdStorage, DiskOutbox
from gas.adapters.links import LinkSignIn, issue_link
from gas.domain.account import Account, Identity, Role
from gas.domain.ids import new_id
from gas.domain.job import Job
from gas.domain.rates import Rates
from gas.domain.tokens import MAX_TOKENS, ApiToken, Scope, new_token, token_hash
from gas.ports.services import Services, Site
from gas.web import create_app
from rig import Journey, open_journey

URL = "http://localhost"
DAY = timedelta(days=1)
PLENTY = Rates(**{each.name: 10**6 for each in fields(Rates)})
"""Walks over every page come often; tests of the rates set their own."""


@dataclass
class Browser:
    """A client that sends the token of the page it saw last, as the pages' own script does."""

    client: FlaskClient
    token: str = ""

    def get(self, url: str, **headers: str) -> TestResponse:
        answer = self.client.get(url, headers=headers, buffered=True)
        found = re.search(r'name="csrf(?:-token" content|_token" value)="([^"]+)"', answer.text)
        self.token = found[1] if found else self.token
        return answer

    def form(self, url: str, **fields: str) -> TestResponse:
        return self.client.post(url, data={"csrf_token": self.token, **fields})

    def json(self, url: str, **fields: object) -> TestResponse:
        return self.client.post(url, json=fields, headers={"X-CSRFToken": self.token})

    def put(self, url: str, body: bytes, **headers: str) -> TestResponse:
        sent = {"X-CSRFToken": self.token, "Content-Type": "application/octet-stream", **headers}
        return self.client.put(url, data=body, headers=sent)

    def delete(self, url: str) -> TestResponse:
        return self.client.delete(url, headers={"X-CSRFToken": self.token})


@dataclass
class Pages:
    journey: Journey
    services: Services
    app: Flask

    def stranger(self) -> Browser:
        return Browser(self.app.test_client())

    def link(self, email: str, subject: str | None = None) -> str:
        """The path of a sign-in link."""
        link = issue_link(
            self.services.sign_in_links,
            Identity("test", subject or email, email),
            site_url=URL,
            lifetime=timedelta(hours=1),
            clock=self.journey.clock,
        )
        return link.removeprefix(URL)

    def browser(self, email: str, subject: str | None = None) -> Browser:
        """Signed in by a link, through the pages."""
        browser = self.stranger()
        link = self.link(email, subject)
        browser.get(link)
        token = parse_qs(urlsplit(link).query)["token"][0]
        answer = browser.form("/sign-in/link", token=token)
        assert answer.status_code == 303, answer.text
        browser.get("/jobs/new")
        return browser

    def ada(self) -> Browser:
        """The browser of the journey's own account."""
        return self.browser("ada@example.org", "ada")

    def operator(self) -> Browser:
        browser = self.browser("root@example.org")
        found = self.services.accounts.by_subject("test", "root@example.org")
        assert found is not None
        raised = replace(found, role=Role.OPERATOR, version=found.version + 1)
        assert self.services.accounts.change(raised)
        return browser

    def account(self, subject: str) -> Account:
        found = self.services.accounts.by_subject("test", subject)
        assert found is not None
        return found

    def token(self, account: Account, *scopes: Scope, lifetime: timedelta = DAY) -> str:
        """Of a program that `account` lets in."""
        value, now = new_token(), self.journey.clock()
        token = ApiToken(new_id(now), account.id, "test", frozenset(scopes), now, now + lifetime)
        assert self.services.api_tokens.add(token, token_hash(value), most=MAX_TOKENS)
        return value

    def completed_job(self) -> Job:
        job = self.journey.submit(self.journey.upload())
        delivery = self.journey.receive()
        assert delivery is not None
        self.journey.annotate(delivery)
        self.services.queues.delete(delivery.receipt)
        return self.journey.job(job.id)


def services_of(journey: Journey, home: Path, *, secure_cookies: bool = False) -> Services:
    store = journey.store
    return Services(
        site=Site(URL, b"k" * 32, home / "work", secure_cookies),
        limits=journey.limits,
        clock=journey.clock,
        together=store.together,
        jobs=store.jobs,
        accounts=store.accounts,
        sessions=store.sessions,
        sign_in_links=store.sign_in_links,
        audit=store.audit,
        exports=store.exports,
        sign_in=LinkSignIn(store.sign_in_links, journey.clock),
        payers=store.payers,
        billing=None,
        queues=store.queues,
        queue_desk=store.queue_desk,
        files=journey.files,
        cold_storage=DiskColdStorage(
            home / "files",
            home / "cold",
            clock=journey.clock,
            restore=timedelta(minutes=3),
        ),
        unhurried=journey.clock,
        served_links=journey.files,
        mail=journey.postbox,
        webhooks=store.webhooks,
        hook_sender=journey.hooks,
        outbox=DiskOutbox(home / "outbox"),
        engine=journey.engine,
        references=journey.references,
        api_tokens=store.api_tokens,
        request_keys=store.request_keys,
        rates=PLENTY,
    )


@contextmanager
def open_pages(home: Path, url: str = "") -> Iterator[Pages]:
    with open_journey(home, url) as journey:
        services = services_of(journey, home)
        yield Pages(journey, services, create_app(services))
