"""What a user may choose for a job beside its reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class AnnotationOptions:
    """What a user may choose beside the reference."""

    haplotypes: bool = False
    """Consequences of phased genotypes together, besides those of each variant."""
    ann: bool = False
    """INFO/ANN as well as INFO/CSQ."""
    keep_csq: bool = False
    """An annotation that the input has is kept, under another name."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of those that are on."""
        return tuple(it.name for it in fields(self) if getattr(self, it.name))


NO_OPTIONS = AnnotationOptions()


def options_of(names: Iterable[str]) -> AnnotationOptions:
    """The options named; names that this version does not know are passed over."""
    given = set(names)
    return AnnotationOptions(**{it.name: it.name in given for it in fields(AnnotationOptions)})
