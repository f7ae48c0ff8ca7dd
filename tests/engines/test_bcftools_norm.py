"""Records that `norm` moves or splits, or must not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pysam
import pytest

from engines.conftest import Bench
from engines.test_bcftools import read
from gas.domain.options import AnnotationOptions

GENE = (
    "##gff-version 3\n"
    "r\tx\tgene\t1001\t2800\t.\t+\t.\tID=gene:G;biotype=protein_coding;Name=G\n"
    "r\tx\tmRNA\t1001\t2800\t.\t+\t.\tID=transcript:T;Parent=gene:G;biotype=protein_coding\n"
    "r\tx\texon\t1001\t2800\t.\t+\t.\tParent=transcript:T\n"
    "r\tx\tCDS\t1001\t2800\t.\t+\t0\tParent=transcript:T\n"
)


@pytest.mark.parametrize("haplotypes", [False, True])
def test_records_that_left_aligning_moves_far_are_sorted_again(
    bench: Bench, tmp_path: Path, haplotypes: bool
) -> None:
    bases = "ACGTTGCA" * 250 + "CA" * 1500 + "GGTTACGT" * 250
    (tmp_path / "r.fa").write_text(f">r\n{bases}\n")
    (tmp_path / "r.gff3").write_text(GENE)
    own = Bench(tmp_path / "references", bench.runs_path, bench.demo)
    own.install("repeat", tmp_path / "r.fa", tmp_path / "r.gff3")
    path = tmp_path / "far.vcf"
    rows = [
        (1001, "A", "C"),
        (2500, bases[2499], "T"),
        (3701, "C", "G"),
        (4900, bases[4899:4902], bases[4899]),
    ]
    path.write_text(
        "##fileformat=VCFv4.2\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
        + "".join(f"r\t{at}\t.\t{ref}\t{alt}\t.\t.\t.\tGT\t0|1\n" for at, ref, alt in rows)
    )
    options = AnnotationOptions(haplotypes=haplotypes)
    outcome = own.run(replace(own.task(path, "repeat"), options=options))
    positions = [int(row[1]) for row in read(outcome)]
    assert positions == sorted(positions)
    assert positions[0] == 1001
    assert 1990 < positions[1] < 2010
    assert positions[2:] == [2500, 3701]


def test_a_symbol_whose_length_is_not_told_stays_where_it_is(bench: Bench, tmp_path: Path) -> None:
    with pysam.FastaFile(str(bench.references_path / "demo" / "genome.fa.gz")) as genome:
        base = genome.fetch("demo1", 30_000, 30_001)
    path = tmp_path / "dup.vcf"
    path.write_text(
        "##fileformat=VCFv4.2\n"
        '##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="Length">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        f"demo1\t30001\ta\t{base}\t<DUP>\t.\t.\tSVLEN=.\n"
    )
    ((_, position, _, ref, *_),) = read(bench.run(bench.task(path)))
    assert (position, ref) == ("30001", base)


def test_genotypes_that_all_samples_leave_out_break_nothing(bench: Bench, tmp_path: Path) -> None:
    with pysam.FastaFile(str(bench.references_path / "demo" / "genome.fa.gz")) as genome:
        base = genome.fetch("demo1", 30_000, 30_001)
    others = ",".join(sorted(set("ACGT") - {base})[:2])
    path = tmp_path / "left.vcf"
    path.write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"
        f"demo1\t30001\ta\t{base}\t{others}\t.\t.\t.\tDP:GT\t59\n"
    )
    for row in read(bench.run(bench.task(path))):
        assert dict(zip(row[8].split(":"), row[9].split(":"), strict=True)) == {
            "DP": "59",
            "GT": ".",
        }
