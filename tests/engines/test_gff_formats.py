"""GFF3 of Ensembl, GENCODE and others: one shape of transcript comes out of all."""

from __future__ import annotations

from pathlib import Path

from engines.gene_lines import one, read

ENSEMBL = """
##gff-version 3
1 GRCh38 chromosome 1 90000 . . . ID=chromosome:1;Alias=CM000663.2,chr1,NC_000001.11
1 ensembl_havana gene 1000 5000 . - . ID=gene:ENSG00000000011;Name=ABC1;biotype=protein_coding;\
description=abc one [Source:HGNC Symbol%3BAcc:HGNC:14027];gene_id=ENSG00000000011;version=7
1 havana mRNA 1000 5000 . - . ID=transcript:ENST00000000021;Parent=gene:ENSG00000000011;\
Name=ABC1-201;biotype=protein_coding;tag=basic,Ensembl_canonical,MANE_Select;\
transcript_id=ENST00000000021;version=6
1 . three_prime_UTR 1000 1099 . - . Parent=transcript:ENST00000000021
1 havana exon 1000 1300 . - . Parent=transcript:ENST00000000021;Name=ENSE00000000001;rank=2
1 havana CDS 1100 1300 . - 2 ID=CDS:ENSP00000000031;Parent=transcript:ENST00000000021;\
protein_id=ENSP00000000031;version=3
1 havana exon 4000 5000 . - . Parent=transcript:ENST00000000021;Name=ENSE00000000002;rank=1
1 havana CDS 4000 4600 . - 1 ID=CDS:ENSP00000000031;Parent=transcript:ENST00000000021;\
protein_id=ENSP00000000031;version=3
"""


def test_ensembl_gene_is_read_whole(tmp_path: Path) -> None:
    found = one(tmp_path, ENSEMBL)
    assert (found.id, found.version, found.gene_id) == ("ENST00000000021", "6", "ENSG00000000011")
    assert (found.symbol, found.symbol_source, found.hgnc_id) == ("ABC1", "HGNC", "HGNC:14027")
    assert (found.biotype, found.source) == ("protein_coding", "havana")
    assert (found.strand, found.start, found.end) == (-1, 1000, 5000)
    assert found.exons == ((1000, 1300), (4000, 5000))
    assert found.cds == ((1100, 1300), (4000, 4600))
    assert found.phase == 1  # of the part at the high end, where a reverse CDS begins
    assert (found.protein_id, found.protein_version) == ("ENSP00000000031", "3")
    assert found.tags == {"basic", "Ensembl_canonical", "MANE_Select"}
    assert found.mane == ""
    assert (found.codon_table, found.selenocysteines) == (1, ())


def test_number_without_prefix_is_an_hgnc_id_in_old_releases(tmp_path: Path) -> None:
    text = ENSEMBL.replace("Acc:HGNC:14027", "Acc:14027")
    assert one(tmp_path, text).hgnc_id == "HGNC:14027"


def test_description_of_another_source_gives_no_hgnc_id(tmp_path: Path) -> None:
    text = ENSEMBL.replace("HGNC Symbol%3BAcc:HGNC:14027", "RFAM%3BAcc:RF00019")
    found = one(tmp_path, text)
    assert (found.symbol_source, found.hgnc_id) == ("RFAM", "")


def test_nothing_is_derived_from_an_open_start(tmp_path: Path) -> None:
    """As VEP does with a GFF: the phase tells, and no tag is made up."""
    assert "cds_start_NF" not in one(tmp_path, ENSEMBL).tags


def test_lines_may_come_in_any_order(tmp_path: Path) -> None:
    lines = ENSEMBL.strip().splitlines()
    assert one(tmp_path, "\n".join(reversed(lines))) == one(tmp_path, ENSEMBL)


