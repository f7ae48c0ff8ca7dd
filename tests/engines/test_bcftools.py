"""Runs of the bcftools engine that end well, or with the file's fault."""

from __future__ import annotations

import gzip
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cyvcf2
import pysam
import pytest

from data import shared
from engines.conftest import Bench, file_of, log_of
from gas.domain.errors import InputError, TooLarge
from gas.domain.job import FileKind, Progress
from gas.domain.options import AnnotationOptions
from gas.ports.annotation import Outcome


def read(outcome: Outcome) -> list[list[str]]:
    lines = gzip.decompress(file_of(outcome, FileKind.ANNOTATED).read_bytes()).decode().splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


def test_demo_holds_every_kind_of_consequence(bench: Bench) -> None:
    seen: list[Progress] = []
    begun = time.monotonic()
    task = bench.task(bench.demo.vcf)
    outcome = bench.run(task, seen.append)
    assert time.monotonic() - begun < 10
    counts = dict(outcome.counts)
    records = bench.demo.vcf.read_text().splitlines()
    alleles = sum(x.split("\t")[4].count(",") + 1 for x in records if x[0] != "#")
    assert counts["Total"] == len(read(outcome)) == alleles
    for term in ("missense", "synonymous", "stop_gained", "frameshift", "splice_donor"):
        name = term if term == "stop_gained" else f"{term}_variant"
        assert counts[f"Consequence: {name}"] > 5
    for place in ("CDS", "5' UTR", "3' UTR", "Intronic", "Non_coding_exonic", "Upstream"):
        assert counts[f"Located: {place}"] > 5
    assert file_of(outcome, FileKind.COUNT_LOG).read_text().splitlines()[2] == f"Total: {alleles}"
    assert bench.demo.vcf.stat().st_size < 150_000
    assert seen[-1].fraction == 1.0
    assert "Done." in log_of(task)


def test_results_are_read_by_others(bench: Bench) -> None:
    outcome = bench.run(bench.task(bench.demo.vcf))
    path = file_of(outcome, FileKind.ANNOTATED)
    total = dict(outcome.counts)["Total"]
    viewed = subprocess.run(["bcftools", "view", "-H", path], capture_output=True, text=True)
    assert (viewed.returncode, viewed.stderr) == (0, "")
    assert viewed.stdout.count("\n") == total
    assert sum(1 for _ in cyvcf2.VCF(str(path))) == total
    with pysam.VariantFile(str(path)) as source:
        first = next(iter(source.fetch("demo2", 50_000, 60_000)))
        assert first.chrom == "demo2"
        assert "CSQ" in source.header.info
    header = gzip.decompress(path.read_bytes()).decode()
    assert "##gas_reference=<ID=demo" in header
    assert str(bench.references_path) not in header


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
@pytest.mark.parametrize("packing", ["plain", "gzip", "bgzip", "bcf"])
def test_packing_and_order_make_no_difference(bench: Bench, packing: str, order: str) -> None:
    lines = bench.demo.vcf.read_text().splitlines(keepends=True)
    header = [x for x in lines if x[0] == "#"]
    rows = [x for x in lines if x[0] != "#"]
    text = "".join(header + (rows if order == "sorted" else rows[::-1]))
    path = bench.runs_path.parent / "in.vcf"
    path.write_text(text)
    if packing == "gzip":
        path.write_bytes(gzip.compress(text.encode()))
    elif packing != "plain":
        kind = "-Oz" if packing == "bgzip" else "-Ob"
        packed = subprocess.run(["bcftools", "view", kind, path], capture_output=True, check=True)
        path.write_bytes(packed.stdout)
    assert sorted(read(bench.run(bench.task(path)))) == sorted(
        read(bench.run(bench.task(bench.demo.vcf)))
    )


def test_every_record_is_annotated_or_rejected(bench: Bench) -> None:
    lines = bench.demo.vcf.read_text().splitlines(keepends=True)
    bad = ["nowhere\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\t0/0\n", "demo1\tx\t.\tA\tC\t.\t.\t.\tGT\t0\t0\n"]
    path = bench.runs_path.parent / "mixed.vcf"
    path.write_text("".join(lines + bad + ["too\tfew\n"]))
    task = bench.task(path)
    outcome = bench.run(task)
    assert dict(outcome.counts)["Total"] == len(read(bench.run(bench.task(bench.demo.vcf))))
    with pysam.VariantFile(str(file_of(outcome, FileKind.REJECTED))) as rejected:
        codes = [record.info["GAS_CODE"] for record in rejected]
    assert codes == ["UNKNOWN_CONTIG", "BAD_POS", "BAD_COLUMNS"]
    assert "3 rejected" in log_of(task)


