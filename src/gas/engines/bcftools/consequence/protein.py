"""HGVS of proteins, as Ensembl writes it: 'p.Arg97ProfsTer23', 'p.Ter110GlnextTer17'.

The change is moved towards 3' before it is described, but whether it loses the start or the stop
is told of the place that the input gives, as Ensembl does.
"""

from __future__ import annotations

from dataclasses import dataclass

from gas.engines.bcftools.consequence.coding import CodingChange
from gas.engines.bcftools.consequence.codons import STOP, three_letters
from gas.engines.bcftools.consequence.layout import Layout


@dataclass(slots=True)
class _Described:
    kind: str
    """'>', 'del', 'ins', 'dup', 'delins', 'fs', '=' or '' (a lost start)."""
    start: int
    end: int
    ref: str
    alt: str
    original: str
    """The reference's peptide before it was clipped."""


def protein(change: CodingChange) -> str:
    """Behind 'p.', with '=' for no change; '' if there is nothing to say."""
    layout, variant = change.layout, change.variant
    shifted = variant.shifted(layout.strand)
    moved = change if shifted is variant else CodingChange(layout, shifted)
    start, end = moved.span.protein_start, moved.span.protein_end
    ref = moved.ref_peptide
    if not start or not end or ref is None:
        return ""
    guarded = change.partial_codon or change.stop_retained
    frameshift = not guarded and moved.length_shifts
    found = _compared(moved, start, end, ref, frameshift=frameshift)
    if found is None or not _completed(found, moved):
        return ""
    if change.start_lost and found.kind != "dup":
        found.kind = ""
    return _text(found, moved, stop_lost=change.stop_lost)


def _compared(
    moved: CodingChange, start: int, end: int, ref: str, *, frameshift: bool
) -> _Described | None:
    alt = moved.alt_peptide
    if frameshift:
        found = _Described("fs", start, end, ref, alt or "", ref)
        if alt is not None and alt != ref:
            found = _clipped(found)
        found.start = start
        return found
    if alt is None:
        return None
    if alt == ref:
        return _Described(">" if len(ref) < 2 else "delins", start, end, ref, alt, ref)
    found = _clipped(_Described("", start, end, ref, alt, ref))
    if not found.ref:
        found.kind = "ins"
    elif not found.alt:
        found.kind = "del"
    else:
        found.kind = ">" if len(found.ref) == len(found.alt) == 1 else "delins"
    return found


def _clipped(found: _Described) -> _Described:
    """Without the residues that both share at their ends; as it was, if both reach a stop."""
    ref, alt, start = found.ref, found.alt, found.start
    while ref and alt and ref[0] == alt[0]:
        if ref[0] == STOP:
            return found
        ref, alt, start = ref[1:], alt[1:], start + 1
    found.start = start
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt, found.end = ref[:-1], alt[:-1], found.end - 1
    found.ref, found.alt = ref, alt
    return found


def _completed(found: _Described, moved: CodingChange) -> bool:
    """Looks up what the kind of change needs of the protein around it; False: cannot be said."""
    layout = moved.layout
    if found.kind == "fs":
        return _first_difference(found, moved)
    if found.kind in ("ins", "del"):
        _shift(found, layout)
    if found.kind == "ins":
        size = len(found.alt)
        begins = found.start - 1 - size
        known = layout.peptide + (found.original if found.original.startswith(STOP) else "")
        if STOP not in found.alt and begins >= 0 and known[begins:][:size] == found.alt:
            found.kind, found.end, found.start = "dup", found.start - 1, found.start - size
            return True
        left = min(found.start, found.end)
        if len(known) <= left:
            return False
        # In front of the first residue, Ensembl's own look-up names the last one.
        found.ref = known[left - 1 :][:2]
    return True


def _shift(found: _Described, layout: Layout) -> None:
    """Moves residues that came or went along as long as the protein goes on with the same."""
    known = layout.peptide + (found.original if found.original.startswith(STOP) else "")
    following = known[found.end :]
    if len(following) < 2:
        return  # Ensembl takes the very last residue for the end
    moved = found.alt if found.kind == "ins" else found.ref
    at = 0
    while at <= len(following) - len(moved) and moved[:1] == following[at : at + 1]:
        if not moved:
            break
        moved = moved[1:] + moved[0]
        at += 1
    found.start, found.end = found.start + at, found.end + at
    if found.kind == "ins":
        found.alt = moved
    else:
        found.ref = moved


def _first_difference(found: _Described, moved: CodingChange) -> bool:
    """Of a frameshift: the first residue that is another one."""
    changed = moved.changed_protein
    if changed is None:
        return False
    known = moved.layout.peptide + STOP
    if found.start > len(changed):
        found.kind, found.alt = "del", ""
        return True
    while found.start <= len(changed):
        at = found.start - 1
        found.ref, found.alt = known[at : at + 1], changed[at : at + 1]
        if found.ref == found.alt == STOP:
            found.kind = "="
            return True
        if found.ref != found.alt:
            break
        found.start += 1
    return True


def _until_stop(moved: CodingChange, start: int, *, frameshift: bool) -> str:
    """Residues to the new stop, or '?'."""
    changed = moved.changed_protein
    if changed is None or not changed.endswith(STOP) or start <= 1:
        return "?"
    beyond = start - 1 if frameshift else len(moved.layout.peptide) + 1
    count = len(changed) - beyond
    return str(count) if count > 0 else "?"


def _text(found: _Described, moved: CodingChange, *, stop_lost: bool) -> str:
    ref, alt, start, end = (
        three_letters(found.ref),
        three_letters(found.alt),
        found.start,
        found.end,
    )
    span = ref[:3] + str(start) if len(ref) <= 3 else f"{ref[:3]}{start}_{ref[-3:]}{end}"
    if found.kind == "":
        return f"{ref}{start}?" if start == end else f"{ref}{start}_?{end}"
    if found.kind == "=" or (ref == alt and found.kind not in ("fs", "ins", "dup")):
        return f"{ref}{start}="
    if stop_lost and found.kind in ("del", ">"):
        new = "del" if found.kind == "del" else alt[:3]
        return f"{span}{new}extTer{_until_stop(moved, start, frameshift=False)}"
    if found.kind == "dup":
        one = f"{alt[:3]}{start}"
        return f"{one}dup" if start >= end else f"{one}_{alt[-3:]}{end}dup"
    if found.kind == "fs":
        if found.alt == STOP:
            return f"{ref}{start}Ter"
        return f"{ref}{start}{alt}fsTer{_until_stop(moved, start, frameshift=True)}"
    if found.kind == "del":
        return f"{span}del"
    if found.kind == ">":
        return f"{ref}{start}{alt}"
    return _inserted(found, ref, _up_to_stop(alt))


def _up_to_stop(alt: str) -> str:
    stop = alt.find("Ter")
    return alt if stop < 0 else alt[: stop + 3]


def _inserted(found: _Described, ref: str, alt: str) -> str:
    low, high = min(found.start, found.end), max(found.start, found.end)
    if found.kind == "delins" and low == high:
        return f"{ref[:3]}{low}delins{alt}"
    return f"{ref[:3]}{low}_{ref[-3:]}{high}{found.kind}{alt}"
