"""GTF of Ensembl, GENCODE, NCBI, UCSC and StringTie, known by its lines and not by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.gene_lines import one, read
from gas.engines.bcftools.gtf import looks_like_gtf

ENSEMBL = """
#!genome-build GRCh38.p14
1 ensembl_havana gene 1000 5000 . - . gene_id "ENSG00000000011"; gene_version "7"; \
gene_name "ABC1"; gene_source "ensembl_havana"; gene_biotype "protein_coding";
1 havana transcript 1000 5000 . - . gene_id "ENSG00000000011"; gene_version "7"; \
transcript_id "ENST00000000021"; transcript_version "6"; gene_name "ABC1"; \
gene_biotype "protein_coding"; transcript_biotype "protein_coding"; tag "basic"; \
tag "MANE_Select"; tag "Ensembl_canonical"; transcript_support_level "1 (assigned to 2)";
1 havana exon 4000 5000 . - . gene_id "ENSG00000000011"; transcript_id "ENST00000000021"; \
exon_number "1"; exon_id "ENSE00000000002"; exon_version "1";
1 havana CDS 4000 4600 . - 0 gene_id "ENSG00000000011"; transcript_id "ENST00000000021"; \
exon_number "1"; protein_id "ENSP00000000031"; protein_version "3";
1 havana start_codon 4598 4600 . - 0 gene_id "ENSG00000000011"; transcript_id "ENST00000000021";
1 havana exon 1000 1300 . - . gene_id "ENSG00000000011"; transcript_id "ENST00000000021"; \
exon_number "2"; exon_id "ENSE00000000001"; exon_version "1";
1 havana CDS 1103 1300 . - 2 gene_id "ENSG00000000011"; transcript_id "ENST00000000021"; \
exon_number "2"; protein_id "ENSP00000000031"; protein_version "3";
1 havana stop_codon 1100 1102 . - 0 gene_id "ENSG00000000011"; transcript_id "ENST00000000021";
1 havana Selenocysteine 1200 1202 . - . gene_id "ENSG00000000011"; \
transcript_id "ENST00000000021";
1 havana three_prime_utr 1000 1099 . - . gene_id "ENSG00000000011"; \
transcript_id "ENST00000000021";
"""


def test_ensembl_gene_is_read_whole(tmp_path: Path) -> None:
    found = one(tmp_path, ENSEMBL)
    assert (found.id, found.version, found.gene_id) == ("ENST00000000021", "6", "ENSG00000000011")
    assert (found.symbol, found.biotype, found.source) == ("ABC1", "protein_coding", "havana")
    assert (found.strand, found.start, found.end) == (-1, 1000, 5000)
    assert found.exons == ((1000, 1300), (4000, 5000))
    assert found.cds == ((1100, 1300), (4000, 4600))  # the stop codon is in, as in GFF3
    assert found.phase == 0
    assert (found.protein_id, found.protein_version) == ("ENSP00000000031", "3")
    assert found.tags == {"basic", "MANE_Select", "Ensembl_canonical"}
    assert found.selenocysteines == (1200,)


def test_stop_codon_across_a_splice_site_is_in_both_exons(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        """
        1 h exon 100 200 . + . gene_id "G"; transcript_id "T";
        1 h exon 300 400 . + . gene_id "G"; transcript_id "T";
        1 h CDS 102 199 . + 0 gene_id "G"; transcript_id "T";
        1 h stop_codon 200 200 . + 0 gene_id "G"; transcript_id "T";
        1 h stop_codon 300 301 . + 2 gene_id "G"; transcript_id "T";
        """,
    )
    assert found.cds == ((102, 200), (300, 301))


def test_lines_of_genes_and_transcripts_may_be_missing(tmp_path: Path) -> None:
    """As in UCSC's files, and in Ensembl's before release 75."""
    found = one(
        tmp_path,
        """
        chr1 refGene exon 100 200 . - . gene_id "ABC1"; transcript_id "NM_000021.2";
        chr1 refGene exon 300 400 . - . gene_id "ABC1"; transcript_id "NM_000021.2";
        chr1 refGene CDS 350 390 . - 0 gene_id "ABC1"; transcript_id "NM_000021.2";
        """,
    )
    assert (found.id, found.version, found.gene_id) == ("NM_000021", "2", "ABC1")
    assert (found.start, found.end, found.biotype) == (100, 400, "protein_coding")


def test_biotype_stands_in_the_source_of_old_releases(tmp_path: Path) -> None:
    line = '1 retained_intron exon 100 200 . - . gene_id "G"; transcript_id "T"; gene_name "N";'
    found = one(tmp_path, line)
    assert (found.biotype, found.symbol) == ("retained_intron", "N")


def test_gencode_ids_are_split_from_their_versions(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        """
        ##format: gtf
        chr1 HAVANA transcript 100 200 . + . gene_id "ENSG00000000011.7"; \
