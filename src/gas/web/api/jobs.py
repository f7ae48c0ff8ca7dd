"""Jobs: submit, list, look at, cancel, run again, delete."""

from __future__ import annotations

from flask import Response, url_for
from werkzeug.wrappers import Response as BaseResponse

from gas.catalogue import access_to, own_job, own_jobs, queue_position
from gas.domain.job import Job, JobState
from gas.domain.options import options_of
from gas.journey.cancel import cancel as cancel_job
from gas.journey.submit import run_again
from gas.web.api import models
from gas.web.api.answers import answer, blueprint, empty
from gas.web.api.once import Wanted, key_as_id, key_reused, submit_once
from gas.web.api.shown import job_shown
from gas.web.deletion import delete_own
from gas.web.live import etag_of, unchanged
from gas.web.wired import me, services, term

operations = blueprint("jobs", "What is annotated, or was.")


@operations.post("/jobs", responses={201: models.Job, 200: models.Job})
def submit(body: models.NewJob, header: models.KeyHeader) -> Response:
    """Submit an upload of which all parts are here; sent again, it is the same job."""
    wanted = Wanted(body.upload_id, body.reference, options_of(body.options))
    job, is_new = submit_once(me(), wanted, header.idempotency_key, services())
    return _with_place(job, is_new=is_new)


@operations.get("/jobs", responses={200: models.Jobs})
def mine(query: models.JobsQuery) -> Response:
    """Jobs, newest first. Only a single job tells its position."""
    state = JobState(query.state) if query.state else None
    page = own_jobs(me(), jobs=services().jobs, limit=query.limit, before=query.cursor, state=state)
    terms = term()
    shown = [job_shown(job, terms=terms) for job in page.jobs]
    return answer(models.Jobs(jobs=shown, next=page.older))


@operations.get("/jobs/<job_id>", responses={200: models.Job, 304: None})
def one(path: models.JobPath, header: models.KnownHeader) -> BaseResponse:  # noqa: ARG001 (for the document)
    """A job. Ask again with the ETag: while nothing has changed it is 304."""
    job = own_job(me(), path.job_id, jobs=services().jobs)
    position = queue_position(job, jobs=services().jobs)
    terms = term()
    etag = etag_of(job, position, access_to(job, me(), terms))
    if same := unchanged(etag):
        return same
    response = answer(job_shown(job, position=position, terms=terms))
    response.set_etag(etag)
    return response


@operations.post("/jobs/<job_id>/cancel", responses={200: models.Job})
def cancel(path: models.JobPath) -> Response:
    """Stop a job that is PENDING or RUNNING. Twice does no harm."""
    wired = services()
    job = cancel_job(
        me(),
        path.job_id,
        jobs=wired.jobs,
        queues=wired.queues,
        together=wired.together,
        clock=wired.clock,
    )
    return answer(job_shown(job))


@operations.post("/jobs/<job_id>/again", responses={201: models.Job, 200: models.Job})
def again(path: models.JobPath, body: models.Again, header: models.KeyHeader) -> Response:
    """A new job on the same input, with what is given changed."""
    wired, key = services(), header.idempotency_key
    request_key = key_as_id(key, path.job_id) if key is not None else None
    known = wired.jobs.requested(me().id, request_key) if request_key else None
    options = None if body.options is None else options_of(body.options)
    job = run_again(
        me(),
        path.job_id,
        reference=body.reference,
        accounts=wired.accounts,
        files=wired.files,
        jobs=wired.jobs,
        queues=wired.queues,
        together=wired.together,
        references=wired.references,
        limits=wired.limits,
        clock=wired.clock,
        request_key=request_key,
        options=options,
    )
    other_options = options is not None and options != job.options
    if other_options or body.reference not in (None, job.reference):
        raise key_reused()
    return _with_place(job, is_new=known is None)


@operations.delete("/jobs/<job_id>", responses={204: None})
def delete(path: models.JobPath) -> Response:
    """Remove a final job, with its input, results and log, for good."""
    delete_own(path.job_id)
    return empty()


def _with_place(job: Job, *, is_new: bool) -> Response:
    position = queue_position(job, jobs=services().jobs)
    response = answer(job_shown(job, position=position), 201 if is_new else 200)
    response.headers["Location"] = url_for("api_jobs.one", job_id=job.id)
    return response
