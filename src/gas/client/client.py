"""The client: what a person does on the pages, for programs. One object for many threads."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from gas.client.answers import (
    Account,
    Event,
    Job,
    Reference,
    ResultFile,
    account_of,
    event_of,
    file_of,
    job_of,
    many,
    parsed,
    reference_of,
)
from gas.client.download import Wanted, bring
from gas.client.errors import ClientError
from gas.client.line import Line, Patience
from gas.client.upload import Moved, Sent, send

POLL_SECONDS = (0.25, 5.0)
"""Between two looks at a job: at first, and at most."""
PAGE_JOBS = 100


class Client:
    """`url` is that of the service, https unless it is on this machine; `token` is one from its
    page `/account/tokens`. Retries by itself; `patience` says how often."""

    def __init__(self, url: str, token: str, *, patience: Patience | None = None) -> None:
        self._line = Line(url, token, patience=patience or Patience())

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._line.close()

    def account(self) -> Account:
        return parsed(account_of, self._line.json("GET", "/account"))

    def references(self) -> Sequence[Reference]:
        answer = self._line.json("GET", "/references")
        return parsed(many(reference_of, "references"), answer)

    def submit(
        self,
        path: str | Path,
        reference: str,
        *,
        options: Sequence[str] = (),
        key: str | None = None,
        moved: Moved | None = None,
    ) -> Job:
        """Uploads the file, and makes a job of it. An upload of it that broke off goes on. The same
        `key` with the same file, reference and options is the same job, for seven days. `moved` is
        told how many bytes have gone, of how many."""
        for resumes in (True, False):
            sent = send(self._line, Path(path), moved=moved, resumes=resumes)
            job = self._create(sent, reference, options, key)
            if job.input_sha256 == sent.sha256:
                return job
            self._take_back(job)
            if not sent.resumed:
                break
        raise ClientError(
            "SENT_DIFFERS",
            f"The service has another {Path(path).name} than was sent.",
            cure="Send it again; with a key, choose another one.",
        )

    def _create(self, sent: Sent, reference: str, options: Sequence[str], key: str | None) -> Job:
        body = {"upload_id": sent.upload.id, "reference": reference, "options": list(options)}
        headers = {"Idempotency-Key": key or sent.upload.id}
        return parsed(job_of, self._line.json("POST", "/jobs", body=body, headers=headers))

    def _take_back(self, job: Job) -> None:
        """It was made of parts of two files."""
        if not job.final:
            self.cancel(job.id)
        self.delete(job.id)

    def jobs(self, *, state: str | None = None) -> Iterator[Job]:
        """Newest first, as many as are asked for."""
        cursor: str | None = None
        while True:
            asked = {"limit": str(PAGE_JOBS), "cursor": cursor, "state": state}
            params = {name: value for name, value in asked.items() if value is not None}
            answer = self._line.json("GET", "/jobs", params=params)
            yield from parsed(many(job_of, "jobs"), answer)
            cursor = answer.get("next")
            if cursor is None:
                return

    def job(self, job_id: str) -> Job:
        return parsed(job_of, self._line.json("GET", f"/jobs/{_checked(job_id)}"))

    def wait(
        self,
        job_id: str,
        *,
        timeout_seconds: float | None = None,
        tell: Callable[[Job], None] | None = None,
    ) -> Job:
        """Until the job is final: look at its `state` then. `tell` gets it whenever it changed.
        ClientError STILL_RUNNING after `timeout_seconds`."""
        began, etag, sleep = time.monotonic(), "", self._line.patience.sleep
        while True:
            headers = {"If-None-Match": etag} if etag else {}
            answer = self._line.ask("GET", f"/jobs/{_checked(job_id)}", headers=headers)
            etag = answer.headers.get("ETag", "")
            if answer.status_code != 304:
                job = parsed(lambda it: job_of(it.json()), answer)
                if tell:
                    tell(job)
                if job.final:
                    return job
            passed = time.monotonic() - began
            if timeout_seconds is not None and passed >= timeout_seconds:
                raise _still_running(job_id)
            sleep(min(max(passed / 10, POLL_SECONDS[0]), POLL_SECONDS[1]))

    def cancel(self, job_id: str) -> Job:
        return parsed(job_of, self._line.json("POST", f"/jobs/{_checked(job_id)}/cancel"))

    def again(
        self,
        job_id: str,
        *,
        reference: str | None = None,
        options: Sequence[str] | None = None,
        key: str | None = None,
    ) -> Job:
        """A new job on the same input; what is left out stays as it was."""
        asked = {"reference": reference, "options": None if options is None else list(options)}
        body = {name: value for name, value in asked.items() if value is not None}
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        path = f"/jobs/{_checked(job_id)}/again"
        return parsed(job_of, self._line.json("POST", path, body=body, headers=headers))

    def delete(self, job_id: str) -> None:
        """With its input, results and log. It has to be final."""
        self._line.ask("DELETE", f"/jobs/{_checked(job_id)}")

    def events(self, job_id: str) -> Sequence[Event]:
        answer = self._line.json("GET", f"/jobs/{_checked(job_id)}/events")
        return parsed(many(event_of, "events"), answer)

    def log(self, job_id: str) -> str:
        answer = self._line.ask(
            "GET", f"/jobs/{_checked(job_id)}/log", headers={"Accept": "text/plain, */*;q=0.1"}
        )
        return answer.content.decode("utf-8", "replace")

    def results(self, job_id: str) -> Sequence[ResultFile]:
        """The results, the log, and the input, with what is refused now."""
        answer = self._line.json("GET", f"/jobs/{_checked(job_id)}/results")
        return parsed(many(file_of, "files"), answer)

    def download(
        self,
        job_id: str,
        folder: str | Path,
        *,
        choose: Callable[[ResultFile], bool] | None = None,
    ) -> list[Path]:
        """The results and the log, into `folder`, or what `choose` says of all the files. What can
        be downloaded comes first; then ClientError, RESULTS_ARCHIVED say, if anything cannot."""
        chosen = choose or (lambda file: file.kind != "input")
        wanted = [file for file in self.results(job_id) if chosen(file)]
        wanted.sort(key=lambda file: file.refused is not None)
        return [self.fetch(job_id, file, folder) for file in wanted]

    def fetch(
        self, job_id: str, file: ResultFile, folder: str | Path, *, moved: Moved | None = None
    ) -> Path:
        """One of them. It is checked; what broke off goes on; what is there is left alone."""
        wanted = Wanted(_checked(job_id), file, Path(folder))
        wanted.folder.mkdir(parents=True, exist_ok=True)
        return bring(self._line, wanted, moved=moved)


def _checked(job_id: str) -> str:
    """It becomes part of an address."""
    if not (job_id.isascii() and job_id.isalnum()):
        raise ClientError(
            "JOB_NOT_FOUND", "There is no such job among yours.", cure="Look at your list of jobs."
        )
    return job_id


def _still_running(job_id: str) -> ClientError:
    return ClientError(
        "STILL_RUNNING", f"Job {job_id} is not done yet.", cure="Wait for it again, or longer."
    )