transcript_id "ENST00000000021.6"; gene_type "lncRNA"; gene_name "ABC1"; \
transcript_type "lncRNA"; level 2; hgnc_id "HGNC:14027"; tag "basic"; tag "MANE_Select";
        chr1 HAVANA exon 100 200 . + . gene_id "ENSG00000000011.7"; \
transcript_id "ENST00000000021.6"; exon_number 1;
        """,
    )
    assert (found.id, found.version, found.gene_id) == ("ENST00000000021", "6", "ENSG00000000011")
    assert (found.biotype, found.hgnc_id, found.symbol_source) == ("lncRNA", "HGNC:14027", "HGNC")
    assert found.tags == {"basic", "MANE_Select"}


def test_assembled_transcripts_keep_their_dotted_names(tmp_path: Path) -> None:
    """StringTie: no CDS, no biotype, and 'STRG.1.2' is no version 2 of anything."""
    found = read(
        tmp_path,
        """
        # StringTie version 2.2.1
        chr1 StringTie transcript 100 900 1000 + . gene_id "STRG.1"; transcript_id "STRG.1.1"; \
cov "2.5";
        chr1 StringTie exon 100 200 1000 + . gene_id "STRG.1"; transcript_id "STRG.1.1"; \
exon_number "1"; cov "2.5";
        chr1 StringTie exon 800 900 1000 + . gene_id "STRG.1"; transcript_id "STRG.1.1";
        chr1 StringTie transcript 100 900 1000 + . gene_id "STRG.1"; transcript_id "STRG.1.2";
        chr1 StringTie exon 100 900 1000 + . gene_id "STRG.1"; transcript_id "STRG.1.2";
        chr1 StringTie transcript 950 990 1000 . . gene_id "STRG.2"; transcript_id "STRG.2.1";
        chr1 StringTie exon 950 990 1000 . . gene_id "STRG.2"; transcript_id "STRG.2.1";
        """,
    )
    assert [(t.id, t.gene_id, t.version, t.coding) for t in found.transcripts] == [
        ("STRG.1.1", "STRG.1", "", False),
        ("STRG.1.2", "STRG.1", "", False),
    ]
    assert found.transcripts[0].introns == ((201, 799),)
    assert found.left_out == {"no line tells their strand": 1}


def test_ncbis_bacteria_have_no_transcripts(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        """
        NC_1 RefSeq gene 190 255 . + . gene_id "b0001"; transcript_id ""; gene "thrL"; \
gene_biotype "protein_coding"; locus_tag "b0001";
        NC_1 RefSeq CDS 190 252 . + 0 gene_id "b0001"; transcript_id "unassigned_transcript_1"; \
gene "thrL"; locus_tag "b0001"; protein_id "NP_414542.1"; transl_table "11";
        NC_1 RefSeq stop_codon 253 255 . + 0 gene_id "b0001"; \
transcript_id "unassigned_transcript_1"; gene "thrL"; locus_tag "b0001";
        """,
    )
    assert (found.id, found.version, found.gene_id) == ("NP_414542", "1", "b0001")
    assert (found.cds, found.codon_table, found.symbol) == (((190, 255),), 11, "thrL")


@pytest.mark.parametrize(
    ("attributes", "gtf"),
    [
        (b'gene_id "A"; transcript_id "B";', True),
        (b' gene_id "A"', True),
        (b"gene_id A; transcript_id B", True),
        (b"ID=gene:A;Name=B", False),
        (b'ID=a;Note="quoted text"', False),
        (b"Note=has spaces; in it", False),
    ],
)
def test_format_is_told_by_the_attributes(attributes: bytes, gtf: bool) -> None:
    assert looks_like_gtf(attributes) is gtf
