"""How often one may ask: bursts, waiting, whose addresses, and what is never stopped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from gas.domain.rates import STANDARD, Rates
from gas.domain.tokens import new_token
from gas.ports.audit import AuditFilter
from gas.web import create_app
from gas.web.addresses import counted_as
from gas.web.rates import EXTENSION, Limiter
from web.api.program import API, Program, program
from web_rig import Pages


@dataclass
class Seconds:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_at_once_then_one_by_one() -> None:
    clock = Seconds()
    limiter = Limiter(clock)
    found = [limiter.take("p", "ada", 6) for _ in range(7)]
    assert [each.allowed for each in found] == [True] * 6 + [False]
    assert [each.left for each in found] == [5, 4, 3, 2, 1, 0, 0]
    assert found[-1].retry_seconds == 10
    assert found[-1].whole_seconds == 60
    assert found[0].headers == {
        "RateLimit-Policy": '"p";q=6;w=60',
        "RateLimit": '"p";r=5;t=10',
    }
    clock.now += 9.9
    assert not limiter.take("p", "ada", 6).allowed
    clock.now += 0.1
    assert limiter.take("p", "ada", 6).allowed
    assert not limiter.take("p", "ada", 6).allowed
    clock.now += 60
    assert sum(limiter.take("p", "ada", 6).allowed for _ in range(9)) == 6


@pytest.mark.parametrize("per_minute", [1, 7, 600, 6000])
def test_never_more_than_twice_the_rate_in_a_minute(per_minute: int) -> None:
    """Asked for without pause: a burst, and the even pace after it."""
    clock = Seconds()
    limiter = Limiter(clock)
    allowed = []
    for step in range(2400):
        clock.now = 1000 + step / 20
        allowed += [clock.now] * sum(limiter.take("p", "x", per_minute).allowed for _ in range(20))
    assert len(allowed) <= 3 * per_minute + 1  # two minutes, and the burst
    assert all(b >= a for a, b in pairwise(allowed))


def test_everybody_is_counted_apart() -> None:
    limiter = Limiter(Seconds())
    assert limiter.take("p", "ada", 1).allowed
    assert limiter.take("p", "eve", 1).allowed
    assert limiter.take("q", "ada", 1).allowed
    assert not limiter.take("p", "ada", 1).allowed


def test_memory_is_bounded_and_keeps_those_who_ask() -> None:
    limiter = Limiter(Seconds(), kept=100)
    for number in range(10_000):
        limiter.take("p", "ada", 10**6)
        limiter.take("p", str(number), 1)
    assert len(limiter._due) == 100
    assert ("p", "ada") in limiter._due


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]", "2001:db8::/64"),
        ("", "unknown"),
        ("evil", "unknown"),
    ],
)
def test_an_address_is_counted_with_its_household(address: str, counted: str) -> None:
    assert counted_as(address) == counted


def limited(pages: Pages, rates: Rates, *, proxies: int = 0) -> tuple[Pages, Seconds]:
    """The same service, with these rates and a clock of ours."""
    site = replace(pages.services.site, trusted_proxies=proxies)
    wired = replace(pages.services, rates=rates, site=site)
    app, clock = create_app(wired), Seconds()
    app.extensions[EXTENSION] = Limiter(clock)
    return Pages(pages.journey, wired, app), clock


def test_a_flood_of_a_program(pages: Pages) -> None:
    pages, clock = limited(pages, replace(STANDARD, api_per_minute=3))
    ada, twin = program(pages), program(pages)
    answers = [ada.get("/jobs"), ada.get("/account"), twin.get("/jobs")]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[0].headers["RateLimit-Policy"] == '"api";q=3;w=60'
    assert answers[0].headers["RateLimit"] == '"api";r=2;t=20'
    refused = twin.get("/jobs")  # of the account, whatever the token
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    assert refused.get_json()["code"] == "TOO_MANY_REQUESTS"
    assert refused.headers["Retry-After"] == "20"
    clock.now += 20
    assert ada.get("/jobs").status_code == 200


def test_parts_have_a_rate_of_their_own(pages: Pages) -> None:
    """An upload of a hundred parts is no flood, neither of a program nor of a browser."""
    few = replace(STANDARD, api_per_minute=5, changes_per_minute=5)
    pages, _ = limited(pages, few)
    ada = program(pages)
    begun = ada.post("/uploads", {"name": "a.vcf", "size_bytes": 9}).get_json()
    for _ in range(100):
        part = ada.ask(
            "PUT",
            f"/uploads/{begun['id']}/parts/1",
            data=b"123456789",
            content_type="application/octet-stream",
        )
        assert part.status_code == 204
    assert part.headers["RateLimit-Policy"] == '"parts";q=6000;w=60'
    browser = pages.ada()
    for _ in range(100):
        assert browser.put(f"/uploads/{begun['id']}/parts/1", b"123456789").status_code == 204


def test_a_page_that_polls_is_never_stopped(pages: Pages) -> None:
    least = Rates(*[1] * 6)
    browser = pages.ada()
    slow, _ = limited(pages, least)
    job = pages.completed_job()
    value = browser.client.get_cookie("gas_session")
    assert value is not None
    client = slow.app.test_client()
    client.set_cookie("gas_session", value.value)
    for _ in range(200):
        assert client.get(f"/jobs/{job.id}/live").status_code == 200
        assert client.get("/jobs/table").status_code == 200


def test_a_flood_of_forms(pages: Pages) -> None:
    pages, clock = limited(pages, replace(STANDARD, changes_per_minute=2))
    ada = pages.ada()
    statuses = [ada.form("/account/tokens", name="x").status_code for _ in range(3)]
    assert statuses == [400, 400, 429]
    page = ada.form("/account/tokens", name="x")
    assert "TOO_MANY_REQUESTS" in page.text
    assert page.headers["Retry-After"] == "30"
    assert page.headers["Content-Type"].startswith("text/html")
    clock.now += 30
    assert ada.form("/account/tokens", name="x").status_code == 400


def test_a_flood_of_exports(pages: Pages) -> None:
    """Each reads all that the account has, and ends in a mail."""
    pages, clock = limited(pages, replace(STANDARD, exports_per_minute=2))
    ada = pages.ada()
    asked = [ada.form("/account/privacy/export").status_code for _ in range(3)]
    assert asked == [303, 303, 429]
    clock.now += 30
    assert ada.form("/account/privacy/export").status_code == 303


def test_a_flood_of_links(pages: Pages) -> None:
    """Each leaves an entry in the audit log, which only grows. Apart from forms."""
    job = pages.completed_job()
    value = pages.ada().client.get_cookie("gas_session")
    assert value is not None
    few, _ = limited(pages, replace(STANDARD, changes_per_minute=2))
    client = few.app.test_client()
    client.set_cookie("gas_session", value.value)
    url = f"/jobs/{job.id}/files/a.annot.vcf.gz"
    assert [client.get(url).status_code for _ in range(3)] == [303, 303, 429]
    assert client.head(url).status_code == 429
    written = pages.services.audit.page(AuditFilter(action="link.made"), limit=9)
    assert len(written) == 2
    assert client.get(f"/jobs/{job.id}").status_code == 200


def sign_in(pages: Pages, address: str, forwarded: str = "") -> int:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    client = pages.app.test_client()
    return client.post(
        "/sign-in/link",
        data={"token": "x"},
        headers=headers,
        environ_base={"REMOTE_ADDR": address},
    ).status_code


def test_a_flood_of_sign_ins_of_one_address(pages: Pages) -> None:
    pages, _ = limited(pages, replace(STANDARD, sign_ins_per_minute=2))
    assert [sign_in(pages, "192.0.2.1") for _ in range(3)] == [400, 400, 429]
    assert sign_in(pages, "192.0.2.2") == 400


def test_a_flood_of_answers_from_the_provider(pages: Pages) -> None:
    """Each may have us ask the provider: as often as sign-ins begin, and counted apart."""
    pages, _ = limited(pages, replace(STANDARD, sign_ins_per_minute=2))
    client = pages.app.test_client()
    back = [client.get("/sign-in/return?code=x&state=y").status_code for _ in range(3)]
    assert back == [302, 302, 429]
    assert sign_in(pages, "127.0.0.1") == 400


def test_a_flood_of_events_of_one_address(pages: Pages) -> None:
    """From whoever says to be the one who takes the money."""
    pages, clock = limited(pages, replace(STANDARD, hooks_per_minute=2))
    client = pages.app.test_client()
    sent = [client.post("/webhooks/stripe", data=b"{}") for _ in range(3)]
    assert [answer.status_code for answer in sent] == [404, 404, 429]  # nobody takes any here
    assert sent[-1].headers["Retry-After"] == "30"
    clock.now += 30
    assert client.post("/webhooks/stripe", data=b"{}").status_code == 404


def test_a_flood_of_tests_of_webhooks(pages: Pages) -> None:
    """Each is a post to somebody else; by the pages and the API together."""
    pages, clock = limited(pages, replace(STANDARD, hook_tests_per_minute=2))
    ada = program(pages)
    new: dict[str, object] = {"url": "https://lab.example.org/", "events": ["job.failed"]}
    one, two = (ada.post("/webhooks", new).get_json()["id"] for _ in range(2))
    page = f"/account/webhooks/{two}/test"
    browser = pages.ada()
    assert ada.post(f"/webhooks/{one}/test").status_code == 204
    assert browser.form(page).status_code == 303
    assert ada.post(f"/webhooks/{one}/test").status_code == 429
    assert browser.form(page).status_code == 429
    assert len(pages.services.webhooks.announcements(one, limit=9)) == 1
    clock.now += 30
    assert ada.post(f"/webhooks/{one}/test").status_code == 204


def test_a_header_does_not_change_who_one_is(pages: Pages) -> None:
    pages, _ = limited(pages, replace(STANDARD, sign_ins_per_minute=1))
    assert [sign_in(pages, "192.0.2.1", f"198.51.100.{n}") for n in range(3)] == [400, 429, 429]


def test_behind_proxies_the_last_address_that_ours_added_counts(pages: Pages) -> None:
    pages, _ = limited(pages, replace(STANDARD, sign_ins_per_minute=1), proxies=1)
    assert sign_in(pages, "10.0.0.1", "203.0.113.9, 198.51.100.1") == 400
    assert sign_in(pages, "10.0.0.1", "203.0.113.8, 198.51.100.1") == 429  # forged before ours
    assert sign_in(pages, "10.0.0.1", "198.51.100.2") == 400
    assert sign_in(pages, "10.0.0.1") == 400  # by itself: the proxy's own address
    twice, _ = limited(pages, replace(STANDARD, sign_ins_per_minute=1), proxies=2)
    assert sign_in(twice, "10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2") == 400
    assert sign_in(twice, "10.0.0.1", "198.51.100.1, 10.0.0.2") == 429


def test_guessing_tokens_is_slow_and_stops_no_one_else(pages: Pages) -> None:
    pages, _ = limited(pages, replace(STANDARD, bad_tokens_per_minute=3))
    ada = program(pages)
    guesses = [Program(pages.app.test_client(), new_token()).get("/jobs") for _ in range(5)]
    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429, 429]
    assert ada.get("/jobs").status_code == 200  # from the same address
    assert pages.app.test_client().get(f"{API}/openapi.json").status_code == 200
