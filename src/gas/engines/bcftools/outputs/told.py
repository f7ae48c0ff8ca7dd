"""What a prediction says of a record as a whole, for its row of the table of variants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from gas.engines.bcftools.outputs.located import Located

MOST_KEPT = 50_000


class Verdict(Protocol):
    """Of a prediction as a whole."""

    @property
    def most_severe(self) -> str: ...
    @property
    def impact(self) -> str: ...
    @property
    def terms(self) -> tuple[str, ...]:
        """Consequence of each entry."""

    @property
    def symbols(self) -> tuple[str, ...]: ...
    @property
    def pick(self) -> int:
        """Which entry, from 0; -1 if there is none."""

    @property
    def pick_mane(self) -> int: ...


class Alike(Protocol):
    """Records of which the same is said."""

    @property
    def places(self) -> Sequence[int]:
        """Which of all those that are told, from 0."""

    @property
    def verdict(self) -> Verdict: ...
    @property
    def entries(self) -> Sequence[Sequence[str]]:
        """Of CSQ, their fields joined by '|': by transcript, then by record."""


class Told:
    """Counts as it tells."""

    def __init__(self, csq_fields: Sequence[str]) -> None:
        self._located = Located()
        self._no_entry = "\t" * (len(csq_fields) - 1)
        self._nothing = ("\t" * 4 + self._no_entry + "\t" + self._no_entry).encode()
        self._verdict: Verdict | None = None
        self._head = ""
        self._symbols: dict[tuple[str, ...], str] = {}

    def texts(self, alike: Iterable[Alike], records: int) -> list[bytes]:
        """Of so many records, columns from `consequence` to the last of the two picks, which are
        whole entries."""
        texts = [self._nothing] * records
        for same in alike:
            places, verdict, entries = same.places, same.verdict, same.entries
            self._located.add(verdict.terms if entries else (), len(places))
            if not entries:
                continue
            if verdict is not self._verdict:
                self._begin(verdict)
            head, no_entry = self._head, self._no_entry
            at, among_mane = verdict.pick, verdict.pick_mane
            pick = [one.replace("|", "\t") for one in entries[at]] if at >= 0 else None
            picks = pick or [no_entry] * len(places)
            manes = picks
            if among_mane != at:
                mane = entries[among_mane] if among_mane >= 0 else ()
                manes = [one.replace("|", "\t") for one in mane] or [no_entry] * len(places)
            for place, of_mane, of_all in zip(places, manes, picks, strict=True):
                texts[place] = f"{head}{of_mane}\t{of_all}".encode()
        return texts

    def located(self) -> Located:
        """So far."""
        return self._located

    def _begin(self, verdict: Verdict) -> None:
        """Records side by side mostly share a verdict: what it says is written once."""
        self._verdict = verdict
        terms, symbols = self._located.text(verdict.terms), self._distinct(verdict.symbols)
        self._head = f"{verdict.most_severe}\t{verdict.impact}\t{terms}\t{symbols}\t"

    def _distinct(self, symbols: tuple[str, ...]) -> str:
        """Records side by side lie near the same transcripts, so most are answered from memory."""
        text = self._symbols.get(symbols)
        if text is None:
            if len(self._symbols) >= MOST_KEPT:
                self._symbols.clear()
            text = ",".join(filter(None, dict.fromkeys(symbols)))
            self._symbols[symbols] = text
        return text
