"""The consequence suite of a peer (bcftools csq), case by case, through our predictor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from data import ROOT, shared
from engines.consequence_rig import TextGenome, normalised, predictor_of
from engines.peer_terms import folded, substitution, told
from gas.engines.bcftools.consequence.fields import CSQ_FIELDS
from gas.engines.bcftools.consequence.terms import RANK_BY_TERM

SUITE = "bcftools_csq"
CASES = sorted(
    str(path.relative_to(ROOT / SUITE))
    for path in (ROOT / SUITE).glob("*/*.txt-l")
    if path.with_suffix(".vcf").exists()  # the rest are drawings
)
VCFS = sorted(str(path.relative_to(ROOT / SUITE)) for path in (ROOT / SUITE).glob("*/*.vcf"))


NO_START = (
    "The first codon is no start codon; VEP takes it for one wherever the file does not say that"
    " the start is missing (cds_start_NF)"
)
DIFFERENCES: dict[tuple[str, int, str, str, str], tuple[set[str], set[str], str]] = {
    ("EDUMMY0001/starts-with-1.txt-l", 1, "T", "TTAACTACCATTCAACAT", "gtrV"): (
        set(),
        {"start_retained_variant"},
        "What is inserted repeats the bases around it, so that the whole CDS is still there behind"
        " it; VEP says so beside the frameshift.",
    ),
    ("ENST00000295641/not-a-start-lost.txt-l", 79, "G", "T", "ENST00000295641"): (
        {"missense_variant"},
        {"start_lost", "start_retained_variant"},
        f"{NO_START}; AGG becomes ATG, which is why it is retained as well.",
    ),
    ("ENST00000318249/start-lost.txt-l", 4959, "GA", "G", "ENST00000318249"): (
        set(),
        {"frameshift_variant"},
        "csq says start_lost alone; VEP also says what becomes of the frame.",
    ),
    ("ENST00000341065/frame3.txt-l", 19026, "CAGGTGGCCAG", "CAGGCCAG", "ENST00000341065"): (
        {"inframe_deletion", "synonymous_variant"},
        {"coding_sequence_variant"},
        "Moved to the left it takes the end of the intron with it; VEP then says nothing of the"
        " protein, csq looks for a reading that spares the intron.",
    ),
    (
        "ENST00000341065/splice-acceptor-donor5.txt-l",
        16427,
        "GGTACTGGGG",
        "GGTACTGGG",
        "ENST00000341065",
    ): (
        {"synonymous_variant"},
        set(),
        "One of the G in the intron goes; csq adds that the protein stays the same.",
    ),
    ("ENST00000423372/insert3.txt-l", 2723, "G", "GAAA", "ENST00000423372"): (
        {"splice_region_variant"},
        set(),
        "It lies before the last three bases of the exon, not among them.",
    ),
    ("ENST00000423372/insert3.txt-l", 3630, "T", "TAAA", "ENST00000423372"): (
        {"inframe_insertion"},
        set(),
        "* becomes CL: VEP says inframe_insertion only if the old residue is still there.",
    ),
    ("ENST00000423372/snps.txt-l", 4407, "G", "A", "ENST00000423372"): (
        set(),
        {"start_lost"},
        NO_START,
    ),
    ("ENST00000423372/snps.txt-l", 4408, "G", "A", "ENST00000423372"): (
        {"missense_variant"},
        {"start_lost"},
        NO_START,
    ),
}
"""What csq says and we do not, what we say and csq does not, and why."""

SHIFTED = {
    ("ENST00000341065/not-a-start-lost.txt-l", 5435): ("1H>1D", "2H>2D"),
    ("ENST00000341065/splice-acceptor-donor1.txt-l", 18826): ("473R>473K", "474R>474K"),
}
"""Amino acids in a CDS that lacks its start: VEP counts the codon that is cut, csq does not."""


class Line(NamedTuple):
    case: str
    position: int
    ref: str
    alt: str
    transcript: str
    expected: frozenset[str]
    found: frozenset[str]
    amino_acids: tuple[str, str]
    """csq's and ours, of a single one; else empty."""


