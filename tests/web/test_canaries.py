"""What must stand in no log, mail, page of an error or audit entry: marks are sent through the
whole service, with everything going wrong that can, and looked for everywhere."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from structlog.testing import capture_logs

from gas.adapters.links import identity_of, issue_link
from gas.domain.errors import InputError, Unavailable
from gas.domain.job import Job, JobState
from gas.domain.messages import NOTIFY
from gas.engines.bcftools import add_reference, make_demo
from gas.ports.mail import Mail
from gas.ports.services import Services
from gas.settings import read_settings
from gas.web import create_app
from gas.wiring import opened
from gas.workers.steps import annotate_step, notify_step
from traces import traces
from web_rig import Browser
from workers.loops import running

INFO, SAMPLE, VALUE, RECORD = "CANARYINFO", "CANARYSAMPLE", "CANARYVALUE", "CANARYRECORD"
GENOMIC = [INFO, VALUE, RECORD]
HEADER = f"""##fileformat=VCFv4.2
##INFO=<ID=NUMBER,Number=1,Type=Integer,Description="x">
##INFO=<ID=NOTE,Number=1,Type=String,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=NT,Number=1,Type=String,Description="x">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{SAMPLE}
"""


@dataclass
class House:
    """The real thing, in one process."""

    home: Path
    services: Services
    site: str
    secrets: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    """Pages of errors."""

    def browser(self, email: str) -> Browser:
        app = create_app(self.services)
        browser = Browser(app.test_client())
        link = issue_link(
            self.services.sign_in_links,
            identity_of(email),
            site_url=self.site,
            lifetime=timedelta(days=1),
            clock=self.services.clock,
        )
        token = parse_qs(urlsplit(link).query)["token"][0]
        browser.get(link.removeprefix(self.site))
        assert browser.form("/sign-in/link", token=token).status_code == 303
        cookie = browser.client.get_cookie("gas_session")
        assert cookie is not None
        self.secrets += [token, cookie.value]
        self.shown.append(browser.form("/sign-in/link", token=token).text)
        browser.get("/jobs/new")
        return browser

    def upload(self, browser: Browser, content: bytes, name: str) -> str:
        begun = browser.json("/uploads", name=name, size_bytes=len(content)).json
        assert begun is not None, name
        upload_id = str(begun["id"])
        assert browser.put(f"/uploads/{upload_id}/parts/1", content).status_code == 204
        return upload_id

    def submit(self, browser: Browser, content: bytes, name: str) -> Job:
        upload_id = self.upload(browser, content, name)
        made = browser.json("/jobs", upload_id=upload_id, reference="demo").json
        assert made is not None
        assert "id" in made, made
        return self.job(made["id"])

    def job(self, job_id: str) -> Job:
        job = self.services.jobs.get(job_id)
        assert job is not None
        return job

    def work(self, queue: str) -> None:
        """Until nothing waits."""
        services = self.services
        step = (
            notify_step(services)
            if queue == NOTIFY.name
            else annotate_step(services, "tested-1-ab", services.site.work_path)
        )
        with running(services, step, queue=queue):
            for _ in range(3000):
                states = {each.name: each for each in services.queue_desk.states()}
                if not states[queue].visible + states[queue].held:
                    return
                services.queues.wait("export", holder="tested-2", seconds=0.01)
        raise AssertionError(f"{queue} did not get done")


pytestmark = pytest.mark.slow


@pytest.fixture
def house(home: Path) -> Iterator[House]:
    settings = read_settings(home=home)
    with opened(settings) as services:
        demo = make_demo(home / "demo")
        add_reference(home / "references", "demo", fasta=demo.fasta, gff=demo.gff)
        yield House(home, services, services.site.url)


def records(house: House) -> str:
    """A few of the demo's, with marks in ID, INFO and a sample's value."""
    lines = (house.home / "demo" / "demo.vcf").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][:40]
    return "".join(
        f"{row[0]}\t{row[1]}\t{RECORD}{number}\t{row[3]}\t{row[4]}\t.\t.\tNOTE={INFO}\t"
        f"GT:NT\t0/1:{VALUE}\n"
        for number, row in enumerate(rows)
    )


def inputs(house: House) -> dict[str, bytes]:
    """One that is well, and some of which records, values or the whole are refused."""
    good = records(house)
    contig = good.split("\t")[0]
    row = f"\t{RECORD}\tA\tC\t.\t.\t.\tGT:NT\t0/1:{VALUE}\n"
    texts = {
        "good.vcf": good,
        "rejected.vcf": f"{good}{contig}\tX{RECORD}{row}{contig}\t5\t.\t{RECORD}\tC{row[-30:]}",
        "number.vcf": f"{contig}\t10\t{RECORD}\tA\tC\t.\t.\tNUMBER={INFO}\tGT:NT\t{VALUE}:1\n",
        "contigs.vcf": f"elsewhere\t1{row}",
    }
    whole = {name: (HEADER + text).encode() for name, text in texts.items()}
    return {**whole, "cut.vcf.gz": gzip.compress(whole["good.vcf"])[:-9]}


def go_wrong(house: House, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    jobs = [house.submit(browser, content, name) for name, content in inputs(house).items()]
    for content, name in ((f"{RECORD}\n".encode(), "no.vcf"), (HEADER.encode(), "no.vcf.gz")):
        upload_id = house.upload(browser, content, name)
        answer = browser.json("/jobs", upload_id=upload_id, reference="demo")
        assert answer.status_code == 400
        house.shown.append(answer.text)
    house.work("annotate")
    break_a_download(house, browser, jobs[0], monkeypatch)
    break_mails(house, monkeypatch)
    house.work(NOTIFY.name)
    return [house.job(job.id) for job in jobs]


def break_a_download(
    house: House, browser: Browser, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = browser.get(f"/jobs/{job.id}/files/good.annot.vcf.gz").location
    token = link.rpartition("/")[2]
    house.secrets.append(token)
    assert browser.client.get(urlsplit(link).path, buffered=True).status_code == 200
    house.shown.append(browser.get(f"/files/{token[:-2]}xx").text)

    def bug(_token: str) -> None:
        raise ValueError(f"{' '.join(house.secrets)} {VALUE}")

    monkeypatch.setattr(house.services.served_links, "resolve", bug)
    broke = browser.client.get(f"/files/{token}", buffered=True)
    assert broke.status_code == 500
    house.shown.append(broke.text)


def break_mails(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first three tries, each in its own way."""
    faults = iter(
        (
            Unavailable("MAIL_UNAVAILABLE", "The mail server is down."),
            InputError("MAIL_REFUSED", "Refused for good."),
            RuntimeError(f"{VALUE} {' '.join(house.secrets)}"),
        )
    )
    send = house.services.mail.send

    def try_to_send(mail: Mail) -> None:
        if fault := next(faults, None):
            raise fault
        send(mail)

    monkeypatch.setattr(house.services.mail, "send", try_to_send)


