"""Submit: an upload and a reference in -> a PENDING job, `JobSubmitted` out.

What is refused here never becomes a job. The same upload submitted twice is one job.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from gas.domain.account import Account, AccountGone
from gas.domain.errors import Conflict, InputError, NotFound, TooLarge
from gas.domain.ids import is_id, new_id
from gas.domain.job import FileKind, Job, JobFile, submitted
from gas.domain.messages import JobSubmitted
from gas.domain.options import NO_OPTIONS, AnnotationOptions
from gas.domain.ownership import own
from gas.domain.plan import Limits, Plan
from gas.ports.accounts import Accounts
from gas.ports.annotation import References
from gas.ports.clock import Clock
from gas.ports.files import Files, StoredFile, Upload
from gas.ports.jobs import Jobs
from gas.ports.queues import Queues
from gas.ports.together import Together
from gas.vcf.head import check_head

MAX_NAME_BYTES = 200
HEAD_BYTES = 64 * 1024


def upload_key(owner_id: str, upload_id: str) -> str:
    return f"inputs/{owner_id}/{upload_id}"


def begin_upload(
    account: Account,
    *,
    name: str,
    size_bytes: int,
    accounts: Accounts,
    files: Files,
    limits: Limits,
    clock: Clock,
) -> tuple[str, Upload]:
    """The new upload's id, and the upload. Refused before a byte is sent: TooLarge for the plan,
    InputError for the name or an empty file, Conflict TOO_MANY_UPLOADS, StoreFull."""
    _check_name(name)
    _check_size(size_bytes, account, limits)
    upload_id = new_id(clock())
    key = upload_key(account.id, upload_id)
    upload = files.begin_upload(
        key,
        name=name,
        size_bytes=size_bytes,
        part_bytes=limits.part_bytes,
        most_open=limits.open_uploads,
    )
    if accounts.get(account.id) is None:
        # Whoever came in before the account was deleted must leave nothing behind.
        files.delete(f"inputs/{account.id}")
        raise AccountGone
    return upload_id, upload


def open_uploads(account: Account, *, files: Files) -> Sequence[Upload]:
    """Those not finished, oldest first."""
    return files.uploads(upload_key(account.id, ""))


def own_upload(account: Account, upload_id: str, *, files: Files) -> Upload:
    """NotFound if it is not there, or not this account's: the key holds the owner."""
    upload = files.upload(upload_key(account.id, upload_id)) if is_id(upload_id) else None
    if upload is None:
        raise NotFound(
            "UPLOAD_NOT_FOUND",
            "There is no such upload among yours; it may have been too old.",
            cure="Upload the file again.",
        )
    return upload


def give_up_upload(account: Account, upload_id: str, *, files: Files) -> None:
    """Conflict UPLOAD_FINISHED if a job may use it by now."""
    upload = own_upload(account, upload_id, files=files)
    if upload.finished:
        raise Conflict(
            "UPLOAD_FINISHED",
            "The upload is finished, and a job may use it.",
            cure="Delete the job instead.",
        )
    files.delete(upload.key)


def submit(
    account: Account,
    *,
    upload_id: str,
    reference: str,
    accounts: Accounts,
    files: Files,
    jobs: Jobs,
    queues: Queues,
    together: Together,
    references: References,
    limits: Limits,
    clock: Clock,
    options: AnnotationOptions = NO_OPTIONS,
) -> Job:
    """The job, new or as it was created the first time."""
    upload = own_upload(account, upload_id, files=files)
    _check_reference(reference, references)
    try:
        stored = files.finish_upload(upload.key)
    except NotFound:
        if accounts.get(account.id) is None:  # deleted while it was put together
            files.delete(f"inputs/{account.id}")
        raise
    try:
        _check_size(stored.size_bytes, account, limits)
        with files.open(stored.key) as content:
            check_head(content.read(HEAD_BYTES), upload.name)
    except InputError:
        files.delete(stored.key)
        raise
    job = _new_job(
        account, stored, upload.name, reference, request_key=upload_id, now=clock(), options=options
    )
    return _record(
        account, job, accounts=accounts, files=files, jobs=jobs, queues=queues, together=together
    )


