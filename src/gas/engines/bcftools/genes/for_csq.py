"""Transcripts written as the GFF3 that csq takes.

csq knows genes, transcripts of genes, and parts of transcripts with one parent each, told apart
by prefixes of their ids. It ignores biotypes that it does not know, and does not work out UTRs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gas.engines.bcftools.consequence.transcript import Span, Transcript
from gas.engines.bcftools.genes.biotypes import CODING, OTHER

CODING_WORDS = (
    "protein_coding polymorphic_pseudogene IG_C IG_D IG_J IG_V IG_LV TR_C TR_D TR_J TR_V NMD mRNA "
    "nonsense_mediated_decay non_stop_decay"
)
OTHER_WORDS = (
    "Mt_rRNA Mt_tRNA MT_rRNA MT_tRNA lincRNA lncRNA miRNA misc_RNA rRNA snRNA snoRNA antisense "
    "processed_transcript macro_lncRNA ribozyme sRNA scRNA scaRNA sense_intronic artifact "
    "sense_overlapping pseudogene processed_pseudogene retained_intron retrotransposed "
    "transcribed_ translated_ unitary_pseudogene unprocessed_pseudogene LRG_gene vaultRNA "
    "disrupted_domain bidirectional_promoter_lncRNA ambiguous_orf known_ncrna tRNA_pseudogene "
    "3prime_overlapping 3_prime_overlapping"
)
KNOWN_CODING, KNOWN_OTHERS = tuple(CODING_WORDS.split()), tuple(OTHER_WORDS.split())
"""Beginnings of the biotypes that csq knows."""
UNSAFE = re.compile(r"[\x00-\x20;=,%&]")


def rows_of(transcripts: Sequence[Transcript], bases: int) -> Iterator[str]:
    """The lines of one contig; its column is '@'. What crosses the origin of a ring is left out.

    Ids come once: csq takes a second transcript of the same id for an error.
    """
    whole = [t for t in transcripts if t.start >= 1 and t.end <= bases]
    bounds = _gene_bounds(whole)
    written: set[str] = set()
    used: set[str] = set()
    for transcript in whole:
        gene = _safe(transcript.gene_id)
        biotype = _biotype(transcript)
        strand = "+" if transcript.strand > 0 else "-"
        if gene not in written:
            written.add(gene)
            name = _safe(transcript.symbol) or gene
            about = f"ID=gene:{gene};Name={name};biotype={biotype}"
            yield _row("gene", bounds[transcript.gene_id], strand, ".", about)
        own = _safe(transcript.id)
        while own in used:
            own += "_"
        used.add(own)
        about = f"ID=transcript:{own};Parent=gene:{gene};biotype={biotype}"
        yield _row("transcript", (transcript.start, transcript.end), strand, ".", about)
        for kind, span, phase in _parts(transcript):
            yield _row(kind, span, strand, phase, f"Parent=transcript:{own}")


def _parts(transcript: Transcript) -> Iterator[tuple[str, Span, str]]:
    forward = transcript.strand > 0
    for span in transcript.exons:
        yield "exon", span, "."
    if not transcript.cds:
        return
    phase = transcript.phase
    for span in transcript.cds if forward else reversed(transcript.cds):
        yield "CDS", span, str(phase)
        phase = (phase - (span[1] - span[0] + 1)) % 3
    low, high = "five_prime_UTR", "three_prime_UTR"
    if not forward:
        low, high = high, low
    first, last = transcript.cds_start, transcript.cds_end
    for start, end in transcript.exons:
        if start < first:
            yield low, (start, min(end, first - 1)), "."
        if end > last:
            yield high, (max(start, last + 1), end), "."


def _gene_bounds(transcripts: Sequence[Transcript]) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for transcript in transcripts:
        start, end = found.get(transcript.gene_id, (transcript.start, transcript.end))
        found[transcript.gene_id] = (min(start, transcript.start), max(end, transcript.end))
    return found


def _biotype(transcript: Transcript) -> str:
    told = transcript.biotype
    if told.startswith(KNOWN_CODING):
        return told
    if transcript.coding:
        return told if told.startswith(KNOWN_OTHERS) else CODING
    return told if told.startswith(KNOWN_OTHERS) else OTHER


def _safe(text: str) -> str:
    return UNSAFE.sub("_", text)


def _row(kind: str, span: Span, strand: str, phase: str, about: str) -> str:
    return f"@\t.\t{kind}\t{span[0]}\t{span[1]}\t.\t{strand}\t{phase}\t{about}\n"
