"""What is in an export: a manifest in JSON, every log, and the files if they are wanted.

Written block by block: neither the number of jobs nor the size of a file matters to the memory.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from gas.domain.account import Account
from gas.domain.errors import GasError, Interrupted, NotFound, Reason
from gas.domain.job import Job, JobFile
from gas.ports.accounts import Sessions
from gas.ports.files import Files
from gas.ports.jobs import Jobs

BLOCK_BYTES = 1 << 20
PAGE = 100
MANIFEST_BYTES = 1 << 20
"""Roughly, when room is counted."""
MISSING = "not-included.txt"
GONE = "It was deleted or archived while this was made."
# Names that Windows keeps for devices, whatever follows the dot.
DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
MAX_NAME = 150

Section = tuple[str, Callable[[Account], object]]
"""A field of the manifest, and what gives its value, fit for JSON; without secrets."""


@dataclass(frozen=True, slots=True)
class Source:
    account: Account
    with_files: bool
    jobs: Jobs
    files: Files
    sessions: Sessions
    sections: Sequence[Section]
    check: Callable[[Job, JobFile], None]
    """Raises if the owner may not download this file of the job now."""

    def every_job(self) -> Iterator[Job]:
        """Newest first."""
        before = None
        while page := self.jobs.owned_by(self.account.id, limit=PAGE, before=before):
            yield from page
            before = page[-1].id

    def wanted_files(self, job: Job) -> Iterator[tuple[str, JobFile]]:
        """With the place in the zip; those that may be in it."""
        for place, file in self.all_files(job):
            if self.refusal(job, file) is None:
                yield place, file

    def refusal(self, job: Job, file: JobFile) -> Reason | None:
        try:
            self.check(job, file)
        except GasError as error:
            return error.reason
        return None

    def all_files(self, job: Job) -> Iterator[tuple[str, JobFile]]:
        if job.log:
            yield f"jobs/{job.id}/{plain(job.log.name)}", job.log
        if self.with_files:
            yield f"jobs/{job.id}/input/{plain(job.input.name)}", job.input
            for file in job.results:
                yield f"jobs/{job.id}/results/{plain(file.name)}", file


def needed_bytes(source: Source) -> int:
    """At most about so much."""
    files = (file for job in source.every_job() for _, file in source.wanted_files(job))
    return MANIFEST_BYTES + sum(file.size_bytes for file in files)


def write_zip(
    path: Path, source: Source, *, now: datetime, should_stop: Callable[[], bool]
) -> None:
    """Over what is there, if anything. Interrupted when told to stop."""
    missing: list[str] = []
    with zipfile.ZipFile(path, "w") as archive:
        with archive.open(_entry("manifest.json", now), "w", force_zip64=True) as stream:
            _write_manifest(stream, source, now)
        for job in source.every_job():
            for place, file in source.all_files(job):
                if should_stop():
                    raise Interrupted("RUN_STOPPED", "The export was told to stop.")
                refused = source.refusal(job, file)
                if refused:
                    missing.append(f"{place}  {refused.code}: {refused.message} {refused.cure}")
                elif not _write_file(archive, _entry(place, now), file, source.files):
                    missing.append(f"{place}  {GONE}")
        if missing:
            archive.writestr(_entry(MISSING, now), "\n".join(missing) + "\n")


def _entry(place: str, now: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(place, now.timetuple()[:6])
    # What is packed already only costs time to pack again.
    packed = place.endswith((".gz", ".bgz", ".bcf", ".parquet", ".tbi"))
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _write_file(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: JobFile, files: Files
) -> bool:
    """False if it is gone: its job may have been deleted meanwhile."""
    try:
        content = files.open(file.key)
    except NotFound:
        return False
    with content, archive.open(entry, "w", force_zip64=True) as stream:
        while block := content.read(BLOCK_BYTES):
            stream.write(block)
    return True


def _write_manifest(stream: IO[bytes], source: Source, now: datetime) -> None:
    account = asdict(source.account)
    del account["deleted_at"], account["version"]
    sessions = [
        {"created_at": each.created_at, "expires_at": each.expires_at}
        for each in source.sessions.of(source.account.id, now)
    ]
    head = {"made_at": now, "account": account, "sessions": sessions}
    head |= {name: value(source.account) for name, value in source.sections}
    stream.write(_json(head)[:-1] + b',"jobs":[')
    between = b"\n"
    for job in source.every_job():
        stream.write(between + _json(_described(job, source)))
        between = b",\n"
    stream.write(b"\n]}\n")


def _described(job: Job, source: Source) -> dict[str, object]:
    return {
        "id": job.id,
        "reference": job.reference,
        "options": job.options.chosen,
        "state": job.state,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "reason": asdict(job.reason) if job.reason else None,
        "counts": dict(job.counts),
        "input": _of_file(job.input),
        "results": [_of_file(file) for file in job.results],
        "in_this_archive": [place for place, _ in source.wanted_files(job)],
        "events": [asdict(event) for event in source.jobs.events(job.id)],
    }


def _of_file(file: JobFile) -> dict[str, object]:
    return {"name": file.name, "size_bytes": file.size_bytes, "sha256": file.sha256}


def _json(value: object) -> bytes:
    return json.dumps(value, default=_plain_value, separators=(",", ":")).encode()


def _plain_value(value: object) -> str | list[object]:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)


def plain(name: str) -> str:
    """Fit for any file system: no path, no device, nothing invisible."""
    safe = "".join(c if c.isalnum() or c in "._- " else "_" for c in name)
    safe = safe.strip(". ")[-MAX_NAME:] or "file"
    return f"_{safe}" if DEVICES.match(safe) else safe
