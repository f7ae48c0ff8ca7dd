"""The account page: profile, email address, time zone, and where one is signed in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from urllib.parse import unquote

import pytest

from gas.domain.account import Account, MailKind
from gas.domain.errors import StoreFull
from gas.web.browsers import browser_words
from web_rig import Browser, Pages

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
SCRIPTS = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "'; --"]


def saved(browser: Browser, **fields: str) -> str:
    browser.get("/account")
    answer = browser.form("/account/profile", **{"name": "Ada", "mail": "completed", **fields})
    assert answer.status_code == 303, answer.text
    return browser.get(answer.location).text


def link_in(mail_text: str) -> str:
    found = re.search(r"http://localhost(/account/email\?token=\S+)", mail_text)
    assert found
    return found[1]


def proof_on(page: str) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', page)
    assert found
    return found[1]


def change_email(pages: Pages, browser: Browser, email: str) -> str:
    """Asks for the change: the link that comes by mail."""
    browser.get("/account")
    assert browser.form("/account/email", email=email).status_code == 303
    mail = pages.journey.postbox.sent[-1]
    assert mail.to == email
    return link_in(mail.text)


def test_a_profile_is_saved_and_shown(pages: Pages) -> None:
    ada = pages.ada()
    text = saved(ada, name=" Ada  Lovelace ", institution="Royal Society", time_zone="Asia/Tokyo")
    assert "Your profile is saved" in text
    assert 'value="Ada Lovelace"' in text
    assert 'value="Royal Society"' in text
    assert re.search(r"<option selected>Asia/Tokyo</option>", text)
    account = pages.account("ada")
    assert account.unwanted_mails == {MailKind.FAILED, MailKind.RESTORED}
    assert 'value="completed" checked' in text
    assert not re.search(r'value="failed" checked', text)


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_in_a_profile_are_text(pages: Pages, script: str) -> None:
    ada = pages.ada()
    text = saved(ada, name=script, institution=script)
    assert pages.account("ada").name == script
    for page in (text, ada.get("/jobs").text, ada.get("/sign-in").text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "49" not in re.findall(r'value="([^"]*)"', text)


def test_a_form_changes_nothing_but_the_profile(pages: Pages) -> None:
    before = pages.account("ada")
    extra = {"role": "operator", "plan": "premium", "id": "x", "email": "eve@example.org"}
    more = {"plan_epoch": "9", "issuer": "x", "subject": "root", "account_id": "x", "version": "99"}
    saved(pages.ada(), name="Ada L.", **extra, **more)
    after = pages.account("ada")
    expected = replace(
        before,
        name="Ada L.",
        unwanted_mails=frozenset({MailKind.FAILED, MailKind.RESTORED}),
        version=2,
    )
    assert after == expected


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"name": "a" * 201}, "name"),
        ({"institution": "a" * 201}, "institution"),
        ({"time_zone": "Middle/Earth"}, "time zone"),
        ({"time_zone": "../../etc/passwd"}, "time zone"),
        ({"time_zone": "<script>"}, "time zone"),
    ],
)
def test_what_cannot_be_used_is_told_by_field(
    pages: Pages, fields: dict[str, str], place: str
) -> None:
    ada = pages.ada()
    ada.get("/account")
    answer = ada.form("/account/profile", **{"name": "Ada", **fields})
    assert answer.status_code == 400
    assert f"Where: {place}" in answer.text
    assert pages.account("ada").version == 1


def test_odd_letters_become_one_line(pages: Pages) -> None:
    saved(pages.ada(), name="Ada\r\nBcc: all@example.org\u202e\0")
    assert pages.account("ada").name == "Ada Bcc: all@example.org"


def test_a_change_of_plan_meanwhile_stays(pages: Pages) -> None:
    ada = pages.ada()
    ada.get("/account")
    real = pages.services.accounts.change
    account = pages.account("ada")
    rival = replace(account, plan_epoch=7, version=2)
    calls: list[bool] = []

    def overtaken(account: Account) -> bool:
        if not calls:
            calls.append(real(rival))
        return real(account)

    pages.services.accounts.change = overtaken  # type: ignore[method-assign]
    assert ada.form("/account/profile", name="Ada L.").status_code == 303
    after = pages.account("ada")
    assert (after.name, after.plan_epoch, after.version) == ("Ada L.", 7, 3)


def test_times_are_shown_in_the_zone_with_the_exact_one_on_hover(pages: Pages) -> None:
    job = pages.completed_job()
    ada = pages.ada()
    url = f"/jobs/{job.id}"
    plain = "2026-01-02 03:04 UTC</time>"
    assert plain in ada.get(url).text
    assert plain in ada.get("/jobs").text
    saved(ada, time_zone="Asia/Kolkata")
    for page in (url, "/jobs", "/account"):
        text = ada.get(page).text
        assert "2026-01-02 08:34 IST</time>" in text
        assert 'title="Friday, 02 January 2026, 08:34:05 Asia/Kolkata (UTC+0530)"' in text
        assert plain not in text
    eve = pages.browser("eve@example.org")
    assert "IST" not in eve.get("/account").text


def test_a_new_address_counts_once_it_is_confirmed(pages: Pages) -> None:
    ada = pages.ada()
    link = change_email(pages, ada, "ada@home.example")
    assert pages.account("ada").email == "ada@example.org"
    page = ada.get(link).text
    assert "ada@home.example" in page
    assert pages.account("ada").email == "ada@example.org"  # opened is not yet confirmed
    proof = proof_on(page)
    assert ada.form("/account/email/confirm", proof=proof).status_code == 303
    assert pages.account("ada").email == "ada@home.example"
    assert ada.form("/account/email/confirm", proof=proof).status_code == 403  # used up


def test_a_link_for_a_new_address_is_for_one_account_and_for_a_day(pages: Pages) -> None:
    ada = pages.ada()
    link = change_email(pages, ada, "ada@home.example")
    proof = unquote(link.split("token=")[1])
    eve = pages.browser("eve@example.org")
    assert eve.get(link).status_code == 403
    assert eve.form("/account/email/confirm", proof=proof).status_code == 403
    assert pages.stranger().get(link).status_code == 302
    for spoilt in (proof[:-2] + "zz", "", ".", "x.y", proof.split(".")[0]):
        assert ada.form("/account/email/confirm", proof=spoilt).status_code == 403
    pages.journey.clock.forward(hours=24)
    ada.get("/account")
    answer = ada.form("/account/email/confirm", proof=proof)
    assert "EMAIL_LINK_WRONG" in answer.text
    assert pages.account("ada").email == "ada@example.org"


@pytest.mark.parametrize("email", ["", "ada", "a@b\nBcc: c@d", "a b@c", "a" * 250 + "@b.cd"])
def test_what_is_no_address_is_refused(pages: Pages, email: str) -> None:
    ada = pages.ada()
    ada.get("/account")
    assert ada.form("/account/email", email=email).status_code == 400
    assert pages.journey.postbox.sent == []


def test_nobodys_mailbox_is_flooded(pages: Pages) -> None:
    ada = pages.ada()
    ada.get("/account")
    statuses = [ada.form("/account/email", email=f"a{number}@example.org") for number in range(7)]
    assert [answer.status_code for answer in statuses] == [303] * 5 + [429] * 2
    assert statuses[-1].headers["Retry-After"]
    pages.journey.clock.forward(hours=1)
    assert ada.form("/account/email", email="a@example.org").status_code == 303


def test_without_an_address_the_page_says_what_to_do(pages: Pages) -> None:
    account = pages.account("ada")
    assert pages.services.accounts.change(replace(account, email="", version=2))
    text = pages.ada().get("/account").text
    assert "so no mails come" in text


def signed_in_with(pages: Pages, agent: str) -> Browser:
    browser = pages.stranger()
    browser.client.environ_base["HTTP_USER_AGENT"] = agent
    link = pages.link("ada@example.org", "ada")
    browser.get(link)
    assert browser.form("/sign-in/link", token=link.split("token=")[1]).status_code == 303
    browser.get("/account")
    return browser


def test_sessions_are_listed_and_ended_one_by_one(pages: Pages) -> None:
    here, there = signed_in_with(pages, FIREFOX), signed_in_with(pages, EDGE)
    text = here.get("/account").text
    rows = re.findall(
        r'<span class="fw-semibold">(.*?)<div', text.split('id="sessions"')[1], re.DOTALL
    )
    assert sorted(" ".join(re.sub("<[^>]+>", "", row).split()) for row in rows) == [
        "Edge on Windows",
        "Firefox on Linux this one",
    ]
    (name,) = re.findall(r'name="session" value="(\w+)"', text)
    assert here.form("/account/sessions/end", session=name).status_code == 303
    assert there.get("/jobs").status_code == 302
    assert here.get("/jobs").status_code == 200
    assert "Nowhere else" in here.get("/account").text


def test_nobody_ends_the_sessions_of_others(pages: Pages) -> None:
    ada, eve = signed_in_with(pages, FIREFOX), pages.browser("eve@example.org")
    account = pages.account("ada")
    (session,) = pages.services.sessions.of(account.id, pages.journey.clock())
    for name in (session.id, session.id[:16], "", "x"):
        assert eve.form("/account/sessions/end", session=name).status_code == 404
    assert eve.form("/account/sessions/end-others").status_code == 303
    assert ada.get("/jobs").status_code == 200


def test_everywhere_else_is_signed_out_at_once(pages: Pages) -> None:
    here, *others = (signed_in_with(pages, agent) for agent in (FIREFOX, EDGE, SAFARI))
    assert here.form("/account/sessions/end-others").status_code == 303
    assert [browser.get("/jobs").status_code for browser in others] == [302, 302]
    assert here.get("/jobs").status_code == 200


def test_use_is_noted_now_and_then(pages: Pages) -> None:
    ada = pages.ada()
    account = pages.account("ada")

    def seen() -> object:
        (session,) = pages.services.sessions.of(account.id, pages.journey.clock())
        return session.seen_at

    first = seen()
    pages.journey.clock.forward(minutes=4)
    ada.get("/jobs")
    assert seen() == first
    pages.journey.clock.forward(minutes=1)
    ada.get("/jobs")
    assert seen() == pages.journey.clock()


def test_a_full_disk_does_not_stop_reading(pages: Pages) -> None:
    ada = pages.ada()

    def full(session_id: str, at: datetime, expires_at: datetime) -> None:
        raise StoreFull("STORE_FULL", "There is no room.")

    pages.services.sessions.seen = full  # type: ignore[method-assign]
    pages.journey.clock.forward(hours=1)
    assert ada.get("/jobs").status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (EDGE, "Edge on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "an unknown browser"),
        ("<script>alert(1)</script>", "an unknown browser"),
        pytest.param("x" * 1_000_000 + "Firefox/1", "an unknown browser", id="long"),
    ],
)
def test_browsers_in_plain_words(agent: str, words: str) -> None:
    assert browser_words(agent) == words
