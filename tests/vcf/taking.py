"""A text taken in, for tests: what came of it."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from gas.domain.errors import InputError
from gas.vcf.caps import Caps
from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Intake, Taken

NAMES = {"1": 1000, "2": 500, "MT": 16569}
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
HEADER = f"##fileformat=VCFv4.2\n{COLUMNS}\n"
SAMPLES = f"##fileformat=VCFv4.2\n{COLUMNS}\tFORMAT\tA\tB\n"
RECORD = "1\t5\t.\tA\tC\t.\t.\t.\n"


@dataclass(frozen=True)
class Found:
    """What the intake made of a text."""

    taken: Taken
    rows: list[str]

    @property
    def header(self) -> str:
        return self.taken.header.text(dict.fromkeys(self.taken.contig_by_name, 1000))

    @property
    def repairs(self) -> dict[str, int]:
        return dict(self.taken.header.repairs)

    @property
    def infos(self) -> list[str]:
        return [row.split("\t")[7] for row in self.rows]


def take_in(
    tmp_path: Path,
    content: bytes | str,
    caps: Caps | None = None,
    *,
    names: dict[str, int] | None = None,
    reference_names: bool = False,
    quality_key: str = "",
) -> Found:
    raw = content.encode() if isinstance(content, str) else content
    spool = tmp_path / "spool.gz"
    taken = Intake(
        ContigNames(names or NAMES),
        caps,
        reference_names=reference_names,
        quality_key=quality_key,
    ).take(io.BytesIO(raw), spool_path=spool, rejected_path=tmp_path / "x.rejected.vcf")
    return Found(taken, gzip.decompress(spool.read_bytes()).decode().splitlines())


def refused(tmp_path: Path, content: bytes | str, caps: Caps | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        take_in(tmp_path, content, caps)
    return caught.value


def record(**columns: str) -> str:
    """A row like RECORD with other values in some columns."""
    fixed = {"chrom": "1", "pos": "5", "id": ".", "ref": "A", "alt": "C"}
    values = {**fixed, "qual": ".", "filter": ".", "info": ".", **columns}
    return "\t".join(values.values()) + "\n"


def header(*lines: str, samples: bool = False) -> str:
    """HEADER or SAMPLES with lines of one's own."""
    first, columns = (SAMPLES if samples else HEADER).split("\n")[:2]
    return "".join(f"{line}\n" for line in (first, *lines, columns))
