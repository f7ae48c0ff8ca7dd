"""What is the same in every entry of a transcript, and which of several transcripts is picked."""

from __future__ import annotations

from collections.abc import Sequence

from gas.engines.bcftools.consequence.fields import Verdict, escaped
from gas.engines.bcftools.consequence.terms import LEAST, impact, rank, severest
from gas.engines.bcftools.consequence.transcript import Transcript

_NO_APPRIS = 100
_APPRIS = {f"appris_principal_{n}": n for n in range(1, 6)}
_APPRIS |= {"appris_principal": 1, "appris_alternative_1": 6, "appris_alternative_2": 7}


class Sheet:
    """Pieces of CSQ text, between which the fields stand that differ by variant."""

    __slots__ = (
        "coding_prefix", "length", "mane", "middle", "name", "preference", "protein_prefix",
        "symbol", "tails",
    )  # fmt: skip

    def __init__(self, transcript: Transcript) -> None:
        tags = transcript.tags
        value = escaped
        self.symbol = value(transcript.symbol)
        self.name = (
            f"|{self.symbol}|{value(transcript.gene_id)}|Transcript"
            f"|{value(transcript.id)}|{value(transcript.biotype)}|"
        )
        """From behind IMPACT up to EXON."""
        flags = "&".join(tag for tag in ("cds_start_NF", "cds_end_NF") if tag in tags)
        self.middle = (
            f"|{transcript.strand}|{flags}|{value(transcript.symbol_source)}"
            f"|{value(transcript.hgnc_id)}|"
        )
        """From behind DISTANCE up to HGVSg."""
        mane = value(transcript.mane)
        select = "MANE_Select" in tags
        plus = not select and "MANE_Plus_Clinical" in tags
        canonical = "Ensembl_canonical" in tags
        end = (
            f"|{'YES' if canonical else ''}|{mane if select else ''}|{mane if plus else ''}"
            f"|{value(transcript.protein_id)}|{value(transcript.source)}|"
        )
        self.tails = (f"{end}||", f"{end}|1|", f"{end}||1", f"{end}|1|1")
        """From behind HGVSg: plain, picked, picked among MANE, both."""
        self.mane = 0 if select else 1 if plus else 2
        numbering = "c" if transcript.cds else "n"
        self.coding_prefix = f"{value(transcript.full_id)}:{numbering}."
        protein = transcript.full_protein_id if transcript.protein_id else transcript.full_id
        self.protein_prefix = f"{value(protein)}:p."
        appris = min((_APPRIS[tag] for tag in tags if tag in _APPRIS), default=_NO_APPRIS)
        self.length = transcript.cds_bases or transcript.spliced_bases
        self.preference = (
            not select,
            not plus,
            not canonical,
            appris,
            transcript.biotype != "protein_coding",
            "CCDS" not in tags,
        )
        """Among entries of equal severity, lower is picked first: VEP's default order."""


def tails(sheets: Sequence[Sheet], terms: Sequence[str]) -> list[int]:
    """For each entry, which of its sheet's tails it takes: who is picked, who among MANE."""
    count = len(sheets)
    if count == 1:
        return [1 if sheets[0].mane == 2 else 3]
    keys = [
        (rank(one), sheet.preference, -sheet.length)
        for sheet, one in zip(sheets, terms, strict=True)
    ]
    chosen = [0] * count
    if not count:
        return chosen
    chosen[min(range(count), key=keys.__getitem__)] = 1
    best = min(sheet.mane for sheet in sheets)
    if best < 2:
        among = [at for at in range(count) if sheets[at].mane == best]
        chosen[min(among, key=keys.__getitem__)] += 2
    return chosen


def verdict_on(sheets: Sequence[Sheet], terms: Sequence[str], chosen: Sequence[int]) -> Verdict:
    """`chosen`: as `tails` gives it."""
    worst = min(terms, key=rank, default="")
    term = severest(worst) if rank(worst) < LEAST else ""
    return Verdict(
        term,
        impact(term),
        tuple(terms),
        tuple([sheet.symbol for sheet in sheets]),
        pick=next((at for at, tail in enumerate(chosen) if tail & 1), -1),
        pick_mane=next((at for at, tail in enumerate(chosen) if tail & 2), -1),
    )