def run_again(
    account: Account,
    job_id: str,
    *,
    reference: str | None,
    accounts: Accounts,
    files: Files,
    jobs: Jobs,
    queues: Queues,
    together: Together,
    references: References,
    limits: Limits,
    clock: Clock,
    request_key: str | None = None,
    options: AnnotationOptions | None = None,
) -> Job:
    """A new job on the input of an own one, which keeps its own copy. One job per request key."""
    first = own(jobs.get(job_id), account)
    reference = reference or first.reference
    _check_reference(reference, references)
    _check_size(first.input.size_bytes, account, limits)
    if request_key is None or not is_id(request_key):
        request_key = new_id(clock())
    stored = files.copy(first.input.key, upload_key(account.id, f"{job_id}-{request_key}"))
    name = first.input.name
    job = _new_job(
        account,
        stored,
        name,
        reference,
        request_key=request_key,
        now=clock(),
        options=first.options if options is None else options,
    )
    return _record(
        account, job, accounts=accounts, files=files, jobs=jobs, queues=queues, together=together
    )


def _record(
    account: Account,
    job: Job,
    *,
    accounts: Accounts,
    files: Files,
    jobs: Jobs,
    queues: Queues,
    together: Together,
) -> Job:
    try:
        with together():
            recorded = jobs.create(submitted(job))
            # From here on nobody marks the account until this is committed. Where jobs are kept
            # elsewhere than accounts, whoever forgets it waits longer than this takes.
            accounts.require_living(account.id)
            if recorded.id == job.id:
                queues.publish(JobSubmitted(job.id, job.owner_id))
    except AccountGone:
        jobs.purge(job.id)  # where the backend has no transaction to undo
        files.delete(f"inputs/{account.id}")
        raise
    return recorded


def _new_job(
    account: Account,
    stored: StoredFile,
    name: str,
    reference: str,
    *,
    request_key: str,
    now: datetime,
    options: AnnotationOptions,
) -> Job:
    return Job(
        id=new_id(now),
        owner_id=account.id,
        request_key=request_key,
        input=JobFile(FileKind.INPUT, name, stored.key, stored.size_bytes, stored.sha256),
        reference=reference,
        created_at=now,
        options=options,
    )


def _check_reference(reference: str, references: References) -> None:
    if references.get(reference) is None:
        installed = ", ".join(known.name for known in references.all()) or "none"
        raise InputError(
            "UNKNOWN_REFERENCE",
            "The reference that was asked for is not installed here.",
            place="reference",
            cure=f"Choose one of those installed: {installed}.",
        )


def _check_name(name: str) -> None:
    """A name is shown and offered for download, never used as a path; odd ones are refused."""
    odd = any(letter in '/\\<>"' or _is_invisible(letter) for letter in name)
    too_long = len(name.encode(errors="replace")) > MAX_NAME_BYTES
    if not name.strip() or name.startswith(".") or odd or too_long:
        raise InputError(
            "BAD_FILE_NAME",
            "The file's name cannot be used: it is empty, hidden, too long, or holds slashes, "
            "quotes, angle brackets or invisible characters.",
            place="file name",
            cure=f"Rename the file to letters, digits, dots and dashes, at most "
            f"{MAX_NAME_BYTES} of them.",
        )


def _is_invisible(letter: str) -> bool:
    """Controls, and spaces that look like the plain one and are not."""
    return letter != " " and unicodedata.category(letter)[0] in "CZ"


def _check_size(size_bytes: int, account: Account, limits: Limits) -> None:
    if size_bytes <= 0:
        raise InputError("EMPTY_FILE", "The file is empty.", cure="Choose a VCF with records.")
    allowed = limits.input_bytes(account.plan)
    if size_bytes > allowed:
        cure = "Split the file by contig."
        if account.plan is Plan.FREE:
            cure = "Compress it with bgzip, or have your plan changed to premium."
        raise TooLarge(
            "INPUT_TOO_LARGE",
            f"The file has {size_bytes:,} bytes; the {account.plan} plan allows {allowed:,}.",
            cure=cure,
        )
