"""Which contig a name means, whatever the custom; and what the spool calls it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gas.vcf.contigs import ContigNames
from vcf.taking import HEADER, record, refused, take_in

HUMAN = {"1": 248956422, "21": 46709983, "X": 156040895, "MT": 16569, "KI270706.1": 175055}


@pytest.mark.parametrize(
    ("name", "contig"),
    [
        ("chr1", "1"),
        ("Chr01", "1"),
        ("CHR1", "1"),
        ("chrx", "X"),
        ("23", "X"),
        ("chrM", "MT"),
        ("M", "MT"),
        ("NC_012920.1", "MT"),
        ("NC_000021.9", "21"),
        ("NC_000021", "21"),
        ("CM000683.2", "21"),
        ("NC_000021.8", None),  # that is GRCh37's
        ("chr1_KI270706v1_random", "KI270706.1"),
        ("chrUn_KI270706v1", "KI270706.1"),
        ("KI270706", "KI270706.1"),
        ("KI270706.2", None),
        ("chr2", None),
        ("<1>", None),
        ("", None),
    ],
)
def test_names_of_every_custom_are_known(name: str, contig: str | None) -> None:
    assert ContigNames(HUMAN).find(name) == contig


@pytest.mark.parametrize(
    ("reference", "name", "contig"),
    [
        ({"chr7": 5}, "7", "chr7"),
        ({"Chr1": 5}, "1", "Chr1"),
        ({"Chr1": 5}, "chr1", "Chr1"),
        ({"chr1": 5, "1": 5}, "Chr1", None),  # either could be meant
        ({"chr1": 5, "1": 5}, "1", "1"),
        ({"MN908947": 5}, "MN908947.3", "MN908947"),
        ({"MN908947.3": 29903}, "NC_045512.2", "MN908947.3"),
        ({"21": 48129895}, "NC_000021.8", "21"),
        ({"II": 5}, "chrII", "II"),
    ],
)
def test_names_fit_the_references_own(
    reference: dict[str, int], name: str, contig: str | None
) -> None:
    assert ContigNames(reference).find(name) == contig


def test_single_contig_of_the_same_length_is_adopted(tmp_path: Path) -> None:
    text = HEADER.replace("#CHROM", "##contig=<ID=mine,length=700>\n#CHROM") + record(chrom="mine")
    found = take_in(tmp_path, text, names={"theirs": 700})
    assert found.taken.contig_by_name == {"mine": "theirs"}


def test_spool_keeps_the_files_names_unless_asked_for_the_references(tmp_path: Path) -> None:
    text = HEADER + record(chrom="chr1") * 2 + record(chrom="chrM")
    own = take_in(tmp_path, text)
    assert [row.split("\t")[0] for row in own.rows] == ["chr1", "chr1", "chrM"]
    theirs = take_in(tmp_path, text, reference_names=True)
    assert [row.split("\t")[0] for row in theirs.rows] == ["1", "1", "MT"]
    assert theirs.taken.contig_by_name == {"chr1": "1", "chrM": "MT"}
    assert theirs.taken.name_by_contig == {"1": "chr1", "MT": "chrM"}
    assert {probe[0] for probe in theirs.taken.probes} == {"chr1", "chrM"}


def test_two_names_of_one_contig_become_one_and_are_told(tmp_path: Path) -> None:
    rows = [record(chrom=name, pos=pos) for name, pos in (("chr1", "5"), ("1", "7"), ("chr1", "9"))]
    found = take_in(tmp_path, HEADER + "".join(rows), reference_names=True)
    assert [row.split("\t")[0] for row in found.rows] == ["1", "1", "1"]
    assert found.taken.sorted
    assert found.taken.name_by_contig == {"1": "chr1"}
    assert found.repairs == {"Another name for 1 was replaced by the first.": 1}


def test_file_of_unknown_contigs_is_refused_by_name(tmp_path: Path) -> None:
    reason = refused(tmp_path, HEADER + record(chrom="chrUn_7")).reason
    assert (reason.code, reason.place) == ("UNKNOWN_CONTIGS", "line 3")
    assert "chrUn_7" in reason.message
    assert "MT" in reason.message
