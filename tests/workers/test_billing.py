"""Billing as it is wired: from the settings to the worker, the sweep and the doctor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner
from structlog.testing import capture_logs

from adapters.stripe.books import PRICE
from adapters.stripe.fake import KEY, SECRET, FakeStripe, fake_stripe
from gas.adapters.links import identity_of
from gas.cli import main
from gas.cli.first_operator import record
from gas.cli.up import fleet_of
from gas.domain.account import Account
from gas.domain.errors import InputError, Unavailable
from gas.domain.messages import AccountDeleted, BillingChanged, encode
from gas.domain.plan import Plan
from gas.journey.forget import delete_account
from gas.journey.pay import check_out, look_again
from gas.ports.billing import Billing
from gas.ports.queues import Delivery
from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import find_backends, opened, preload
from gas.workers import loop, steps
from gas.workers.account_steps import forget_step
from gas.workers.roster import errands
from gas.workers.rounds import sweep_round
from gas.workers.steps import settle_step
from workers.errands import eventually, hand_in
from workers.loops import running


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    with fake_stripe(lambda: datetime.now(UTC)) as opened_one:
        yield opened_one
        assert opened_one.complaints == []


@pytest.fixture(autouse=True)
def _fresh_loggers(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that another test has used keeps the set-up of that time, and is not captured."""
    for module in (loop, steps):
        monkeypatch.setattr(module, "log", structlog.get_logger())


