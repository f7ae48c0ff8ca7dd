"""The life of results on a live service whose disk for cold files fails, or whose mail server is
away: the operator reads a code, the page tells what is true, others' jobs go on, nothing is lost.

What each part does then is tried in its own tests; these prove that they are wired so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from adapters.smtp.test_mail import Inbox
from faults.people import Person, idle, logged, person, reads, rows
from faults.service import Service, gas, until
from faults.stage import make_home
from journey.lifecycle_shift import flip, full, remount
from ports import free_port
from small_disk import small_disk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SECONDS = 60.0
ADA, BOB = "ada@example.org", "bob@example.org"
MAILS = [
    (ADA, "ada.vcf is done"),
    (ADA, "you are on the premium plan now"),
    (ADA, "your results are back"),
    (BOB, "bob.vcf is done"),
    (BOB, "you are on the free plan now"),
]


@contextmanager
def running(home: Path, **settings: str) -> Iterator[Service]:
    """Free users may download for a second."""
    service = Service(home, {"annotators": "2", "sweep_seconds": "1", **settings})
    gas(home, "queue", "set", "archive", "--delay", "1", **service.settings)
    service.start()
    try:
        yield service
        assert service.stop() == 0
    finally:
        service.end()


@contextmanager
def read_only(cold: Path) -> Iterator[None]:
    remount(cold, "ro")
    try:
        yield
    finally:
        remount(cold, "rw")


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small disk of its own."""
    with small_disk(tmp_path_factory.mktemp("disk") / "cold") as folder:
        yield folder


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, cold: Path) -> Iterator[Service]:
    home = make_home(tmp_path_factory.mktemp("live"))
    with running(home, disk_cold_path=str(cold), disk_restore_seconds="1") as service:
        yield service


@pytest.fixture(scope="module")
def content(service: Service) -> bytes:
    return demo_of(service.home)


@pytest.fixture(scope="module")
def other(service: Service) -> Iterator[Person]:
    """Who has nothing to do with what fails."""
    with person(service, "other@example.org", plan="premium") as other:
        yield other


def demo_of(home: Path) -> bytes:
    return (home.parent / "demo" / "demo.vcf").read_bytes()


@pytest.mark.parametrize(
    ("fault", "code"),
    [(read_only, "COLD_STORE_UNAVAILABLE"), (full, "COLD_STORE_FULL")],
    ids=["read-only", "full"],
)
def test_a_cold_disk_that_takes_nothing(
    service: Service,
    other: Person,
    content: bytes,
    cold: Path,
    fault: Callable[[Path], AbstractContextManager[None]],
    code: str,
) -> None:
    warm = service.home / "files" / "kept"
    with person(service, f"ada-{code.lower()}@example.org") as ada:
        before = logged(service, code)
        with fault(cold):
            job_id = ada.submit(content)
            ada.has_seen(job_id, "completed", "archived")
            reads(service, code, before=before)
            assert ada.results(job_id) == "ARCHIVED"
            assert ada.refused(job_id) == "RESULTS_ARCHIVED"
            assert "cold" not in ada.events(job_id)
            assert lying(warm, ada, job_id)  # no copy of it is safe
            goes_on(other, content)
        ada.has_seen(job_id, "cold")
        assert lying(cold, ada, job_id)
        assert not lying(warm, ada, job_id)
        ada.put_on("premium")
        ada.comes_back(job_id)
        assert rows(service, "queue", "peek", "thaw") == []


def test_a_flipped_byte_in_cold_storage(
    service: Service, other: Person, content: bytes, cold: Path
) -> None:
    with person(service, BOB) as bob:
        job_id = bob.submit(content)
        bob.has_seen(job_id, "cold")
        (path,) = lying(cold, bob, job_id)
        before = flip(path)
        bob.put_on("premium")
        bob.has_seen(job_id, "damaged")
        assert bob.results(job_id) == "DAMAGED"
        assert bob.refused(job_id) == "RESULTS_DAMAGED"
        goes_on(other, content)
        (found,) = (row for row in rows(service, "doctor") if row["what"] == "results")
        assert (found["state"], "1 DAMAGED" in found["detail"]) == ("problem", True)
        letters = rows(service, "queue", "peek", "thaw")
        assert [letter["why"].partition(":")[0] for letter in letters] == ["RESULTS_DAMAGED"]
        assert path.exists()
        path.write_bytes(before)
        gas(service.home, "results", "check", **service.settings)
        bob.comes_back(job_id)
        gas(service.home, "queue", "redrive", "thaw", **service.settings)
        until(lambda: idle(service, "thaw"), seconds=SECONDS, what="the letter is worked off")
        assert bob.events(job_id).count("damaged") == 1


def lying(folder: Path, owner: Person, job_id: str) -> list[Path]:
    """The annotated file of a job, which the store calls by its checksum."""
    _, sha256 = owner.annotated(job_id)
    return [path for path in folder.rglob(sha256) if job_id in path.parts]


def goes_on(other: Person, content: bytes) -> None:
    job_id = other.submit(content)
    other.has_seen(job_id, "completed")
    other.has_it_whole(job_id)


@pytest.fixture
def mail_server() -> Iterator[tuple[Controller, Inbox]]:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port(), ready_timeout=30)
    yield controller, inbox
    controller.stop()


def test_a_mail_server_that_is_away_and_then_refuses(
    tmp_path: Path, mail_server: tuple[Controller, Inbox]
) -> None:
    controller, inbox = mail_server
    settings = {
        "mail": "smtp",
        "smtp_host": "127.0.0.1",
        "smtp_port": str(controller.port),
        "smtp_encryption": "none",
    }
    with running(make_home(tmp_path), **settings) as service:
        content = demo_of(service.home)
        with (
            person(service, ADA) as ada,
            person(service, BOB, plan="premium") as bob,
        ):
            job_id, other_id = ada.submit(content, "ada.vcf"), bob.submit(content, "bob.vcf")
            ada.has_seen(job_id, "cold")
            bob.has_seen(other_id, "completed")
            reads(service, "MAIL_UNAVAILABLE", before=0)  # nobody listens
            inbox.recipient_answer = "451 try again later"
            controller.start()
            before = logged(service, "MAIL_UNAVAILABLE")
            ada.put_on("premium")
            bob.put_on("free")
            ada.comes_back(job_id)
            bob.has_seen(other_id, "cold")
            reads(service, "MAIL_UNAVAILABLE", before=before)
            assert inbox.mails == []
            inbox.recipient_answer = "250 OK"
            # The longer it was refused the later a mail is tried again.
            until(lambda: len(inbox.mails) >= len(MAILS), seconds=300, what="all mails come")
            until(lambda: idle(service, "notify"), seconds=SECONDS, what="no mail is left")
            assert told(inbox) == Counter(MAILS)
            assert b"could be downloaded until" in b"".join(inbox.mails)  # it went out late


def told(inbox: Inbox) -> Counter[tuple[str, str]]:
    """To whom, and of what."""
    mails = map(message_from_bytes, inbox.mails)
    return Counter((mail["To"], mail["Subject"].removeprefix("GAS: ")) for mail in mails)