def test_part_of_several_transcripts_belongs_to_each(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        1 . gene 1 90 . + . ID=gene:G;Name=N;biotype=protein_coding
        1 . mRNA 1 90 . + . ID=transcript:A;Parent=gene:G;biotype=protein_coding
        1 . mRNA 1 60 . + . ID=transcript:B;Parent=gene:G;biotype=protein_coding
        1 . exon 1 60 . + . ID=e;Parent=transcript:A,transcript:B
        1 . exon 70 90 . + . Parent=transcript:A
        1 . CDS 1 60 . + 0 ID=CDS:P;Parent=transcript:A, transcript:B
        """,
    )
    assert [t.id for t in found.transcripts] == ["A", "B"]
    assert [t.exons for t in found.transcripts] == [((1, 60), (70, 90)), ((1, 60),)]
    assert {t.cds for t in found.transcripts} == {((1, 60),)}
    assert {t.protein_id for t in found.transcripts} == {"P"}


def test_genes_of_old_ensembl_are_known_by_their_ids(tmp_path: Path) -> None:
    """Release 84 calls a gene 'RNA' or 'processed_transcript', which are transcripts elsewhere."""
    found = one(
        tmp_path,
        """
        21 . RNA 100 200 . + . ID=gene:ENSG00000000099;Name=Y_RNA;biotype=misc_RNA;\
gene_id=ENSG00000000099;version=1
        21 . transcript 100 200 . + . ID=transcript:ENST00000000099;\
Parent=gene:ENSG00000000099;biotype=misc_RNA;transcript_id=ENST00000000099;version=1
        21 . exon 100 200 . + . Parent=transcript:ENST00000000099
        """,
    )
    assert (found.id, found.gene_id) == ("ENST00000000099", "ENSG00000000099")
    assert (found.symbol, found.biotype) == ("Y_RNA", "misc_RNA")


GENCODE = """
##gff-version 3
chr1 HAVANA gene 1000 5000 . + . ID=ENSG00000000011.7;gene_id=ENSG00000000011.7;\
gene_type=protein_coding;gene_name=ABC1;level=2;hgnc_id=HGNC:14027;tag=overlapping_locus
chr1 HAVANA transcript 1000 5000 . + . ID=ENST00000000021.6;Parent=ENSG00000000011.7;\
gene_id=ENSG00000000011.7;transcript_id=ENST00000000021.6;gene_type=protein_coding;\
gene_name=ABC1;transcript_type=nonsense_mediated_decay;hgnc_id=HGNC:14027;\
protein_id=ENSP00000000031.3;tag=basic,cds_start_NF,MANE_Plus_Clinical
chr1 HAVANA exon 1000 2000 . + . ID=exon:ENST00000000021.6:1;Parent=ENST00000000021.6;\
transcript_id=ENST00000000021.6;exon_id=ENSE00000000001.1
chr1 HAVANA CDS 1100 1399 . + 0 ID=CDS:ENST00000000021.6;Parent=ENST00000000021.6;\
protein_id=ENSP00000000031.3
chr1 HAVANA start_codon 1100 1102 . + 0 ID=start_codon:ENST00000000021.6;Parent=ENST00000000021.6
chr1 HAVANA stop_codon 1397 1399 . + 0 ID=stop_codon:ENST00000000021.6;Parent=ENST00000000021.6
chr1 HAVANA stop_codon_redefined_as_selenocysteine 1130 1132 . + 0 \
ID=stop_codon_redefined_as_selenocysteine:ENST00000000021.6;Parent=ENST00000000021.6
"""


def test_gencode_ids_are_split_from_their_versions(tmp_path: Path) -> None:
    found = one(tmp_path, GENCODE)
    assert (found.id, found.version) == ("ENST00000000021", "6")
    assert found.full_id == "ENST00000000021.6"
    assert found.gene_id == "ENSG00000000011"
    assert (found.protein_id, found.protein_version) == ("ENSP00000000031", "3")
    assert (found.symbol, found.symbol_source, found.hgnc_id) == ("ABC1", "HGNC", "HGNC:14027")
    assert found.biotype == "nonsense_mediated_decay"
    assert found.tags == {"basic", "cds_start_NF", "MANE_Plus_Clinical"}
    assert found.cds == ((1100, 1399),)  # its CDS holds the stop codon already
    assert found.selenocysteines == (1130,)


def test_gencode_copies_on_y_keep_the_plain_id(tmp_path: Path) -> None:
    text = GENCODE.replace("ENST00000000021.6", "ENST00000000021.6_PAR_Y")
    found = one(tmp_path, text.replace("ENSG00000000011.7", "ENSG00000000011.7_PAR_Y"))
    assert (found.id, found.version, found.gene_id) == (
        "ENST00000000021",
        "6",
        "ENSG00000000011",
    )


def test_lifted_gencode_keeps_the_mark_in_the_version(tmp_path: Path) -> None:
    found = one(tmp_path, GENCODE.replace("ENST00000000021.6", "ENST00000000021.6_2"))
    assert (found.id, found.version) == ("ENST00000000021", "6_2")


def test_ncbis_mane_file_names_the_partner(tmp_path: Path) -> None:
    text = ENSEMBL.replace("version=6", "version=6;Dbxref=RefSeq:NM_000021.2")
    assert one(tmp_path, text).mane == "NM_000021.2"


def test_lines_without_genes_stand_for_themselves(tmp_path: Path) -> None:
    """As annotators of bacteria write them: no gene, no parent, a locus tag."""
    coding, rrna = read(
        tmp_path,
        """
        c1 Prodigal CDS 100 399 . - 0 ID=XYZ_00001;gene=dnaA;locus_tag=XYZ_00001;product=DnaA
        c1 barrnap rRNA 500 900 . + . ID=XYZ_00002;locus_tag=XYZ_00002;product=5S ribosomal RNA
        """,
    ).transcripts
    assert (coding.id, coding.gene_id, coding.symbol) == ("XYZ_00001", "XYZ_00001", "dnaA")
    assert (coding.cds, coding.exons, coding.strand) == (((100, 399),), ((100, 399),), -1)
    assert (rrna.id, rrna.biotype, rrna.exons) == ("XYZ_00002", "rRNA", ((500, 900),))


def test_exons_alone_make_transcripts(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        c1 . exon 100 199 . + . Parent=T1;gene=A
        c1 . exon 300 399 . + . Parent=T1;gene=A
        c1 . exon 500 599 . - . ID=e3;locus_tag=L2
        """,
    ).transcripts
    assert [(t.id, t.gene_id, t.exons) for t in found] == [
        ("T1", "A", ((100, 199), (300, 399))),
        ("L2", "L2", ((500, 599),)),
    ]


