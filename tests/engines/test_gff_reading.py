"""Whole files of genes: their format, their order, what is wrong with them, and how fast."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from data import shared
from engines.gene_lines import tabbed
from gas.domain.errors import InputError
from gas.engines.bcftools import add_reference
from gas.engines.bcftools.consequence.store import Transcripts
from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.genes.installation import install_genes

BASES = {"1": 1000, "2": 1000}
GENES = """
##gff-version 3
1 . gene 100 300 . + . ID=gene:A;Name=A;biotype=protein_coding
1 . mRNA 100 300 . + . ID=transcript:TA;Parent=gene:A;biotype=protein_coding
1 . exon 100 300 . + . Parent=transcript:TA
1 . CDS 100 300 . + 0 Parent=transcript:TA
chr2 . gene 100 300 . - . ID=gene:B;Name=B
chr2 . lnc_RNA 100 300 . - . ID=transcript:TB;Parent=gene:B;biotype=lncRNA;tag=MANE_Select
chr2 . exon 100 300 . - . Parent=transcript:TB
"""


def install(
    folder: Path, text: str, bases: dict[str, int] | None = None
) -> dict[str, list[Transcript]]:
    """Transcripts by contig of the genome."""
    path = folder / "genes.txt"
    path.write_text(text)
    installed = install_genes(path, folder / "out", bases or BASES)
    assert installed.checksum == hashlib.sha256(text.encode()).hexdigest()
    return {
        contig: list(Transcripts.open(folder / "out" / name))
        for contig, name in installed.transcripts.items()
    }


def refused(folder: Path, text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        install(folder, text)
    return caught.value


def test_contigs_are_found_under_the_genomes_names(tmp_path: Path) -> None:
    found = install(tmp_path, tabbed(GENES))
    assert {contig: [t.id for t in of] for contig, of in found.items()} == {
        "1": ["TA"],
        "2": ["TB"],
    }


def test_contigs_that_come_back_are_read_all_the_same(tmp_path: Path) -> None:
    wanted = install(tmp_path / _made(tmp_path, "a"), tabbed(GENES))
    lines = tabbed(GENES).splitlines(keepends=True)[1:]
    random.Random(3).shuffle(lines)
    assert install(tmp_path / _made(tmp_path, "b"), "".join(lines)) == wanted


def test_sequences_behind_the_genes_are_passed_over(tmp_path: Path) -> None:
    for text in ("##FASTA\n>1\nACGT\nACGT\n", ">1\nACGT\n"):
        folder = tmp_path / _made(tmp_path, hashlib.sha256(text.encode()).hexdigest()[:8])
        assert set(install(folder, tabbed(GENES) + text)) == {"1", "2"}


def test_carriage_returns_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    wanted = install(tmp_path / _made(tmp_path, "a"), tabbed(GENES))
    text = tabbed(GENES).replace("\n", "\r\n\r\n")
    assert install(tmp_path / _made(tmp_path, "b"), text) == wanted


def test_contig_under_two_names_is_taken_once(tmp_path: Path) -> None:
    again = tabbed(GENES.replace("chr2", "chr1").replace("TB", "TC"))
    path = tmp_path / "genes.txt"
    path.write_text(again)
    installed = install_genes(path, tmp_path / "out", BASES)
    assert installed.counts["all"] == 1
    assert sum(installed.left_out.values()) == 1


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("1 . gene 1 10 . + .", "nine columns"),
        ("1 . gene one 10 . + . ID=a", "no whole numbers"),
        ("1 . gene 1 1e3 . + . ID=a", "no whole numbers"),
        ("1 . gene 10 9 . + . ID=a", "ends before it starts"),
        ('1 . exon 1 10 . + . gene_id "G"; transcript_id "T";', "looks like GTF"),
        ("1 . biological_region x 10 . + . ID=a", "no whole numbers"),
    ],
)
def test_unusable_line_is_named(tmp_path: Path, line: str, wanted: str) -> None:
    reason = refused(tmp_path, tabbed(GENES + line)).reason
    assert (reason.code, reason.place) == ("BAD_GENES", "line 9")
    assert wanted in reason.message
    assert "GTF" in reason.cure


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "1\t.\tbiological_region\t1\t9\t.\t.\t.\tID=a\n",
        "1 gene 1 10\n",
        "\0\xff",
    ],
)
def test_file_without_genes_is_refused(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, text).reason.code == "BAD_GENES"


names = some.sampled_from(["a", "b", "gene:c", "transcript:d", "", "é|;=,%3B"])
lines = some.builds(
    "{}\t.\t{}\t{}\t{}\t.\t{}\t{}\t{}={};{}={};tag={}\n".format,
    some.sampled_from(["1", "2", "x"]),
    some.sampled_from(["gene", "mRNA", "exon", "CDS", "stop_codon", "region", "UTR", "tRNA"]),
    some.integers(-20, 1100),
    some.integers(900, 2100),
    some.sampled_from("+-.?"),
    some.sampled_from("012.x"),
    some.sampled_from(["ID", "Name", "Is_circular", "locus_tag"]),
    names | some.just("true"),
    some.sampled_from(["Parent", "parent", "protein_id"]),
    names,
    names,
)


@given(some.lists(lines | some.text('1\t.#>;="', max_size=12), max_size=12))
def test_whatever_is_in_a_file_ends_in_transcripts_or_in_a_code(
    tmp_path_factory: pytest.TempPathFactory, text: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    try:
        found = install(folder, "".join(text))
    except InputError as error:
        assert error.reason.code in ("BAD_GENES", "GENES_DO_NOT_FIT")
        return
    assert all(_sound(transcript) for of_one in found.values() for transcript in of_one)


def test_genes_of_another_genome_are_refused(tmp_path: Path) -> None:
    reason = refused(tmp_path, tabbed(GENES).replace("chr2", "x").replace("1\t.", "y\t.")).reason
    assert reason.code == "GENES_DO_NOT_FIT"
    assert "y, x" in reason.message


def test_installation_tells_the_transcripts(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "x.gff3").write_text(tabbed(GENES + "3 . gene 1 9 . + . ID=gene:C"))
    (tmp_path / "x.fa").write_text(f">1\n{'ACGTA' * 200}\n>2\n{'ACGTA' * 200}\n>4\nACGT\n")
    add_reference(
        tmp_path / "refs",
        "x",
        fasta=tmp_path / "x.fa",
        gff=tmp_path / "x.gff3",
        report=said.append,
    )
    about = json.loads((tmp_path / "refs" / "x" / "reference.json").read_text())
    assert about["transcripts"] == {"all": 2, "coding": 1, "mane": 1}
    assert [(c["name"], c["genes"], c["transcripts"]) for c in about["contigs"]] == [
        ("1", "0.gff3", "0.transcripts"),
        ("2", "1.gff3", "1.transcripts"),
        ("4", "", ""),
    ]
    assert "2 transcripts, 1 of them coding." in said
    assert "1 contigs of the genes are not in the genome." in said


def test_real_chromosome_is_read(tmp_path: Path) -> None:
    """Release 84 of Ensembl, the whole of human chromosome 21."""
    path = shared("human_chr21/chr21.gff3.gz")
    installed = install_genes(path, tmp_path / "out", {"21": 46_709_983})
    assert installed.counts == {"all": 2414, "coding": 935, "mane": 0}
    assert not installed.left_out
    assert "chr21" in installed.aliases["21"]
    transcripts = {t.id: t for t in Transcripts.open(tmp_path / "out" / "0.transcripts")}
    app = transcripts["ENST00000346798"]
    assert (app.symbol, app.gene_id, app.strand) == ("APP", "ENSG00000142192", -1)
    assert (len(app.exons), app.cds_bases, app.protein_id) == (18, 2313, "ENSP00000284981")
    assert all(_sound(transcript) for transcript in transcripts.values())
    whole = [t for t in transcripts.values() if t.biotype == "protein_coding" and not t.phase]
    assert sum(t.cds_bases % 3 == 0 for t in whole) / len(whole) > 0.8


def test_real_virus_is_read(tmp_path: Path) -> None:
    installed = install_genes(
        shared("sarscov2/genes.gff3"), tmp_path / "out", {"MN908947.3": 29_903}
    )
    transcripts = list(Transcripts.open(tmp_path / "out" / "0.transcripts"))
    assert installed.counts["all"] == installed.counts["coding"] == len(transcripts) == 12
    assert {"S", "N", "E", "M", "ORF1ab"} <= {t.symbol for t in transcripts}
    assert "NC_045512.2" in installed.aliases["MN908947.3"]


def test_real_slippage_is_read(tmp_path: Path) -> None:
    path = shared("sarscov2/ribosomal-slippage.gff")
    install_genes(path, tmp_path / "out", {"MN908947.3": 29_903})
    (found,) = Transcripts.open(tmp_path / "out" / "0.transcripts")
    assert (found.cds, found.slips) == (((13463, 13468), (13468, 13473)), True)
    assert (found.protein_id, found.protein_version) == ("YP_009724389", "1")


def test_every_file_of_the_csq_suite_is_read(tmp_path: Path) -> None:
    paths = sorted(shared("bcftools_csq").glob("*/*.gff"))
    for number, path in enumerate([*paths, shared("bcftools_csq_main/csq.gff3")]):
        bases = dict.fromkeys(_contigs(path), 300_000_000)
        installed = install_genes(path, tmp_path / f"out{number}", bases)
        assert not installed.left_out
        assert installed.counts["all"] == _transcripts_listed(path), path.name
        for name in installed.transcripts.values():
            assert all(map(_sound, Transcripts.open(tmp_path / f"out{number}" / name)))
    assert len(paths) > 60


def _contigs(path: Path) -> list[str]:
    return [line.split("\t")[0] for line in path.read_text().splitlines() if line[0] != "#"]


def _transcripts_listed(path: Path) -> int:
    """Lines that have an id and a parent, and are not parts."""
    columns = [line.split("\t") for line in path.read_text().splitlines() if line[0] != "#"]
    return sum(
        "ID=" in c[8] and "Parent=" in c[8] and c[2] not in ("exon", "CDS", "intron")
        for c in columns
    )


def _sound(transcript: Transcript) -> bool:
    """What everything that uses a transcript relies on."""
    one = transcript
    inside = all(
        any(first <= start and end <= last for first, last in one.exons) for start, end in one.cds
    )
    return (
        one.strand in (1, -1)
        and one.start <= one.exons[0][0]
        and one.end >= one.exons[-1][1]
        and _ascending(one.exons)
        and list(one.cds) == sorted(one.cds)
        and inside
        and one.phase in (0, 1, 2)
        and bool(one.id and one.gene_id and one.biotype)
    )


def _ascending(spans: Sequence[tuple[int, int]]) -> bool:
    places = [place for span in spans for place in span]
    return all(one <= two for one, two in pairwise(places))


def _made(folder: Path, name: str) -> str:
    (folder / name).mkdir()
    return name


@pytest.mark.slow
def test_genes_of_a_whole_genome_take_little_memory(tmp_path: Path) -> None:
    """Twelve chromosomes one after another, in a child with 400 MB: one is held at a time."""
    lines = gzip.decompress(shared("human_chr21/chr21.gff3.gz").read_bytes())
    rows = [x.split(b"\t", 1)[1] for x in lines.split(b"\n") if x and not x.startswith(b"#")]
    with (tmp_path / "big.gff3").open("wb") as target:
        for number in range(12):
            target.writelines(b"c%d\t%b\n" % (number, row) for row in rows)
    code = (
        "import resource, sys; from pathlib import Path;"
        "resource.setrlimit(resource.RLIMIT_AS, (400 * 2**20,) * 2);"
        "from gas.engines.bcftools.genes.installation import install_genes;"
        "found = install_genes(Path(sys.argv[1]), Path(sys.argv[2]),"
        " {f'c{n}': 46709983 for n in range(12)});"
        "print(found.counts['all'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "big.gff3"), str(tmp_path / "out")],
        env={"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == str(12 * 2414), done.stderr[-2000:]
