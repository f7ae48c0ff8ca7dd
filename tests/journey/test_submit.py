"""Submit: refused early, recorded once."""

from __future__ import annotations

import io

import pytest

from gas.domain.errors import Conflict, InputError, NotFound, TooLarge
from gas.domain.job import JobState
from gas.domain.messages import JobSubmitted, decode
from gas.domain.plan import Plan
from gas.journey.submit import begin_upload, open_uploads
from rig import VCF, Journey


def test_a_job_is_recorded_and_its_message_published(journey: Journey) -> None:
    job = journey.submit(journey.upload())
    assert job.state is JobState.PENDING
    assert journey.events(job.id) == ["submitted"]
    delivery = journey.receive()
    assert delivery is not None
    assert decode(delivery.body) == JobSubmitted(job.id, journey.account.id)


def test_a_replay_is_the_same_job_and_sends_nothing(journey: Journey) -> None:
    upload_id = journey.upload()
    first, second = journey.submit(upload_id), journey.submit(upload_id)
    assert first == second
    assert journey.receive() is not None
    assert journey.receive() is None


@pytest.mark.parametrize(
    "name",
    [
        *("../../etc/passwd.vcf", "a\nb.vcf", "<b>.vcf", ".hidden.vcf", "", "  ", "x" * 201),
        *("a\u202eb", "a\u3000b.vcf", "a\u00a0b.vcf", "\u0431" * 130 + ".vcf"),
    ],
)
def test_odd_names_are_refused_before_the_upload(journey: Journey, name: str) -> None:
    with pytest.raises(InputError) as caught:
        journey.upload(name=name)
    assert caught.value.reason.code == "BAD_FILE_NAME"
    assert caught.value.reason.cure


@pytest.mark.parametrize("name", ["\u0431" * 95 + ".vcf", "A.VCF", "a b (1).vcf", "\U0001f9ec.vcf"])
def test_every_name_that_is_taken_can_be_annotated(journey: Journey, name: str) -> None:
    job = journey.submit(journey.upload(name=name))
    delivery = journey.receive()
    assert delivery is not None
    journey.annotate(delivery)
    assert journey.job(job.id).state is JobState.COMPLETED


def test_uploads_under_way_are_limited_and_given_up(journey: Journey) -> None:
    for _ in range(journey.limits.open_uploads):
        begin(journey, 10)
    with pytest.raises(Conflict) as caught:
        begin(journey, 10)
    assert caught.value.reason.code == "TOO_MANY_UPLOADS"
    first = open_uploads(journey.account, files=journey.files)[0]
    journey.files.delete(first.key)
    begin(journey, 10)
    stranger = journey.sign_in("eve@example.org")
    assert open_uploads(stranger, files=journey.files) == []


def begin(journey: Journey, size_bytes: int) -> None:
    begin_upload(
        journey.account,
        name="a.vcf",
        size_bytes=size_bytes,
        accounts=journey.store.accounts,
        files=journey.files,
        limits=journey.limits,
        clock=journey.clock,
    )


def test_the_plan_limits_the_size_to_the_byte(journey: Journey) -> None:
    begin(journey, journey.limits.free_input_bytes)
    with pytest.raises(TooLarge) as caught:
        begin(journey, journey.limits.free_input_bytes + 1)
    assert caught.value.reason.code == "INPUT_TOO_LARGE"
    journey.account = journey.sign_in("rich@example.org", Plan.PREMIUM)
    begin(journey, journey.limits.free_input_bytes + 1)


def test_a_downgrade_between_upload_and_submit_counts(journey: Journey) -> None:
    free, premium = journey.account, journey.sign_in("rich@example.org", Plan.PREMIUM)
    journey.account = premium
    upload_id = journey.upload(VCF + b"1\t8\t.\tA\tC\t.\t.\t.\n" * 10_000)
    journey.account = type(premium)(
        premium.id, "test", premium.subject, premium.email, "", premium.created_at, plan=free.plan
    )
    with pytest.raises(TooLarge):
        journey.submit(upload_id)
    assert journey.receive() is None


def test_an_unknown_reference_keeps_the_upload_for_another_try(journey: Journey) -> None:
    upload_id = journey.upload()
    with pytest.raises(InputError) as caught:
        journey.submit(upload_id, "nosuch")
    assert caught.value.reason.code == "UNKNOWN_REFERENCE"
    assert "demo" in caught.value.reason.cure
    assert journey.submit(upload_id).reference == "demo"


@pytest.mark.parametrize("content", [b"<html></html>\n", b"\x89PNG\r\n\x1a\n" + b"0" * 50])
def test_what_is_no_vcf_never_becomes_a_job_and_leaves_nothing(
    journey: Journey, content: bytes
) -> None:
    upload_id = journey.upload(content)
    with pytest.raises(InputError) as caught:
        journey.submit(upload_id)
    assert caught.value.reason.cure
    assert journey.store.jobs.owned_by(journey.account.id, limit=9) == []
    assert journey.files.stat(f"inputs/{journey.account.id}/{upload_id}") is None


def test_a_foreign_upload_is_not_there(journey: Journey) -> None:
    upload_id = journey.upload()
    owner_id = journey.account.id
    journey.account = journey.sign_in("eve@example.org")
    for foreign in (upload_id, f"../{owner_id}/{upload_id}", f"{upload_id}/../{upload_id}", ""):
        with pytest.raises(NotFound):
            journey.submit(foreign)


def test_an_upload_with_a_part_missing_is_no_job(journey: Journey) -> None:
    upload_id, _ = begin_upload(
        journey.account,
        name="a.vcf",
        size_bytes=len(VCF),
        accounts=journey.store.accounts,
        files=journey.files,
        limits=journey.limits,
        clock=journey.clock,
    )
    with pytest.raises(InputError) as caught:
        journey.submit(upload_id)
    assert caught.value.reason.code == "UPLOAD_INCOMPLETE"
    key = f"inputs/{journey.account.id}/{upload_id}"
    journey.files.put_part(key, 1, io.BytesIO(VCF), len(VCF))
    assert journey.submit(upload_id).input.size_bytes == len(VCF)


def test_run_again_has_an_input_of_its_own(journey: Journey) -> None:
    first = journey.submit(journey.upload())
    again = journey.run_again(first.id)
    assert again.id != first.id
    assert again.input.sha256 == first.input.sha256
    journey.files.delete(first.input.key)
    with journey.files.open(again.input.key) as content:
        assert content.read() == VCF
