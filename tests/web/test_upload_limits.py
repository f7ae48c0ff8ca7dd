"""The free plan's limit against those who lie about it, over real connections."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from gas.domain.account import Account
from gas.domain.plan import Plan
from gas.ports.services import Services
from gas.settings import Settings
from gas.wiring import opened
from ports import free_port
from rig import VCF
from web.raw_visitor import LIMIT, PART, Visitor, chunked, vcf_of
from workers import fake_engine

ROOT = Path(__file__).parents[2]
SERVE = (
    "import sys; from gas.web.server import serve; "
    "serve('127.0.0.1', int(sys.argv[1]), target='gas.wiring:web_app')"
)


@dataclass
class Service:
    services: Services
    port: int
    account: Account
    visitor: Visitor

    def on(self, plan: Plan) -> None:
        from gas.cli.first_operator import set_account

        set_account(self.services, self.account, plan=plan)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, int]]:
    home = tmp_path_factory.mktemp("limits")
    port = free_port()
    told = {
        "GAS_HOME": str(home),
        "GAS_PORT": str(port),
        "GAS_PART_BYTES": str(PART),
        "GAS_ENGINE": fake_engine.PATH,
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests"))),
    }
    settings = Settings(home=home, port=port, engine=fake_engine.PATH, part_bytes=PART)
    with opened(settings) as services:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(port)], env={**os.environ, **told}
        )
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    Visitor(port).ask("GET", "/health/ready")
                    break
                except OSError:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            yield services, port
        finally:
            for child in psutil.Process(process.pid).children() if process.poll() is None else ():
                child.kill()
            process.kill()
            process.wait()


@pytest.fixture
def service(running: tuple[Services, int], request: pytest.FixtureRequest) -> Service:
    """A free user of the test's own, signed in over HTTP."""
    from gas.adapters.links import identity_of
    from gas.cli.first_operator import link_for, record

    services, port = running
    name = re.sub(r"\W", "-", request.node.name)
    account = record(services, identity_of(f"{name}@example.org"))
    link = link_for(services, account)
    visitor = Visitor(port)
    visitor.ask("GET", link.partition(str(port))[2])
    fields = {"csrf_token": visitor.token, "token": link.partition("token=")[2]}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    status, text = visitor.ask("POST", "/sign-in/link", urlencode(fields).encode(), **kind)
    assert status == 303, text
    visitor.token = ""
    visitor.ask("GET", "/jobs/new")
    return Service(services, port, account, visitor)


def stored_bytes(service: Service) -> int:
    """Of this account, whole or on their way in, as the disk has them."""
    root = service.services.site.work_path.parent / "files"
    folders = [path for path in root.rglob(service.account.id) if path.is_dir()]
    files = [path for folder in folders for path in folder.rglob("data*")]
    return sum(path.stat().st_size for path in files if path.is_file())


def test_a_byte_too_many_is_refused_by_the_upload_and_premium_passes(service: Service) -> None:
    ada = service.visitor
    status, answer = ada.json("/uploads", name="a.vcf", size_bytes=LIMIT + 1)
    assert (status, answer["code"]) == (413, "INPUT_TOO_LARGE")
    assert stored_bytes(service) == 0
    service.on(Plan.PREMIUM)
    content = vcf_of(LIMIT + 1)
    upload_id = ada.begin(len(content))
    assert ada.put(upload_id, 1, content[:PART]) == 204
    assert ada.put(upload_id, 2, content[PART:]) == 204
    assert ada.submit(upload_id)[0] == 201


def test_exactly_the_limit_passes(service: Service) -> None:
    content = vcf_of(LIMIT)
    upload_id = service.visitor.begin(LIMIT)
    service.visitor.put(upload_id, 1, content[:PART])
    service.visitor.put(upload_id, 2, content[PART:])
    status, answer = service.visitor.submit(upload_id)
    assert status == 201, answer
    job = service.services.jobs.get(answer["id"])
    assert job is not None
    assert job.input.size_bytes == LIMIT


def test_declared_small_and_sent_large(service: Service) -> None:
    ada = service.visitor
    upload_id = ada.begin(len(VCF))
    large = VCF + bytes(LIMIT)
    size = f"Content-Length: {len(VCF)}"
    attempts = [
        ada.put(upload_id, 1, large),  # a part larger than declared
        ada.put(upload_id, 2, large[:PART]),  # one part more
        ada.raw(upload_id, 1, large, f"Content-Length: {len(large)}"),
        ada.raw(upload_id, 1, chunked(large), "Transfer-Encoding: chunked"),
        ada.raw(upload_id, 1, chunked(large), "Transfer-Encoding: chunked", size),
        ada.raw(upload_id, 1, large, "Content-Length: -1"),
        ada.raw(upload_id, 1, large, size, f"Content-Length: {len(large)}"),
        ada.raw(upload_id, 1, b"", f"Content-Length: {10**18}"),
    ]
    assert not any(200 <= status < 300 for status in attempts), attempts
    assert ada.parts(upload_id) == []
    assert stored_bytes(service) <= len(VCF)