def test_bare_and_old_files_survive(bench: Bench) -> None:
    path = bench.runs_path.parent / "bare.vcf"
    first = next(x for x in bench.demo.vcf.read_text().splitlines() if x[0] != "#").split("\t")
    genotype = [*first[:5], ".", "x", "Y=1", "GT:Z", "0/7:1", "./.:2"]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB"
    path.write_text(f"##fileformat=VCFv4.0\n{columns}\n" + "\t".join(genotype) + "\n")
    rows = read(bench.run(bench.task(path)))
    assert rows[0][9:] == [".:1", "./.:2"]


def test_header_only_gives_an_empty_result(bench: Bench) -> None:
    path = bench.runs_path.parent / "none.vcf"
    text = bench.demo.vcf.read_text().splitlines(keepends=True)
    path.write_text("".join(x for x in text if x[0] == "#"))
    outcome = bench.run(bench.task(path))
    assert outcome.counts[0] == ("Total", 0)


def test_results_of_an_earlier_run_are_annotated_anew(bench: Bench) -> None:
    first = bench.run(bench.task(bench.demo.vcf))
    again = bench.run(bench.task(file_of(first, FileKind.ANNOTATED)))
    assert list(again.counts) == list(first.counts)


def test_wrong_build_is_told_with_the_one_that_fits(bench: Bench) -> None:
    text = bench.demo.fasta.read_text().translate(str.maketrans("ACGT", "CGTA"))
    other = bench.runs_path.parent / "other.fa"
    other.write_text("".join(_kept_names(text)))
    bench.install("other", other, bench.demo.gff)
    task = bench.task(bench.demo.vcf, "other")
    with pytest.raises(InputError) as caught:
        bench.run(task)
    assert caught.value.reason.code == "WRONG_BUILD"
    assert "%" in caught.value.reason.message
    assert "'demo' fits" in caught.value.reason.message
    assert "WRONG_BUILD" in log_of(task)


def _kept_names(text: str) -> list[str]:
    names = iter((">demo1\n", ">demo2\n"))
    return [next(names) if x[0] == ">" else x for x in text.splitlines(keepends=True)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "EMPTY_FILE"),
        (b"<html></html>\n", "NOT_VCF"),
        (gzip.compress(b"##fileformat=VCFv4.2\n" * 99, mtime=0)[:-9], "TRUNCATED_GZIP"),
        (b"BCF\x02\x02\0\0\0\0", "BAD_BCF"),
        (b"##fileformat=VCFv4.2\n#CHROM POS ID REF ALT QUAL FILTER INFO\n", "BAD_COLUMNS"),
    ],
)
def test_unusable_input_is_the_files_fault(bench: Bench, content: bytes, code: str) -> None:
    path = bench.runs_path.parent / "bad.vcf"
    path.write_bytes(content)
    task = bench.task(path)
    with pytest.raises(InputError) as caught:
        bench.run(task)
    assert caught.value.reason.code == code
    assert code in log_of(task)


def test_unknown_reference_is_refused(bench: Bench) -> None:
    with pytest.raises(InputError, match="UNKNOWN_REFERENCE"):
        bench.run(bench.task(bench.demo.vcf, "../demo"))


def test_line_bomb_stays_within_limits(bench: Bench) -> None:
    columns = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path = bench.runs_path.parent / "bomb.vcf.gz"
    with gzip.open(path, "wb", compresslevel=9) as bomb:
        bomb.write(b"##fileformat=VCFv4.2\n" + columns + b"demo1\t5\t.\tA\t")
        for _ in range(256):
            bomb.write(b"C" * 2**20)
    with pytest.raises(TooLarge, match="LINE_TOO_LONG"):
        bench.run(bench.task(path, memory_bytes=512 * 2**20))


def test_vendor_stays_out_of_this_process(bench: Bench) -> None:
    code = (
        "import sys; from pathlib import Path; from gas.engines.bcftools import *;"
        "from gas.engines.bcftools import BcftoolsEngine, InstalledReferences;"
        f"assert InstalledReferences(Path({str(bench.references_path)!r})).get('demo');"
        "assert not [m for m in sys.modules if m.startswith('pysam')]"
    )
    source = str(Path(__file__).parents[2] / "src")
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": source}, check=True)


