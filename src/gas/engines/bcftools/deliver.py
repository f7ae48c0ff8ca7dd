"""The stage that writes: records come in as text, each with one ALT, and go out with CSQ.

Consequences are predicted here, so that nothing has to be parsed once more; what the tables need
is fed to the stage beside it. Several processes may share the work: each takes a chunk of lines
from the pipe, and what it makes of them goes out in the order of the chunks, so that the results
do not tell how many there were.
"""

from __future__ import annotations

import os
import struct
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from gas.engines.bcftools import bgzf
from gas.engines.bcftools.consequence.fields import CSQ_FIELDS
from gas.engines.bcftools.outputs.feed import TableFeed
from gas.engines.bcftools.record import UNSORTED, DeliverSpec, Passed, RecordWriter
from gas.engines.bcftools.stages import Stage
from gas.engines.bcftools.turns import Turns

DELIVER = "deliver"
"""What the names of these stages begin with."""
CHUNK_BYTES = 1 << 18
READ_BYTES = 1 << 16
COUNTS = struct.Struct("=qq")
ENDED = -1
MOST_GATHERED, MOST_GATHERED_BYTES = 2, 1 << 25
"""Chunks of a process that the tables may be behind, and what they may hold: under many transcripts
a chunk becomes a hundred times as long."""


def deliver_stage(told: DeliverSpec, processes: int) -> Stage:
    """Reads file descriptor 0 to its end: lines without a header. Complains of UNSORTED and fails
    if a record comes before the one before it."""
    told.target_path.write_bytes(b"")
    header = told.header_path.read_bytes()
    turns = _Turns(
        reading=Turns(1, COUNTS.pack(0, 1)),
        joining=Turns(processes, header),
        writing=Turns(processes),
        feeding=Turns(processes * (MOST_GATHERED + 2)),
    )
    first, *others = [
        Stage(
            f"{DELIVER}-{place}" if place else DELIVER,
            lambda place=place: _Part(told, turns, place).run(),  # type: ignore[misc]
            keeps=turns.descriptors,
        )
        for place in range(processes)
    ]
    return Stage(first.name, first.run, keeps=first.keeps, beside=tuple(others))


@dataclass(frozen=True, slots=True)
class _Turns:
    reading: Turns
    """With the number of the chunk, that of its first record, and the beginning of its text."""
    joining: Turns
    """With the text of the chunks before that does not fill a block."""
    writing: Turns
    """With the contigs and the position that were passed."""
    feeding: Turns

    @property
    def descriptors(self) -> Sequence[int]:
        turns = (self.reading, self.joining, self.writing, self.feeding)
        return [descriptor for one in turns for descriptor in one.descriptors]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Whole lines; none at the end."""

    number: int
    first_record: int
    text: bytes


class _Part:
    """What one of the processes does."""

    def __init__(self, told: DeliverSpec, turns: _Turns, place: int) -> None:
        self._told = told
        self._turns = turns
        self._place = place
        self._thread = ThreadPoolExecutor(1)
        self._puts: deque[tuple[Future[None], int]] = deque()
        """With their bytes."""
        self._behind_bytes = 0

    def run(self) -> None:
        import pysam

        told = self._told
        header = told.header_path.read_bytes().decode("utf-8", "surrogateescape")
        feed = TableFeed(
            told.feed_folder,
            header.splitlines(),
            csq_fields=CSQ_FIELDS,
            known=told.known,
            place=self._place,
        )
        with (
            pysam.FastaFile(str(told.genome_path)) as genome,
            told.target_path.open("ab", buffering=0) as target,
        ):
            writer = RecordWriter(told, genome, feed)
            while (chunk := self._next(feed)) is not None:
                feed.start(chunk.first_record)
                text = writer.written(chunk.text)
                self._write(chunk.number, self._packed(chunk, text), writer.passed, target)
                self._gathered(chunk.number, feed)
        for put, _ in self._puts:
            put.result()
        feed.close()

    def _next(self, feed: TableFeed) -> _Chunk | None:
        reading = self._turns.reading
        told = reading.take()
        number, record = COUNTS.unpack_from(told)
        if number == ENDED:
            reading.give(0, told)
            return None
        if not feed.is_open:  # in this turn: so no other one can come to the end and close its own
            feed.open(first=number == 0)
        text, rest = _whole_lines(told[COUNTS.size :])
        after = (number + 1 if text else ENDED, record + text.count(b"\n"))
        reading.give(0, COUNTS.pack(*after) + rest)
        return _Chunk(number, record, text)

    def _packed(self, chunk: _Chunk, text: bytes) -> bytes:
        joining = self._turns.joining
        before = joining.take(chunk.number)
        if not chunk.text:
            return bgzf.packed(before) + bgzf.END
        blocks, rest = bgzf.whole_blocks(before + text)
        joining.give(chunk.number + 1, rest)  # the next one packs while this one does
        return bgzf.packed(blocks)

    def _gathered(self, number: int, feed: TableFeed) -> None:
        """What the tables need of a chunk goes to them from a thread: they read in bursts, and
        whoever waits for them would keep all others waiting."""
        gathered = feed.gathered()

        def put() -> None:
            self._turns.feeding.take(number)
            feed.put(gathered)
            self._turns.feeding.give(number + 1)

        size = sum(map(len, gathered))
        self._puts.append((self._thread.submit(put), size))
        self._behind_bytes += size
        while len(self._puts) > MOST_GATHERED or self._behind_bytes > MOST_GATHERED_BYTES:
            oldest, size = self._puts.popleft()
            oldest.result()
            self._behind_bytes -= size

    def _write(self, number: int, blocks: bytes, part: Passed, target: FileIO) -> None:
        writing = self._turns.writing
        now = _passed(writing.take(number), part)
        rest = memoryview(blocks)
        while rest:
            rest = rest[target.write(rest) :]
        writing.give(number + 1, now)


def _whole_lines(text: bytes) -> tuple[bytes, bytes]:
    """Of file descriptor 0 about CHUNK_BYTES, and what was read beyond the end of a line; `text`
    was read before."""
    parts, size = [text], len(text)
    while more := os.read(0, READ_BYTES):
        parts.append(more)
        size += len(more)
        if size >= CHUNK_BYTES and b"\n" in more:
            break
    text = b"".join(parts)
    end = text.rfind(b"\n") + 1
    return text[:end], text[end:]


def _passed(before: bytes, part: Passed) -> bytes:
    """The contigs so far and the position on the last one, as they go from turn to turn."""
    if not part.contigs:
        return before
    position, *seen = before.split(b"\t") if before else (b"",)
    new = part.contigs
    if seen and seen[-1] == new[0]:
        if part.first_position < int(position):
            raise ValueError(UNSORTED)
        new = new[1:]
    if not set(seen).isdisjoint(new):
        raise ValueError(UNSORTED)
    return b"\t".join((b"%d" % part.last_position, *seen, *new))


def index(path: Path, threads: int) -> None:
    """`.tbi` beside it, or `.csi` where a contig is longer than a .tbi can tell. `threads`: that
    unpack beside the one that reads."""
    import pysam.bcftools
    import pysam.utils

    try:
        pysam.bcftools.index("-t", "--threads", str(threads), str(path), catch_stdout=False)
    except (OSError, pysam.utils.SamtoolsError):
        Path(f"{path}.tbi").unlink(missing_ok=True)
        pysam.tabix_index(str(path), preset="vcf", force=True, csi=True)
    if not any(Path(f"{path}{ending}").exists() for ending in (".tbi", ".csi")):
        raise OSError(f"no index of {path.name}")