def test_a_length_that_lies_gets_what_it_says_and_no_more(service: Service) -> None:
    ada = service.visitor
    upload_id = ada.begin(len(VCF))
    ada.raw(upload_id, 1, VCF + bytes(LIMIT), f"Content-Length: {len(VCF)}")
    status, answer = ada.submit(upload_id)
    assert status == 201, answer
    job = service.services.jobs.get(answer["id"])
    assert job is not None
    with service.services.files.open(job.input.key) as stored:
        assert stored.read() == VCF


def test_a_length_that_promises_more_than_comes_counts_for_nothing(service: Service) -> None:
    ada = service.visitor
    upload_id = ada.begin(len(VCF))
    status = ada.raw(upload_id, 1, VCF[:-1], f"Content-Length: {len(VCF)}")
    assert not 200 <= status < 300
    assert ada.parts(upload_id) == []


def test_a_part_cannot_be_replaced_by_a_larger_one(service: Service) -> None:
    ada = service.visitor
    content = vcf_of(LIMIT)
    upload_id = ada.begin(LIMIT)
    assert ada.put(upload_id, 1, content[:PART]) == 204
    assert ada.put(upload_id, 2, content[PART:]) == 204
    for number in (1, 2, 3):
        assert 400 <= ada.put(upload_id, number, content[: PART + 1]) < 500
    assert ada.put(upload_id, 2, content[PART:] + b"x") == 400
    assert stored_bytes(service) <= LIMIT


def test_a_form_in_place_of_a_part(service: Service) -> None:
    ada = service.visitor
    upload_id = ada.begin(len(VCF))
    form = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
    form += bytes(PART) + b"\r\n--b--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    assert ada.put(upload_id, 1, form, **kind) in (413, 415)
    small = form.replace(bytes(PART), VCF)
    assert ada.put(upload_id, 1, small, **kind) == 415
    assert ada.parts(upload_id) == []


def test_downgraded_while_it_was_sent(service: Service) -> None:
    ada = service.visitor
    service.on(Plan.PREMIUM)
    content = vcf_of(LIMIT + 1)
    upload_id = ada.begin(len(content))
    ada.put(upload_id, 1, content[:PART])
    service.on(Plan.FREE)
    ada.put(upload_id, 2, content[PART:])
    status, answer = ada.submit(upload_id)
    assert (status, answer["code"]) == (413, "INPUT_TOO_LARGE")
    assert not service.services.jobs.owned_by(service.account.id, limit=1)


def test_an_old_large_job_is_run_again_on_premium_only(service: Service) -> None:
    ada = service.visitor
    service.on(Plan.PREMIUM)
    content = vcf_of(LIMIT + 1)
    upload_id = ada.begin(len(content))
    ada.put(upload_id, 1, content[:PART])
    ada.put(upload_id, 2, content[PART:])
    job_id = ada.submit(upload_id)[1]["id"]
    service.on(Plan.FREE)
    status, text = ada.ask("POST", f"/jobs/{job_id}/again")
    assert (status, json.loads(text)["code"]) == (413, "INPUT_TOO_LARGE")
    service.on(Plan.PREMIUM)
    assert ada.ask("POST", f"/jobs/{job_id}/again")[0] == 303


def test_a_compressed_file_counts_as_stored(service: Service) -> None:
    content = gzip.compress(vcf_of(20 * LIMIT))
    assert len(content) < LIMIT
    upload_id = service.visitor.begin(len(content))
    assert service.visitor.put(upload_id, 1, content) == 204
    assert service.visitor.submit(upload_id)[0] == 201


def test_a_storm_of_submits_of_what_fits_is_one_job(service: Service) -> None:
    ada = service.visitor
    upload_id = ada.begin(len(VCF))
    assert ada.put(upload_id, 1, VCF) == 204
    assert _storm(12, lambda: ada.submit(upload_id)[0]) == [201] * 12
    assert len(service.services.jobs.owned_by(service.account.id, limit=9)) == 1


def test_a_storm_of_submits_of_what_is_too_large_is_none(service: Service) -> None:
    ada = service.visitor
    service.on(Plan.PREMIUM)
    content = vcf_of(LIMIT + 1)
    upload_id = ada.begin(len(content))
    ada.put(upload_id, 1, content[:PART])
    ada.put(upload_id, 2, content[PART:])
    service.on(Plan.FREE)
    assert all(status >= 400 for status in _storm(12, lambda: ada.submit(upload_id)[0]))
    assert not service.services.jobs.owned_by(service.account.id, limit=1)


def test_a_storm_of_uploads_stays_below_the_cap(service: Service) -> None:
    ada = service.visitor

    def begin() -> int:
        return ada.json("/uploads", name="a.vcf", size_bytes=LIMIT)[0]

    answers = _storm(24, begin)
    most = service.services.limits.open_uploads
    assert sorted(set(answers)) == [201, 409]
    assert answers.count(201) == most
    assert stored_bytes(service) == most * LIMIT


def _storm(count: int, do: Callable[[], int]) -> list[int]:
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(do())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count
    return answers
