"""What a prediction says of a record as a whole, for its row of the table of variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gas.engines.bcftools.outputs.located import Located

CONSEQUENCE, SYMBOL = 1, 3
"""Places in an entry of CSQ, from 0; the last two are PICK and PICK_MANE."""
LAST_FIELDS = ("PICK", "PICK_MANE")
CHOSEN = "1"
CHOSEN_PICK = (f"|{CHOSEN}|", f"|{CHOSEN}|{CHOSEN}")
UNCHOSEN = "||"
"""How an entry ends that is neither pick."""
MOST_KEPT = 50_000


class Predicted(Protocol):
    @property
    def texts(self) -> Sequence[str]:
        """One entry of CSQ each, its fields joined by '|'."""

    @property
    def most_severe(self) -> str: ...
    @property
    def impact(self) -> str: ...


class Told:
    """Counts as it tells: what is `located`."""

    def __init__(self, csq_fields: Sequence[str]) -> None:
        head, tail = csq_fields[: SYMBOL + 1], csq_fields[-2:]
        if (head[CONSEQUENCE], head[SYMBOL], *tail) != ("Consequence", "SYMBOL", *LAST_FIELDS):
            raise ValueError("the fields of CSQ are not where the tables look for them")
        self.located = Located()
        self._no_entry = "\t" * (len(csq_fields) - 1)
        self._nothing = ("\t" * 4 + self._no_entry + "\t" + self._no_entry).encode()
        self._symbols: dict[Sequence[str], str] = {}

    def text(self, prediction: Predicted | None) -> bytes:
        """Columns from `consequence` to the last of the two picks, which are whole entries."""
        if prediction is None or not prediction.texts:
            self.located.add(())
            return self._nothing
        texts = prediction.texts
        mane = pick = ""
        for text in texts:
            if text[-2:] != UNCHOSEN:
                mane = text if text.endswith(CHOSEN) else mane
                pick = text if text.endswith(CHOSEN_PICK) else pick
        heads = [text.split("|", SYMBOL + 1) for text in texts]
        return "\t".join(
            (
                prediction.most_severe,
                prediction.impact,
                self.located.add(tuple([head[CONSEQUENCE] for head in heads])),
                self._distinct(tuple([head[SYMBOL] for head in heads])),
                mane.replace("|", "\t") or self._no_entry,
                pick.replace("|", "\t") or self._no_entry,
            )
        ).encode()

    def _distinct(self, symbols: Sequence[str]) -> str:
        """Records side by side lie near the same transcripts, so most are answered from memory."""
        text = self._symbols.get(symbols)
        if text is None:
            if len(self._symbols) >= MOST_KEPT:
                self._symbols.clear()
            text = ",".join(filter(None, dict.fromkeys(symbols)))
            self._symbols[symbols] = text
        return text
