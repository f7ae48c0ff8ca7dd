"""Files in the manner of many callers are taken in whole, or refused with a code."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import pytest

from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Intake
from vcf.callers import caller_files

RNG = random.Random(7)
GENOME = {name: "".join(RNG.choices("ACGT", k=5000)) for name in ("1", "2")}
FILES = caller_files(GENOME)
SET_ASIDE = {
    "varscan2": {"BAD_ALT": 1},
    "23andme-like": {"BAD_ALT": 1, "BAD_REF": 1},
    "illumina-array": {"BAD_REF": 2, "BAD_ALT": 1},
    "version-3.3": {"OLD_INDEL": 1},
    "hand-made": {"BAD_COLUMNS": 1, "BAD_POS": 1},
}


@pytest.mark.parametrize(("name", "text"), FILES, ids=[name for name, _ in FILES])
def test_callers_records_are_kept_but_for_those_no_vcf_may_hold(
    tmp_path: Path, name: str, text: str
) -> None:
    rows = [line for line in text.splitlines() if not line.startswith("#")]
    taken = Intake(ContigNames({name: len(bases) for name, bases in GENOME.items()})).take(
        io.BytesIO(text.encode()), spool_path=tmp_path / "s", rejected_path=tmp_path / "r"
    )
    assert taken.rejected == SET_ASIDE.get(name, {})
    assert taken.kept + sum(taken.rejected.values()) == len(rows)
    spooled = gzip.decompress((tmp_path / "s").read_bytes()).decode().splitlines()
    kept_as_they_were = set(rows) & set(spooled)
    assert len(kept_as_they_were) >= taken.kept - 3


def test_there_are_files_of_twenty_manners() -> None:
    assert len(FILES) >= 20
    assert len({name for name, _ in FILES}) == len(FILES)
