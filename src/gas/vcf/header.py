"""The header of a VCF, read leniently and written strictly.

Lines stay as they are where a strict reader takes them. Mended are: byte order marks and line
ends (by `lines`), a missing or foreign version line, definitions without Number or Type, the
VCF 3.3 style, doubled definitions and sample names, definitions that records use but the header
lacks, and those whose Type or Number the values do not fit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gas.vcf import faults
from gas.vcf.caps import Caps
from gas.vcf.definitions import PINNED, Tag, undeclared, with_attribute

DEFINED = ("INFO", "FORMAT", "FILTER", "contig")
VERSION = "##fileformat=VCFv4."
LENGTH = re.compile(r"[<,]length=([0-9]{1,10})[,>]")
MOST_REPAIRS = 100
"""That are told one by one."""


@dataclass(slots=True)
class Header:
    """What stands above the records."""

    lines: list[str] = field(default_factory=list)
    """Mended '##' lines, the version line first, without those of contigs."""
    contig_lines: dict[str, str] = field(default_factory=dict)
    declared: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in DEFINED})
    tags: dict[str, dict[bytes, Tag]] = field(default_factory=lambda: {"INFO": {}, "FORMAT": {}})
    columns: list[str] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)
    """What was mended, and how often; sentences for the log."""
    caps: Caps = field(default_factory=Caps)
    changes: int = 0
    """Counts what makes patterns of records out of date."""

    @property
    def contig_lengths(self) -> dict[str, int]:
        """Of the contigs that are declared with a length."""
        found = ((name, LENGTH.search(line)) for name, line in self.contig_lines.items())
        return {name: int(length[1]) for name, length in found if length}

    @property
    def version(self) -> int:
        """The 2 of VCF 4.2."""
        return int(self.lines[0].removeprefix(VERSION))

    def raise_version(self, version: int) -> None:
        """Records are written as from VCF 4.`version` on only."""
        if self.version < version:
            self.lines[0] = f"{VERSION}{version}"
            self.changes += 1
            self.repairs[f"The version line was set to VCFv4.{version}, as the records need."] += 1

    def text(self, contigs: Mapping[str, int], extra: Iterable[str] = ()) -> str:
        """The whole header. `contigs`: names the records use, in order, with their lengths; they
        are declared first where the input does not."""
        missing = [
            f"##contig=<ID={name},length={bases}>"
            for name, bases in contigs.items()
            if name not in self.contig_lines
        ]
        rows = [*self.lines, *self.contig_lines.values(), *missing, *extra]
        return "\n".join([*rows, "\t".join(self.columns)]) + "\n"

    def carrier_text(self, contigs: Mapping[str, int], extra: Iterable[str] = ()) -> str:
        """A header for tools between intake and results: `contigs` only, and values that a tool
        would write in another way (1.50 as 1.5) declared as text, so that they come out as they
        went in. What extent and genotypes are told by stays, and what is split by genotype."""
        rows = list(self.lines)
        for kind, tags in self.tags.items():
            for tag in tags.values():
                numeric = ("Float", "Integer") if kind == "INFO" else ("Float",)
                pinned = (kind, tag.name) in PINNED or (kind == "FORMAT" and tag.number == "G")
                if tag.type in numeric and not pinned:
                    rows[tag.row] = with_attribute(rows[tag.row], "Type", "String")
        rows += [f"##contig=<ID={name},length={bases}>" for name, bases in contigs.items()]
        return "\n".join([*rows, *extra, "\t".join(self.columns)]) + "\n"

    def define(self, kind: str, name: str, number: str, type_name: str, line: str) -> None:
        """TooLarge past the cap."""
        self.declared[kind].add(name)
        if sum(len(self.declared[kind]) for kind in DEFINED[:3]) > self.caps.keys:
            raise faults.TOO_MANY_KEYS.error(detail=f"At most {self.caps.keys:,} are.")
        if kind in self.tags:
            tag = Tag(kind, name, number, type_name, len(self.lines))
            self.tags[kind][name.encode()] = tag
        self.lines.append(line)

    def retype(self, tag: Tag, type_name: str) -> None:
        """Values were found that its Type does not allow."""
        self._tell(f"{tag.kind}/{tag.name} was declared {type_name}: not all are {tag.type}.")
        tag.type = type_name
        self.changes += 1
        self.lines[tag.row] = with_attribute(self.lines[tag.row], "Type", type_name)

    def renumber(self, tag: Tag) -> None:
        """In most records of several ALT its values are not as many as its Number says."""
        self._tell(
            f"{tag.kind}/{tag.name} was declared Number=.: not {tag.number} in most records."
        )
        tag.number = "."
        self.lines[tag.row] = with_attribute(self.lines[tag.row], "Number", ".")

    def _tell(self, repair: str) -> None:
        if len(self.repairs) > MOST_REPAIRS and repair not in self.repairs:
            repair = "Further definitions were declared as their values are."
        self.repairs[repair] += 1


def declare(header: Header, kind: str, name: str) -> None:
    """Adds a definition that records use and the header lacks."""
    header.define(kind, name, *undeclared(kind, name))
    header.repairs[f"{kind} that the header does not describe was declared."] += 1


def readable(raw: bytes) -> str:
    """UTF-8, else Latin-1: header lines may not be dropped for an accent."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
