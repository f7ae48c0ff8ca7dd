"""What a prediction says of a record as a whole, for its row of the table of variants."""

from __future__ import annotations

from collections.abc import Sequence
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


class Predicted(Protocol):
    @property
    def texts(self) -> Sequence[str]:
        """One entry of CSQ each, its fields joined by '|'."""

    @property
    def verdict(self) -> Verdict: ...


class Told:
    """Counts as it tells."""

    def __init__(self, csq_fields: Sequence[str]) -> None:
        self._located = Located()
        self._no_entry = "\t" * (len(csq_fields) - 1)
        self._nothing = ("\t" * 4 + self._no_entry + "\t" + self._no_entry).encode()
        self._verdict: Verdict | None = None
        self._head = ""
        self._records = 0
        self._symbols: dict[tuple[str, ...], str] = {}

    def text(self, prediction: Predicted | None) -> bytes:
        """Columns from `consequence` to the last of the two picks, which are whole entries."""
        if prediction is None or not prediction.texts:
            self._located.add(())
            return self._nothing
        texts, verdict = prediction.texts, prediction.verdict
        if verdict is not self._verdict:
            self._begin(verdict)
        self._records += 1
        at = verdict.pick
        pick = texts[at].replace("|", "\t") if at >= 0 else self._no_entry
        if verdict.pick_mane == at:
            return f"{self._head}{pick}\t{pick}".encode()
        at = verdict.pick_mane
        mane = texts[at].replace("|", "\t") if at >= 0 else self._no_entry
        return f"{self._head}{mane}\t{pick}".encode()

    def located(self) -> Located:
        """So far."""
        self._settle()
        return self._located

    def _begin(self, verdict: Verdict) -> None:
        """Records side by side mostly share a verdict: what it says is written once."""
        self._settle()
        self._verdict = verdict
        terms, symbols = self._located.text(verdict.terms), self._distinct(verdict.symbols)
        self._head = f"{verdict.most_severe}\t{verdict.impact}\t{terms}\t{symbols}\t"

    def _settle(self) -> None:
        if self._verdict is not None:
            self._located.add(self._verdict.terms, self._records)
        self._records = 0

    def _distinct(self, symbols: tuple[str, ...]) -> str:
        """Records side by side lie near the same transcripts, so most are answered from memory."""
        text = self._symbols.get(symbols)
        if text is None:
            if len(self._symbols) >= MOST_KEPT:
                self._symbols.clear()
            text = ",".join(filter(None, dict.fromkeys(symbols)))
            self._symbols[symbols] = text
        return text