def test_marks_are_found_nowhere(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with capture_logs() as events:
        browser = house.browser("ada@example.org")
        jobs = go_wrong(house, browser, monkeypatch)
    states = {job.input.name: job.state for job in jobs}
    assert states["good.vcf"] is JobState.COMPLETED
    assert list(states.values()).count(JobState.FAILED) >= 2, states
    said = [str(event) for event in events]
    assert any("request failed" in each and "ValueError" in each for each in said)
    assert any("RuntimeError" in each for each in said), said
    assert any("MAIL_UNAVAILABLE" in each for each in said)
    audit = [str(entry) for entry in house.services.audit.page(limit=1000)]
    assert len(audit) >= 7
    personal = [SAMPLE, "ada@example.org", "good.vcf"]
    assert not hits(said + audit, [*house.secrets, *GENOMIC, *personal])
    assert not hits(house.shown, [*house.secrets, *GENOMIC])
    outbox = [path.read_text() for path in (house.home / "outbox").glob("*.eml")]
    assert outbox
    assert not hits(outbox, [*GENOMIC, SAMPLE, *house.secrets, "/files/", "token="])
    assert traces(house.home, house.secrets) == []
    check_jobs(house, browser, jobs)


def check_jobs(house: House, browser: Browser, jobs: list[Job]) -> None:
    """What a job says of itself, on its page and in its log."""
    for job in jobs:
        assert not hits([str(job.reason)], [*GENOMIC, SAMPLE]), job.input.name
        page = browser.get(f"/jobs/{job.id}").text
        assert not hits([page], [*GENOMIC, SAMPLE, *house.secrets[:2]]), job.input.name
        assert job.log is not None
        with house.services.files.open(job.log.key) as content:
            assert not hits([content.read().decode()], [*GENOMIC, SAMPLE]), job.input.name


def hits(texts: list[str], marks: list[str]) -> list[tuple[str, str]]:
    return [
        (mark, re.sub(r"\s+", " ", text)[:300]) for text in texts for mark in marks if mark in text
    ]
