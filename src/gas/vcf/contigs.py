"""Which contig of a reference a name in a VCF means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gas.vcf.accessions import MITOCHONDRION, same_names


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

    def find(self, name: str) -> str | None:
        """The reference's own name, or None."""
        found = self._contig_by_name.get(name)
        if found is None and name.lower().startswith("chr"):
            found = self._contig_by_name.get(name[3:])
        return found or self._contig_by_name.get(f"chr{name}")

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


def _known(contig: str, bases: int) -> set[str]:
    """Names that published tables give to this contig, by its name and length."""
    names: set[str] = set()
    if contig in MITOCHONDRION[:4]:
        names.update(MITOCHONDRION[:4])
    for same in same_names(bases):
        if contig in same:
            names.update(same)
    return names - {contig}
