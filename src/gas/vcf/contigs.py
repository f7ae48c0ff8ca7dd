"""Which contig of a reference a name in a VCF means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from gas.vcf.accessions import MITOCHONDRION, same_names

PLACED = re.compile(
    r"(?:[0-9]{1,2}|[a-z]|un|mt?)_([a-z]{2,6}[0-9]{4,12})(?:v([0-9]{1,2}))?(?:_[a-z]{1,6})?\Z"
)
"""As UCSC names a scaffold: 'chr1_KI270706v1_random' is KI270706.1."""
VERSIONED = re.compile(r"([a-z]{1,6}_?[0-9]{5,12})\.[0-9]{1,2}\Z")
MITOCHONDRIA = {"m", "mt", "mito", "mtdna", "mitochondrion", "mitochondria"}


class ContigNames:
    """Every name under which the contigs of one reference are known."""

    def __init__(
        self, lengths: Mapping[str, int], aliases: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """`aliases`: further names by contig, as the reference's own files give them."""
        self.lengths = lengths
        self._contig_by_name = {name: name for name in lengths}
        for contig in lengths:
            for alias in (*(aliases or {}).get(contig, ()), *_known(contig, lengths[contig])):
                self._contig_by_name.setdefault(alias, contig)
        self._contig_by_plain = _unique(
            (plain(name), c) for name, c in self._contig_by_name.items()
        )
        self._contig_by_bare = _unique(
            (bare, contig)
            for name, contig in self._contig_by_plain.items()
            if (bare := _without_version(name)) != name
        )

    def find(self, name: str) -> str | None:
        """The reference's own name, or None."""
        found = self._contig_by_name.get(name)
        if found is not None:
            return found
        key = plain(name)
        found = self._contig_by_plain.get(key) or self._contig_by_bare.get(key)
        return found or self._contig_by_plain.get(_without_version(key))

    def adopt(self, declared: Mapping[str, int]) -> str | None:
        """A file that declares one contig, of the length of the reference's only one, means it,
        whatever its name. Gives the name that was adopted."""
        if len(declared) != 1 or len(self.lengths) != 1:
            return None
        (name, bases), (contig, contig_bases) = *declared.items(), *self.lengths.items()
        if self.find(name) is not None or bases != contig_bases:
            return None
        self._contig_by_name[name] = contig
        return name


def plain(name: str) -> str:
    """What is left of a name without what naming customs differ in: case, 'chr', leading zeros,
    and the way to write an accession. A version stays: it tells sequences apart."""
    key = name.lower().removeprefix("chromosome").removeprefix("chr").lstrip("_")
    if key.isdecimal():
        return key.lstrip("0") or key
    if key in MITOCHONDRIA:
        return "mt"
    placed = PLACED.match(key)
    return f"{placed[1]}.{placed[2] or 1}" if placed else key


def _without_version(key: str) -> str:
    """An accession given without a version means whichever version is there."""
    found = VERSIONED.match(key)
    return found[1] if found else key


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Those that lead to one contig only."""
    found: dict[str, str] = {}
    twice = set()
    for key, contig in pairs:
        if found.setdefault(key, contig) != contig:
            twice.add(key)
    return {key: contig for key, contig in found.items() if key not in twice}


def _known(contig: str, bases: int) -> set[str]:
    """Names that published tables give to this contig, by its name and length."""
    names: set[str] = set()
    if contig in MITOCHONDRION[:4]:
        names.update(MITOCHONDRION[:4])
    for same in same_names(bases):
        if contig in same:
            names.update(same)
    return names - {contig}
