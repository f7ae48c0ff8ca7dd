"""Equal input, reference, options and versions give the stored result at once."""

from __future__ import annotations

import hashlib
from typing import NoReturn

import pytest

from gas.domain.errors import Unavailable
from gas.domain.job import Job, JobState
from gas.domain.options import NO_OPTIONS, AnnotationOptions
from journey.lifecycle_shift import flip
from journey.seen import finished_messages, received
from rig import VCF, Journey


@pytest.fixture(autouse=True)
def key(journey: Journey) -> None:
    journey.engine.key = "v1"


def run(
    journey: Journey,
    content: bytes = VCF,
    name: str = "a.vcf",
    options: AnnotationOptions = NO_OPTIONS,
) -> Job:
    job = journey.submit(journey.upload(content, name), options=options)
    delivery = received(journey)
    journey.annotate(delivery)
    journey.store.queues.delete(delivery.receipt)
    done = journey.job(job.id)
    assert done.state is JobState.COMPLETED
    return done


def test_the_same_again_is_not_run_again(journey: Journey) -> None:
    first, second = run(journey), run(journey)
    assert journey.engine.runs == 1
    assert second.counts == first.counts
    assert [file.sha256 for file in second.results] == [file.sha256 for file in first.results]
    assert not {file.key for file in second.results} & {file.key for file in first.results}
    assert second.log is not None
    with journey.files.open(second.log.key) as log:
        assert first.id.encode() in log.read()
    assert set(finished_messages(journey)) == {first.id, second.id}


def test_results_outlive_those_they_were_taken_from(journey: Journey) -> None:
    first, second = run(journey), run(journey)
    journey.files.delete(f"results/{first.owner_id}/{first.id}")
    with journey.files.open(second.results[0].key) as content:
        assert content.read() == VCF[::-1]


@pytest.mark.parametrize("change", ["input", "name", "key", "owner", "lost", "options"])
def test_what_differs_is_run(journey: Journey, change: str) -> None:
    first = run(journey)
    content, name = VCF, "a.vcf"
    if change == "input":
        content = VCF + b"1\t8\t.\tA\tC\t.\t.\t.\n"
    elif change == "name":
        name = "b.vcf"
    elif change == "key":
        journey.engine.key = "v2"
    elif change == "owner":
        journey.account = journey.sign_in("eve@example.org")
    elif change == "lost":
        journey.files.delete(first.results[0].key)
    options = AnnotationOptions(ann=change == "options")
    run(journey, content, name, options)
    assert journey.engine.runs == 2


def test_damage_is_not_handed_on(journey: Journey) -> None:
    """The second shares the blocks of the first, so both are damaged, and neither says so yet."""
    run(journey)
    second = run(journey)
    (path,) = (journey.work_path.parent / "files" / "kept" / second.results[0].key).iterdir()
    flip(path)
    journey.clock.forward(seconds=1)  # the newest is looked at first
    third = run(journey)
    journey.clock.forward(seconds=1)
    fourth = run(journey)
    assert journey.engine.runs == 2
    for job in (third, fourth):
        with journey.files.open(job.results[0].key) as content:
            assert hashlib.sha256(content.read()).hexdigest() == job.results[0].sha256


def test_what_cannot_be_read_is_made_anew(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise Unavailable("FILES_UNAVAILABLE", "A bad sector.")

    run(journey)
    monkeypatch.setattr(journey.files, "copy", refuse)
    run(journey)
    assert journey.engine.runs == 2
