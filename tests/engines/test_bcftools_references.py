"""Installing, reading and removing references, and the genes they are made of."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from data import shared
from engines.conftest import Bench, family
from engines.consequence_rig import TextGenome, predictor_of
from gas.domain.errors import Conflict, EngineFailed, InputError, NotFound
from gas.domain.keys import stem as stem_of
from gas.engines.bcftools import (
    DemoFiles,
    InstalledReferences,
    add_reference,
    make_demo,
    remove_reference,
)
from gas.engines.bcftools.consequence.predictor import Predictor
from gas.engines.bcftools.gff import Feature, adapted, parse


def rows(text: str, bases: int = 1000) -> list[str]:
    lines = enumerate(text.strip().splitlines(), start=1)
    parsed = [parse("\t".join(line.split(None, 8)).encode(), number) for number, line in lines]
    features: list[Feature] = [feature for feature in parsed if feature]
    return [row.rstrip("\n") for row in adapted(features, bases)]


def test_demo_is_the_same_every_time(tmp_path: Path) -> None:
    one, two = make_demo(tmp_path / "a"), make_demo(tmp_path / "b")
    for a, b in ((one.fasta, two.fasta), (one.gff, two.gff), (one.vcf, two.vcf)):
        assert a.read_bytes() == b.read_bytes()


def test_installed_reference_is_described(bench: Bench) -> None:
    references = InstalledReferences(bench.references_path)
    demo = references.get("demo")
    assert demo is not None
    assert (demo.title, dict(demo.contigs)) == ("Demo", {"demo1": 160_000, "demo2": 110_000})
    assert set(demo.checksums) == {"fasta", "genes"}
    assert "demo" in [reference.name for reference in references.all()]
    assert references.get("../demo") is None
    assert references.get("none") is None


def test_absent_folder_has_no_references(tmp_path: Path) -> None:
    assert InstalledReferences(tmp_path / "none").all() == []


def test_reference_comes_and_goes(tmp_path: Path, bench: Bench) -> None:
    demo, said = bench.demo, list[str]()
    packed = DemoFiles(tmp_path / "x.fa.gz", tmp_path / "x.gff3.gz", demo.vcf)
    packed.fasta.write_bytes(gzip.compress(demo.fasta.read_bytes()))
    packed.gff.write_bytes(gzip.compress(demo.gff.read_bytes()))
    store = tmp_path / "references"
    made = add_reference(store, "x.1", fasta=packed.fasta, gff=packed.gff, report=said.append)
    references = InstalledReferences(store)
    assert references.get("x.1") == made
    assert said
    with pytest.raises(Conflict, match="REFERENCE_EXISTS"):
        add_reference(store, "x.1", fasta=demo.fasta, gff=demo.gff)
    remove_reference(store, "x.1")
    assert references.get("x.1") is None
    assert list(store.iterdir()) == []
    with pytest.raises(NotFound):
        remove_reference(store, "x.1")


@pytest.mark.parametrize("name", ["", "A", "../x", ".x", "a/b", "-a", "x" * 65, "a\n"])
def test_odd_names_are_refused(tmp_path: Path, bench: Bench, name: str) -> None:
    with pytest.raises(InputError, match="BAD_REFERENCE_NAME"):
        add_reference(tmp_path, name, fasta=bench.demo.fasta, gff=bench.demo.gff)


@pytest.mark.parametrize(
    ("fasta", "gff", "code", "place"),
    [
        ("", None, "BAD_FASTA", ""),
        ("ACGT\n", None, "BAD_FASTA", "line 1"),
        (">a\nACGT\n>a\nACGT\n", None, "BAD_FASTA", "line 3"),
        (">a\nAC-T\n", None, "BAD_FASTA", "line 2"),
        (None, "", "BAD_GENES", ""),
        (None, "##gff-version 3\nfoo\n", "BAD_GENES", "line 2"),
        (">other\nACGT\n", None, "GENES_DO_NOT_FIT", ""),
    ],
)
def test_unusable_sources_leave_nothing(
    tmp_path: Path, bench: Bench, fasta: str | None, gff: str | None, code: str, place: str
) -> None:
    sources = (tmp_path / "x.fa", tmp_path / "x.gff3")
    sources[0].write_text(bench.demo.fasta.read_text() if fasta is None else fasta)
    sources[1].write_text(bench.demo.gff.read_text() if gff is None else gff)
    store = tmp_path / "references"
    with pytest.raises(InputError) as caught:
        add_reference(store, "x", fasta=sources[0], gff=sources[1])
    assert (caught.value.reason.code, caught.value.reason.place) == (code, place)
    assert list(store.iterdir()) == []


def test_killed_installation_is_never_seen_and_cleared_later(tmp_path: Path, bench: Bench) -> None:
    store = tmp_path / "references"
    code = (
        "from pathlib import Path; from time import sleep;"
        "from gas.engines.bcftools import add_reference;"
        "say = lambda text: (print(text, flush=True), sleep(60));"
        f"add_reference(Path({str(store)!r}), 'x', fasta=Path({str(bench.demo.fasta)!r}),"
        f" gff=Path({str(bench.demo.gff)!r}), report=say)"
    )
    source = str(Path(__file__).parents[2] / "src")
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, env={"PYTHONPATH": source}, stdout=subprocess.PIPE) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline()  # it is at it
        children = psutil.Process(caller.pid).children(recursive=True)
        caller.kill()
    assert children
    assert not psutil.wait_procs(children, timeout=30)[1]
    assert InstalledReferences(store).all() == []
    assert len(list(store.iterdir())) == 1
    add_reference(store, "x", fasta=bench.demo.fasta, gff=bench.demo.gff)
    assert [entry.name for entry in store.iterdir()] == ["x"]


def test_crashing_installation_leaves_nothing(tmp_path: Path, bench: Bench) -> None:
    def strike(_text: str) -> None:
        for child in family()[:1]:  # servers of other tests may run here, too
            os.kill(child.pid, signal.SIGSEGV)

    with pytest.raises(EngineFailed, match="ENGINE_CRASHED"):
        add_reference(tmp_path, "x", fasta=bench.demo.fasta, gff=bench.demo.gff, report=strike)
    assert InstalledReferences(tmp_path).all() == []
    assert not list(tmp_path.glob(".building*"))


def test_part_of_several_transcripts_is_written_for_each() -> None:
    written = rows(
        """
        1 . gene 1 90 . + . ID=gene:G;Name=N;biotype=protein_coding
        1 . mRNA 1 90 . + . ID=transcript:A;Parent=gene:G;biotype=protein_coding
        1 . mRNA 1 90 . + . ID=transcript:B;Parent=gene:G;biotype=protein_coding
        1 . CDS 1 90 . + 0 ID=CDS:P;Parent=transcript:A,transcript:B
        """
    )
    assert sum("\tCDS\t" in row for row in written) == 2
    assert sum("\tgene\t" in row for row in written) == 1
    assert {row.rsplit("Parent=", 1)[1] for row in written if "\tCDS\t" in row} == {
        "transcript:A",
        "transcript:B",
    }


def test_ncbi_style_is_given_its_transcripts() -> None:
    written = rows(
        """
        V . gene 1 60 . + . ID=gene-X;Name=X;gene_biotype=protein_coding
        V . CDS 1 30 . + 0 ID=cds-P1;Parent=gene-X
        V . CDS 30 60 . + . ID=cds-P1;Parent=gene-X
        V . CDS 1 60 . + 0 ID=cds-P2;Parent=gene-X
        """
    )
    assert [row.split("ID=")[1].split(";")[0] for row in written if "\ttranscript\t" in row] == [
        "transcript:P1",
        "transcript:P2",
    ]
    assert sum("\tCDS\t" in row for row in written) == 3


def test_what_reaches_beyond_the_contig_is_cut_or_left_out() -> None:
    written = rows(
        """
        1 . gene -5 90 . + . ID=gene:G;biotype=protein_coding
        1 . mRNA -5 90 . + . ID=transcript:A;Parent=gene:G
        1 . exon -5 30 . + . Parent=transcript:A
        1 . CDS 1 30 . + 0 Parent=transcript:A
        1 . gene 30 90 . + . ID=gene:H;biotype=protein_coding
        1 . mRNA 30 90 . + . ID=transcript:B;Parent=gene:H
        1 . CDS 30 90 . + 0 Parent=transcript:B
        """,
        bases=50,
    )
    assert "transcript:B" not in "".join(written)
    assert {tuple(row.split("\t")[3:5]) for row in written} == {("1", "30")}


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a.vcf", "a"),
        ("a.b.vcf.gz", "a.b"),
        ("A.VCF.GZ", "A"),
        ("../../etc/passwd", "_.._etc_passwd"),
        (".vcf", "input"),
        ("", "input"),
        ("a\nb<c>.vcf", "a_b_c_"),
        ("é" * 200 + ".vcf", "é" * 60),
    ],
)
def test_stem_is_safe(name: str, stem: str) -> None:
    assert stem_of(name) == stem


SINGLES = 24


@pytest.mark.slow
def test_single_records_of_the_csq_suite(tmp_path: Path) -> None:
    """Installed and run whole, they get what the predictor says of them, which
    test_consequence_peer.py holds against the suite's expectations."""
    compared = 0
    for folder in sorted(shared("bcftools_csq").iterdir())[:SINGLES]:
        for expected, have in _run_singles(
            folder, Bench(tmp_path / "refs", _fresh(tmp_path), _NO_DEMO)
        ):
            compared += 1
            assert have == expected, folder.name
    assert compared >= 10


