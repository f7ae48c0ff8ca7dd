"""`gas reference`, against a server on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console
from rich.progress import Progress

from engines.mirror import CLINVAR, FASTA, Mirror, fill, put_clinvar, serving, small_genome
from gas.cli import main
from gas.cli.references.bars import Bars, Lines, columns
from gas.engines.bcftools.shelf.report import Download, Note, Work

Gas = Callable[..., Result]
VCF = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with serving(Mirror()) as mirror:
        fill(mirror, tmp_path)
        yield mirror


@pytest.fixture
def gas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gas:
    """`gas reference ARGUMENTS` with the real engine, on a home of its own."""
    monkeypatch.delenv("GAS_ENGINE", raising=False)

    def run(*arguments: str) -> Result:
        options = ["--home", str(tmp_path / "home"), "reference"]
        return CliRunner().invoke(main, [*options, *arguments], catch_exceptions=False)

    return run


def mirrors(mirror: Mirror) -> list[str]:
    return [x for name, url in mirror.servers().items() for x in ("--mirror", f"{name}={url}")]


def test_one_is_installed_updated_listed_verified_and_removed(
    gas: Gas, mirror: Mirror, tmp_path: Path
) -> None:
    made = gas("install", "grch38", "--with", "clinvar, dbsnp", *mirrors(mirror))
    assert made.exit_code == 0, made.output
    expected = "grch38 is installed: Human GRCh38, Ensembl 115, with clinvar 20240107, dbsnp 157.\n"
    assert made.stdout == expected
    assert "%" in made.stderr

    put_clinvar(mirror, tmp_path, small_genome(), "2024-02-04")
    updated = gas("update", "grch38", *mirrors(mirror))
    assert updated.stdout == "grch38 has clinvar 20240107, clinvar 20240204, dbsnp 157.\n"

    (row,) = json.loads(gas("ls", "--json").stdout)
    assert (row["name"], row["contigs"], row["genes"], row["release"]) == ("grch38", 25, 25, "115")
    assert {"source": "dbsnp", "release": "157", "records": 50} in row["known"]
    listed = gas("ls").stdout
    assert "clinvar 20240107, clinvar 20240204, dbsnp 157" in listed
    assert "kB" in listed

    verified = gas("verify", "grch38")
    assert verified.exit_code == 0
    assert verified.stdout.endswith(" files of grch38: as they were installed.\n")
    table = tmp_path / "home/references/grch38/known/dbsnp-157/variants.tsv.gz"
    table.write_bytes(table.read_bytes()[:-1])
    damaged = gas("verify", "--json")
    assert damaged.exit_code == 1
    states = {file["file"]: file["state"] for file in json.loads(damaged.stdout)}
    assert [name for name, state in states.items() if state != "ok"] == [
        "known/dbsnp-157/variants.tsv.gz"
    ]

    gone = gas("rm", "grch38", "--known", "clinvar-20240107", "--yes")
    assert gone.stdout == "Removed clinvar-20240107 of grch38.\n"
    assert gas("rm", "grch38", "--yes").stdout == "Removed grch38.\n"
    assert gas("ls").stdout == "None yet. `gas reference install` brings one.\n"


def test_broken_installation_goes_on(gas: Gas, mirror: Mirror) -> None:
    mirror.files[FASTA], whole = mirror.files[FASTA][:-100] + b"\0" * 100, mirror.files[FASTA]
    first = gas("install", "grch38", *mirrors(mirror))
    assert first.exit_code == 1
    told, cure = first.stderr.splitlines()[-2:]
    assert told.startswith("CHECKSUM_DIFFERS: ")
    assert cure.startswith("  It was thrown away.")
    mirror.files[FASTA] = whole
    assert gas("install", "grch38", *mirrors(mirror)).exit_code == 0


def test_own_known_variants_are_added(gas: Gas, mirror: Mirror, tmp_path: Path) -> None:
    gas("install", "grch38", *mirrors(mirror))
    base = small_genome()["1"][99]
    alt = "A" if base != "A" else "C"
    own = tmp_path / "own.vcf"
    own.write_text(f"{VCF}chr1\t100\trs1\t{base}\t{alt}\t.\t.\tAF=0.5;SCORE=3\n")
    added = gas(
        "annotate-with", "grch38", str(own), "--as", "lab", "--fields", "ID,AF,SCORE=OUR_SCORE",
        "--release", "7",
    )  # fmt: skip
    assert added.stdout.splitlines() == [
        "grch38 has lab 7: 1 known variants.",
        "In results: INFO/in_lab, INFO/lab_ID, INFO/lab_AF, INFO/OUR_SCORE",
    ]
    again = gas("annotate-with", "grch38", str(own), "--as", "lab", "--release", "7")
    assert again.exit_code == 1
    assert again.stderr.startswith("KNOWN_EXISTS")


def test_file_of_clinvar_needs_no_fields(gas: Gas, mirror: Mirror, tmp_path: Path) -> None:
    """A file that somebody has downloaded already is taken as the recipe would."""
    gas("install", "grch38", *mirrors(mirror))
    own = tmp_path / "clinvar.vcf.gz"
    own.write_bytes(mirror.files[CLINVAR])
    added = gas("annotate-with", "grch38", str(own), "--as", "clinvar")
    assert added.stdout.splitlines()[0] == "grch38 has clinvar 20240107: 25 known variants."
    assert "INFO/CLNSIG" in added.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("install", "hg99"), "UNKNOWN_RECIPE"),
        (("install", "grch38", "--mirror", "moon=http://127.0.0.1:1"), "BAD_MIRROR"),
        (("install", "grch38", "--mirror", "ensembl=ftp://127.0.0.1/"), "BAD_MIRROR"),
        (("update", "none"), "NO_REFERENCE"),
        (("verify", "none"), "NO_REFERENCE"),
        (("rm", "none", "--yes"), "NO_REFERENCE"),
    ],
)
def test_problems_are_told_by_code_and_cure(
    gas: Gas, arguments: tuple[str, ...], code: str
) -> None:
    result = gas(*arguments)
    assert result.exit_code == 1
    first, cure = result.stderr.splitlines()[-2:]
    assert first.startswith(f"{code}: ")
    assert cure.startswith("  ")


def test_reference_of_ones_own_is_updated_by_its_build(
    gas: Gas, mirror: Mirror, tmp_path: Path
) -> None:
    (tmp_path / "g.fa").write_text(">1\nACGTACGTACGTACGTACGT\n")
    rows = "1\te\tgene\t1\t18\t.\t+\t.\tID=gene:G;biotype=protein_coding\n"
    rows += "1\te\tmRNA\t1\t18\t.\t+\t.\tID=transcript:T;Parent=gene:G;biotype=protein_coding\n"
    rows += "1\te\texon\t1\t18\t.\t+\t.\tParent=transcript:T\n"
    rows += "1\te\tCDS\t1\t18\t.\t+\t0\tID=CDS:P;Parent=transcript:T\n"
    (tmp_path / "g.gff3").write_text(rows)
    own = ("--fasta", str(tmp_path / "g.fa"), "--gff", str(tmp_path / "g.gff3"))
    assert gas("add", "own", *own).exit_code == 0
    refused = gas("update", "own", *mirrors(mirror))
    assert refused.stderr.splitlines()[-2].startswith("NO_UPDATE: ")


def test_lines_say_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    for done in (100, 150, 500, 1000):
        lines(Download("x.gz", done, 1000))
    lines(Note("Reading."))
    lines(Work("y", 0.5))
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "x.gz: 1.0 kB"
    assert [line.split(",")[0] for line in said[1:4]] == ["x.gz: 10%", "x.gz: 50%", "x.gz: 100%"]
    assert "/s" in said[2]
    assert " left" in said[2]
    assert said[4:] == ["Reading.", "y..."]


def test_bars_show_bytes_and_shares() -> None:
    target = StringIO()
    console = Console(file=target, force_terminal=True, width=120)
    with Progress(*columns(), console=console, refresh_per_second=50) as progress:
        bars = Bars(progress)
        for done in (2_000_000, 3_000_000):
            bars(Download("x.gz", done, 4_000_000))
            progress.refresh()
        bars(Work("Checking x.gz", 0.25))
        bars(Note("A note."))
        progress.refresh()
    assert "3.0 MB of 4.0 MB" in target.getvalue()
    assert "25 %" in target.getvalue()
    assert "A note." in target.getvalue()
