"""Reads GFF3 as it is found and writes it as csq wants it.

csq knows genes, transcripts of genes, and parts of transcripts with one parent each, told apart
by prefixes of their ids. Ensembl writes nearly that, but for parts with several parents; NCBI
writes CDS right below genes (viruses, bacteria) and other prefixes. GFF3 counts from 1, ends
included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from gas.domain.errors import InputError

PARTS = frozenset({"CDS", "exon", "five_prime_UTR", "three_prime_UTR"})
PREFIXES = ("gene:", "gene-", "transcript:", "rna-", "cds-", "CDS:", "id-")
CODING = "protein_coding"
BIOTYPE_BY_TYPE = {
    "mRNA": CODING,
    "lnc_RNA": "lincRNA",
    "lncRNA": "lincRNA",
    "rRNA": "rRNA",
    "miRNA": "miRNA",
    "snRNA": "snRNA",
    "snoRNA": "snoRNA",
}
OTHER_BIOTYPE = "misc_RNA"
WHOLE = re.compile(r"-?[0-9]{1,10}\Z")


@dataclass(frozen=True, slots=True)
class Feature:
    line: int
    contig: str
    kind: str
    start: int
    end: int
    strand: str
    phase: str
    attributes: dict[str, str]

    @property
    def id(self) -> str:
        return self.attributes.get("ID", "")

    @property
    def parents(self) -> list[str]:
        return [parent for parent in self.attributes.get("Parent", "").split(",") if parent]


@dataclass(slots=True)
class Transcript:
    """One to be written: the gene is the feature itself where the file has no transcript."""

    name: str
    gene: Feature
    own: Feature
    parts: list[Feature] = field(default_factory=list)

    def coding(self) -> bool:
        return any(part.kind == "CDS" for part in self.parts)

    def fits(self, bases: int) -> bool:
        whole = self.own.end >= 1 and self.own.start <= bases
        coding = [part for part in self.parts if part.kind == "CDS"]
        return whole and all(part.start >= 1 and part.end <= bases for part in coding)


def parse(raw: bytes, number: int) -> Feature | None:
    """None for comments and directives. InputError BAD_GENES."""
    line = raw.decode("utf-8", "replace").rstrip("\r\n")
    if not line or line.startswith("#"):
        return None
    fields = line.split("\t", 8)
    if len(fields) != 9 or not (WHOLE.match(fields[3]) and WHOLE.match(fields[4])):
        raise bad_genes("This is no line of a GFF3.", number)
    start, end = int(fields[3]), int(fields[4])
    if start > end:
        raise bad_genes("A feature ends before it starts.", number)
    entries = (entry.strip().partition("=") for entry in fields[8].split(";"))
    attributes = {key: value for key, mark, value in entries if mark}
    if not attributes and '"' in fields[8]:
        raise bad_genes("This looks like GTF.", number)
    return Feature(number, fields[0], fields[2], start, end, fields[6], fields[7], attributes)


def aliases_of(feature: Feature) -> list[str]:
    """Further names of its contig, where the feature is the contig itself."""
    kind, _, _ = feature.id.partition(":")
    whole = feature.start <= 1 and feature.kind in ("region", "chromosome", "scaffold", "contig")
    if not (whole or kind in ("region", "chromosome", "scaffold")):
        return []
    return [unquote(name) for name in feature.attributes.get("Alias", "").split(",") if name]


def adapted(features: list[Feature], bases: int) -> Iterator[str]:
    """The genes of one contig of so many bases as csq takes them; the contig's column is '@'.

    What reaches beyond the contig is cut off; a transcript whose CDS does is left out, as in
    circular genomes across the origin.
    """
    transcripts = [t for t in _transcripts(features) if t.fits(bases)]
    written: set[str] = set()
    for transcript in transcripts:
        gene = transcript.gene
        gene_id = _bare(gene.id) or transcript.name
        biotype = _biotype(transcript)
        if gene_id not in written:
            written.add(gene_id)
            name = _first(gene, "Name", "gene_name", "gene", "locus_tag") or gene_id
            about = f"ID=gene:{gene_id};Name={name};biotype={biotype}"
            yield _row("gene", gene, about, bases)
        about = f"ID=transcript:{transcript.name};Parent=gene:{gene_id};biotype={biotype}"
        yield _row("transcript", transcript.own, about, bases)
        phases = _phases(transcript)
        has_exons = any(part.kind == "exon" for part in transcript.parts)
        for part in transcript.parts:
            if part.end < 1 or part.start > bases:
                continue
            about = f"Parent=transcript:{transcript.name}"
            yield _row(part.kind, part, about, bases, phases.get(id(part), "."))
            if part.kind == "CDS" and not has_exons:
                yield _row("exon", part, about, bases)


def bad_genes(what: str, number: int) -> InputError:
    return InputError(
        "BAD_GENES",
        f"The genes cannot be used. {what}",
        place=f"line {number}" if number else "",
        cure="Give the genes as GFF3, plain or gzipped, of the same genome as the FASTA.",
    )


def _transcripts(features: list[Feature]) -> list[Transcript]:
    feature_by_id = {f.id: f for f in features if f.id and f.kind not in PARTS}
    found: dict[tuple[str, str], Transcript] = {}
    names: set[str] = set()
    for part in features:
        if part.kind not in PARTS or part.strand not in ("+", "-"):
            continue
        for parent_id in part.parents:
            parent = feature_by_id.get(parent_id)
            if parent is None:
                continue
            direct = not parent.parents and "gene" in parent.kind
            key = (parent_id, part.id if direct and part.kind == "CDS" else "")
            if key not in found:
                owner = feature_by_id.get(parent.parents[0]) if parent.parents else None
                name = _bare(key[1]) or _bare(parent_id)
                while name in names:
                    name += "_"
                names.add(name)
                found[key] = Transcript(name, owner or parent, parent)
            found[key].parts.append(part)
    for own in feature_by_id.values():
        owner = feature_by_id.get(own.parents[0]) if own.parents else None
        if owner is not None and "gene" in owner.kind and (own.id, "") not in found:
            found[own.id, ""] = Transcript(_bare(own.id), owner, own)  # without any exons
    return _without_shadows(list(found.values()))


def _without_shadows(transcripts: list[Transcript]) -> list[Transcript]:
    """Exons right below a gene whose CDS made transcripts of their own say nothing more."""
    coding = {t.own.id for t in transcripts if t.coding()}
    return [t for t in transcripts if t.coding() or t.own.id not in coding]


def _biotype(transcript: Transcript) -> str:
    own, gene = transcript.own, transcript.gene
    told = _first(own, "biotype", "transcript_biotype", "transcript_type")
    if told:
        return told
    if transcript.coding():
        return CODING
    kinds = (own.kind, _first(gene, "biotype", "gene_biotype"))
    known = next((BIOTYPE_BY_TYPE[kind] for kind in kinds if kind in BIOTYPE_BY_TYPE), CODING)
    return OTHER_BIOTYPE if known == CODING else known


def _phases(transcript: Transcript) -> dict[int, str]:
    """By part; counted out from the start of the transcript where the file does not tell."""
    parts = [part for part in transcript.parts if part.kind == "CDS"]
    if all(part.phase in ("0", "1", "2") for part in parts):
        return {id(part): part.phase for part in parts}
    phases, bases = {}, 0
    for part in sorted(parts, key=lambda p: p.start, reverse=parts[0].strand == "-"):
        phases[id(part)] = str(-bases % 3)
        bases += part.end - part.start + 1
    return phases


def _row(kind: str, feature: Feature, about: str, bases: int, phase: str = ".") -> str:
    start, end = max(feature.start, 1), min(feature.end, bases)
    place = f"{start}\t{end}\t.\t{feature.strand}\t{phase}"
    return f"@\t.\t{kind}\t{place}\t{about}\n"


def _bare(name: str) -> str:
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name


def _first(feature: Feature, *keys: str) -> str:
    return next((feature.attributes[key] for key in keys if feature.attributes.get(key)), "")
