"""One of one's own jobs is deleted, whichever way it was asked for."""

from __future__ import annotations

import structlog

from gas.journey.delete import delete
from gas.web.wired import me, services


def delete_own(job_id: str) -> None:
    wired = services()
    waits = delete(
        me(),
        job_id,
        jobs=wired.jobs,
        files=wired.files,
        queues=wired.queues,
        together=wired.together,
        clock=wired.clock,
    )
    if waits:
        structlog.get_logger("gas.web").warning(
            "deletion waits", job=job_id, code=waits.reason.code
        )
