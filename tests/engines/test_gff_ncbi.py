"""GFF3 of NCBI, of whatever lives: the same shape of transcript as of Ensembl's comes out."""

from __future__ import annotations

from pathlib import Path

from engines.gene_lines import one, read

REFSEQ = """
##gff-version 3
NC_000001.11 RefSeq region 1 90000 . + . ID=NC_000001.11:1..90000;Dbxref=taxon:9606;Name=1;\
chromosome=1;gbkey=Src;genome=chromosome;mol_type=genomic DNA
NC_000001.11 BestRefSeq gene 1000 5000 . + . ID=gene-ABC1;Dbxref=GeneID:79501,HGNC:HGNC:14027;\
Name=ABC1;description=abc one;gbkey=Gene;gene=ABC1;gene_biotype=protein_coding
NC_000001.11 BestRefSeq mRNA 1000 5000 . + . ID=rna-NM_000021.2;Parent=gene-ABC1;\
Dbxref=Ensembl:ENST00000000021.6,GeneID:79501,GenBank:NM_000021.2,HGNC:HGNC:14027;\
Name=NM_000021.2;gbkey=mRNA;gene=ABC1;product=abc one;tag=MANE Select;transcript_id=NM_000021.2
NC_000001.11 BestRefSeq exon 1000 2000 . + . ID=exon-NM_000021.2-1;Parent=rna-NM_000021.2;\
gbkey=mRNA;gene=ABC1;transcript_id=NM_000021.2
NC_000001.11 BestRefSeq exon 4000 5000 . + . ID=exon-NM_000021.2-2;Parent=rna-NM_000021.2;\
gbkey=mRNA;gene=ABC1;transcript_id=NM_000021.2
NC_000001.11 BestRefSeq CDS 1100 2000 . + 0 ID=cds-NP_000012.1;Parent=rna-NM_000021.2;\
Dbxref=GeneID:79501;Name=NP_000012.1;gbkey=CDS;gene=ABC1;protein_id=NP_000012.1;\
transl_except=(pos:1130..1132%2Caa:Sec)
NC_000001.11 BestRefSeq CDS 4000 4598 . + 2 ID=cds-NP_000012.1;Parent=rna-NM_000021.2;\
gbkey=CDS;gene=ABC1;protein_id=NP_000012.1;transl_except=(pos:1130..1132%2Caa:Sec)
"""


def test_refseq_gene_is_read_whole(tmp_path: Path) -> None:
    found = one(tmp_path, REFSEQ)
    assert (found.id, found.version, found.gene_id) == ("NM_000021", "2", "79501")
    assert (found.symbol, found.symbol_source) == ("ABC1", "EntrezGene")
    assert found.hgnc_id == "HGNC:14027"
    assert (found.biotype, found.source) == ("protein_coding", "BestRefSeq")
    assert found.cds == ((1100, 2000), (4000, 4598))
    assert (found.protein_id, found.protein_version) == ("NP_000012", "1")
    assert found.tags == {"MANE_Select"}
    assert found.mane == "ENST00000000021.6"
    assert found.selenocysteines == (1130,)


def test_open_ends_that_ncbi_marks_are_tagged(tmp_path: Path) -> None:
    told = "protein_id=NP_000012.1"
    lows = REFSEQ.replace(told, f"partial=true;start_range=.,1100;{told}")
    assert one(tmp_path, lows).tags == {"MANE_Select", "cds_start_NF"}
    reverse = lows.replace(" + ", " - ")
    assert one(tmp_path, reverse).tags == {"MANE_Select", "cds_end_NF"}


