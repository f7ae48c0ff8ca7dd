"""Every address is asked by several at once while jobs, uploads and tokens come and go under them:
what is gone is not found, what changed is a conflict, and nothing is ever a break of ours."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest

from gas.domain.errors import GasError
from gas.domain.ids import new_id
from gas.domain.tokens import MAX_TOKENS, ApiToken, Scope, new_token, token_hash
from gas.domain.webhook import CHOICES, Webhook
from rig import VCF
from traces import traces
from web.routes import ROUTES, Route, Whose
from web.test_privacy import delete, forget
from web.test_walks import Visitor, visitor
from web_rig import DAY, Pages
from workers.errands import eventually

VISITORS = 6
ROUNDS, MOST_ROUNDS = 8, 100
"""So often everything that is asked for is made anew, or until all of it was had."""
PRIVATE = {(it.method, it.rule) for it in ROUTES if it.private and it.octets is None}
"""What must be had at least once; parts of uploads are of the wrong size."""
RUNS = 40
"""Jobs run in each round at most: the visitors ask for more than anybody could."""
VISITORS_TOKEN = "test"
"""As `Pages.token` calls it."""
ENDS_THE_VISIT = {"/sign-out", "/account/sessions/end-others"}
"""Whose visit ended learns nothing more; these have races of their own elsewhere."""
NOT_HERE = {503}
"""No Stripe, no export: what this service does not offer is told so, and is no break."""


@dataclass
class Things:
    """What there is to ask for; the newest of each."""

    pages: Pages
    whose: Whose = field(default_factory=Whose)
    rounds: int = 0

    def renew(self) -> None:
        """Others are at them, too: what cannot be had this time is left as it is."""
        for renew in (self._job, self._upload, self._token, self._webhook):
            with suppress(GasError):
                renew()

    def _job(self) -> None:
        journey = self.pages.journey
        job = journey.submit(journey.upload())
        self.rounds += 1
        if self.rounds % 2:  # every other one is shown from the beginning, and can be cancelled
            self.whose = replace(self.whose, job=job.id)
        for _ in range(RUNS):  # behind those that the visitors asked for
            shown = journey.store.jobs.get(job.id)
            if shown is None or shown.state.final:
                break
            if delivery := journey.receive():
                journey.annotate(delivery)
                journey.store.queues.delete(delivery.receipt)
        self.whose = replace(self.whose, job=job.id)

    def _upload(self) -> None:
        journey = self.pages.journey
        for old in journey.files.uploads(f"inputs/{journey.account.id}/"):
            journey.files.delete(old.key)
        self.whose = replace(self.whose, upload=journey.upload())

    def _token(self) -> None:
        """The visitors keep their own."""
        me, tokens = self.pages.journey.account.id, self.pages.services.api_tokens
        for old in tokens.of_account(me):
            if old.name != VISITORS_TOKEN:
                tokens.remove(me, old.id)
        now = self.pages.journey.clock()
        new = ApiToken(new_id(now), me, "new", frozenset({Scope.JOBS_READ}), now, now + DAY)
        if tokens.add(new, token_hash(new_token()), most=MAX_TOKENS):
            self.whose = replace(self.whose, token=new.id)

    def _webhook(self) -> None:
        me, now = self.pages.journey.account, self.pages.journey.clock()
        webhooks = self.pages.services.webhooks
        for old in webhooks.owned_by(me.id):
            webhooks.remove(old.id)
        new = Webhook(new_id(now), me.id, "https://x", CHOICES, now)
        if webhooks.add(new, most=MAX_TOKENS):
            self.whose = replace(self.whose, webhook=new.id)


@dataclass
class Storm:
    """Several visitors who ask for everything, in an order of their own, until it is over."""

    visitors: list[Visitor]
    whose: Callable[[], Whose]
    over: threading.Event = field(default_factory=threading.Event)
    answers: list[tuple[str, str, int]] = field(default_factory=list)
    """Method, rule and status."""

    def wait_for(self, count: int) -> None:
        eventually(lambda: len(self.answers) >= count)

    def taken(self) -> set[tuple[str, str]]:
        """Method and rule of what was answered with what was asked for."""
        return {(method, rule) for method, rule, status in self.answers if status < 400}

    @contextmanager
    def blowing(self) -> Iterator[None]:
        with ThreadPoolExecutor(len(self.visitors)) as pool:
            walks = [pool.submit(self._walk, *each) for each in enumerate(self.visitors)]
            try:
                yield
            finally:
                self.over.set()
            assert self.answers
            assert set().union(*(walked.result() for walked in walks)) == set()

    def _walk(self, seed: int, who: Visitor) -> set[str]:
        chance, broken = random.Random(seed), set()
        routes = [route for route in ROUTES if route.url not in ENDS_THE_VISIT]
        while not self.over.is_set():
            for route in chance.sample(routes, len(routes)):
                answer = who.ask(route, self.whose())
                self.answers.append((route.method, route.rule, answer.status_code))
                if answer.status_code >= 500 and not _absent(route, answer.status_code):
                    broken.add(f"{route.method} {route.rule}: {answer.status_code} {answer.text}")
        return broken


def _absent(route: Route, status: int) -> bool:
    return status in NOT_HERE and "plan" in route.url


@pytest.mark.timeout(600)
def test_nothing_breaks_while_what_is_asked_for_comes_and_goes(pages: Pages) -> None:
    things = Things(pages)
    me = pages.journey.account
    visitors = [visitor(pages, pages.ada(), me) for _ in range(VISITORS)]
    visitors.append(visitor(pages, pages.operator(), pages.account("root@example.org")))
    things.renew()
    storm = Storm(visitors, lambda: things.whose)
    with storm.blowing():
        for number in range(MOST_ROUNDS):
            things.renew()
            if number >= ROUNDS and storm.taken() >= PRIVATE:
                break
    assert storm.taken() >= PRIVATE, "every address was asked while there was something"


@pytest.mark.parametrize("number", range(4))
def test_nothing_breaks_while_an_account_is_deleted(pages: Pages, number: int) -> None:
    email = f"eve{number}@example.org"
    browsers = [pages.browser(email) for _ in range(VISITORS)]
    eve = pages.account(email)
    upload = browsers[0].json("/uploads", name="a.vcf", size_bytes=len(VCF)).json
    assert upload is not None
    browsers[0].put(f"/uploads/{upload['id']}/parts/1", VCF)
    job = browsers[0].json("/jobs", upload_id=upload["id"], reference="demo").json
    assert job is not None
    visitors = [visitor(pages, browser, eve) for browser in browsers]
    storm = Storm(visitors, lambda: Whose(job=job["id"], upload=upload["id"]))
    leaving = pages.browser(email)
    with storm.blowing():
        storm.wait_for(number * len(ROUTES))
        assert delete(leaving, email) == 303
        storm.wait_for(len(storm.answers) + VISITORS)
    forget(pages)  # which waits until requests are over that were let in before
    assert pages.services.accounts.by_subject("test", email) is None
    left = traces(pages.journey.work_path.parent, [eve.id, email])
    assert set(left) == {"audit.actor", "audit.thing"}
