"""Jobs as their owner sees them, and what may be done with them."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.catalogue import (
    Access,
    access_to,
    came_back,
    download_link,
    job_files,
    log_text,
    own_job,
    own_jobs,
    queue_position,
    refusal,
    tells_when_back,
    timeline,
)
from gas.domain.account import MailKind
from gas.domain.errors import InputError
from gas.domain.ids import is_id, new_id
from gas.domain.job import Job, JobState
from gas.domain.options import AnnotationOptions, options_of
from gas.domain.spans import in_words
from gas.journey.cancel import cancel as cancel_job
from gas.journey.submit import open_uploads, run_again
from gas.journey.submit import submit as submit_job
from gas.web.deletion import delete_own
from gas.web.live import etag_of, unchanged
from gas.web.refresh import look_again, soonest
from gas.web.uploads import json_body
from gas.web.wired import me, services, term

pages = Blueprint("jobs", __name__, url_prefix="/jobs")
PAGE_SIZE = 20
OPTIONS = (
    (
        "haplotypes",
        "Haplotypes together",
        "Of phased genotypes: what the variants of one haplotype do together (HCSQ).",
    ),
    ("ann", "ANN as well as CSQ", "The same annotation once more, in the layout of snpEff."),
    (
        "keep_csq",
        "Keep an annotation that the file has",
        "Its CSQ goes to CSQ_INPUT; otherwise it is replaced.",
    ),
)
"""Name, label and what it does, for the form."""
SHOWN_LOG_BYTES = 100_000
SHORTEST_RESTORE = timedelta(seconds=10)
"""That anybody is told of: messages are on their way for some seconds."""


@pages.get("")
def mine() -> str:
    return render_template("jobs.html", **_table())


@pages.get("/table")
def table() -> Response:
    """The table alone, for a page that keeps itself up to date."""
    shown = _table(asked_again=True)
    etag = cast("str", shown["etag"])
    return unchanged(etag) or _live("parts/jobs_table.html", etag, shown)


@pages.get("/new")
def new() -> str:
    limits = services().limits
    return render_template(
        "new_job.html",
        references=services().references.all(),
        max_bytes=limits.input_bytes(me().plan),
        options=OPTIONS,
        open_uploads=open_uploads(me(), files=services().files),
    )


@pages.post("")
def submit() -> tuple[Response, int]:
    """Called once the parts are in. The same upload is the same job, however often it is sent."""
    body = json_body(upload_id=str, reference=str)
    wired = services()
    job = submit_job(
        me(),
        upload_id=cast("str", body["upload_id"]),
        reference=cast("str", body["reference"]),
        accounts=wired.accounts,
        files=wired.files,
        jobs=wired.jobs,
        queues=wired.queues,
        together=wired.together,
        references=wired.references,
        limits=wired.limits,
        clock=wired.clock,
        options=_options(body.get("options", [])),
    )
    return jsonify(id=job.id, url=url_for("jobs.one", job_id=job.id)), 201


def _options(names: object) -> AnnotationOptions:
    """InputError BAD_FIELD for what is no list of names that there are."""
    given = names if isinstance(names, list) else [None]
    options = options_of(name for name in given if isinstance(name, str))
    if set(options.chosen) != set(map(str, given)):
        raise InputError(
            "BAD_FIELD",
            "The field 'options' names an option that there is not.",
            cure="Send a list of 'haplotypes', 'ann' and 'keep_csq', or leave it out.",
        )
    return options


@pages.get("/<job_id>")
def one(job_id: str) -> str:
    return render_template("job.html", **_shown(_own(job_id)))


@pages.get("/<job_id>/live")
def live(job_id: str) -> Response:
    """The changing part of the job's page."""
    job = _own(job_id)
    position = queue_position(job, jobs=services().jobs)
    etag = _etag(job, position, access_to(job, me(), term()))
    return unchanged(etag) or _live("parts/job_live.html", etag, _shown(job))


@pages.get("/<job_id>/files/<name>")
def download(job_id: str, name: str) -> Response:
    wired = services()
    link = download_link(
        _own(job_id), name, me(), term=term(), files=wired.files, limits=wired.limits
    )
    return redirect(link.url, 303)


