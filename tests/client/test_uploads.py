"""Uploads: in parts, resumed, never mixed, and one job however often the line breaks."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from client.service import PART_BYTES, LiveService, Trouble
from gas.client import Client, ClientError
from rig import VCF


def vcf(path: Path, parts: float = 4.5, letter: str = "A") -> Path:
    """A VCF of so many parts."""
    filler = b"##filler=" + letter.encode() * (int(parts * PART_BYTES) - len(VCF) - 10) + b"\n"
    first, _, rest = VCF.partition(b"\n")
    path.write_bytes(first + b"\n" + filler + rest)
    return path


def input_of(service: LiveService, job_id: str) -> bytes:
    with service.journey.files.open(service.journey.job(job_id).input.key) as content:
        return content.read()


def jobs(service: LiveService) -> int:
    return len(service.services.jobs.owned_by(service.journey.account.id, limit=99))


def test_a_file_arrives_whole(service: LiveService, gas: Client, tmp_path: Path) -> None:
    path = vcf(tmp_path / "a.vcf")
    moved: list[tuple[int, int]] = []
    job = gas.submit(path, "demo", options=["ann"], moved=lambda *at: moved.append(at))
    assert (job.state, job.reference, job.options) == ("PENDING", "demo", ("ann",))
    assert job.input_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert input_of(service, job.id) == path.read_bytes()
    assert service.way.count("PUT") == 5
    size = path.stat().st_size
    assert moved[-1] == (size, size)
    assert [done for done, _ in moved] == sorted(done for done, _ in moved)


@pytest.mark.parametrize("parts", [0.3, 1, 2])
def test_files_of_whole_parts_and_less(
    service: LiveService, gas: Client, tmp_path: Path, parts: float
) -> None:
    path = vcf(tmp_path / "a.vcf", parts)
    assert input_of(service, gas.submit(path, "demo").id) == path.read_bytes()


TROUBLES = {
    "begin is refused": Trouble("POST /api/v1/uploads", 3, 503),
    "the answer to begin is lost": Trouble("POST /api/v1/uploads", 1, late=True),
    "parts are cut": Trouble("/parts/", 4),
    "the answers to parts are lost": Trouble("/parts/", 4, late=True),
    "a proxy fails": Trouble("/parts/2", 3, 502),
    "too often": Trouble("/parts/", 2, 429, (("Retry-After", "0.001"),)),
    "the job is refused": Trouble("POST /api/v1/jobs", 3, 500),
    "the answer to the job is lost": Trouble("POST /api/v1/jobs", 3, late=True),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_whatever_breaks_it_is_one_upload_and_one_job(
    service: LiveService, gas: Client, tmp_path: Path, trouble: Trouble
) -> None:
    service.way.troubles.append(Trouble(**{it: getattr(trouble, it) for it in FIELDS}))
    path = vcf(tmp_path / "a.vcf")
    job = gas.submit(path, "demo")
    assert service.way.troubles[0].times == 0, "it was met"
    assert input_of(service, job.id) == path.read_bytes()
    assert jobs(service) == 1
    assert service.journey.files.uploads(f"inputs/{service.journey.account.id}/") == []


FIELDS = Trouble.__dataclass_fields__


def test_an_upload_that_broke_off_goes_on(
    service: LiveService, gas: Client, tmp_path: Path
) -> None:
    path = vcf(tmp_path / "a.vcf")
    service.way.troubles.append(Trouble("/parts/4", 99, 503))
    with pytest.raises(ClientError) as raised:
        gas.submit(path, "demo")
    assert raised.value.is_temporary
    service.way.troubles.clear()
    before = service.way.count("PUT")
    job = service.client().submit(path, "demo")
    assert input_of(service, job.id) == path.read_bytes()
    assert service.way.count("PUT") - before < 5
    assert service.way.count("POST /api/v1/uploads") == 1


def test_parts_of_another_file_are_not_mixed_in(
    service: LiveService, gas: Client, tmp_path: Path
) -> None:
    """Same name and size, other content: found out by the checksum, and sent anew."""
    path = vcf(tmp_path / "a.vcf", letter="A")
    service.way.troubles.append(Trouble("/parts/4", 99, 503))
    with pytest.raises(ClientError):
        gas.submit(path, "demo")
    service.way.troubles.clear()
    vcf(path, letter="B")
    job = gas.submit(path, "demo")
    assert input_of(service, job.id) == path.read_bytes()
    assert [it.id for it in gas.jobs()] == [job.id], "the mixed one is gone"


def test_a_file_that_changes_while_it_is_sent_is_no_job(
    service: LiveService, gas: Client, tmp_path: Path
) -> None:
    path = vcf(tmp_path / "a.vcf")

    def change(what: str) -> None:
        if what.endswith("/parts/2"):
            with path.open("ab") as more:
                more.write(b"x")

    service.way.before = change
    with pytest.raises(ClientError, match="FILE_CHANGED"):
        gas.submit(path, "demo")
    assert jobs(service) == 0


def test_the_same_key_is_the_same_job(service: LiveService, gas: Client, tmp_path: Path) -> None:
    path = vcf(tmp_path / "a.vcf")
    first = gas.submit(path, "demo", key="night-1")
    assert gas.submit(path, "demo", key="night-1").id == first.id
    assert gas.submit(path, "demo").id != first.id
    with pytest.raises(ClientError, match="KEY_REUSED"):
        gas.submit(path, "demo", options=["ann"], key="night-1")


@pytest.mark.parametrize(
    ("name", "reference", "code"),
    [("a.vcf", "elsewhere", "UNKNOWN_REFERENCE"), ("absent.vcf", "demo", "NO_FILE")],
)
def test_what_is_refused_is_told(
    gas: Client, tmp_path: Path, name: str, reference: str, code: str
) -> None:
    vcf(tmp_path / "a.vcf")
    with pytest.raises(ClientError, match=code) as raised:
        gas.submit(tmp_path / name, reference)
    assert raised.value.cure
    assert not raised.value.is_temporary


def test_too_large_for_the_plan_is_refused_before_a_byte_is_sent(
    service: LiveService, gas: Client, tmp_path: Path
) -> None:
    path = vcf(tmp_path / "a.vcf", 151)
    with pytest.raises(ClientError, match="INPUT_TOO_LARGE"):
        gas.submit(path, "demo")
    assert service.way.count("PUT") == 0


def test_an_interrupt_ends_at_once_and_leaves_it_to_be_resumed(
    service: LiveService, tmp_path: Path
) -> None:
    path = vcf(tmp_path / "a.vcf", 40)
    with service.client() as gas:

        def stop(done: int, total: int) -> None:
            if done > total / 2:
                raise KeyboardInterrupt

        with pytest.raises((KeyboardInterrupt, ClientError)):
            gas.submit(path, "demo", moved=stop)
    (open_one,) = service.journey.files.uploads(f"inputs/{service.journey.account.id}/")
    assert 5 < len(open_one.parts) < 40
    job = service.client().submit(path, "demo")
    assert input_of(service, job.id) == path.read_bytes()
