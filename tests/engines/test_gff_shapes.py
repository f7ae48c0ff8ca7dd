"""Genes that are not as textbooks have them: slippage, rings, broken and odd lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.gene_lines import one, read
from gas.engines.bcftools.consequence.transcript import Span
from gas.engines.bcftools.genes.for_csq import rows_of

GENE = "1 . gene 100 900 . {strand} . ID=gene:G;Name=N;biotype=protein_coding\n"
TRANSCRIPT = "1 . mRNA 100 900 . {strand} . ID=transcript:T;Parent=gene:G;biotype=protein_coding\n"


def lines(
    exons: list[Span], cds: list[Span], strand: str = "+", phases: str = "", about: str = ""
) -> str:
    """A gene of one transcript with these parts."""
    rows = [GENE.format(strand=strand), TRANSCRIPT.format(strand=strand)]
    rows += [f"1 . exon {a} {b} . {strand} . Parent=transcript:T\n" for a, b in exons]
    rows += [
        f"1 . CDS {a} {b} . {strand} {phase} ID=CDS:P;Parent=transcript:T{about}\n"
        for (a, b), phase in zip(cds, phases or "." * len(cds), strict=True)
    ]
    return "".join(rows)


@pytest.mark.parametrize("second", [401, 400, 399])
def test_parts_that_abut_or_step_back_stay_apart(tmp_path: Path, second: int) -> None:
    found = one(tmp_path, lines([(100, 900)], [(100, 400), (second, 800)]))
    assert found.cds == ((100, 400), (second, 800))
    assert found.slips is (second < 401)
    assert found.cds_bases == 301 + 800 - second + 1


def test_parts_that_overlap_widely_are_no_slippage(tmp_path: Path) -> None:
    found = one(tmp_path, lines([(100, 900)], [(100, 400), (350, 800), (500, 600)]))
    assert found.cds == ((100, 800),)


def test_slippage_on_the_reverse_strand(tmp_path: Path) -> None:
    found = one(tmp_path, lines([(100, 900)], [(400, 800), (100, 400)], "-", "00"))
    assert (found.cds, found.slips) == (((100, 400), (400, 800)), True)


def test_line_that_comes_twice_counts_once(tmp_path: Path) -> None:
    text = lines([(100, 900), (100, 900)], [(100, 400), (100, 400)])
    found = one(tmp_path, text)
    assert (found.exons, found.cds) == (((100, 900),), ((100, 400),))


@pytest.mark.parametrize(
    ("exons", "cds", "wanted"),
    [
        ([(100, 200)], [(150, 203)], ((100, 203), (900, 900))),
        ([(100, 200)], [(300, 330)], ((100, 200), (300, 330), (900, 900))),
        ([], [(150, 203), (300, 330)], ((150, 203), (300, 330), (900, 900))),
        ([(100, 200), (180, 300)], [(150, 203)], ((100, 300), (900, 900))),
        ([(100, 200), (201, 300)], [(150, 203)], ((100, 200), (201, 300), (900, 900))),
    ],
)
def test_exons_hold_the_whole_cds(
    tmp_path: Path, exons: list[Span], cds: list[Span], wanted: tuple[Span, ...]
) -> None:
    text = lines([*exons, (900, 900)] if exons else [], [*cds, (900, 900)])
    assert one(tmp_path, text).exons == wanted


def test_a_transcript_ends_with_its_exons_whatever_its_own_line_tells(tmp_path: Path) -> None:
    text = """
        1 . gene 50 990 . + . ID=gene:G;biotype=protein_coding
        1 . mRNA 50 990 . + . ID=transcript:A;Parent=gene:G
        1 . CDS 100 300 . + 0 Parent=transcript:A
        1 . CDS 400 600 . + 0 Parent=transcript:A
        """
    found = one(tmp_path, text)
    assert (found.start, found.end) == (100, 600)
    assert found.exons == ((100, 300), (400, 600))


def test_exons_are_made_of_cds_and_utrs_where_there_are_none(tmp_path: Path) -> None:
    text = lines([], [(200, 299), (400, 499)])
    text += "1 . five_prime_UTR 100 199 . + . Parent=transcript:T\n"
    text += "1 . three_prime_UTR 600 900 . + . Parent=transcript:T\n"
    assert one(tmp_path, text).exons == ((100, 299), (400, 499), (600, 900))


@pytest.mark.parametrize(
    ("strand", "phases", "phase"), [("+", "12", 1), ("-", "12", 2), ("+", "..", 0), ("-", "1.", 0)]
)
def test_phase_is_that_of_the_first_part_as_transcribed(
    tmp_path: Path, strand: str, phases: str, phase: int
) -> None:
    assert one(tmp_path, lines([], [(100, 300), (500, 900)], strand, phases)).phase == phase


def test_selenocysteine_across_a_splice_site_is_one(tmp_path: Path) -> None:
    text = lines([(100, 300), (500, 900)], [(100, 300), (500, 900)])
    for start, end in ((300, 300), (500, 501), (700, 702)):
        text += f"1 . Selenocysteine {start} {end} . + . Parent=transcript:T\n"
    assert one(tmp_path, text).selenocysteines == (300, 700)


@pytest.mark.parametrize(
    "told",
    [
        "(pos:complement(700..702)%2Caa:Sec)",
        "(pos:200..202%2Caa:Met),(pos:700..702%2Caa:Sec)",
        "(pos:join(700..701,710)%2Caa:Sec)",
    ],
)
def test_selenocysteines_of_ncbi_are_read(tmp_path: Path, told: str) -> None:
    text = lines([(100, 900)], [(100, 900)], about=f";transl_except={told}")
    assert one(tmp_path, text).selenocysteines == (700,)


def test_part_without_a_strand_has_that_of_the_others(tmp_path: Path) -> None:
    text = lines([(100, 200), (300, 400)], [(150, 200)], "-")
    text = text.replace("exon 300 400 . -", "exon 300 400 . .")
    assert one(tmp_path, text).exons == ((100, 200), (300, 400))


def test_parts_without_a_strand_have_that_of_their_transcript(tmp_path: Path) -> None:
    text = lines([(100, 200)], [(150, 200)], "-").replace("exon 100 200 . -", "exon 100 200 . ?")
    assert one(tmp_path, text.replace("CDS 150 200 . -", "CDS 150 200 . .")).strand == -1


def test_trans_spliced_genes_are_counted_and_left_out(tmp_path: Path) -> None:
    text = lines([(100, 200), (300, 400)], [(150, 200)])
    found = read(tmp_path, text.replace("exon 300 400 . +", "exon 300 400 . -"))
    assert found.transcripts == []
    assert found.left_out == {"their parts lie on both strands": 1}


def test_what_reaches_beyond_the_contig_is_cut_or_left_out(tmp_path: Path) -> None:
    exon_beyond = lines([(100, 300), (400, 900)], [(100, 300)])
    found = one(tmp_path, exon_beyond, bases=500)
    assert (found.end, found.exons) == (500, ((100, 300), (400, 500)))
    last_beyond = lines([(100, 300), (700, 900)], [(100, 300)])
    found = one(tmp_path, last_beyond, bases=500)
    assert (found.end, found.exons) == (300, ((100, 300),))
    assert read(tmp_path, lines([], [(100, 300), (400, 900)]), bases=500).left_out == {
        "their CDS reaches beyond the contig": 1
    }
    assert read(tmp_path, exon_beyond, bases=50).left_out == {"they lie outside the contig": 1}


RING = "p1 . region 1 1000 . + . ID=p1:1..1000;Is_circular=true\n"


def ring(cds: list[Span], strand: str = "+") -> str:
    rows = [f"p1 . CDS {a} {b} . {strand} 0 ID=cds-A;gene=repA;locus_tag=L1\n" for a, b in cds]
    return RING + "".join(rows)


def test_gene_across_the_origin_is_met_at_both_ends(tmp_path: Path) -> None:
    """So that position 10 of the contig is position 61 of the CDS, as it is in the cell."""
    low, high = read(tmp_path, ring([(951, 1100)]), bases=1000).transcripts
    assert (low.start, low.end, low.cds) == (-49, 100, ((-49, 100),))
    assert (high.start, high.end, high.cds) == (951, 1100, ((951, 1100),))
    assert {low.id, high.id} == {"A"}
    assert (low.codon_table, low.symbol) == (1, "repA")


@pytest.mark.parametrize("strand", ["+", "-"])
def test_parts_at_both_ends_of_a_ring_are_joined(tmp_path: Path, strand: str) -> None:
    found = read(tmp_path, ring([(951, 1000), (1, 100)], strand), bases=1000).transcripts
    assert [t.cds for t in found] == [((-49, 0), (1, 100)), ((951, 1000), (1001, 1100))]
    assert [t.exons for t in found] == [((-49, 100),), ((951, 1100),)]


def test_gene_across_the_origin_is_not_for_csq(tmp_path: Path) -> None:
    both = read(tmp_path, ring([(951, 1100)]), bases=1000).transcripts
    assert list(rows_of(both, 1000)) == []


@pytest.mark.parametrize(
    ("contig", "code"),
    [("MT", 2), ("chrM", 2), ("NC_012920.1", 2), ("Mito", 3), ("MtDNA", 5), ("Pt", 11), ("1", 1)],
)
def test_contigs_of_organelles_have_their_genetic_code(
    tmp_path: Path, contig: str, code: int
) -> None:
    text = lines([], [(100, 300)]).replace("1 .", f"{contig} .")
    assert one(tmp_path, text).codon_table == code


def test_genetic_code_that_the_file_tells_goes_first(tmp_path: Path) -> None:
    text = lines([], [(100, 300)], about=";transl_table=4").replace("1 .", "MT .")
    assert one(tmp_path, text).codon_table == 4


def test_several_proteins_of_one_mrna_are_transcripts_each(tmp_path: Path) -> None:
    text = lines([(100, 900)], [])
    for start, end, name in ((100, 300, "P1"), (400, 600, "P2")):
        text += f"1 . CDS {start} {end} . + 0 ID=cds-{name};Parent=transcript:T;protein_id={name}\n"
    found = read(tmp_path, text).transcripts
    assert [(t.id, t.protein_id, t.cds) for t in found] == [
        ("T", "P1", ((100, 300),)),
        ("T", "P2", ((400, 600),)),
    ]


def test_numbered_parts_are_one_cds(tmp_path: Path) -> None:
    """Some programs give every line an id of its own."""
    text = lines([], [])
    for number, (start, end) in enumerate(((100, 300), (300, 600)), start=1):
        text += f"1 . CDS {start} {end} . + 0 ID=t.cds{number};Parent=transcript:T\n"
    found = one(tmp_path, text)
    assert (found.cds, found.protein_id) == (((100, 300), (300, 600)), "")


def test_names_that_are_escaped_are_read(tmp_path: Path) -> None:
    text = lines([], [(100, 300)]).replace("Name=N", "Name=a%2Cb%09c")
    assert one(tmp_path, text).symbol == "a,b\tc"
    ((gene, *_),) = [list(rows_of(read(tmp_path, text).transcripts, 1000))]
    assert "Name=a_b_c;" in gene


def test_parents_in_a_circle_end(tmp_path: Path) -> None:
    text = """
    1 . gene 1 90 . + . ID=a;Parent=b
    1 . mRNA 1 90 . + . ID=b;Parent=a
    1 . exon 1 90 . + . Parent=b
    """
    assert [t.id for t in read(tmp_path, text).transcripts] == ["b"]


def test_utrs_and_phases_are_worked_out_for_csq(tmp_path: Path) -> None:
    text = lines([(100, 300), (500, 900)], [(151, 300), (500, 700)], "-", "01")
    rows = [row.split("\t") for row in rows_of(read(tmp_path, text).transcripts, 1000)]
    assert [(r[2], int(r[3]), int(r[4]), r[7]) for r in rows if r[2] not in ("gene", "exon")] == [
        ("transcript", 100, 900, "."),
        ("CDS", 500, 700, "1"),
        ("CDS", 151, 300, "1"),
        ("three_prime_UTR", 100, 150, "."),
        ("five_prime_UTR", 701, 900, "."),
    ]


def test_ids_that_come_twice_are_told_apart_for_csq(tmp_path: Path) -> None:
    text = """
    1 . gene 1 90 . + . ID=gene-A;gene=A
    1 . mRNA 1 90 . + . ID=rna-X;Parent=gene-A;transcript_id=NM_000001.2
    1 . exon 1 90 . + . Parent=rna-X
    1 . mRNA 200 290 . + . ID=rna-X-2;Parent=gene-A;transcript_id=NM_000001.2
    1 . exon 200 290 . + . Parent=rna-X-2
    """
    found = read(tmp_path, text).transcripts
    assert [t.id for t in found] == ["NM_000001", "NM_000001"]
    about = [row.split("\t")[8] for row in rows_of(found, 1000) if "\ttranscript\t" in row]
    assert [x.split(";")[0] for x in about] == [
        "ID=transcript:NM_000001",
        "ID=transcript:NM_000001_",
    ]
