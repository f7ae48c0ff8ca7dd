"""Every file of the shared data is taken in whole, or refused with a code; nothing is lost."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from data import shared
from fuzz.reader import Reader
from gas.domain.errors import InputError
from gas.vcf.contigs import ContigNames
from gas.vcf.intake import Intake

FASTA_BY_FOLDER = {"human_chr21": "chr21.fa.gz", "sarscov2": "genome.fa"}
LONG = 2**29


def all_files() -> list[Path]:
    return sorted(path for path in shared("MANIFEST.md").parent.rglob("*") if path.is_file())


def content(path: Path) -> bytes:
    raw = path.read_bytes()
    try:
        return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (OSError, EOFError, zlib.error):
        return b""


def records_of(text: bytes) -> list[bytes]:
    lines = text.replace(b"\r", b"\n").split(b"\n")
    return [line for line in lines if line.strip() and not line.startswith(b"#")]


def is_vcf(text: bytes) -> bool:
    return text.lstrip(b"\xef\xbb\xbf\n")[:13].lower().startswith((b"##fileformat", b"#chrom\tpos"))


def names_for(path: Path, records: list[bytes]) -> ContigNames:
    """Of the genome beside it, where there is one; else of contigs that all its records fit."""
    fasta = FASTA_BY_FOLDER.get(path.parent.name)
    index = path.parent / f"{fasta}.fai" if fasta else next(path.parent.glob("*.fai"), None)
    if index is None:
        return ContigNames({line.split(b"\t")[0].decode("latin-1"): LONG for line in records})
    rows = [row.split("\t") for row in index.read_text().splitlines()]
    return ContigNames({row[0]: int(row[1]) for row in rows})


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with Reader(tmp_path / "none.fa", tmp_path) as started:
        yield started


@pytest.mark.slow
def test_kept_and_rejected_make_up_every_file(tmp_path: Path, reader: Reader) -> None:
    whole = refused = refused_vcfs = 0
    for path in all_files():
        text = content(path)
        records = records_of(text)
        intake = Intake(names_for(path, records), reference_names=True)
        try:
            with path.open("rb") as source:
                taken = intake.take(source, spool_path=tmp_path / "s", rejected_path=tmp_path / "r")
        except InputError as error:
            assert error.reason.cure, path
            refused += 1
            refused_vcfs += is_vcf(text)
            continue
        whole += 1
        assert taken.kept + sum(taken.rejected.values()) == len(records), path
        spooled = gzip.decompress((tmp_path / "s").read_bytes())
        assert spooled.count(b"\n") == taken.kept
        contigs = dict.fromkeys(taken.name_by_contig, LONG)
        (tmp_path / "x.vcf").write_bytes(taken.header.text(contigs).encode() + spooled)
        assert reader.read(tmp_path / "x.vcf", split=False)[0] == taken.kept, path
    assert whole > 100
    assert refused_vcfs < 5
    assert refused > 200  # genomes, genes, expectations


def test_real_calls_are_kept_whole(tmp_path: Path) -> None:
    path = shared("human_chr21/na12878_slice.vcf.gz")
    with path.open("rb") as source:
        taken = Intake(ContigNames({"21": 46709983})).take(
            source, spool_path=tmp_path / "s", rejected_path=tmp_path / "r"
        )
    assert (taken.kept, taken.kept_alleles, taken.rejected) == (1660, 1677, {})
    rows = gzip.decompress((tmp_path / "s").read_bytes()).split(b"\n")[:-1]
    assert rows == records_of(content(path))
