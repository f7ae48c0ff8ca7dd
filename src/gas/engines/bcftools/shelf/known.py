"""Known variants of a reference, as they lie in `known/<name>-<release>/`.

A folder holds `source.json`, and `variants.tsv.gz` with its index: one row for each variant (split,
left-aligned) or interval, under the reference's names of contigs, sorted; positions are 1-based,
ends included. Columns: contig, position, REF, ALT, rs numbers, fields; of intervals contig, start,
end, fields. A folder appears whole, by a rename, and is not changed afterwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FOLDER = "known"
ABOUT_NAME = "source.json"
TABLE_NAME = "variants.tsv.gz"
INDEX_NAME = "variants.tsv.gz.csi"
MARK = ""
"""What the field is made of that says no more than 'it is in there'."""
FIRST = "dbsnp"
"""Its rs numbers go before those of others."""


@dataclass(frozen=True, slots=True)
class KnownField:
    """One field of a source, and the INFO field of results that it becomes."""

    source: str
    """An INFO key, 'ID', 'FILTER', or a column of a BED; MARK for the first one."""
    name: str
    number: str
    kind: str
    """A type of the VCF specification."""
    text: str
    """The source's own description."""


@dataclass(frozen=True, slots=True)
class Known:
    """One release of one source."""

    name: str
    release: str
    title: str
    path: str
    """Of its folder."""
    intervals: bool
    records: int
    rows: Mapping[str, int]
    """How many on each contig."""
    has_rs: bool
    fields: tuple[KnownField, ...]
    """The mark first."""
    added_at: str
    checksum: str
    """SHA-256 of the table."""
    size_bytes: int

    @property
    def table_path(self) -> Path:
        return Path(self.path) / TABLE_NAME

    @property
    def index_path(self) -> Path:
        return Path(self.path) / INDEX_NAME

    @property
    def mark(self) -> str:
        """The INFO flag of every variant that it holds."""
        return self.fields[0].name

    def plain(self) -> dict[str, Any]:
        """As a child is told it."""
        return asdict(self)


def from_plain(told: Mapping[str, Any]) -> Known:
    fields = tuple(KnownField(**row) for row in told["fields"])
    return Known(**{**told, "fields": fields})


def read_known(reference_path: Path) -> tuple[Known, ...]:
    """All that a reference has, by name and from the oldest release to the newest. What cannot be
    read is not there."""
    found = []
    for about_path in (reference_path / FOLDER).glob(f"[!.]*/{ABOUT_NAME}"):
        try:
            found.append(_parse(json.loads(about_path.read_text()), about_path.parent))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return tuple(sorted(found, key=_order))


def newest(known: Iterable[Known]) -> tuple[Known, ...]:
    """The last release of each source: what a job uses. The first to give rs numbers first."""
    last = {one.name: one for one in sorted(known, key=_order)}
    return tuple(sorted(last.values(), key=lambda one: (one.name != FIRST, one.name)))


def folder_name(name: str, release: str) -> str:
    return f"{name}-{release}"


def release_order(release: str) -> list[tuple[int, int, str]]:
    """Numbers in it by size, so that 4.10 comes after 4.9."""
    parts = re.findall(r"[0-9]+|[^0-9]+", release)
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def _order(known: Known) -> tuple[str, list[tuple[int, int, str]], str]:
    return known.name, release_order(known.release), known.added_at


def _parse(about: Mapping[str, Any], path: Path) -> Known:
    files = about["files"]
    return Known(
        name=about["source"],
        release=about["release"],
        title=about["title"],
        path=str(path.resolve()),
        intervals=about["intervals"],
        records=about["records"],
        rows=about["rows"],
        has_rs=about["has_rs"],
        fields=tuple(KnownField(**row) for row in about["fields"]),
        added_at=about["added_at"],
        checksum=files[TABLE_NAME]["sha256"],
        size_bytes=sum(file["bytes"] for file in files.values()),
    )
