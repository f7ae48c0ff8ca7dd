"""What an upload may be, and when two mean the same."""

from __future__ import annotations

from datetime import datetime

from gas.adapters.disk.uploads import MAX_PARTS
from gas.domain.errors import Conflict, InputError
from gas.ports.files import Upload, missing_parts


def new_upload(key: str, name: str, size_bytes: int, part_bytes: int, now: datetime) -> Upload:
    if size_bytes < 0 or part_bytes < 1 or size_bytes > part_bytes * MAX_PARTS:
        raise InputError(
            "BAD_UPLOAD",
            f"{size_bytes} bytes in parts of {part_bytes} make no upload.",
            cure="Send the size of the file as it is.",
        )
    return Upload(key, name, size_bytes, part_bytes, (), finished=False, begun_at=now)


def same(known: Upload, wanted: Upload) -> Upload:
    if (known.name, known.size_bytes) != (wanted.name, wanted.size_bytes):
        raise differs()
    if known.part_bytes != wanted.part_bytes:
        raise differs()
    return known


def differs() -> Conflict:
    return Conflict(
        "UPLOAD_DIFFERS",
        "Another file is already being uploaded here.",
        cure="Begin a new upload for this file.",
    )


def too_many(most_open: int) -> Conflict:
    return Conflict(
        "TOO_MANY_UPLOADS",
        f"You have {most_open} uploads under way, each of which holds room.",
        cure="Finish one of them, or give it up on the page for a new job.",
    )


def require_whole(upload: Upload) -> None:
    if missing := missing_parts(upload):
        raise InputError(
            "UPLOAD_INCOMPLETE",
            f"{len(missing)} of {upload.part_count} parts are missing, the first is {missing[0]}.",
            cure="Send the missing parts and finish again.",
        )