@pytest.fixture
def paid_settings(
    settings: Settings, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    for name, value in {
        "KEY": KEY,
        "WEBHOOK_SECRETS": f"whsec_old {SECRET}",
        "PRICE": PRICE,
        "API": fake.url,
        "PAGES": f"https://checkout.stripe.com {fake.url}",
        "OVERDUE_DAYS": "7",
    }.items():
        monkeypatch.setenv(f"GAS_STRIPE_{name}", value)
    return settings.model_copy(update={"billing": "stripe"})


@pytest.fixture
def wired(paid_settings: Settings) -> Iterator[Services]:
    with opened(paid_settings) as services:
        yield services


def billing_of(services: Services) -> Billing:
    assert services.billing is not None
    return services.billing


def paid_by(services: Services, fake: FakeStripe) -> Account:
    """Ada, who has paid; nobody was told of it."""
    ada = record(services, identity_of("ada@example.org"))
    check_out(
        ada,
        billing=billing_of(services),
        payers=services.payers,
        queues=services.queues,
        clock=services.clock,
        paid_url="http://x/paid",
        back_url="http://x/",
    )
    (session,) = fake.books.sessions
    fake.books.pay(session)
    return ada


def plan_of(services: Services, account: Account) -> Plan:
    found = services.accounts.get(account.id)
    assert found is not None
    return found.plan


def test_the_worker_settles_what_is_in_its_queue(wired: Services, fake: FakeStripe) -> None:
    ada = paid_by(wired, fake)
    look_again(ada, payers=wired.payers, queues=wired.queues)
    with capture_logs() as said, running(wired, settle_step(wired), queue="settle"):
        eventually(lambda: plan_of(wired, ada) is Plan.PREMIUM)
        eventually(lambda: "step" in [line["event"] for line in said])
    (step,) = [line for line in said if line["event"] == "step"]
    assert step["customer_id"].startswith("cus_")
    assert "paid twice" not in [line["event"] for line in said]


def test_paying_twice_is_told_to_the_operator(wired: Services, fake: FakeStripe) -> None:
    ada = paid_by(wired, fake)
    (customer,) = fake.books.customers
    fake.books.subscribe(customer)
    wired.queues.publish(BillingChanged(customer))
    with capture_logs() as said, running(wired, settle_step(wired), queue="settle"):
        eventually(lambda: "paid twice" in [line["event"] for line in said])
    (told,) = [line for line in said if line["event"] == "paid twice"]
    assert (told["log_level"], told["subscriptions"]) == ("warning", 2)
    assert told["user_id"] == ada.id


def test_stripe_is_down_for_a_while_and_the_worker_lives_on(
    wired: Services, fake: FakeStripe
) -> None:
    ada = paid_by(wired, fake)
    troubles = iter(["500", "500", "drop", "drop", "500", "500"])
    fake.trouble = lambda asked: next(troubles, None)
    look_again(ada, payers=wired.payers, queues=wired.queues)
    with running(wired, settle_step(wired), queue="settle"):
        eventually(lambda: plan_of(wired, ada) is Plan.PREMIUM)


def test_stripe_is_down_and_nothing_but_the_payer_waits_for_it(
    wired: Services, fake: FakeStripe
) -> None:
    ada = paid_by(wired, fake)
    job = hand_in(wired, "a.vcf")
    assert job.owner_id == ada.id
    is_down = True
    fake.trouble = lambda asked: "500" if is_down else None
    delete_account(
        ada,
        accounts=wired.accounts,
        queues=wired.queues,
        together=wired.together,
        clock=wired.clock,
    )
    with running(wired, forget_step(wired), queue="forget"):
        eventually(lambda: wired.jobs.get(job.id) is None)
        eventually(lambda: wired.files.stat(job.input.key) is None)
    assert wired.payers.get(ada.id)
    is_down = False
    with pytest.raises(Unavailable, match="ACCOUNT_IN_USE"):  # marked a moment ago
        forget_now(wired, ada)
    assert wired.payers.get(ada.id) is None


def forget_now(services: Services, account: Account) -> None:
    body = encode(AccountDeleted(account.id))
    work = forget_step(services)(Delivery("forget", "1", "receipt", body, 1))
    assert work
    work(lambda: False)


def test_the_sweep_has_those_looked_at_who_are_due(wired: Services, fake: FakeStripe) -> None:
    ada = paid_by(wired, fake)
    payer = wired.payers.get(ada.id)
    assert payer is not None
    due = replace(payer, check_due_at=wired.clock(), version=payer.version + 1)
    assert wired.payers.change(due)
    sweep = sweep_round(wired)
    sweep()
    sweep()
    (found,) = wired.queues.receive("settle", holder="test-1-ab", limit=9)
    assert due.customer_id in found.body


def test_without_billing_there_is_nothing_to_settle(services: Services, settings: Settings) -> None:
    assert services.billing is None
    with pytest.raises(InputError, match="NO_BILLING"):
        settle_step(services)
    sweep_round(services)()
    assert "settle" not in errands(services)
    assert [berth.name for berth in fleet_of(settings)].count("errands") == 1


def test_with_it_one_of_the_errands_settles(paid_settings: Settings) -> None:
    preload(paid_settings)
    with opened(paid_settings) as services:
        assert errands(services).count("settle") == 1


def test_a_setting_that_lacks_is_named(
    paid_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GAS_STRIPE_KEY")
    with pytest.raises(InputError, match="BAD_SETTING: The setting GAS_STRIPE_KEY"):
        find_backends(paid_settings)


def doctor(home: Path, site: str = "https://gas.example") -> dict[str, str]:
    environment = {"GAS_BILLING": "stripe", "GAS_SITE_URL": site}
    arguments = ["--home", str(home), "doctor", "--json"]
    rows = json.loads(CliRunner(env=environment).invoke(main, arguments).stdout)
    found: dict[str, str] = next(row for row in rows if row["what"] == "billing")
    return found


def test_the_doctor_looks_at_stripe(
    paid_settings: Settings, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = doctor(paid_settings.home)
    assert (found["state"], found["detail"]) == (
        "ok",
        "Stripe, test mode, price_premium: EUR every month",
    )
    assert "http://gas.example" in doctor(paid_settings.home, "http://gas.example")["detail"]
    monkeypatch.setenv("GAS_STRIPE_PRICE", "price_nowhere")
    found = doctor(paid_settings.home)
    assert found["state"] == "problem"
    assert "price_nowhere" in found["detail"]
    fake.trouble = lambda asked: "401"
    assert "refuses the key" in doctor(paid_settings.home)["detail"]
    monkeypatch.setenv("GAS_STRIPE_KEY", "pk_test_canary")
    found = doctor(paid_settings.home)
    assert "no secret key" in found["detail"]
    assert "canary" not in json.dumps(found)