@pages.post("/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    wired = services()
    cancel_job(
        me(),
        job_id,
        jobs=wired.jobs,
        queues=wired.queues,
        together=wired.together,
        clock=wired.clock,
    )
    return redirect(url_for("jobs.one", job_id=job_id), 303)


@pages.post("/<job_id>/again")
def again(job_id: str) -> Response:
    wired = services()
    job = run_again(
        me(),
        job_id,
        reference=request.form.get("reference") or None,
        accounts=wired.accounts,
        files=wired.files,
        jobs=wired.jobs,
        queues=wired.queues,
        together=wired.together,
        references=wired.references,
        limits=wired.limits,
        clock=wired.clock,
        request_key=request.form.get("request_key"),  # pressed twice, it is one job
    )
    return redirect(url_for("jobs.one", job_id=job.id), 303)


@pages.get("/<job_id>/delete")
def confirm_delete(job_id: str) -> str:
    return render_template("delete_job.html", job=_own(job_id))


@pages.post("/<job_id>/delete")
def delete(job_id: str) -> Response:
    delete_own(job_id)
    return redirect(url_for("jobs.mine"), 303)


def _own(job_id: str) -> Job:
    return own_job(me(), job_id, jobs=services().jobs)


def _table(*, asked_again: bool = False) -> dict[str, object]:
    """A table that will not ask again, as nothing in it changes by itself, needs no name for it."""
    before, after = _cursor("before"), _cursor("after")
    page = own_jobs(me(), jobs=services().jobs, limit=PAGE_SIZE, before=before, after=after)
    terms, account = term(), me()
    access = {job.id: access_to(job, account, terms) for job in page.jobs}
    every = soonest(look_again(job, access[job.id], in_table=True) for job in page.jobs)
    named = asked_again or every
    return {
        "page": page,
        "access": access,
        "every": every,
        "etag": etag_of(*page.jobs, *access.values(), page.older, page.newer) if named else None,
        "before": before,
        "after": after,
        "now": services().clock(),
    }


def _cursor(name: str) -> str | None:
    value = request.args.get(name, "")
    return value if is_id(value) else None


def _etag(job: Job, position: int | None, access: Access) -> str:
    return etag_of(job, position, access, _mailed(), tells_when_back(me()))


def _mailed() -> bool:
    """About the end of a job, whichever it is."""
    return me().is_mailed(MailKind.COMPLETED, MailKind.FAILED)


def _shown(job: Job) -> dict[str, object]:
    wired = services()
    position = queue_position(job, jobs=wired.jobs)
    now, terms = wired.clock(), term()
    access, events = access_to(job, me(), terms), timeline(job, jobs=wired.jobs)
    shown: dict[str, object] = {
        "job": job,
        "position": position,
        "events": events,
        "etag": _etag(job, position, access),
        "every": look_again(job, access),
        "access": access,
        "now": now,
        "mailed": _mailed(),
    }
    if job.state is JobState.COMPLETED:
        shown |= {
            "came_back": came_back(access, events),
            "told_when_back": tells_when_back(me()),
            "seconds_left": (access.until - terms.now).total_seconds() if access.until else None,
            "grace": in_words(terms.grace),
            "usual_restore": in_words(max(wired.cold_storage.usual_restore, SHORTEST_RESTORE)),
            "payable": wired.billing is not None,
        }
    if job.state.final:
        refusals = {file.name: refusal(job, file, me(), terms) for file in job.results}
        shown |= {
            "files": job_files(job),
            "refusals": {name: reason for name, reason in refusals.items() if reason},
            "log": log_text(job, files=wired.files, max_bytes=SHOWN_LOG_BYTES),
            "log_cut": bool(job.log and job.log.size_bytes > SHOWN_LOG_BYTES),
            "references": wired.references.all(),
            "again_key": new_id(now),
        }
    return shown


def _live(template: str, etag: str, shown: dict[str, object]) -> Response:
    response = make_response(render_template(template, **shown))
    response.set_etag(etag)
    return response