def test_transcripts_of_refseq_that_are_not_coding_have_ensembls_biotypes(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        1 . gene 1 900 . + . ID=gene-L;gene=L;gene_biotype=lncRNA
        1 . lnc_RNA 1 900 . + . ID=rna-XR_000001.1;Parent=gene-L;gbkey=ncRNA;gene=L;\
transcript_id=XR_000001.1
        1 . exon 1 900 . + . ID=exon-XR_000001.1-1;Parent=rna-XR_000001.1
        1 . gene 1001 1900 . + . ID=gene-M;gene=M;gene_biotype=miRNA
        1 . primary_transcript 1001 1900 . + . ID=rna-NR_000001.1;Parent=gene-M;gene=M;\
transcript_id=NR_000001.1
        1 . exon 1001 1900 . + . ID=exon-NR_000001.1-1;Parent=rna-NR_000001.1
        1 . miRNA 1100 1121 . + . ID=rna-MIR1;Parent=rna-NR_000001.1;gene=M
        1 . exon 1100 1121 . + . ID=exon-MIR1-1;Parent=rna-MIR1
        1 . pseudogene 2001 2900 . + . ID=gene-P;gene=P;gene_biotype=transcribed_pseudogene;\
pseudo=true
        1 . transcript 2001 2900 . + . ID=rna-NR_000002.1;Parent=gene-P;gbkey=misc_RNA;gene=P;\
pseudo=true;transcript_id=NR_000002.1
        1 . exon 2001 2900 . + . ID=exon-NR_000002.1-1;Parent=rna-NR_000002.1
        1 . gene 3001 3900 . + . ID=gene-TRAV1;gene=TRAV1;gene_biotype=V_segment
        1 . V_gene_segment 3001 3900 . + . ID=id-TRAV1;Parent=gene-TRAV1;gene=TRAV1
        1 . exon 3001 3900 . + . ID=id-TRAV1-1;Parent=id-TRAV1
        1 . CDS 3001 3900 . + 0 ID=cds-TRAV1;Parent=id-TRAV1;gene=TRAV1
        1 . gene 4001 4900 . + . ID=gene-S;gene=S;gene_biotype=misc_RNA
        1 . transcript 4001 4900 . + . ID=rna-NR_000003.1;Parent=gene-S;gbkey=misc_RNA;gene=S
        1 . exon 4001 4900 . + . ID=exon-NR_000003.1-1;Parent=rna-NR_000003.1
        """,
    )
    assert {t.id: (t.biotype, t.symbol) for t in found.transcripts} == {
        "XR_000001": ("lncRNA", "L"),
        "NR_000001": ("primary_transcript", "M"),
        "MIR1": ("miRNA", "M"),
        "NR_000002": ("transcribed_pseudogene", "P"),
        "TRAV1": ("TR_V_gene", "TRAV1"),
        "NR_000003": ("misc_RNA", "S"),
    }


VIRUS = """
##gff-version 3
NC_045512.2 RefSeq region 1 29903 . + . ID=NC_045512.2:1..29903;genome=genomic
NC_045512.2 RefSeq gene 266 21555 . + . ID=gene-GU280_gp01;Dbxref=GeneID:43740578;\
Name=ORF1ab;gene=ORF1ab;gene_biotype=protein_coding;locus_tag=GU280_gp01
NC_045512.2 RefSeq CDS 266 13468 . + 0 ID=cds-YP_009724389.1;Parent=gene-GU280_gp01;\
Dbxref=GeneID:43740578;gene=ORF1ab;locus_tag=GU280_gp01;protein_id=YP_009724389.1
NC_045512.2 RefSeq CDS 13468 21555 . + 0 ID=cds-YP_009724389.1;Parent=gene-GU280_gp01;\
Dbxref=GeneID:43740578;gene=ORF1ab;locus_tag=GU280_gp01;protein_id=YP_009724389.1
NC_045512.2 RefSeq mature_protein_region_of_CDS 266 805 . + . ID=id-YP_009724389.1:1..180;\
Parent=cds-YP_009724389.1;gbkey=Prot
NC_045512.2 RefSeq CDS 266 13483 . + 0 ID=cds-YP_009725295.1;Parent=gene-GU280_gp01;\
gene=ORF1ab;protein_id=YP_009725295.1
"""


def test_cds_right_below_a_gene_is_a_transcript_for_each_protein(tmp_path: Path) -> None:
    long, short = sorted(read(tmp_path, VIRUS).transcripts, key=lambda t: -t.end)
    assert (long.id, long.version, long.protein_id) == ("YP_009724389", "1", "YP_009724389")
    assert (long.gene_id, long.symbol, long.biotype) == ("43740578", "ORF1ab", "protein_coding")
    assert long.cds == ((266, 13468), (13468, 21555))
    assert long.exons == ((266, 21555),)
    assert long.slips
    assert long.cds_bases == 21291
    assert (short.id, short.cds, short.end) == ("YP_009725295", ((266, 13483),), 13483)


BACTERIUM = """
##gff-version 3
NC_000913.3 RefSeq region 1 90000 . + . ID=NC_000913.3:1..90000;Is_circular=true
NC_000913.3 RefSeq gene 190 255 . + . ID=gene-b0001;Dbxref=GeneID:944742;Name=thrL;\
gene=thrL;gene_biotype=protein_coding;locus_tag=b0001
NC_000913.3 RefSeq CDS 190 255 . + 0 ID=cds-NP_414542.1;Parent=gene-b0001;gene=thrL;\
locus_tag=b0001;orig_transcript_id=gnl|b0001|mrna.NP_414542;protein_id=NP_414542.1;\
transl_table=11
NC_000913.3 RefSeq pseudogene 300 600 . - . ID=gene-b0002;Name=yaaX;gene_biotype=pseudogene;\
locus_tag=b0002;pseudo=true
NC_000913.3 RefSeq CDS 300 600 . - 0 ID=cds-b0002;Parent=gene-b0002;locus_tag=b0002;\
pseudo=true;transl_table=11
NC_000913.3 RefSeq gene 700 780 . + . ID=gene-b0003;Name=alaT;gene_biotype=tRNA;locus_tag=b0003
NC_000913.3 RefSeq tRNA 700 780 . + . ID=rna-b0003;Parent=gene-b0003;locus_tag=b0003
NC_000913.3 RefSeq exon 700 780 . + . ID=exon-b0003-1;Parent=rna-b0003
"""


def test_bacterial_genes_have_their_genetic_code(tmp_path: Path) -> None:
    coding, pseudo, trna = read(tmp_path, BACTERIUM).transcripts
    assert (coding.id, coding.symbol, coding.codon_table) == ("NP_414542", "thrL", 11)
    assert (pseudo.biotype, pseudo.cds, pseudo.exons) == ("pseudogene", (), ((300, 600),))
    assert (trna.id, trna.biotype, trna.symbol) == ("b0003", "tRNA", "alaT")


def test_lines_that_share_a_locus_tag_are_one_gene(tmp_path: Path) -> None:
    """As NCBI wrote GFF3 at first: no ids, no parents, and the stop codon apart."""
    about = "locus_tag=L1;db_xref=TAIR:L1;db_xref=GeneID:837155"
    found = one(
        tmp_path,
        f"""
        c1 RefSeq gene 100 900 . - . {about}
        c1 RefSeq exon 700 900 . - . {about};exon_number=1
        c1 RefSeq exon 100 300 . - . {about};exon_number=2
        c1 RefSeq CDS 700 800 . - 0 {about};protein_id=NP_171651.1
        c1 RefSeq CDS 203 300 . - 1 {about};protein_id=NP_171651.1
        c1 RefSeq stop_codon 200 202 . - 0 {about}
        """,
    )
    assert (found.id, found.symbol, found.gene_id) == ("NP_171651", "L1", "837155")
    assert (found.exons, found.cds) == (((100, 300), (700, 900)), ((200, 300), (700, 800)))
