"""`<stem>.count.log`, and the same counts for the job's page.

A name there may begin with its group: 'Located: CDS' (see `gas.domain.counts`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gas.domain.counts import named

TOTAL, IN_DBSNP = "Total", "In dbSNP"
LOCATED, CONSEQUENCES, KNOWN = "Located", "Consequence", "In"
Counts = list[tuple[str, int]]


def counts_of(summary: Mapping[str, Any]) -> Counts:
    """In the order of the count log."""
    groups = (
        (LOCATED, summary["places"]),
        (CONSEQUENCES, summary["consequences"]),
        (KNOWN, summary["known"]["sources"]),
    )
    return [
        (TOTAL, summary["records"]["written"]),
        (IN_DBSNP, summary["known"]["in_dbsnp"]),
        *((named(group, found), count) for group, rows in groups for found, count in rows.items()),
    ]


def count_log(summary: Mapping[str, Any]) -> str:
    total, in_dbsnp = summary["records"]["written"], summary["known"]["in_dbsnp"]
    share = in_dbsnp / total if total else 0.0
    return "\n".join(
        [
            "## GAS count log",
            "## A record counts once for each place, consequence and source it has.",
            f"{TOTAL}: {total}",
            f"{IN_DBSNP}: {in_dbsnp} ({share:.1%})",
            "Variants located:",
            *_rows(summary["places"]),
            "Consequences:",
            *_rows(summary["consequences"]),
            *(f"In {name}: {count}" for name, count in summary["known"]["sources"].items()),
            "",
        ]
    )


def _rows(counts: Mapping[str, int]) -> list[str]:
    return [f"{name}: {count}" for name, count in counts.items()]