def test_parents_that_the_file_lacks_still_name_their_parts(tmp_path: Path) -> None:
    transcript, coding = read(
        tmp_path,
        """
        c1 . exon 100 900 . + . Parent=transcript:T1;gene=A
        c1 . CDS 200 300 . + 0 ID=CDS:P1;Parent=transcript:T1;protein_id=P1
        c1 . CDS 2000 2300 . + 0 ID=cds-NP_000009.1;Parent=gene-B;protein_id=NP_000009.1
        """,
    ).transcripts
    assert (transcript.id, transcript.gene_id, transcript.protein_id) == ("T1", "A", "P1")
    assert (coding.id, coding.version, coding.gene_id) == ("NP_000009", "1", "B")


def test_exons_of_a_gene_without_transcripts_belong_to_its_cds(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        """
        c1 . gene 100 900 . + . ID=g;Name=N
        c1 . exon 100 300 . + . Parent=g
        c1 . exon 500 900 . + . Parent=g
        c1 . CDS 200 300 . + 0 Parent=g
        c1 . CDS 500 600 . + 1 Parent=g
        """,
    )
    assert (found.id, found.symbol) == ("g", "N")
    assert (found.exons, found.cds) == (((100, 300), (500, 900)), ((200, 300), (500, 600)))


def test_coding_gene_of_which_no_cds_is_known_is_named_and_not_coding(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        """
        c1 . gene 100 900 . + . ID=g;Name=N
        c1 . mRNA 100 900 . + . ID=m;Parent=g
        """,
    )
    assert (found.id, found.exons, found.cds) == ("m", ((100, 900),), ())
    assert found.biotype == "protein_coding_CDS_not_defined"
