"""What kind of variant a record is, by its REF and its one ALT."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

SNV, MNV, INSERTION, DELETION, DELETION_INSERTION = b"snv", b"mnv", b"ins", b"del", b"delins"
STRUCTURAL, OVERLAP, REFERENCE = b"sv", b"overlap", b"ref"
NO_VARIANT = frozenset({b".", b"<NON_REF>", b"<*>", b"<X>"})
TRANSITIONS = frozenset({b"AG", b"GA", b"CT", b"TC"})


class Tally(IntEnum):
    """What samples are counted by."""

    TRANSITION = 0
    TRANSVERSION = 1
    INDEL = 2
    OTHER = 3
    NONE = 4
    """Not a variant: a reference block, or a deletion upstream that spans the position."""


class Kind(NamedTuple):
    name: bytes
    tally: Tally
    length: bytes
    """Bases of ALT less those of REF; empty where ALT is not a sequence."""


def kind_of(ref: bytes, alt: bytes) -> Kind:
    """Of any two alleles. Single bases are better looked up in `KIND_BY_BASES`."""
    if alt in NO_VARIANT:
        return Kind(REFERENCE, Tally.NONE, b"")
    if alt == b"*":
        return Kind(OVERLAP, Tally.NONE, b"")
    if not alt.isalpha():  # symbolic, or a breakend
        return Kind(STRUCTURAL, Tally.OTHER, b"")
    length = len(alt) - len(ref)
    if length == 0:
        return _substitution(ref.upper(), alt.upper())
    if alt.startswith(ref):
        name = INSERTION
    elif ref.startswith(alt):
        name = DELETION
    else:
        name = DELETION_INSERTION
    return Kind(name, Tally.INDEL, b"%d" % length)


def _substitution(ref: bytes, alt: bytes) -> Kind:
    if len(ref) > 1:
        return Kind(MNV, Tally.OTHER, b"0")
    known = ref in b"ACGT" and alt in b"ACGT" and ref != alt
    if not known:
        return Kind(SNV, Tally.OTHER, b"0")
    change = Tally.TRANSITION if ref + alt in TRANSITIONS else Tally.TRANSVERSION
    return Kind(SNV, change, b"0")


KIND_BY_BASES = {
    (ref, alt): kind_of(ref, alt)
    for ref in (b"A", b"C", b"G", b"T")
    for alt in (b"A", b"C", b"G", b"T")
    if ref != alt
}
"""Four of five records are one base for another."""
