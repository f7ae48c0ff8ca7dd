"""The client: what it asks, what it makes of answers, and to whom it shows the token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import cast

import pytest
import requests

from adapters.https.listener import listening, saying
from client.service import QUICK, LiveService, Trouble
from client.test_uploads import vcf
from domain.test_webhook import NOW, SAID
from gas.client import Client, ClientError, Job, verify_webhook
from gas.client.line import checked_url, retry_after
from gas.domain.plan import Plan
from gas.domain.webhook import shown_secret, signed_headers, signing_key


def submitted(gas: Client, tmp_path: Path, name: str = "a.vcf") -> Job:
    return gas.submit(vcf(tmp_path / name, 0.5), "demo")


def test_who_and_what(gas: Client) -> None:
    account = gas.account()
    assert (account.email, account.plan) == ("ada@example.org", "free")
    assert [it.name for it in gas.references()] == ["demo"]


def test_a_job_from_beginning_to_end(service: LiveService, gas: Client, tmp_path: Path) -> None:
    job = submitted(gas, tmp_path)
    assert (job.position, job.final) == (1, False)
    service.annotate_next()
    seen: list[Job] = []
    done = gas.wait(job.id, tell=seen.append)
    assert done == gas.job(job.id) == seen[-1]
    assert (done.state, done.progress.fraction, done.counts) == ("COMPLETED", 1.0, (("Total", 1),))
    assert done.page == f"{service.url}/jobs/{job.id}"
    assert gas.log(job.id) == "began\n"
    assert [it.kind for it in gas.events(job.id)] == ["submitted", "started", "completed"]
    assert {it.kind for it in gas.results(job.id)} == {"annotated", "log", "input"}


def test_waiting_costs_little_and_ends(service: LiveService, gas: Client, tmp_path: Path) -> None:
    job = submitted(gas, tmp_path)
    seen: list[Job] = []
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            service.annotate_next()

    with service.client(sleep=sleep) as patient:
        assert patient.wait(job.id, tell=seen.append).state == "COMPLETED"
    assert [it.state for it in seen] == ["PENDING", "COMPLETED"], "told of changes only"
    assert service.way.asked[-2].status == 304
    other = submitted(gas, tmp_path)
    with pytest.raises(ClientError, match="STILL_RUNNING"):
        gas.wait(other.id, timeout_seconds=0)


def test_cancel_again_delete(service: LiveService, gas: Client, tmp_path: Path) -> None:
    job = submitted(gas, tmp_path)
    with pytest.raises(ClientError, match="JOB_NOT_FINISHED"):
        gas.delete(job.id)
    assert gas.cancel(job.id).state == "CANCELLED"
    assert gas.cancel(job.id).state == "CANCELLED"
    new = gas.again(job.id, options=["ann"])
    assert new.id != job.id
    assert new.options == ("ann",)
    gas.delete(job.id)
    assert [it.id for it in gas.jobs()] == [new.id]
    with pytest.raises(ClientError) as raised:
        gas.job(job.id)
    assert raised.value.status == 404


def test_lost_answers_change_nothing(service: LiveService, gas: Client, tmp_path: Path) -> None:
    job = submitted(gas, tmp_path)
    service.way.troubles += [
        Trouble("/cancel", 1, late=True),
        Trouble("/again", 1, late=True),
        Trouble("DELETE", 1, late=True),
    ]
    gas.cancel(job.id)
    new = gas.again(job.id)
    gas.delete(job.id)
    assert [it.id for it in gas.jobs()] == [new.id]
    assert all(trouble.times == 0 for trouble in service.way.troubles)


def test_all_pages_of_jobs(
    service: LiveService, gas: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = submitted(gas, tmp_path)
    gas.cancel(first.id)
    for _ in range(8):
        service.journey.clock.forward(seconds=1)
        gas.again(first.id)
    monkeypatch.setattr("gas.client.client.PAGE_JOBS", 4)
    found = list(gas.jobs())
    assert len(found) == 9
    assert found[-1].id == first.id
    assert [it.id for it in gas.jobs(state="CANCELLED")] == [first.id]


def test_what_is_not_ones_own_is_not_there(
    service: LiveService, gas: Client, tmp_path: Path
) -> None:
    job = submitted(gas, tmp_path)
    eve = service.client(service.token_of(service.journey.sign_in("eve@example.org", Plan.PREMIUM)))
    for act in (eve.job, eve.cancel, eve.again, eve.delete, eve.events, eve.log, eve.results):
        with pytest.raises(ClientError) as raised:
            act(job.id)
        assert raised.value.status == 404
    assert list(eve.jobs()) == []


@pytest.mark.parametrize("job_id", ["", "../account", "a/b", "a?b", "é", "%2e"])
def test_a_job_id_leads_nowhere_else(service: LiveService, gas: Client, job_id: str) -> None:
    before = len(service.way.asked)
    for act in (gas.job, gas.cancel, gas.delete, gas.log):
        with pytest.raises(ClientError, match="JOB_NOT_FOUND"):
            act(job_id)
    assert len(service.way.asked) == before


def test_a_token_that_is_none_is_refused_at_once(service: LiveService) -> None:
    with pytest.raises(ClientError, match="TOKEN_REFUSED") as raised:
        service.client("gas_wrong").account()
    assert raised.value.status == 401
    assert len(service.way.asked) == 1
    assert "gas_wrong" not in str(raised.value)


def test_nobody_there_is_told_after_some_tries(service: LiveService) -> None:
    service.way.troubles.append(Trouble("GET", 99))
    with pytest.raises(ClientError, match="NOT_REACHABLE") as raised:
        service.client().account()
    assert raised.value.is_temporary
    assert len(service.way.asked) == QUICK.tries


def test_it_waits_as_long_as_it_is_told_to(service: LiveService) -> None:
    slept: list[float] = []
    told: list[tuple[str, float]] = []
    headers = (("Retry-After", "7"),)
    service.way.troubles += [Trouble("GET", 2, 429, headers), Trouble("GET", 1, 503)]
    with service.client(sleep=slept.append, told=lambda *why: told.append(why)) as gas:
        gas.account()
    assert slept[:2] == [7.0, 7.0]
    assert slept[2] < 1
    assert [why for why, _ in told] == ["NO_SERVICE"] * 3


def test_no_netrc_goes_before_the_token(
    gas: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert gas.account().email == "ada@example.org"


def test_no_redirect_takes_the_token_along() -> None:
    with listening() as elsewhere:
        there = f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{elsewhere.port}/\r\n"
        with listening(saying(f"{there}Content-Length: 0\r\n\r\n")) as listener:
            url = f"http://127.0.0.1:{listener.port}"
            with Client(url, "gas_x", patience=QUICK) as gas, pytest.raises(ClientError) as raised:
                gas.cancel("a" * 26)
        assert raised.value.code in {"BAD_ANSWER", "NOT_REACHABLE"}
        assert elsewhere.connections == 0


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://gas.example.org", "NOT_SECURE"),
        ("http://127.0.0.1.example.org", "NOT_SECURE"),
        ("http://192.168.1.5:8000", "NOT_SECURE"),
        ("ftp://gas.example.org", "BAD_URL"),
        ("gas.example.org", "BAD_URL"),
        ("https://user:word@gas.example.org", "BAD_URL"),
        ("", "BAD_URL"),
        ("https://[::1", "BAD_URL"),
    ],
)
def test_addresses_that_are_not_asked(url: str, code: str) -> None:
    with pytest.raises(ClientError, match=code):
        Client(url, "gas_x")


@pytest.mark.parametrize(
    "url",
    ["https://gas.example.org/", "http://127.0.0.1:8000", "http://[::1]:1", "http://localhost"],
)
def test_addresses_that_are(url: str) -> None:
    assert checked_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "answer", ["<html>a page</html>", "[]", '{"uploads": 1}', '{"email": "x"}']
)
def test_what_is_no_gas_is_told(answer: str) -> None:
    text = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n{answer}"
    with listening(saying(text)) as listener:
        url = f"http://127.0.0.1:{listener.port}"
        with Client(url, "gas_x", patience=QUICK) as gas, pytest.raises(ClientError) as raised:
            gas.account()
    assert raised.value.code == "BAD_ANSWER"


def answered(value: str) -> float:
    response = requests.Response()
    response.headers["Retry-After"] = value
    return retry_after(response)


def test_retry_after_in_seconds_and_as_a_date() -> None:
    assert answered("12") == 12
    assert answered("") == answered("soon") == answered("-5") == 0
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert 55 < answered(later) <= 60


def test_webhooks_are_believed_if_they_are_signed() -> None:
    key = signing_key(b"k" * 32, "hook")
    headers, body, now = signed_headers(key, SAID, NOW), SAID.body.encode(), NOW.timestamp()
    secret = shown_secret(key)
    event = verify_webhook(secret, headers=headers, body=body, now=now)
    assert event["type"] == "job.failed"
    shouting = {name.upper(): value for name, value in headers.items()}
    assert verify_webhook(secret, headers=shouting, body=body, now=now + 299) == event
    both = {**headers, "webhook-signature": "v1,x " + headers["webhook-signature"]}
    assert verify_webhook(secret, headers=both, body=body, now=now) == event
    other = shown_secret(signing_key(b"k" * 32, "other"))
    forged: list[tuple[str, dict[str, str], bytes, float]] = [
        (other, headers, body, now),
        ("whsec_", headers, body, now),
        ("whsec_?", headers, body, now),
        (secret, headers, body + b" ", now),
        (secret, {**headers, "webhook-id": "msg_2"}, body, now),
        (secret, headers, body, now + 301),
        (secret, headers, body, now - 301),
        (secret, {**headers, "webhook-timestamp": "x"}, body, now),
        (secret, {**headers, "webhook-signature": "v1,é"}, body, now),
        (secret, {}, body, now),
    ]
    for key_given, given, sent, at in forged:
        with pytest.raises(ClientError, match="BAD_SIGNATURE"):
            verify_webhook(key_given, headers=given, body=sent, now=at)
    assert cast("dict[str, str]", event["data"])["state"] == "FAILED"
