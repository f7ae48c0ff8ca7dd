"""A job asked for twice is one job: what `Idempotency-Key` promises.

A key stands for the upload it came with first. An upload is one job at most, so the key is one
job too, and two requests at once make no second: whoever comes later finds the first one's job.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from gas.domain.account import Account
from gas.domain.errors import Conflict
from gas.domain.ids import ALPHABET, LENGTH
from gas.domain.job import Job
from gas.domain.options import AnnotationOptions
from gas.journey.submit import own_upload, submit, upload_key
from gas.ports.services import Services
from gas.web.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Wanted:
    upload_id: str
    reference: str
    options: AnnotationOptions

    def fits(self, job: Job) -> bool:
        return job.reference == self.reference and job.options == self.options


def submit_once(
    account: Account, wanted: Wanted, key: str | None, wired: Services
) -> tuple[Job, bool]:
    """The job, and whether this request made it."""
    own_upload(account, wanted.upload_id, files=wired.files)
    if key is not None:
        first = _first_under(account, _hash(key), wanted, wired)
        if first is not None:
            return first, False
    known = _living(wired.jobs.requested(account.id, wanted.upload_id))
    if known is None:
        known = _submit(account, wanted, wired)
        if wanted.fits(known):
            return known, True
    if not wanted.fits(known):
        raise key_reused() if key is not None else upload_used()
    return known, False


def key_as_id(key: str, job_id: str) -> str:
    """The request key of a job that is run again: an id, and the same for the same two."""
    digest = hashlib.sha256(f"{job_id}/{key}".encode()).digest()
    return "".join(ALPHABET[byte & 31] for byte in digest[:LENGTH])


def key_reused() -> Refusal:
    return Refusal(
        "KEY_REUSED",
        "The Idempotency-Key was used for another job.",
        status=422,
        cure="Use a new key for what is not the same file, reference and options.",
    )


def upload_used() -> Conflict:
    return Conflict(
        "UPLOAD_USED",
        "The upload is the input of another job already.",
        cure="Run that job again with what you want changed.",
    )


def _first_under(account: Account, key_hash: str, wanted: Wanted, wired: Services) -> Job | None:
    """The job that the key made with another upload; None if the key stands for this upload."""
    while True:
        keys, upload_id = wired.request_keys, wanted.upload_id
        stands_for = keys.claim(account.id, key_hash, upload_id, wired.clock())
        if stands_for == upload_id:
            return None
        first = _living(wired.jobs.requested(account.id, stands_for))
        if first is not None:
            _require_same(account, first, wanted, wired)
            return first
        if wired.files.upload(upload_key(account.id, stands_for)) is not None:
            raise Conflict(
                "KEY_IN_USE",
                "The Idempotency-Key stands for another upload, which is no job yet.",
                cure="Submit that upload, or use another key.",
            )
        # Refused or removed before it became a job: the key is free for this one.
        if keys.replace(account.id, key_hash, stands_for, upload_id):
            return None


def _require_same(account: Account, first: Job, wanted: Wanted, wired: Services) -> None:
    """The same content, sent anew by a program that lost its memory. What it sent stays until the
    tidying: it cannot be told here whether somebody is making a job of it just now."""
    if not wanted.fits(first):
        raise key_reused()
    stored = wired.files.finish_upload(upload_key(account.id, wanted.upload_id))
    if stored.sha256 != first.input.sha256:
        raise key_reused()


def _submit(account: Account, wanted: Wanted, wired: Services) -> Job:
    return submit(
        account,
        upload_id=wanted.upload_id,
        reference=wanted.reference,
        files=wired.files,
        jobs=wired.jobs,
        queues=wired.queues,
        together=wired.together,
        references=wired.references,
        limits=wired.limits,
        clock=wired.clock,
        options=wanted.options,
    )


def _living(job: Job | None) -> Job | None:
    return None if job is None or job.deleted_at is not None else job


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
