"""Every address is asked by several at once while jobs, uploads and tokens come and go under them:
what is gone is not found, what changed is a conflict, and nothing is ever a break of ours."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace

from gas.domain.errors import GasError
from gas.domain.ids import new_id
from gas.domain.tokens import MAX_TOKENS, ApiToken, Scope, new_token, token_hash
from gas.domain.webhook import CHOICES, Webhook
from web.routes import ROUTES, Route, Whose
from web.test_walks import Visitor, visitor
from web_rig import DAY, Pages

VISITORS = 6
ROUNDS = 12
"""So often everything that is asked for is made anew."""
RUNS = 8
"""Jobs run in each round at most: the visitors ask for more than anybody could."""
ENDS_THE_VISIT = {"/sign-out", "/account/sessions/end-others"}
"""Whose visit ended learns nothing more; these have races of their own elsewhere."""
NOT_HERE = {503}
"""No Stripe, no export: what this service does not offer is told so, and is no break."""


@dataclass
class Things:
    """What there is to ask for; the newest of each."""

    pages: Pages
    whose: Whose = field(default_factory=Whose)

    def renew(self) -> None:
        """Others are at them, too: what cannot be had this time is left as it is."""
        for renew in (self._job, self._upload, self._token, self._webhook):
            with suppress(GasError):
                renew()

    def _job(self) -> None:
        journey = self.pages.journey
        job = journey.submit(journey.upload())
        self.whose = replace(self.whose, job=job.id)
        for _ in range(RUNS):
            if delivery := journey.receive():
                journey.annotate(delivery)
                journey.store.queues.delete(delivery.receipt)

    def _upload(self) -> None:
        journey = self.pages.journey
        for old in journey.files.uploads(f"inputs/{journey.account.id}/"):
            journey.files.delete(old.key)
        self.whose = replace(self.whose, upload=journey.upload())

    def _token(self) -> None:
        """The visitors keep their own, which are the oldest."""
        me, tokens = self.pages.journey.account.id, self.pages.services.api_tokens
        for old in sorted(tokens.of_account(me), key=lambda each: each.id)[VISITORS:]:
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


def test_nothing_breaks_while_what_is_asked_for_comes_and_goes(pages: Pages) -> None:
    things = Things(pages)
    over = threading.Event()
    routes = [route for route in ROUTES if route.url not in ENDS_THE_VISIT]

    def walk(seed: int, who: Visitor) -> tuple[int, set[str]]:
        chance, asked, broken = random.Random(seed), 0, set()
        while not over.is_set():
            for route in chance.sample(routes, len(routes)):
                answer = who.ask(route, things.whose)
                asked += 1
                if answer.status_code >= 500 and not _absent(route, answer.status_code):
                    broken.add(f"{route.method} {route.rule}: {answer.status_code} {answer.text}")
        return asked, broken

    visitors = [visitor(pages, pages.ada(), pages.journey.account) for _ in range(VISITORS)]
    things.renew()
    with ThreadPoolExecutor(VISITORS) as pool:
        walks = [pool.submit(walk, seed, who) for seed, who in enumerate(visitors)]
        try:
            for _ in range(ROUNDS):
                things.renew()
        finally:
            over.set()
        for walked in walks:
            asked, broken = walked.result()
            assert asked
            assert broken == set()


def _absent(route: Route, status: int) -> bool:
    return status in NOT_HERE and "plan" in route.url
