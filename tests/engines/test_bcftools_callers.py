"""Files in the manner of many callers, through the whole engine: results or a code, none lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pysam
import pytest

from data import shared
from engines.conftest import Bench, file_of, log_of
from engines.test_bcftools_data import records
from gas.domain.errors import InputError
from gas.domain.job import FileKind
from gas.ports.annotation import Outcome
from vcf.callers import caller_files

SHAPE = dict.fromkeys(("demo1", "demo2"), "A" * 3000)
OWN_COMPLAINTS = {
    "platypus": "GL should be declared as Number=G",
    "delly": "INFO/END=200 is smaller than POS",  # of a translocation
    "version-4.5": "parse error",  # Debian's bcftools is older than its genotypes
}
NAMES = [name for name, _ in caller_files(SHAPE)]


@pytest.fixture(scope="module")
def texts(installed: tuple[Path, object]) -> dict[str, str]:
    with pysam.FastaFile(str(installed[0] / "demo" / "genome.fa.gz")) as genome:
        bases = {name: genome.fetch(name) for name in genome.references[:2]}
    return dict(caller_files(bases))


def check_none_lost(path: Path, outcome: Outcome) -> None:
    into = records(path)
    written = records(file_of(outcome, FileKind.ANNOTATED))
    rejected = [file.path for file in outcome.files if file.kind is FileKind.REJECTED]
    aside = sum(len(records(found)) for found in rejected)
    alleles = sum(line.split("\t")[4].count(",") + 1 for line in into)
    assert len(into) <= len(written) + aside <= alleles
    assert outcome.counts[0] == ("Total", len(written))


def check_readable(outcome: Outcome, complaint: str = "") -> None:
    """`complaint`: what a reader says of the input as well."""
    path = file_of(outcome, FileKind.ANNOTATED)
    viewed = subprocess.run(
        ["bcftools", "view", "-H", "-o", "/dev/null", path], capture_output=True, text=True
    )
    assert (viewed.returncode == 0 and not viewed.stderr) or complaint
    assert complaint in viewed.stderr
    with pysam.VariantFile(str(path)) as source:
        for record in source:
            assert record.info.get("CSQ") is None or all(record.info["CSQ"])


@pytest.mark.parametrize("name", NAMES)
def test_every_manner_ends_in_results_that_others_read(
    bench: Bench, texts: dict[str, str], tmp_path: Path, name: str
) -> None:
    path = tmp_path / f"{name}.vcf"
    path.write_text(texts[name])
    task = bench.task(path)
    outcome = bench.run(task)
    check_none_lost(path, outcome)
    check_readable(outcome, OWN_COMPLAINTS.get(name, ""))
    assert "Done." in log_of(task)


DATA = {
    "human_chr21": ("chr21.fa.gz", "chr21.gff3.gz"),
    "sarscov2": ("genome.fa", "genes.gff3"),
    "bcftools_csq_main": ("csq.fa", "csq.gff3"),
    "bcftools_norm_annotate": ("norm.fa", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("folder", DATA)
def test_every_file_of_the_data_ends_in_results_or_a_code(bench: Bench, folder: str) -> None:
    """Those of the csq suite have a test of their own."""
    fasta, genes = DATA[folder]
    path = shared(folder)
    gff = path / genes if genes else bench.demo.gff
    own = Bench(bench.runs_path.parent / "references", bench.runs_path, bench.demo)
    try:
        own.install("own", path / fasta, gff)
    except InputError as error:
        assert not genes, error  # the genes of another genome: nothing to annotate with
        own = bench
    ended = 0
    reference = "own" if own is not bench else "demo"
    for file in sorted([*path.glob("*.vcf"), *path.glob("*.vcf.gz"), *path.glob("*.out")]):
        try:
            outcome = own.run(own.task(file, reference))
        except InputError as error:
            assert error.reason.code
            assert error.reason.cure
            continue
        ended += 1
        check_none_lost(file, outcome)
        check_readable(outcome)
    assert ended >= 1 or not genes
