"""A stubborn visitor: what is not answered is asked again, what is broken off goes on."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from gas.cli.visitor import Visitor
from gas.domain.errors import EngineFailed, Unavailable

PATIENCE_SECONDS = 60.0
T = TypeVar("T")


@dataclass
class Submitter(threading.Thread):
    """Uploads and submits until told to stop. `acknowledged` are the jobs it was told of."""

    url: str
    link: str
    content: bytes
    reference: str
    acknowledged: list[str] = field(default_factory=list)
    error: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.stopping = threading.Event()
        self.visitor = Visitor(self.url)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        try:
            with self.visitor:
                self._insist(lambda: self.visitor.get("/readyz"))
                self.visitor.sign_in(self.link)
                while not self.stopping.is_set():
                    self.acknowledged.append(self._submit(len(self.acknowledged)))
        except BaseException as error:  # noqa: BLE001 (told to the test, which raises it)
            self.error = error

    def _submit(self, number: int) -> str:
        begin = {"name": f"input-{number}.vcf", "size_bytes": len(self.content)}
        upload_id = self._insist(lambda: self.visitor.post("/uploads", begin))["id"]
        self._insist(lambda: self._send_missing(f"/uploads/{upload_id}"))
        request = {"upload_id": upload_id, "reference": self.reference}
        return str(self._insist(lambda: self.visitor.post("/jobs", request))["id"])

    def _send_missing(self, path: str) -> None:
        """Asks what is there and sends the rest: called anew after each break, it resumes."""
        upload = json.loads(self.visitor.get(path))
        size = upload["part_bytes"]
        for number in sorted(set(range(1, upload["part_count"] + 1)) - set(upload["parts"])):
            part = self.content[(number - 1) * size : number * size]
            self.visitor.put(f"{path}/parts/{number}", part)

    def _insist(self, ask: Callable[[], T]) -> T:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return ask()
            except (Unavailable, EngineFailed):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
