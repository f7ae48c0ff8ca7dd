"""Fragments that a page asks for again and again: 304 while nothing has changed."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from flask import request
from werkzeug.wrappers import Response

from gas import __version__
from gas.catalogue import Access
from gas.domain.job import Job, JobState


def etag_of(*seen: Job | Access | str | int | None) -> str:
    """A name for what the fragment would show; it costs no rendering."""
    facts = "/".join([_told(part) for part in seen])
    return hashlib.sha256(f"{__version__}/{facts}".encode()).hexdigest()[:24]


def _told(part: Job | Access | str | int | None) -> str:
    if isinstance(part, Job):
        if part.state is not JobState.RUNNING:
            return f"{part.id} {part.version}"
        return f"{part.id} {part.version} {part.progress.stage} {part.progress.fraction}"
    return _access(part) if isinstance(part, Access) else repr(part)


@lru_cache(maxsize=4096)
def _access(told: Access) -> str:
    """Lists show the same again and again."""
    return repr(told)


def unchanged(etag: str) -> Response | None:
    if request.if_none_match.contains(etag):
        response = Response(status=304)
        response.set_etag(etag)
        return response
    return None
