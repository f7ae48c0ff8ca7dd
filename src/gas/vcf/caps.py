"""How much of everything a file may have. Each cap has a code of its own in `faults`.

Bytes are counted unpacked, never by ratio: an honest cohort VCF packs 125-fold.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caps:
    line_bytes: int = 64 * 2**20
    """A cohort of a million genotypes is about 4 MB wide."""
    unpacked_bytes: int = 2**40
    """Of the file, and of the records once each has one ALT."""
    records: int = 500_000_000
    alleles: int = 1000
    """ALT alleles of a record. Past it the record is set aside, as it would be that many."""
    split_bytes: int = 256 * 2**20
    """Bytes of a record times its ALT alleles; past it the record is set aside."""
    samples: int = 1_000_000
    header_bytes: int = 64 * 2**20
    contigs: int = 500_000
    """That the header declares."""
    keys: int = 20_000
    """INFO, FORMAT and FILTER together, declared or not; the richest real files have 2,000."""
    info_entries: int = 10_000
    """Of one record."""
