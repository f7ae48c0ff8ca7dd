"""Whatever a file holds, the intake ends well or with a code, in time, and within its memory.

Runs for GAS_FUZZ_SECONDS, 20 by default. What it writes is read by the tools that come after it.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import re
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from data import ROOT
from fuzz.mutations import MUTATIONS, PACKINGS, Mutation, mutated, packed
from fuzz.reader import Reader
from gas.domain.errors import GasError
from gas.vcf.caps import Caps
from gas.vcf.contigs import ContigNames
from gas.vcf.head import check_head
from gas.vcf.intake import Intake, Taken
from gas.vcf.records import RecordCheck
from vcf.callers import caller_files

SECONDS = float(os.environ.get("GAS_FUZZ_SECONDS") or 20)
EXAMPLES = 200
MOST_SECONDS = 5.0
"""For one file of at most some hundred kilobytes, on a busy machine."""
MOST_MORE_BYTES = 300 * 2**20
SPLIT_EACH = 8
ERRORS = Path(__file__).parents[2] / "docs" / "errors.md"
GENOME = {
    name: "".join(random.Random(7).choices("ACGT", k=bases))
    for name, bases in (("1", 20_000), ("2", 5_000), ("MT", 16_569), ("21", 9_000))
}
NAMES = {name: len(bases) for name, bases in GENOME.items()}


def real_texts() -> list[str]:
    """Heads of files of the shared data, where it is."""
    paths = sorted(ROOT.rglob("*.vcf"))[::4]
    return [path.read_text(errors="replace")[:20_000] for path in paths]


TEXTS = [text for _, text in caller_files(GENOME)] + real_texts()


class Bench:
    """Takes one file in after the other."""

    def __init__(self, folder: Path, reader: Reader) -> None:
        self._folder, self._reader = folder, reader
        self._codes = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", ERRORS.read_text(), re.MULTILINE))
        self.taken = self.refused = 0

    def check(self, raw: bytes) -> None:
        begun = time.monotonic()
        outcomes = [self._take(raw, name) for name in ("own", "again")]
        assert time.monotonic() - begun < MOST_SECONDS
        taken, spooled = outcomes[0]
        if taken is None:
            self.refused += 1
            return
        self.taken += 1
        rows = spooled.split(b"\n")[:-1]
        assert len(rows) == taken.kept
        assert {row.count(b"\t") for row in rows} <= {len(taken.header.columns) - 1}
        rejected = sum(taken.rejected.values())
        assert (taken.rejected_path is not None) == (rejected > 0)
        self._read(taken, spooled)

    def check_quick(self, raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        """The quick look at a line finds what a close one does."""
        with monkeypatch.context() as patched:
            quick, quick_rows = self._take(raw, "quick", quality_key="Q")
            patched.setattr(RecordCheck, "quick", lambda _self, _row: None)
            close, close_rows = self._take(raw, "close", quality_key="Q")
        assert quick_rows == close_rows
        if quick is None or close is None:
            self.refused += 1
            assert quick is close
            return
        self.taken += 1
        assert quick.rejected == close.rejected
        assert quick.header.text({}) == close.header.text({})
        assert quick.header.repairs == close.header.repairs

    def _take(self, raw: bytes, name: str, *, quality_key: str = "") -> tuple[Taken | None, bytes]:
        spool = self._folder / f"{name}.gz"
        intake = Intake(
            ContigNames(NAMES),
            Caps(line_bytes=2**21),
            reference_names=True,
            quality_key=quality_key,
        )
        try:
            check_head(raw[:65536], "x.vcf")
            rejected = self._folder / "rejected.vcf"
            taken = intake.take(io.BytesIO(raw), spool_path=spool, rejected_path=rejected)
        except GasError as error:
            assert error.reason.code in self._codes
            assert error.reason.cure
            return None, b""
        return taken, gzip.decompress(spool.read_bytes())

    def _read(self, taken: Taken, spooled: bytes) -> None:
        contigs = {contig: NAMES[contig] for contig in taken.name_by_contig}
        path = self._folder / "read.vcf"
        for text in (taken.header.text(contigs), taken.header.carrier_text(contigs)):
            path.write_bytes(text.encode() + spooled)
            split = self.taken % SPLIT_EACH == 0
            records, alleles = self._reader.read(path, split=split)
            assert records == taken.kept
            assert alleles in (-1, taken.kept_alleles)
            if not split:
                break
        if taken.rejected_path is not None:
            records, _ = self._reader.read(taken.rejected_path, split=False)
            assert records == sum(taken.rejected.values())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    import pysam

    genome = tmp_path / "genome.fa"
    genome.write_text("".join(f">{name}\n{bases}\n" for name, bases in GENOME.items()))
    pysam.faidx(str(genome))
    with Reader(genome, tmp_path) as reader:
        yield Bench(tmp_path, reader)


def repeated(text: str) -> str:
    """Each record several times, so that it is like those before it."""
    lines = text.splitlines(keepends=True)[:60]
    return "".join(line if line.startswith("#") else line * 6 for line in lines)


def run(check: Callable[[bytes], None], texts: list[str], seconds: float) -> int:
    """Files in rounds, each from another seed, until the time is over; how many there were."""
    deadline = time.monotonic() + seconds
    count = rounds = 0

    def one(text: str, mutations: list[Mutation], packing: str, number: int) -> None:
        nonlocal count
        count += 1
        check(packed(mutated(text, mutations), packing, number))

    files = given(
        st.sampled_from(texts),
        st.lists(MUTATIONS, max_size=8),
        st.sampled_from(PACKINGS),
        st.integers(0, 2**16),
    )
    while time.monotonic() < deadline:
        again = settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )(files(one))
        seed(rounds)(again)()
        rounds += 1
    return count


@pytest.mark.slow
@pytest.mark.timeout(SECONDS * 2 + 120)
def test_spoilt_files_end_well_or_with_a_code(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    similar = [repeated(text) for text in TEXTS]
    count = run(bench.check, TEXTS, SECONDS * 0.6)
    count += run(lambda raw: bench.check_quick(raw, monkeypatch), similar, SECONDS * 0.4)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MOST_MORE_BYTES
    assert bench.taken > count // 10
    assert bench.refused > 10
