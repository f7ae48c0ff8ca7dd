"""Brings a file of a job: bit by bit, going on where it broke off, checked, then put in its place.

Until it is whole and right it has another name, so that whoever sees the name sees the file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gas.client.answers import ResultFile, parsed
from gas.client.errors import ClientError
from gas.client.line import Line, may_help, not_reachable, problem_of, retry_after
from gas.client.names import safe_name

if TYPE_CHECKING:
    import requests

BLOCK_BYTES = 16 * 1024
"""What came of a block that broke off is lost."""
ENDING = ".part"
EXPIRED = frozenset({401, 403, 404, 410})
"""What a link that ran out is answered with; a new one is asked for."""
Moved = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a job, and where it shall be."""

    job_id: str
    file: ResultFile
    folder: Path

    @property
    def place(self) -> Path:
        return self.folder / safe_name(self.file.name)

    @property
    def draft(self) -> Path:
        # The checksum in its name: of another version nothing is kept.
        return self.folder / f"{safe_name(self.file.name)}.{self.file.sha256[:8]}{ENDING}"


def bring(line: Line, wanted: Wanted, *, moved: Moved | None = None) -> Path:
    """The file's path. One that is there already, and is right, is left alone."""
    if wanted.place.is_file() and _sha256(wanted.place) == wanted.file.sha256:
        if moved:
            moved(wanted.file.size_bytes, wanted.file.size_bytes)
        return wanted.place
    tries = wrong = 0
    while True:
        tries += 1
        problem, least, gained = _go_on(line, wanted, moved)
        if problem is None:
            if _is_right(wanted):
                break
            wrong += 1
            problem, gained = _differs(wanted, temporary=wrong == 1), False
        tries = 0 if gained and problem.is_temporary else tries
        if tries >= line.patience.tries or not problem.is_temporary:
            raise problem
        line.patience.wait(max(tries, 1), problem.code, least=least)
    wanted.draft.replace(wanted.place)
    return wanted.place


def _is_right(wanted: Wanted) -> bool:
    """Else what is there goes, so that the next try begins anew."""
    right = _sha256(wanted.draft) == wanted.file.sha256
    if right:
        descriptor = os.open(wanted.draft, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    else:
        wanted.draft.unlink()
    return right


def _go_on(
    line: Line, wanted: Wanted, moved: Moved | None
) -> tuple[ClientError | None, float, bool]:
    """What was in the way (None: all is there), how long to wait at least, whether more came."""
    from requests import RequestException

    have = _have(wanted)
    if have == wanted.file.size_bytes:
        wanted.draft.touch()
        return None, 0.0, False
    try:
        url = _link(line, wanted)
        headers = {"Range": f"bytes={have}-"} if have else {}
        with line.fetch(url, headers) as answer:
            if answer.status_code not in (200, 206):
                return _refused(answer), retry_after(answer), False
            _write(answer, wanted, have if answer.status_code == 206 else 0, moved)
    except RequestException as error:
        trouble = not_reachable(line.url, error)
        if not may_help(error):
            raise trouble from error
        return trouble, 0.0, _have(wanted) > have
    short = _have(wanted) < wanted.file.size_bytes
    return (_cut_short(line) if short else None), 0.0, _have(wanted) > have


def _refused(answer: requests.Response) -> ClientError:
    problem = problem_of(answer)
    if answer.status_code in EXPIRED:
        return ClientError("LINK_EXPIRED", "The link ran out.", status=503)
    return problem


def _write(answer: requests.Response, wanted: Wanted, at: int, moved: Moved | None) -> None:
    with wanted.draft.open("r+b" if wanted.draft.exists() else "wb") as draft:
        draft.truncate(at)
        draft.seek(at)
        for block in answer.iter_content(BLOCK_BYTES):
            at += len(block)
            if at > wanted.file.size_bytes:
                return  # more than there is: the checksum will say so
            draft.write(block)
            if moved:
                moved(at, wanted.file.size_bytes)


def _link(line: Line, wanted: Wanted) -> str:
    body = {"name": wanted.file.name}
    answer = line.json("POST", f"/jobs/{wanted.job_id}/links", body=body)
    return parsed(lambda fields: str(fields["url"]), answer)


def _have(wanted: Wanted) -> int:
    try:
        return min(wanted.draft.stat().st_size, wanted.file.size_bytes)
    except FileNotFoundError:
        return 0


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _cut_short(line: Line) -> ClientError:
    return not_reachable(line.url, EOFError())


def _differs(wanted: Wanted, *, temporary: bool) -> ClientError:
    """The first time it may be what an earlier run left there."""
    return ClientError(
        "DOWNLOAD_DIFFERS",
        f"{wanted.file.name} did not arrive as the service has it.",
        cure="Do it again; if it stays so, tell the operator.",
        status=500 if temporary else 0,
    )
