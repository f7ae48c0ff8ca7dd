"""Export my data: whole, once, and gone again."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from gas.adapters.disk import DiskOutbox
from gas.domain.account import Session
from gas.domain.errors import Interrupted
from gas.domain.export import LIFETIME, Export, ExportState
from gas.domain.plan import Limits
from gas.journey.delete import delete
from gas.journey.export import contents, tend_exports
from gas.journey.export.contents import plain
from journey.leaving import Countdown, Deadly, Killed, Leaving
from rig import VCF, Journey


@pytest.fixture
def leaving(journey: Journey, tmp_path: Path) -> Leaving:
    return Leaving(journey, tmp_path)


def found(leaving: Leaving) -> Export:
    export = leaving.journey.store.exports.of_account(leaving.journey.account.id)
    assert export is not None
    return export


def opened(leaving: Leaving) -> zipfile.ZipFile:
    with leaving.journey.files.open(found(leaving).key) as content:
        return zipfile.ZipFile(BytesIO(content.read()))


def manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return loaded


def mails(leaving: Leaving) -> list[Path]:
    return list((leaving.home / "outbox").glob("export-*.eml"))


def tend(leaving: Leaving) -> int:
    journey = leaving.journey
    return tend_exports(
        exports=journey.store.exports,
        files=journey.files,
        queues=journey.store.queues,
        clock=journey.clock,
    )


def test_everything_is_in_it(leaving: Leaving) -> None:
    journey = leaving.journey
    now = journey.clock()
    journey.store.sessions.add(
        Session("secret-hash", journey.account.id, now, now + timedelta(days=1), seen_at=now)
    )
    job_id = leaving.finished_job()
    leaving.ask()
    leaving.export()
    archive = opened(leaving)
    assert archive.testzip() is None
    told = manifest(archive)
    assert told["account"]["email"] == "ada@example.org"
    assert [list(each) for each in told["sessions"]] == [["created_at", "expires_at"]]
    (job,) = told["jobs"]
    assert (job["id"], job["state"], job["counts"]) == (job_id, "COMPLETED", {"Total": 1})
    assert [event["kind"] for event in job["events"]] == ["submitted", "started", "completed"]
    assert set(job["in_this_archive"]) == set(archive.namelist()) - {"manifest.json"}
    assert archive.read(f"jobs/{job_id}/input/a.vcf") == VCF
    assert b"began" in archive.read(f"jobs/{job_id}/a.log")
    assert "secret-hash" not in archive.read("manifest.json").decode()


def test_files_only_if_they_are_wanted(leaving: Leaving) -> None:
    job_id = leaving.finished_job()
    leaving.ask(with_files=False)
    leaving.export()
    assert set(opened(leaving).namelist()) == {"manifest.json", f"jobs/{job_id}/a.log"}


def test_nothing_of_others_is_in_it(leaving: Leaving) -> None:
    journey = leaving.journey
    ada, journey.account = journey.account, journey.sign_in("bob@example.org")
    leaving.finished_job()
    journey.account = ada
    leaving.ask()
    leaving.export()
    assert manifest(opened(leaving))["jobs"] == []
    assert opened(leaving).namelist() == ["manifest.json"]


def test_many_jobs_are_a_page_at_a_time(leaving: Leaving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "PAGE", 5)
    for _ in range(12):
        leaving.journey.submit(leaving.journey.upload())
    leaving.ask(with_files=False)
    leaving.export()
    assert len(manifest(opened(leaving))["jobs"]) == 12


def test_large_files_take_no_memory(leaving: Leaving) -> None:
    big = VCF + b"#" * (16 << 20)
    leaving.journey.limits = Limits(free_input_bytes=32 << 20, part_bytes=32 << 20)
    job = leaving.journey.submit(leaving.journey.upload(big))
    leaving.ask()
    tracemalloc.start()
    try:
        leaving.export()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20
    assert opened(leaving).getinfo(f"jobs/{job.id}/input/a.vcf").file_size == len(big)


def test_asked_twice_it_is_one_and_one_mail(leaving: Leaving) -> None:
    leaving.ask()
    first = found(leaving)
    leaving.ask()
    assert found(leaving) == first
    delivery = leaving.export()
    assert leaving.journey.receive("export") is None
    leaving.journey.store.queues.release(delivery.receipt)
    leaving.export()
    assert len(mails(leaving)) == 1
    text = DiskOutbox(leaving.home / "outbox").read(mails(leaving)[0].name).text
    assert "/account/privacy" in text
    assert "/files/" not in text


def test_a_message_of_an_earlier_export_leaves_the_next_one_alone(leaving: Leaving) -> None:
    leaving.ask()
    first = leaving.export()
    leaving.journey.store.queues.release(first.receipt)
    leaving.journey.clock.forward(seconds=1)
    leaving.ask()
    late = leaving.export()
    assert late.message_id == first.message_id
    assert found(leaving).state is ExportState.ASKED
    leaving.export()
    assert found(leaving).state is ExportState.READY


def test_the_next_one_takes_the_place_of_the_one_before(leaving: Leaving) -> None:
    journey = leaving.journey
    leaving.ask()
    leaving.export()
    first = found(leaving).key
    journey.clock.forward(seconds=1)
    with pytest.raises(Killed):  # before its row is replaced, or after
        leaving.ask(exports=Deadly(journey.store.exports, Countdown(2)))
    leaving.ask()
    leaving.export()
    assert found(leaving).key != first
    assert journey.files.stat(first) is None
    assert journey.files.stat(found(leaving).key)


def test_a_kill_at_any_call_costs_a_new_beginning_only(leaving: Leaving) -> None:
    leaving.finished_job()
    number = 0
    while True:
        number += 1
        leaving.ask()
        try:
            leaving.export(Countdown(number // 2 + 1, after=bool(number % 2)))
        except Killed:
            leaving.journey.store.queues.abandon("test-export")
            done = leaving.export()
            leaving.journey.store.queues.delete(done.receipt)
        else:
            break
        assert found(leaving).state is ExportState.READY
        assert found(leaving).told_at is not None
        assert opened(leaving).testzip() is None
        assert len(mails(leaving)) == number
    assert number > 20
    assert list(leaving.journey.work_path.glob("*.zip")) == []


def test_a_stop_gives_the_message_back(leaving: Leaving) -> None:
    leaving.finished_job()
    leaving.ask()
    with pytest.raises(Interrupted):
        leaving.export(should_stop=lambda: True)
    assert found(leaving).state is ExportState.ASKED
    assert list(leaving.journey.work_path.iterdir()) == []


def test_without_room_it_fails_and_may_be_asked_for_again(leaving: Leaving) -> None:
    leaving.finished_job()
    leaving.ask()
    leaving.journey.files._reserve_bytes = 1 << 60
    leaving.export()
    assert found(leaving).state is ExportState.FAILED
    leaving.journey.files._reserve_bytes = 0
    leaving.ask()
    leaving.export()
    assert found(leaving).state is ExportState.READY


def test_a_job_that_is_deleted_meanwhile_is_named_as_missing(leaving: Leaving) -> None:
    journey = leaving.journey
    job_id = leaving.finished_job()
    leaving.ask()
    real = journey.files.open
    calls: list[str] = []

    def late(key: str) -> Any:
        if not calls:
            calls.append(key)
            delete(
                journey.account,
                job_id,
                jobs=journey.store.jobs,
                files=journey.files,
                queues=journey.store.queues,
                together=journey.store.together,
                clock=journey.clock,
            )
        return real(key)

    journey.files.open = late  # type: ignore[method-assign]
    leaving.export()
    journey.files.open = real  # type: ignore[method-assign]
    missing = opened(leaving).read("not-included.txt").decode().split()
    assert f"jobs/{job_id}/input/a.vcf" in missing


def test_the_sweep_removes_it_in_the_end_and_mends_what_was_lost(leaving: Leaving) -> None:
    leaving.ask()
    delivery = leaving.journey.receive("export")
    assert delivery is not None
    leaving.journey.store.queues.delete(delivery.receipt)
    leaving.journey.clock.forward(minutes=11)
    assert tend(leaving) == 0
    leaving.export()
    assert found(leaving).state is ExportState.READY
    leaving.journey.clock.forward(seconds=LIFETIME.total_seconds())
    assert tend(leaving) == 1
    assert leaving.journey.store.exports.of_account(leaving.journey.account.id) is None
    assert not [place for place in leaving.traces() if "exports" in place and "inside" in place]


def test_what_cannot_be_made_is_given_up(leaving: Leaving) -> None:
    leaving.ask()
    leaving.journey.clock.forward(days=1)
    tend(leaving)
    assert found(leaving).state is ExportState.FAILED


def test_an_account_that_goes_meanwhile_takes_the_export_along(leaving: Leaving) -> None:
    leaving.finished_job()
    leaving.ask()
    journey = leaving.journey
    real = journey.files.store

    def late(key: str, path: Path) -> Any:
        stored = real(key, path)
        leaving.delete()
        journey.clock.forward(minutes=3)
        leaving.forget_all()
        return stored

    journey.files.store = late  # type: ignore[method-assign]
    leaving.export()
    assert leaving.traces() == ["audit.thing"]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("CON.vcf", "_CON.vcf"),
        ("nul", "_nul"),
        ("a\\b\x00.vcf", "a_b_.vcf"),
        ("\u202efcv.exe", "_fcv.exe"),
        ("...", "file"),
        ("a" * 4096, "a" * 150),
    ],
)
def test_names_in_it_are_fit_for_any_disk(name: str, place: str) -> None:
    assert plain(name) == place
