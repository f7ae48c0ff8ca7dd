"""The accounts, as an operator sees and changes them."""

from __future__ import annotations

import re

import pytest

from gas.domain.account import Role
from gas.domain.messages import PlanChanged, decode
from gas.domain.plan import Plan
from gas.web import operators
from web_rig import Pages


def emails(page: str) -> list[str]:
    return re.findall(r">([^<]+@[^<]+)</a></th>", page)


def test_the_list_says_who_is_on_what(pages: Pages) -> None:
    pages.completed_job()
    pages.browser("eve@example.org")
    page = pages.operator().get("/operator/accounts").text
    assert sorted(emails(page)) == ["ada@example.org", "eve@example.org", "root@example.org"]
    row = " ".join(page.partition("ada@example.org")[2].partition("</tr>")[0].split())
    assert '<td data-label="Plan">free</td> <td data-label="Role">user</td>' in row
    assert re.search(r'data-label="Jobs">1<', row)


def test_pages_and_a_search(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operators, "ACCOUNTS_A_PAGE", 2)
    for number in range(4):
        pages.journey.clock.forward(seconds=1)
        pages.journey.sign_in(f"u_{number}@Example.org")
    root = pages.operator()
    seen: list[str] = []
    url = "/operator/accounts"
    while url:
        page = root.get(url).text
        seen += emails(page)
        found = re.search(r'href="([^"]+)">Further', page)
        url = found[1].replace("&amp;", "&") if found else ""
    assert sorted(seen) == sorted(
        ["ada@example.org", "root@example.org", *(f"u_{n}@Example.org" for n in range(4))]
    )
    assert emails(root.get("/operator/accounts?email=U_3@EXAMPLE").text) == ["u_3@Example.org"]
    for absent in ("%25", "u%253", "!", "nobody"):  # no wildcards
        page = root.get(f"/operator/accounts?email={absent}").text
        assert emails(page) == []
        assert "Nobody with such an address" in page


def test_a_change_is_asked_about_then_made_and_published(pages: Pages) -> None:
    root = pages.operator()
    ada = pages.account("ada")
    url = f"/operator/accounts/{ada.id}"
    root.get(url)
    asked = root.form(url, plan="premium", role="operator")
    assert asked.status_code == 200
    assert "Change this account?" in asked.text
    assert pages.account("ada") == ada
    done = root.form(url, plan="premium", role="operator", confirmed="yes")
    assert (done.status_code, done.location) == (303, f"{url}?done=yes")
    assert "Saved: premium plan, role operator." in root.get(done.location).text
    changed = pages.account("ada")
    assert (changed.plan, changed.role, changed.plan_epoch) == (Plan.PREMIUM, Role.OPERATOR, 2)
    message = pages.journey.receive("notify")
    assert message is not None
    assert decode(message.body) == PlanChanged(ada.id, 2)
    assert root.form(url, plan="premium", confirmed="yes").status_code == 303
    assert pages.account("ada") == changed
    assert pages.journey.receive("notify") is None


def test_nobody_changes_their_own_role(pages: Pages) -> None:
    root = pages.operator()
    own = pages.account("root@example.org")
    url = f"/operator/accounts/{own.id}"
    assert "by another operator" in root.get(url).text
    answer = root.form(url, role="user", confirmed="yes")
    assert answer.status_code == 403
    assert "OWN_ROLE" in answer.text
    assert root.form(url, plan="premium", confirmed="yes").status_code == 303
    now = pages.account("root@example.org")
    assert (now.plan, now.role) == (Plan.PREMIUM, Role.OPERATOR)


@pytest.mark.parametrize("fields", [{"plan": "gold"}, {"role": "root"}, {"plan": ""}])
def test_what_there_is_not_is_refused(pages: Pages, fields: dict[str, str]) -> None:
    root = pages.operator()
    ada = pages.account("ada")
    root.get("/operator/accounts")
    answer = root.form(f"/operator/accounts/{ada.id}", confirmed="yes", **fields)
    assert answer.status_code == 400
    assert pages.account("ada") == ada


def test_without_the_form_s_token_nothing_changes(pages: Pages) -> None:
    root = pages.operator()
    ada = pages.account("ada")
    fields = {"plan": "premium", "confirmed": "yes"}
    answer = root.client.post(f"/operator/accounts/{ada.id}", data=fields)
    assert answer.status_code in (400, 403)
    assert pages.account("ada") == ada


def test_others_see_nothing_of_it(pages: Pages) -> None:
    eve = pages.browser("eve@example.org")
    ada = pages.account("ada")
    for url in ("/operator/accounts", f"/operator/accounts/{ada.id}"):
        assert eve.get(url).status_code == 403
    fields = {"plan": "premium", "confirmed": "yes"}
    assert eve.form(f"/operator/accounts/{ada.id}", **fields).status_code == 403
    assert pages.account("ada") == ada


def test_the_limit_is_said_before_the_upload_with_the_way_to_a_larger_one(pages: Pages) -> None:
    ada = pages.ada()
    for url in ("/", "/jobs/new"):
        page = ada.get(url).text
        assert "150 kB" in page
        assert 'href="/account/plan"' in page
    root = pages.operator()
    root.get("/operator/accounts")
    url = f"/operator/accounts/{pages.account('ada').id}"
    assert root.form(url, plan="premium", confirmed="yes").status_code == 303
    for url in ("/", "/jobs/new"):
        assert "/account/plan" not in ada.get(url).text