_NO_DEMO = DemoFiles(Path(), Path(), Path())


def _fresh(tmp_path: Path) -> Path:
    runs = tmp_path / "runs"
    runs.mkdir(exist_ok=True)
    return runs


def _run_singles(folder: Path, bench: Bench) -> list[tuple[list[str], list[str]]]:
    """CSQ of the predictor and of the run."""
    singles = []
    for path in sorted(folder.glob("*.vcf")):
        records = [x for x in path.read_text().splitlines() if x and x[0] != "#"]
        if len(records) == 1 and "EXP=" in records[0] and "," not in records[0].split("\t")[4]:
            singles.append(path)
    if not singles or len(list(folder.glob("*.gff"))) != 1:
        return []
    name = folder.name.lower()
    fasta, genes = next(folder.glob("*.fa")), next(folder.glob("*.gff"))
    try:
        bench.install(name, fasta, genes)
    except InputError:
        return []
    predictor = predictor_of(bench.references_path / name, TextGenome.of(fasta), genes)
    return [found for path in singles[:2] if (found := _compare(bench, path, name, predictor))]


def _compare(
    bench: Bench, path: Path, reference: str, predictor: Predictor
) -> tuple[list[str], list[str]] | None:
    try:
        outcome = bench.run(bench.task(path, reference))
    except InputError:
        return None
    text = gzip.decompress(outcome.files[0].path.read_bytes()).decode()
    fields = text.splitlines()[-1].split("\t")
    if fields[:5] != path.read_text().splitlines()[-1].split("\t")[:5]:
        return None  # aligned anew, so that it is another question
    info = dict(x.partition("=")[::2] for x in fields[7].split(";"))
    prediction = predictor.predict(fields[0], int(fields[1]), fields[3], fields[4])
    return list(prediction.texts), info["CSQ"].split(",")
