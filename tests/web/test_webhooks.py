"""The page of webhooks: made, tried out, switched on, revoked; only by their owner."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from gas.domain.ids import new_id
from gas.domain.webhook import AnnouncementState, Webhook, announced, tried
from journey.hook_steps import deliver_one
from web_rig import Browser, Pages

URL = "https://lab.example.org/hook?key=1&b=2"
PAGE = "/account/webhooks"


def make(browser: Browser, url: str = URL, *events: str) -> TestResponse:
    browser.get(PAGE)
    chosen = list(events or ("job.completed", "job.failed"))
    fields = {"csrf_token": browser.token, "url": url, "events": chosen}
    return browser.client.post(PAGE, data=fields)


def hooks_of(pages: Pages, subject: str = "ada") -> list[Webhook]:
    return list(pages.services.webhooks.owned_by(pages.account(subject).id))


def test_the_secret_is_shown_once_and_signs_what_comes(pages: Pages) -> None:
    ada = pages.ada()
    made = make(ada)
    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    found = re.search(r'value="whsec_([^"]+)"', made.text)
    assert found is not None
    assert "whsec_" not in ada.get(PAGE).text
    (hook,) = hooks_of(pages)
    assert ada.form(f"{PAGE}/{hook.id}/test").status_code == 303
    deliver_one(pages.journey)
    ((url, body, headers),) = pages.journey.hooks.posts
    assert url == URL
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = b64encode(hmac.digest(b64decode(found[1]), content, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert json.loads(body)["type"] == "webhook.test"
    assert "200 taken" in ada.get(PAGE).text


def test_an_empty_page_says_so(pages: Pages) -> None:
    assert "No webhook yet" in pages.ada().get(PAGE).text


@pytest.mark.parametrize(
    ("url", "events", "code"),
    [
        ("http://lab.example.org/", ("job.failed",), "HOOK_URL"),
        ("https://lab.example.org:22/", ("job.failed",), "HOOK_URL"),
        ("", ("job.failed",), "HOOK_URL"),
        (URL, ("job.exploded",), "HOOK_EVENTS"),
        (URL, ("webhook.test",), "HOOK_EVENTS"),
    ],
)
def test_what_cannot_be_is_refused(
    pages: Pages, url: str, events: tuple[str, ...], code: str
) -> None:
    answer = make(pages.ada(), url, *events)
    assert answer.status_code == 400
    assert code in answer.text
    assert hooks_of(pages) == []


def test_none_chosen_is_refused(pages: Pages) -> None:
    ada = pages.ada()
    ada.get(PAGE)
    assert "HOOK_EVENTS" in ada.client.post(PAGE, data={"csrf_token": ada.token, "url": URL}).text


def test_no_more_than_five(pages: Pages) -> None:
    ada = pages.ada()
    for _ in range(5):
        assert make(ada).status_code == 201
    assert "TOO_MANY_WEBHOOKS" in make(ada).text
    assert len(hooks_of(pages)) == 5
    assert "New webhook" not in ada.get(PAGE).text


def test_what_became_of_announcements_is_shown(pages: Pages) -> None:
    ada = pages.ada()
    make(ada)
    (hook,) = hooks_of(pages)
    job, now = pages.completed_job(), pages.journey.clock()
    kept = pages.services.webhooks
    said = kept.announce(announced(hook, job, site_url="http://localhost", now=now))
    assert said
    kept.change_announcement(tried(said, status=503, trouble="HOOK_REFUSED", now=now))
    kept.change(replace(hook, failures=1, not_before=now, version=2))
    page = ada.get(PAGE).text
    assert "503 not taken, tried again" in page
    assert "Not answering" in page
    assert "Try again now" in page


def test_switched_on_it_begins_anew(pages: Pages) -> None:
    ada = pages.ada()
    make(ada)
    (hook,) = hooks_of(pages)
    off = replace(hook, on=False, given_up=3, failures=70, version=2)
    pages.services.webhooks.change(off)
    assert "Switched off" in ada.get(PAGE).text
    ada.form(f"{PAGE}/{hook.id}/on")
    assert hooks_of(pages) == [replace(hook, version=3)]


def test_revoked_it_is_gone_with_what_was_announced(pages: Pages) -> None:
    ada = pages.ada()
    make(ada)
    (hook,) = hooks_of(pages)
    ada.form(f"{PAGE}/{hook.id}/test")
    ada.form(f"{PAGE}/{hook.id}/revoke")
    assert hooks_of(pages) == []
    assert pages.services.webhooks.announcements(hook.id, limit=9) == []


@pytest.mark.parametrize("action", ["test", "on", "revoke"])
def test_a_foreign_webhook_is_not_there(pages: Pages, action: str) -> None:
    make(pages.ada())
    (hook,) = hooks_of(pages)
    bob = pages.browser("bob@example.org")
    absent = new_id(pages.journey.clock())
    answers = [bob.form(f"{PAGE}/{it}/{action}") for it in (hook.id, absent, "x")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({re.sub(r'content="[^"]+"|value="[^"]+"', "", it.text) for it in answers}) == 1
    assert hooks_of(pages) == [hook]
    assert pages.journey.receive("deliver") is None
    assert hook.url.split("?")[0] not in bob.get(PAGE).text


@pytest.mark.parametrize("action", ["", "/x/test", "/x/on", "/x/revoke"])
def test_every_form_is_protected(pages: Pages, action: str) -> None:
    ada = pages.ada()
    ada.token = "forged"
    assert ada.form(PAGE + action, events="job.failed").status_code == 400
    assert hooks_of(pages) == []


def test_a_given_up_one_is_told(pages: Pages) -> None:
    ada = pages.ada()
    make(ada)
    (hook,) = hooks_of(pages)
    pages.journey.hooks.answer = lambda: 500
    ada.form(f"{PAGE}/{hook.id}/test")
    deliver_one(pages.journey)
    (said,) = pages.services.webhooks.announcements(hook.id, limit=9)
    assert said.state is AnnouncementState.GIVEN_UP
    assert "500 not taken, given up" in ada.get(PAGE).text
