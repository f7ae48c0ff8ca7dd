"""Counts what was found, for `<stem>.count.log`.

Located counts are by place, consequences by term. A record counts once for each place and term,
however many transcripts say so; so the located counts may add up to more than the total.
"""

from __future__ import annotations

from collections import Counter

PLACES = ("CDS", "5' UTR", "3' UTR", "Splice", "Intronic", "Non_coding", "interGenic")
PLACE_BY_TERM = {
    "5_prime_utr": "5' UTR",
    "3_prime_utr": "3' UTR",
    "intron": "Intronic",
    "non_coding": "Non_coding",
    "splice_acceptor": "Splice",
    "splice_donor": "Splice",
    "splice_region": "Splice",
    "coding_sequence": "CDS",
}
"""Every other term of csq speaks of the coding sequence."""
FOUND = b"BCSQ="


class Counts:
    def __init__(self) -> None:
        self.total = 0
        self._records_by_found: Counter[bytes] = Counter()
        self._places: Counter[str] = Counter()
        self._terms: Counter[str] = Counter()

    def add(self, info: bytes) -> None:
        """One record's INFO."""
        self.total += 1
        at = 0 if info.startswith(FOUND) else info.find(b";" + FOUND) + 1
        if at == 0 and not info.startswith(FOUND):
            self._records_by_found[b""] += 1
            return
        value = info[at + len(FOUND) :].partition(b";")[0]
        self._records_by_found[value] += 1
        if len(self._records_by_found) > 50_000:  # bounded memory
            self._settle()

    def table(self) -> list[tuple[str, int]]:
        """In the order of the count log."""
        self._settle()
        rows = [("Total", self.total)]
        rows += [(place, self._places[place]) for place in PLACES]
        return rows + sorted(self._terms.items(), key=lambda row: (-row[1], row[0]))

    def _settle(self) -> None:
        for value, records in self._records_by_found.items():
            terms = _terms_of(value)
            for term in terms:
                self._terms[term] += records
            places = {PLACE_BY_TERM.get(term, "CDS") for term in terms}
            for place in places or {"interGenic"}:
                self._places[place] += records
        self._records_by_found.clear()


def count_log(table: list[tuple[str, int]]) -> str:
    """The text of `<stem>.count.log`."""
    total, places = table[0], table[1 : 1 + len(PLACES)]
    terms = table[1 + len(PLACES) :]
    return "\n".join(
        [
            "## GAS count log",
            "## A record counts once for each place and each consequence it has.",
            f"{total[0]}: {total[1]}",
            "Variants located:",
            *(f"{name}: {count}" for name, count in places),
            "Consequences:",
            *(f"{name}: {count}" for name, count in terms),
            "",
        ]
    )


def _terms_of(value: bytes) -> set[str]:
    terms: set[str] = set()
    for consequence in value.decode("utf-8", "replace").split(","):
        names = consequence.partition("|")[0]
        if names and not names.startswith("@"):
            terms.update(name.lstrip("*") for name in names.split("&"))
    return terms - {""}
