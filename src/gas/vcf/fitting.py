"""Values and what their definitions say of them: the definition gives way, never the value."""

from __future__ import annotations

from gas.vcf.columns import EMPTIED, NO_VALUE, TRIMMED
from gas.vcf.definitions import PINNED, Tag
from gas.vcf.header import Header
from gas.vcf.patterns import WHOLE, counts_of

LOWEST, HIGHEST = -(2**31) + 8, 2**31 - 1
"""What 32 bits hold in a BCF; the lowest few stand for 'missing' and the like."""
NO_EXTENT = "END or SVLEN that is no whole number was set to missing."


def fitted(header: Header, tag: Tag, value: bytes) -> bytes:
    """The value, mended where it is only a way to say that there is none. Where it is of another
    type, the definition takes that on: tools read what does not fit as something else."""
    fits = WHOLE.get(tag.type)
    if value and (fits is None or fits(value)):
        return value
    bare = value.strip(b" ")
    if bare.lower() in NO_VALUE:
        header.repairs[EMPTIED] += 1
        return b"."
    if bare != value and fits is not None and fits(bare):
        header.repairs[TRIMMED] += 1
        return bare
    if tag.type == "Integer" and _all_integers(value):
        return value
    if (tag.kind, tag.name) in PINNED:
        header.repairs[NO_EXTENT] += 1
        return b"."
    header.retype(tag, _type_of(tag, value))
    return value


def count_fits(tag: Tag, value: bytes | None, alts: int) -> None:
    """Takes note whether a record of several ALT has as many values as Number says; those that
    are too few or too many go when it is split."""
    counts = counts_of(tag.number, alts)
    if counts and value != b".":
        tag.compared += 1
        tag.misfits += value is None or value.count(b",") + 1 not in counts


def settle_numbers(header: Header) -> None:
    """Once all records are known: a Number that most records do not keep is no such Number."""
    for tags in header.tags.values():
        for tag in tags.values():
            if tag.misfits * 2 > tag.compared:
                header.renumber(tag)
            elif tag.misfits:
                repair = f"{tag.kind}/{tag.name} does not fit ALT in records that had to be split;"
                header.repairs[f"{repair} it may be left out there."] += tag.misfits


def _all_integers(value: bytes) -> bool:
    for one in value.split(b","):
        digits = one.lstrip(b"+-")
        if one != b"." and not (digits.isdigit() and len(digits) <= 10):
            return False
        if one != b"." and (len(one) - len(digits) > 1 or not LOWEST <= int(one) <= HIGHEST):
            return False
    return True


def _type_of(tag: Tag, value: bytes) -> str:
    """Float if a fraction is all that keeps it from being Integer; a number too large for that
    would lose digits."""
    whole = [one for one in value.split(b",") if one.lstrip(b"+-").isdigit()]
    if tag.type == "Integer" and WHOLE["Float"](value) and all(map(_all_integers, whole)):
        return "Float"
    return "String"
