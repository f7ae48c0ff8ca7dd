"""Patterns of what a record may hold, as one expression for a whole row.

They look at a row once and never go back (every repetition is possessive), so that their time is
in proportion to the row, and a common row costs a microsecond or two. What they do not take is
not wrong: it is looked at closely elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gas.vcf.definitions import Tag

NEVER = re.compile(rb"(?!)")
INTEGER = rb"[-+]?+[0-9]{1,9}+"
"""Of nine digits any; longer ones may be more than 32 bits hold."""
FLOAT = (
    rb"(?:[-+]?+(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][-+]?+[0-9]++)?+"
    rb"|[-+]?+(?:nan|inf|NaN|NAN|Inf|INF))"
)
BASES = rb"[ACGTNacgtn]++"
QUALITY = rb"(?:\.|(?!0\.0000)(?=[0-9.]{1,7}\t)(?:0|[1-9][0-9]{0,5}+)(?:\.[0-9]++(?<!0))?+)"
"""QUAL as tools write it: at most six digits, without zeros at the end."""
NUMBER = rb"[0-9]++(?:\.[0-9]++)?+(?:e[-+][0-9]++)?+"
FIXED = (
    rb"([^\t ]++)\t([1-9][0-9]{0,8}+)\t[^\t ]++\t(%b)\t(%b|\.|\*|<NON_REF>|<\*>)\t"
    rb"(?:%b\t|(%b)\t)([^\t]++)\t"
) % (BASES, BASES, QUALITY, NUMBER)
"""CHROM, POS, ID, REF, one ALT that is no symbol with an extent, QUAL, FILTER; six groups."""


def value_of(type_name: str) -> bytes:
    """One value of a type, or a missing one."""
    one = INTEGER if type_name == "Integer" else FLOAT
    return rb"(?:%b|\.)" % one


def values_of(type_name: str, ends: bytes) -> bytes:
    """Any number of values of a type; text until one of the bytes `ends`."""
    if type_name not in ("Integer", "Float"):
        return rb"[^%b]*+" % ends
    one = value_of(type_name)
    return rb"%b(?:,%b)*+" % (one, one)


WHOLE = {name: re.compile(values_of(name, b"") + rb"\Z").match for name in ("Integer", "Float")}
"""Whether all values of an entry are of a type."""


def row_pattern(keys: Sequence[Tag], *, samples: bool) -> re.Pattern[bytes]:
    """A row whose INFO has some of the keys, each once, in this order. It ends in front of the
    samples, if there are any. Groups: CHROM, POS, REF, ALT, QUAL if it is not as tools write it,
    FILTER, FORMAT or nothing."""
    end = rb"\t([^\t]++)(?=\t)" if samples else rb"()\Z"
    return re.compile(_to_info(keys) + end)


def rows_pattern(
    keys: Sequence[Tag], format_: bytes = b"", samples: re.Pattern[bytes] | None = None
) -> re.Pattern[bytes]:
    """For all rows of a text, each with its end: those that `row_pattern` takes, with this FORMAT
    and with samples that the other pattern takes. Groups: CHROM, POS, REF, ALT, QUAL if it is not
    as tools write it, FILTER; of any other row they are empty."""
    if b"\\" in format_ or any("\\" in tag.name for tag in keys):
        return NEVER  # what stands for the end of a row could not be told from a name
    end = rb"\t%b%b" % (re.escape(format_), samples.pattern) if samples else rb"\Z"
    row = (_to_info(keys) + end).replace(rb"\Z", rb"(?=\n)").replace(b"[^", rb"[^\n")
    return re.compile(rb"%b\n|[^\n]*+\n" % row)


def _to_info(keys: Sequence[Tag]) -> bytes:
    entries = b"".join(
        rb"(?:%b%b(?:;(?=[^;\t])|(?=\t|\Z)))?+" % (re.escape(tag.name.encode()), _entry_value(tag))
        for tag in keys
    )
    return rb"%b(?:\.(?=\t|\Z)|(?=[^.\t])%b)" % (FIXED, entries)


def _entry_value(tag: Tag) -> bytes:
    if tag.type == "Flag":
        return rb"(?:=[^;\t ]*+)?+(?=[;\t]|\Z)"
    return rb"=(?=[^;\t])%b" % values_of(tag.type, rb";\t ")


def allele_pattern(alleles: int) -> bytes:
    """An index of one of so many alleles, or a missing one."""
    if alleles <= 10:
        return rb"[.0-%d]" % (alleles - 1)
    return rb"(?:\.|%b)(?![0-9])" % b"|".join(b"%d" % index for index in range(alleles - 1, -1, -1))


def genotype_pattern(alleles: int, *, led: bool) -> bytes:
    """`led`: a phase may stand in front, as from VCF 4.4 on."""
    allele = allele_pattern(alleles)
    return rb"%b%b(?:[/|]%b)*+" % (rb"[/|]?+" if led else b"", allele, allele)


def samples_pattern(
    tags: Sequence[Tag], alts: int, *, samples: int, led: bool
) -> re.Pattern[bytes]:
    """So many samples of a record with this FORMAT and so many ALT, each after a tab, to the end
    of the row. Of several ALT the values have to be as many as Number says, or missing. Values at
    the end may be left out, but not GT."""

    def value(tag: Tag) -> bytes:
        if tag.name == "GT":
            return genotype_pattern(alts + 1, led=led)
        return _counted(tag, alts) if alts > 1 else _any_number(tag)

    needed, rest = values_needed(tags), b""
    for at, tag in reversed(list(enumerate(tags))[1:]):
        rest = rb"(?::%b%b)%b" % (value(tag), rest, b"?+" if at >= needed else b"")
    return re.compile(rb"(?:\t%b%b){%d}+(?<! )\Z" % (value(tags[0]), rest, samples))


def values_needed(tags: Sequence[Tag]) -> int:
    """How many of a sample's values stand up to GT, which comes first as a rule. Readers take one
    that is left out for a genotype of a reference allele, or give up."""
    return next((at for at, tag in enumerate(tags, 1) if tag.name == "GT"), 1)


def _any_number(tag: Tag) -> bytes:
    return rb"(?=[^:\t])" + values_of(tag.type, rb":\t")


def _counted(tag: Tag, alts: int) -> bytes:
    counts = counts_of(tag.number, alts)
    if not counts:
        return _any_number(tag)
    numeric = tag.type in ("Integer", "Float")
    one = value_of(tag.type) if numeric else rb"[^,:\t]++"
    choices = [rb"%b(?:,%b){%d}+(?=[:\t]|\Z)" % (one, one, count - 1) for count in counts]
    return rb"(?:%b|\.)" % b"|".join(choices)


def counts_of(number: str, alts: int) -> tuple[int, ...]:
    """How many values fit so many ALT; empty if any do. By genotype of two copies, or of one."""
    if number == "A":
        return (alts,)
    if number == "R":
        return (alts + 1,)
    if number == "G":
        return ((alts + 1) * (alts + 2) // 2, alts + 1)
    return ()
