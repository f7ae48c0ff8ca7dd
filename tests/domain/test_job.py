"""The rules of a job's state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gas.domain.errors import Conflict, InputError, Reason
from gas.domain.ids import is_id, new_id
from gas.domain.job import (
    FINAL,
    Claim,
    FileKind,
    Findings,
    Job,
    JobFile,
    JobState,
    cancelled,
    completed,
    deleted,
    failed,
    interrupted,
    may_claim,
    started,
)
from gas.domain.keys import stem
from gas.domain.messages import JobFinished, JobSubmitted, Message, decode, encode

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CLAIM = Claim("w", "m", timedelta(seconds=30))
FILE = JobFile(FileKind.INPUT, "a.vcf", "inputs/o/u", 10, "0" * 64)
FINDINGS = Findings((), FILE)


def pending() -> Job:
    return Job("j", "o", "u", FILE, "demo", NOW)


def running() -> Job:
    return started(pending(), CLAIM, NOW).job


def test_each_change_is_made_from_the_version_before() -> None:
    change = started(pending(), CLAIM, NOW)
    assert change.job.version == 2
    assert completed(change.job, FINDINGS, NOW).job.version == 3


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_final_state_is_never_left(state: JobState) -> None:
    ends = {
        JobState.COMPLETED: completed(running(), FINDINGS, NOW),
        JobState.FAILED: failed(running(), Reason("X", "x"), NOW),
        JobState.CANCELLED: cancelled(running(), NOW),
    }
    job = ends[state].job
    assert job.state is state
    assert not may_claim(job, CLAIM, NOW + timedelta(days=1))
    with pytest.raises(Conflict):
        completed(job, FINDINGS, NOW)
    with pytest.raises(Conflict):
        failed(job, Reason("X", "x"), NOW)
    with pytest.raises(Conflict):
        cancelled(job, NOW)
    with pytest.raises(Conflict):
        interrupted(job, "", NOW)


def test_a_running_job_is_claimed_only_when_its_worker_is_gone() -> None:
    job, later = running(), NOW + timedelta(seconds=31)
    abandoned = Claim("v", "m", timedelta(seconds=30), abandoned=True)
    foreign = Claim("v", "other", timedelta(seconds=30), abandoned=True)
    other = Claim("v", "m", timedelta(seconds=30))
    assert not may_claim(job, other, NOW)
    assert may_claim(job, other, later)
    assert may_claim(job, abandoned, NOW)
    assert not may_claim(job, foreign, NOW)
    assert may_claim(job, CLAIM, NOW)  # the same worker, with nothing in hand
    assert not may_claim(job, Claim(job.worker, "other", timedelta(seconds=30)), NOW)
    assert may_claim(interrupted(job, "crash", NOW).job, foreign, NOW)


def test_only_a_finished_job_can_be_deleted() -> None:
    with pytest.raises(Conflict) as caught:
        deleted(running(), NOW)
    assert caught.value.reason.code == "JOB_NOT_FINISHED"
    assert deleted(cancelled(running(), NOW).job, NOW).job.deleted_at == NOW


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.b.vcf.gz", "a.b"), ("a.vcf", "a"), ("a.bcf", "a"), ("a", "a"), (".vcf", "input")],
)
def test_stem(name: str, expected: str) -> None:
    assert stem(name) == expected


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_ids_sort_by_time(seconds: int, milliseconds: int) -> None:
    early = NOW + timedelta(seconds=seconds)
    late = early + timedelta(milliseconds=milliseconds)
    first, second = new_id(early), new_id(late)
    assert is_id(first)
    assert first < second


@pytest.mark.parametrize("message", [JobSubmitted("j", "o"), JobFinished("j", "o")])
def test_messages_survive_the_way(message: Message) -> None:
    assert decode(encode(message)) == message


@given(st.text() | st.sampled_from(["{}", "[]", "null", '{"topic":"JobSubmitted","x":1}']))
def test_what_is_no_message_is_said_to_be_none(body: str) -> None:
    with pytest.raises(InputError) as caught:
        decode(body)
    assert caught.value.reason.code == "BAD_MESSAGE"
