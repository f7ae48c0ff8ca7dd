"""Webhooks by the API: made with the secret shown once, tried out, looked at, revoked."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest

from gas.client import verify_webhook
from gas.domain.tokens import USUAL_SCOPES
from journey.hook_steps import deliver_one
from web.api.program import program
from web_rig import Pages

NEW: dict[str, object] = {"url": "https://lab.example.org/hook", "events": ["job.failed"]}


def test_made_tried_out_and_revoked(pages: Pages) -> None:
    ada = program(pages)
    answer = ada.post("/webhooks", NEW)
    assert answer.status_code == 201
    made = answer.get_json()
    secret = made.pop("secret")
    assert len(b64decode(secret.removeprefix("whsec_"))) == 32
    assert ada.get("/webhooks").get_json() == {"webhooks": [made]}
    assert made["on"]
    assert ada.post(f"/webhooks/{made['id']}/test").status_code == 204
    deliver_one(pages.journey)
    ((_, body, headers),) = pages.journey.hooks.posts
    now = pages.journey.clock().timestamp()
    assert verify_webhook(secret, headers=headers, body=body, now=now) == json.loads(body)
    said = ada.get(f"/webhooks/{made['id']}/announcements").get_json()["announcements"]
    assert [(it["event"], it["state"], it["status"]) for it in said] == [
        ("webhook.test", "TAKEN", 200)
    ]
    assert said[0]["id"] == headers["webhook-id"]
    assert ada.ask("DELETE", f"/webhooks/{made['id']}").status_code == 204
    assert ada.get("/webhooks").get_json() == {"webhooks": []}
    assert ada.ask("DELETE", f"/webhooks/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**NEW, "url": "http://169.254.169.254/latest"}, 400, "HOOK_URL"),
        ({**NEW, "url": "https://lab.example.org:22/"}, 400, "HOOK_URL"),
        ({**NEW, "events": []}, 422, "BAD_FIELD"),
        ({**NEW, "events": ["webhook.test"]}, 422, "BAD_FIELD"),
        ({**NEW, "account_id": "x"}, 422, "BAD_FIELD"),
        ({"url": NEW["url"]}, 422, "BAD_FIELD"),
    ],
)
def test_what_cannot_be_is_refused(
    pages: Pages, body: dict[str, object], status: int, code: str
) -> None:
    answer = program(pages).post("/webhooks", body)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_no_more_than_five(pages: Pages) -> None:
    ada = program(pages)
    assert [ada.post("/webhooks", NEW).status_code for _ in range(6)] == [201] * 5 + [409]


def test_the_usual_token_makes_none(pages: Pages) -> None:
    answer = program(pages, None, *USUAL_SCOPES).post("/webhooks", NEW)
    assert answer.get_json()["code"] == "SCOPE_MISSING"
