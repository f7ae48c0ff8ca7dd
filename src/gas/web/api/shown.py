"""What is kept, as the API shows it."""

from __future__ import annotations

from typing import cast

from flask import url_for

from gas.catalogue import Term, access_to, refusal
from gas.domain.job import Job, JobEvent, JobFile, JobState
from gas.domain.tokens import ApiToken
from gas.ports.annotation import Reference
from gas.ports.files import Upload
from gas.web.api import models
from gas.web.api.answers import instant, maybe_instant
from gas.web.wired import me, services, term


def job_shown(job: Job, *, position: int | None = None, terms: Term | None = None) -> models.Job:
    """`terms`: as they were read already, of many jobs once."""
    site = services().site.url
    reason = job.reason
    access = access_to(job, me(), terms or term())
    done = job.state is JobState.COMPLETED
    return models.Job(
        id=job.id,
        state=job.state.value,
        results_state=access.state.value,
        results_since=maybe_instant(access.since if done else None),
        available_until=maybe_instant(access.until if done else None),
        reference=job.reference,
        options=cast("list[models.Option]", list(job.options.chosen)),
        input=models.Input(
            name=job.input.name, size_bytes=job.input.size_bytes, sha256=job.input.sha256
        ),
        created_at=instant(job.created_at),
        started_at=maybe_instant(job.started_at),
        finished_at=maybe_instant(job.finished_at),
        attempt=job.attempt,
        progress=models.Progress(stage=job.progress.stage, fraction=job.progress.fraction),
        position=position,
        reason=models.Reason(
            code=reason.code, message=reason.message, place=reason.place, cure=reason.cure
        )
        if reason
        else None,
        counts=[models.Count(name=name, value=value) for name, value in job.counts],
        links=models.Links(
            self=site + url_for("api_jobs.one", job_id=job.id),
            page=site + url_for("jobs.one", job_id=job.id),
        ),
    )


def event_shown(event: JobEvent) -> models.Event:
    return models.Event(
        at=instant(event.at), kind=event.kind.value, attempt=event.attempt, detail=event.detail
    )


def file_shown(job: Job, file: JobFile, terms: Term) -> models.File:
    refused = refusal(job, file, me(), terms)
    return models.File(
        kind=file.kind.value,
        name=file.name,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        refused=refused.code if refused else None,
    )


def upload_shown(upload: Upload) -> models.Upload:
    return models.Upload(
        id=upload.id,
        name=upload.name,
        size_bytes=upload.size_bytes,
        part_bytes=upload.part_bytes,
        part_count=upload.part_count,
        parts=list(upload.parts),
        finished=upload.finished,
        begun_at=instant(upload.begun_at),
    )


def reference_shown(reference: Reference) -> models.Reference:
    return models.Reference(
        name=reference.name,
        title=reference.title,
        release=reference.release,
        notes=reference.notes,
        contigs=dict(reference.contigs),
        known=[
            models.KnownSource(name=each.name, release=each.release, records=each.records)
            for each in reference.known
        ],
    )


def token_shown(token: ApiToken) -> models.Token:
    return models.Token(
        id=token.id,
        name=token.name,
        scopes=cast("list[models.ScopeName]", sorted(scope.value for scope in token.scopes)),
        created_at=instant(token.created_at),
        expires_at=instant(token.expires_at),
        last_used_at=maybe_instant(token.last_used_at),
    )
