"""Which stage broke, and what to call it: the file's fault, a limit, or the engine's."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from gas.domain.errors import EngineFailed, GasError, InputError, StoreFull, TooLarge
from gas.engines.bcftools.stages import NO_MEMORY, Started

SHOWN_BYTES = 64_000
SHOWN_PLACES = 20
FULL_BYTES = 1 << 17
"""On a full disk what a stage says cannot be kept either."""
NEARLY_FULL_BYTES = 1 << 26
"""What those who have ended may have given back by then."""
IN_THE_WAKE = re.compile(
    r"broken pipe|failed to write|cannot write|write error|close failed", re.IGNORECASE
)
MEMORY = re.compile(r"cannot allocate|out of memory|could not allocate|memoryerror", re.IGNORECASE)
NO_ROOM = re.compile(r"no space left|disk quota exceeded", re.IGNORECASE)
UNREADABLE = re.compile(
    r"vcf_parse|bcf_read|vcf_format|invalid record|error in the vcf|could not parse|"
    r"failed to (?:read|open)|wrong number of|incorrect number|truncated|parse error",
    re.IGNORECASE,
)
PLACE = re.compile(r"\b(?:at|near) (?!.*\bat )([A-Za-z0-9_.-]{1,60}:\d+)")
READERS = ("view", "strip", "norm")


def blame(started: Sequence[Started]) -> None:
    """Raises for the stage that failed first, if one did."""
    failed = [stage for stage in started if stage.status]
    if not failed:
        return
    # the ones beside a dead one complain of a broken pipe, or of too little to read
    crashed = [s for s in failed if not s.stopped and (s.status or 0) < 0]
    full = [s for s in failed if not s.stopped and NO_ROOM.search(_tail(s))]
    own = [s for s in failed if not s.stopped and not in_the_wake(s)]
    raise _error_of((crashed or full or own or failed)[0])


def mismatches(errors_path: Path) -> tuple[int, list[str]]:
    """Of norm's complaints those that tell (the others are about unknown bases), and where the
    first of them are, as contig:position."""
    count = 0
    places: list[str] = []
    with errors_path.open(errors="replace") as errors:
        for line in errors:
            fields = line.rstrip("\n").split("\t")
            told = fields[0] == "REF_MISMATCH" and len(fields) >= 5
            if told and not set(fields[3].upper() + fields[4].upper()) - set("ACGT"):
                count += 1
                if count <= SHOWN_PLACES:
                    places.append(f"{fields[1]}:{fields[2]}")
    return count, places


def _error_of(stage: Started) -> GasError:
    said = _tail(stage)
    status = stage.status or 0
    if status == NO_MEMORY or MEMORY.search(said):
        return out_of_memory()
    # Every stage that gives up says why: of one that does not, the words may have found no room.
    full_bytes = FULL_BYTES if said else NEARLY_FULL_BYTES
    free_bytes = shutil.disk_usage(stage.errors_path.parent).free
    if NO_ROOM.search(said) or (status > 0 and free_bytes < full_bytes):
        return no_room()
    if status < 0:
        return EngineFailed(
            "ENGINE_CRASHED",
            f"The step '{stage.name}' of the engine was ended by signal {-status}.",
            cure="Run the job again; if it stays so, send its log to the operator.",
        )
    if stage.name in READERS and UNREADABLE.search(said):
        found = PLACE.search(said)
        return InputError(
            "BAD_RECORD",
            "A record has a value that cannot be read.",
            place=found[1] if found else "",
            cure="Compare its INFO and its samples with what the header says of them.",
        )
    return EngineFailed(
        "ENGINE_BROKE",
        f"The step '{stage.name}' of the engine failed with status {status}.",
        cure="Run the job again; if it stays so, send its log to the operator.",
    )


def no_room() -> StoreFull:
    return StoreFull(
        "NO_ROOM",
        "There is no room left on the disk for the run.",
        cure="The operator has to make room; the job is tried again.",
    )


def out_of_memory() -> TooLarge:
    return TooLarge(
        "RUN_NEEDS_MEMORY",
        "The run needs more memory than a run may have.",
        cure="Split the file by contig, or ask the operator to raise the limit.",
    )


def in_the_wake(stage: Started) -> bool:
    """Whether it failed only because whoever read from it was gone."""
    return bool(IN_THE_WAKE.search(_tail(stage)))


def _tail(stage: Started) -> str:
    if not stage.errors_path.exists():
        return ""
    with stage.errors_path.open("rb") as errors:
        errors.seek(0, 2)
        errors.seek(max(errors.tell() - SHOWN_BYTES, 0))
        return errors.read().decode("utf-8", "replace")
