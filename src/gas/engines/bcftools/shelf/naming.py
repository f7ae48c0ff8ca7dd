"""Which INFO field of results a field of a source becomes.

It keeps its name where it can: tools look for CLNSIG, not for clinvar_CLNSIG. It is put behind the
name of its source where the VCF specification or another tool gives the name a meaning of its own
(AF of a source is not AF of the input), and where another source has it. Upper and lower case do
not tell two names apart, since they do not in tables.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from gas.domain.errors import InputError
from gas.engines.bcftools.shelf.known import MARK, KnownField

SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}\Z")
RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.]{0,31}\Z")
KEY = re.compile(r"[A-Za-z_][0-9A-Za-z_.]{0,63}\Z")
COLUMNS = ("ID", "FILTER")
"""Columns of a VCF that may be asked for like INFO keys."""
TAKEN = """
AA AC AD ADF ADR AF AN BQ CIGAR DB DP END H2 H3 MQ MQ0 NS SB SOMATIC VALIDATED 1000G IMPRECISE NOVEL
SVTYPE SVLEN SVCLAIM CIPOS CIEND CILEN HOMLEN HOMSEQ BKPTID MEINFO METRANS DGVID DBVARID DBRIPID
MATEID PARID EVENT EVENTTYPE DPADJ CN CICN CNADJ CICNADJ RN RUS RUL RUC RUB RB CIRUC CIRB
CSQ BCSQ ANN EFF LOF NMD
"""
"""VCF 4.5, sections 1.6.1 and 3; the last row: consequences as tools write them."""
RESERVED = frozenset(TAKEN.split())


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field of a source that was chosen."""

    source: str
    name: str = ""
    """Of the INFO field, if that was chosen too."""


def parse_fields(text: str) -> tuple[Wanted, ...]:
    """'ID,CLNSIG,AF=lab_AF': fields of the source, and what to call them. InputError BAD_FIELDS."""
    wanted = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        source, _, name = (word.strip() for word in part.partition("="))
        if not KEY.match(source) or not (not name or KEY.match(name)):
            raise InputError(
                "BAD_FIELDS",
                f"'{part[:60]}' names no field.",
                cure="Give INFO keys, ID or FILTER, as in --fields ID,CLNSIG,AF=lab_AF.",
            )
        wanted.append(Wanted(source, name))
    return tuple(wanted)


def check_source(name: str, release: str) -> None:
    """InputError BAD_SOURCE_NAME."""
    if not SOURCE_NAME.match(name):
        what, example = "source", "lower-case letters, digits, '_' and '-', like 'clinvar'"
    elif not RELEASE.match(release):
        what, example = "release", "letters, digits, '_' and '.', like '20240107'"
    else:
        return
    raise InputError(
        "BAD_SOURCE_NAME",
        f"The name of a {what} cannot be used.",
        cure=f"A {what} has {example}.",
    )


def named(name: str, wanted: Iterable[Wanted], taken: Collection[str]) -> tuple[KnownField, ...]:
    """The mark and the wanted fields, each with a name of its own; number, kind and text are still
    to be learnt from the file. `taken`: names that other sources have.

    InputError FIELD_NAME_TAKEN for a chosen name that cannot be had, BAD_FIELDS for a field that
    is wanted twice.
    """
    prefix = name.replace("-", "_")
    used = {key.casefold() for key in taken}
    fields = [KnownField(MARK, _free(f"in_{prefix}", "", used), "0", "Flag", "Listed in it")]
    seen: set[str] = set()
    for want in wanted:
        if want.source in seen:
            raise InputError(
                "BAD_FIELDS",
                f"The field {want.source} is wanted twice.",
                cure="Name each field once.",
            )
        seen.add(want.source)
        fields.append(KnownField(want.source, _name(prefix, want, used), ".", "String", ""))
    return tuple(fields)


def unlike(field: str, source: str, reserved: Collection[str]) -> str:
    """A name for `field` that is not among the `reserved` ones: of a file that has fields of its
    own under the usual name."""
    used = {key.casefold() for key in reserved}
    return _free(field, source.replace("-", "_"), used)


def _name(prefix: str, want: Wanted, used: set[str]) -> str:
    if want.name:
        if want.name in RESERVED or want.name.casefold() in used:
            raise InputError(
                "FIELD_NAME_TAKEN",
                f"The INFO field {want.name} is taken by the VCF specification or another source.",
                cure="Choose another name, or none, so that one is made.",
            )
        used.add(want.name.casefold())
        return want.name
    if want.source in COLUMNS or want.source in RESERVED or not KEY.match(want.source):
        return _free(f"{prefix}_{want.source}", "", used)
    return _free(want.source, prefix, used)


def _free(name: str, prefix: str, used: set[str]) -> str:
    """`name`, else `prefix_name`, else with a number; it is used from then on."""
    name = name if KEY.match(name) else f"_{name}"
    found, number = name, 2
    if found.casefold() in used and prefix:
        found = name = f"{prefix}_{name}"
        found = name = found if KEY.match(found) else f"_{found}"
    while found.casefold() in used:
        found = f"{name}_{number}"
        number += 1
    used.add(found.casefold())
    return found
