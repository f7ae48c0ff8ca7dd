"""What a job left: its events, its log, its results, and links to download them."""

from __future__ import annotations

from flask import Response

from gas.catalogue import download_link, job_files, log_text, own_job, timeline
from gas.domain.errors import NotFound
from gas.domain.job import Job
from gas.web.api import models
from gas.web.api.answers import answer, blueprint, instant
from gas.web.api.shown import event_shown, file_shown
from gas.web.wired import me, services, term

operations = blueprint("results", "What a job left.")
TEXT = {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "OK"}


@operations.get("/jobs/<job_id>/events", responses={200: models.Events})
def events(path: models.JobPath) -> Response:
    """What happened to the job, oldest first."""
    found = timeline(_own(path), jobs=services().jobs)
    return answer(models.Events(events=list(map(event_shown, found))))


@operations.get("/jobs/<job_id>/log", responses={200: TEXT})
def log(path: models.JobPath) -> Response:
    """What the run said, at most the first megabyte; 404 while there is none."""
    text = log_text(_own(path), files=services().files)
    if text is None:
        raise NotFound("FILE_NOT_FOUND", "The job has no log yet.", cure="Wait until it is final.")
    return Response(text, mimetype="text/plain")


@operations.get("/jobs/<job_id>/results", responses={200: models.Results})
def results(path: models.JobPath) -> Response:
    """The results, the log and the input; `refused` says what cannot be downloaded now."""
    job, terms = _own(path), term()
    files = [file_shown(job, file, terms) for file in job_files(job)]
    return answer(models.Results(files=files))


@operations.post("/jobs/<job_id>/links", responses={200: models.Link})
def link(path: models.JobPath, body: models.NewLink) -> Response:
    """A link to download a file of the job; it needs no token, and is soon over. 403
    RESULTS_ARCHIVED once the grace period of a free user is over."""
    job, wired = _own(path), services()
    now = wired.clock()
    made = download_link(job, body.name, me(), term=term(), files=wired.files, limits=wired.limits)
    return answer(models.Link(url=made.url, expires_at=instant(now + made.lifetime)))


def _own(path: models.JobPath) -> Job:
    return own_job(me(), path.job_id, jobs=services().jobs)
