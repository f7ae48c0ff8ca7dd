"""One contig on which variants come in, mostly onwards: what lies around the present position.

Single bases are the common case and take the short way: around the present position there is a
stretch in which each transcript near it stays in one zone, so that most variants cost a line of
text per transcript. Everything else goes the general way, but for insertions, deletions and
multiple bases that lie well inside an intron or beside a transcript.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gas.engines.bcftools.consequence import hgvs
from gas.engines.bcftools.consequence.bases import ChunkedGenome
from gas.engines.bcftools.consequence.codon_texts import CodonTexts
from gas.engines.bcftools.consequence.fields import Prediction, Verdict, escaped
from gas.engines.bcftools.consequence.layout import Layout
from gas.engines.bcftools.consequence.sheet import Sheet
from gas.engines.bcftools.consequence.small import beside, outcome
from gas.engines.bcftools.consequence.store import Interval
from gas.engines.bcftools.consequence.stretch import Change, Stretch, columns
from gas.engines.bcftools.consequence.transcript import Span, Transcript
from gas.engines.bcftools.consequence.variant import Variant
from gas.engines.bcftools.consequence.writing import (
    FAR,
    Told,
    Written,
    codon_entry,
    deep_outcome,
    deep_texts,
    finished,
    plain_texts,
    row_of,
)
from gas.engines.bcftools.consequence.zones import CODING, FLANK, Zone, zone_at

INTERGENIC = Verdict("intergenic_variant", "MODIFIER", ("intergenic_variant",), ("",), pick=0)
KEPT_LAYOUTS = 512
"""With their sequences, some 10 kB each; titin takes 400 kB."""
Key = tuple[str, int, str, tuple[Span, ...]]
"""An mRNA of a virus is there once for each of its proteins, and on a ring twice."""


class Nearby(Protocol):
    """The transcripts of a contig: `Transcripts` of store.py."""

    def near(self, start: int, end: int) -> Sequence[Transcript]: ...

    def interval(self, position: int, flank_bases: int = 0) -> Interval: ...

    def nearest(self, start: int, end: int) -> Transcript | None: ...


class NoTranscripts:
    """For a contig without genes."""

    def near(self, _start: int, _end: int) -> Sequence[Transcript]:
        return ()

    def interval(self, _position: int, _flank_bases: int = 0) -> Interval:
        return Interval(-FAR, FAR, ())

    def nearest(self, _start: int, _end: int) -> Transcript | None:
        return None


class Site:
    """A transcript with what was worked out of it."""

    __slots__ = ("layout", "sheet", "zone")

    def __init__(self, transcript: Transcript, contig: str, genome: ChunkedGenome) -> None:
        self.layout = Layout(transcript, contig, genome)
        self.sheet = Sheet(transcript)
        self.zone: Zone | None = None


class Scene:
    def __init__(
        self, contig: str, transcripts: Nearby, genome: ChunkedGenome, *, flank_bases: int
    ) -> None:
        self.contig = contig
        self.name = escaped(contig)
        self._genomic = f"{self.name}:{'m' if contig in hgvs.MITOCHONDRIA else 'g'}."
        self.transcripts = transcripts
        self.genome = genome
        self.flank_bases = flank_bases
        self._sites: dict[Key, Site] = {}
        self._near: list[Site] = []
        self._near_first, self._near_last = FAR, -FAR
        self._sides: list[Transcript | None] | None = None
        self._stretch = Stretch(FAR, -FAR, ())
        self._texts: dict[int, CodonTexts] = {}
        self.lengths: dict[str, tuple[int, int, int]] = {}
        """Bases of cDNA and CDS, and amino acids, by the id of each transcript met so far."""

    def site(self, transcript: Transcript) -> Site:
        key = (transcript.id, transcript.start, transcript.protein_id, transcript.cds)
        found = self._sites.get(key)
        if found is None:
            if len(self._sites) >= KEPT_LAYOUTS:
                for old in list(self._sites)[: KEPT_LAYOUTS // 4]:
                    del self._sites[old]
            found = self._sites[key] = Site(transcript, self.contig, self.genome)
            cds = transcript.cds_bases
            self.lengths[transcript.id] = (transcript.spliced_bases, cds, cds // 3)
        return found

    def single_base(self, position: int, ref: str, alt: str, existing: str) -> Prediction:
        """`ref` and `alt` are one of A, C, G and T each."""
        stretch, genome = self._at(position), self.genome
        if genome.bases[position - genome.first] != ref or ref == alt:
            return self.general(Variant(genome, self.contig, position, ref, alt), existing)
        genomic = f"{self._genomic}{position}{ref}>{alt}"
        if not stretch.fixed:
            return self._coding_base(position, ref, alt, existing, genomic)
        if not stretch.rows:
            return self.intergenic(alt, position, position, existing, genomic)
        texts = plain_texts(stretch.rows, position, ref, alt, existing, genomic)
        return Prediction(tuple(texts), stretch.verdict)

    def reach(self, position: int) -> int:
        """The last position up to which single bases from this one on can go to `together`; one
        before it if they cannot, since codons differ."""
        stretch, genome = self._at(position), self.genome
        return min(stretch.last, genome.last) if stretch.fixed else position - 1

    def _at(self, position: int) -> Stretch:
        """The stretch of a position, with the bases around it loaded."""
        stretch = self._stretch
        if not stretch.first <= position <= stretch.last:
            stretch = self._move(position)
        if not self.genome.first <= position <= self.genome.last:
            self.genome.load(self.contig, position)
        return stretch

    def together(
        self, positions: Sequence[int], changes: Sequence[Change], existing: Sequence[str]
    ) -> tuple[Verdict, list[list[str]]] | None:
        """What `single_base` says of each, entry by entry. `positions` ascend within `reach` of
        the first. None if one of them has another base than the genome."""
        stretch = self._stretch
        bases, first = self.genome.bases, self.genome.first
        if [bases[position - first] for position in positions] != [one.ref for one in changes]:
            return None
        genomic = self._genomic
        genomics = [
            f"{genomic}{position}{one.forward}"
            for position, one in zip(positions, changes, strict=True)
        ]
        if stretch.rows:
            return stretch.verdict, columns(stretch.rows, positions, changes, existing, genomics)
        names = [self._nearest(positions[0], positions[0])]
        if names != [self._nearest(positions[-1], positions[-1])]:  # else it is that of all
            names = [self._nearest(position, position) for position in positions]
        names *= len(positions) // len(names)
        each = zip(changes, existing, genomics, names, strict=True)
        return INTERGENIC, [[_intergenic(one.alt, *rest) for one, *rest in each]]

    def general(self, variant: Variant, existing: str) -> Prediction:
        start, end = min(variant.start, variant.end), max(variant.start, variant.end)
        described = hgvs.described(variant, 1, 1, FAR)
        genomic = hgvs.genomic(described, self._genomic)
        told = {1: described}
        if self._is_within(variant):
            stretch = self._stretch
            texts = deep_texts(stretch.zones, stretch.rows, variant, existing, genomic, told)
            if texts:
                return Prediction(tuple(texts), stretch.verdict)
        written = []
        for transcript in self._around(start, end):
            found = self._one(self.site(transcript), variant, existing, genomic, told)
            if found is not None:
                written.append(found)
        if not written:
            return self.intergenic(variant.allele, start, end, existing, genomic)
        return finished(written)

    def intergenic(
        self, allele: str, start: int, end: int, existing: str, genomic: str
    ) -> Prediction:
        name = self._nearest(start, end)
        return Prediction((_intergenic(allele, existing, genomic, name),), INTERGENIC)

    def _nearest(self, start: int, end: int) -> str:
        """Symbol or id of the nearest gene. Between two genes, those at both sides are kept."""
        if not (self._near_first <= start and end <= self._near_last) or self._near:
            return _gene_of(self.transcripts.nearest(start, end))
        if self._sides is None:
            places = (self._near_first, self._near_last)
            self._sides = [self.transcripts.nearest(place, place) for place in places]
        before, after = self._sides
        if before is None or after is None or before.end > start or after.start < end:
            return _gene_of(before or after)
        return _gene_of(before if start - before.end <= after.start - end else after)

    def _is_within(self, variant: Variant) -> bool:
        """Whether it lies, with the bases around it, where all transcripts are out of reach of
        what it does: then terms and picks are those of a single base."""
        stretch = self._stretch
        if not stretch.first <= variant.low <= stretch.last:
            stretch = self._move(variant.low)
        return stretch.deep and stretch.first < variant.low and variant.reach < stretch.last

    def _around(self, start: int, end: int) -> Sequence[Transcript]:
        if self._near_first <= start and end <= self._near_last:
            return [site.layout.transcript for site in self._near]
        return self.transcripts.near(start - self.flank_bases, end + self.flank_bases)

    def _one(
        self, site: Site, variant: Variant, existing: str, genomic: str, told: Told
    ) -> Written | None:
        zone = self._zone_of(site, variant)
        if zone is not None and (zone.kind == FLANK or zone.deep):
            if zone.kind == FLANK:
                transcript = site.layout.transcript
                found = beside(transcript, variant.start, variant.end, self.flank_bases)
            else:
                found = deep_outcome(zone, variant, told)
            if found is not None:
                text = found.text(variant.allele, site.sheet, existing, genomic)
                return Written(site.sheet, text, found.terms)
        found = outcome(site.layout, site.sheet, variant, self.flank_bases)
        if found is None:
            return None
        text = found.text(variant.allele, site.sheet, existing, genomic)
        return Written(site.sheet, text, found.terms)

    def _zone_of(self, site: Site, variant: Variant) -> Zone | None:
        """The zone that has all of the variant and the bases around it."""
        low = variant.low
        zone = site.zone
        if zone is None or not zone.first <= low <= zone.last:
            zone = site.zone = zone_at(site.layout, site.sheet, low, self.flank_bases)
        return zone if zone.first < low and variant.reach < zone.last else None

    def _move(self, position: int) -> Stretch:
        """Finds the stretch around a position in which no transcript changes its zone."""
        if not self._near_first <= position <= self._near_last:
            near = self.transcripts.interval(position, self.flank_bases)
            self._near_first, self._near_last = near.first, near.last
            self._sides = None
            self._near = [self.site(transcript) for transcript in near.transcripts]
        first, last = self._near_first, self._near_last
        zones = []
        for site in self._near:
            zone = site.zone
            if zone is None or not zone.first <= position <= zone.last:
                zone = zone_at(site.layout, site.sheet, position, self.flank_bases)
                site.zone = zone
            first, last = max(first, zone.first), min(last, zone.last)
            zones.append(zone)
        self._stretch = Stretch(first, last, zones)
        return self._stretch

    def _texts_of(self, zone: Zone) -> CodonTexts:
        table = zone.layout.transcript.codon_table
        texts = self._texts.get(table)
        if texts is None:
            texts = self._texts[table] = CodonTexts(table)
        return texts

    def _coding_base(
        self, position: int, ref: str, alt: str, existing: str, genomic: str
    ) -> Prediction:
        written = []
        variant = None
        for zone in self._stretch.zones:
            sheet = zone.sheet
            if zone.kind < CODING:
                row = row_of(zone, "")
                (text,) = plain_texts((row,), position, ref, alt, existing, genomic)
                written.append(Written(sheet, text, zone.terms))
                continue
            if zone.kind == CODING:
                found = codon_entry(
                    zone, self._texts_of(zone), position, ref, alt, existing, genomic
                )
                if found is not None:
                    written.append(found)
                    continue
            variant = variant or Variant(self.genome, self.contig, position, ref, alt)
            other = outcome(zone.layout, sheet, variant, self.flank_bases)
            if other is not None:
                text = other.text(alt, sheet, existing, genomic)
                written.append(Written(sheet, text, other.terms))
        return finished(written)


def _gene_of(transcript: Transcript | None) -> str:
    return escaped(transcript.symbol or transcript.gene_id) if transcript is not None else ""


def _intergenic(allele: str, existing: str, genomic: str, nearest: str) -> str:
    return (
        f"{allele}|intergenic_variant|MODIFIER|||||||||||||||{existing}||||||{genomic}"
        f"||||||{nearest}|1|"
    )