def test_haplotypes_are_told_beside_single_variants(bench: Bench) -> None:
    """As csq's own main test expects them, joint ones too, where the genotypes are phased."""
    folder = shared("bcftools_csq_main")
    references = bench.runs_path.parent / "references"
    own = Bench(references, bench.runs_path, bench.demo)
    own.install("main", folder / "csq.fa", folder / "csq.gff3")
    options = AnnotationOptions(haplotypes=True)
    outcome = own.run(replace(own.task(folder / "csq.vcf", "main"), options=options))
    same: list[str] = []
    other: list[str] = []
    for row in read(outcome):
        info = dict(x.partition("=")[::2] for x in row[7].split(";"))
        assert "CSQ" in info
        expected = set(info["EXP"].split(","))
        found = set(info.get("HCSQ", ".").split(","))
        (same if expected <= found else other).append(f"{row[1]} {row[3]}>{row[4]}")
    assert len(same) == 25
    # Indels are left-aligned before, which moves two of them; those joined with them differ.
    moved = {"141 A>AC", "105 AC>A", "121 AC>A", "126 C>CTT", "126 C>CG"}
    assert set(other) == moved | {"140 TA>AACG", "145 AC>TA", "160 TA>T"}


def told(row: list[str]) -> list[str]:
    """What stands in a record, without what its own input said of it."""
    parts = [part for part in row[7].split(";") if not part.startswith("GAS_RECORD=")]
    return [*row[:7], *parts]


def test_ann_and_an_annotation_that_is_kept(bench: Bench, tmp_path: Path) -> None:
    first = bench.run(bench.task(bench.demo.vcf))
    again_path = tmp_path / "again.vcf.gz"
    again_path.write_bytes(file_of(first, FileKind.ANNOTATED).read_bytes())
    plain = bench.run(bench.task(again_path))
    assert [told(row) for row in read(plain)] == [told(row) for row in read(first)]
    options = AnnotationOptions(ann=True, keep_csq=True)
    both = bench.run(replace(bench.task(again_path), options=options))
    for old, new in zip(read(first), read(both), strict=True):
        csq = next(part for part in old[7].split(";") if part.startswith("CSQ="))
        parts = new[7].split(";")
        assert csq.replace("CSQ=", "CSQ_INPUT=", 1) in parts
        assert csq in parts
        ann = next(part for part in parts if part.startswith("ANN="))
        assert ann.count(",") == csq.count(",")
    third_path = tmp_path / "third.vcf.gz"
    third_path.write_bytes(file_of(both, FileKind.ANNOTATED).read_bytes())
    third = bench.run(replace(bench.task(third_path), options=options))
    for row in read(third):
        kept = [part.partition("=")[0] for part in row[7].split(";")]
        assert {"CSQ", "CSQ_INPUT", "CSQ_INPUT_2", "ANN", "ANN_INPUT"} <= set(kept)
        assert len(kept) == len(set(kept))


def test_the_record_that_was_split_or_moved_is_told(bench: Bench, tmp_path: Path) -> None:
    with pysam.FastaFile(str(bench.references_path / "demo" / "genome.fa.gz")) as genome:
        bases = genome.fetch("demo1", 30_000, 30_002)
    others = sorted(set("ACGT") - {bases[0]})
    path = tmp_path / "two.vcf"
    path.write_text(
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        f"demo1\t30001\ta\t{bases[0]}\t{others[0]},{others[1]}\t.\t.\tXX=1\n"
    )
    rows = read(bench.run(bench.task(path)))
    told = [next(p for p in row[7].split(";") if p.startswith("GAS_RECORD=")) for row in rows]
    alleles = f"{bases[0]}|{others[0]},{others[1]}"
    assert told == [f"GAS_RECORD=demo1|30001|{alleles}|{number}" for number in (1, 2)]


def test_alias_of_the_virus_is_known(bench: Bench) -> None:
    folder = shared("sarscov2")
    own = Bench(bench.runs_path.parent / "references", bench.runs_path, bench.demo)
    own.install("sarscov2", folder / "genome.fa", folder / "genes.gff3")
    task = own.task(folder / "lofreq_test.vcf", "sarscov2")
    outcome = own.run(task)
    rows = read(outcome)
    assert {row[0] for row in rows} == {"NC_045512.2"}
    assert dict(outcome.counts)["Consequence: missense_variant"] > 40
    assert "NC_045512.2 is MN908947.3" in log_of(task)


def test_real_chromosome(bench: Bench) -> None:
    folder = shared("human_chr21")
    own = Bench(bench.runs_path.parent / "references", bench.runs_path, bench.demo)
    own.install("chr21", folder / "chr21.fa.gz", folder / "chr21.gff3.gz")
    slice_outcome = own.run(own.task(folder / "na12878_slice.vcf.gz", "chr21"))
    assert slice_outcome.counts[0] == ("Total", 1677)
    full = own.run(own.task(folder / "na12878_chr21_full.vcf.gz", "chr21"))
    assert full.counts[0] == ("Total", 66050)
    path = file_of(full, FileKind.ANNOTATED)
    with pysam.TabixFile(str(path)) as found:
        assert sum(1 for _ in found.fetch("chr21", 25_000_000, 25_500_000)) > 100