def _expectations(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """Position, REF, ALT and what csq says of the record alone: the last line about it."""
    last: dict[tuple[int, str, str], str] = {}
    for raw in path.read_text().splitlines():
        parts = raw.split("\t")
        if len(parts) == 4 and parts[0].isdigit():
            last[int(parts[0]), parts[1], parts[2]] = parts[3]
    for (position, ref, alt), text in last.items():
        yield position, ref, alt, text


def compared(case: str, folder: Path) -> Iterator[Line]:
    path = shared(f"{SUITE}/{case}")
    (fasta,) = path.parent.glob("*.fa")
    genome = TextGenome.of(fasta)
    predictor = predictor_of(folder, genome, next(path.parent.glob("*.gff")))
    (contig,) = {line.split("\t")[0] for line in _records(path.with_suffix(".vcf"))}
    for position, ref, alt, text in _expectations(path):
        record = normalised(genome, contig, position, ref, alt)
        entries = {e.Feature: e for e in predictor.predict(contig, *record).entries}
        for transcript, one in told(text).items():
            entry = entries.get(transcript)
            single = entry is not None and len(ref) == len(alt) == 1 and entry.Amino_acids
            shown = (one.amino_acids, substitution(entry)) if single and entry else ("", "")
            found = folded(entry) if entry is not None else frozenset()
            yield Line(case, position, ref, alt, transcript, one.terms, found, shown)


def _records(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and line[0] != "#"]


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_told_as_the_peer_tells_it_or_the_reason_is_known(
    case: str, tmp_path: Path
) -> None:
    for line in compared(case, tmp_path):
        key = (case, line.position, line.ref, line.alt, line.transcript)
        theirs, ours, _ = DIFFERENCES.get(key, (set(), set(), ""))
        assert line.expected - line.found == theirs, key
        assert line.found - line.expected == ours, key
        if not theirs and not ours:
            shown = SHIFTED.get((case, line.position), (line.amino_acids[0],) * 2)
            assert line.amino_acids == shown, key


def test_no_difference_is_listed_that_is_none(tmp_path: Path) -> None:
    shared(SUITE)
    told_apart = set()
    for at, case in enumerate(CASES):
        folder = tmp_path / str(at)
        folder.mkdir()
        told_apart |= {
            (case, line.position, line.ref, line.alt, line.transcript)
            for line in compared(case, folder)
            if line.expected != line.found
        }
    assert told_apart == set(DIFFERENCES)


@pytest.mark.parametrize("case", CASES)
def test_introns_and_non_coding_exons_are_told_where_the_peer_tells_them(
    case: str, tmp_path: Path
) -> None:
    path = shared(f"{SUITE}/{case}")
    (fasta,) = path.parent.glob("*.fa")
    genome = TextGenome.of(fasta)
    predictor = predictor_of(tmp_path, genome, next(path.parent.glob("*.gff")))
    (contig,) = {line.split("\t")[0] for line in _records(path.with_suffix(".vcf"))}
    for position, ref, alt, text in _expectations(path):
        record = normalised(genome, contig, position, ref, alt)
        entries = predictor.predict(contig, *record).entries
        for one in text.split(","):
            term, _, rest = one.partition("|")
            gene, _, rest = rest.partition("|")
            if term in ("intron", "non_coding") and rest.startswith("|"):
                terms = {t for e in entries if gene == e.SYMBOL for t in e.Consequence.split("&")}
                assert {"intron": "intron_variant"}.get(term, "non_coding") in {
                    "non_coding" if t.startswith("non_coding_") else t for t in terms
                }, (case, position)


@pytest.mark.parametrize("case", VCFS)
def test_every_record_of_the_suite_gets_whole_entries(case: str, tmp_path: Path) -> None:
    path = shared(f"{SUITE}/{case}")
    (fasta,) = path.parent.glob("*.fa")
    genome = TextGenome.of(fasta)
    genes = [g for g in path.parent.glob("*.gff*") if g.stem == path.stem]
    predictor = predictor_of(tmp_path, genome, (genes or sorted(path.parent.glob("*.gff*")))[0])
    for raw in _records(path):
        contig, position, _, ref, alts = raw.split("\t")[:5]
        for alt in alts.split(","):
            entries = predictor.predict(contig, int(position), ref, alt).entries
            if alt in (".", ref):
                assert not entries
                continue
            assert entries, (case, position, ref, alt)
            for entry in entries:
                assert len(entry) == len(CSQ_FIELDS)
                assert set(entry.Consequence.split("&")) <= set(RANK_BY_TERM)
                assert entry.IMPACT
            assert [entry.PICK for entry in entries].count("1") == 1
