"""A VCF of known variants as it is found in, a plain one out: what `norm` can take.

Out go the contigs of the reference under its own names, ID, and the chosen fields as text under
names of our own (F1, F2...), so that no value is changed on the way and no faulty definition or
field that nobody asked for can stop it. Samples, QUAL and everything else stay behind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Protocol

from gas.domain.errors import InputError
from gas.engines.bcftools.shelf.known import KnownField
from gas.engines.bcftools.shelf.naming import COLUMNS
from gas.vcf.contigs import ContigNames

BASES = re.compile(rb"[ACGTNacgtn]+\Z")
ATTRIBUTE = re.compile(r'([^=,<>]+)=("(?:[^"\\]|\\.)*"|[^,]*)(?:,|>?\s*$)')
TYPES = {"integer": "Integer", "float": "Float", "flag": "Flag"}
FIRST_PROBES = 200
"""Of each contig so many records are compared with the genome, then every PROBE_EVERYth."""
PROBE_EVERY = 997
MOST_WRONG = 0.02
FEWEST_WRONG = 3
NO_CONTIG, NO_PLACE, NO_ALLELES, NO_COLUMNS = (
    "on a contig that the reference does not have",
    "beyond the end of its contig, or without a position",
    "with a REF or ALT that is no sequence",
    "with too few columns",
)
"""Why a record is left out, after 'records'."""


class Bases(Protocol):
    """The genome: pysam's FastaFile."""

    def fetch(self, reference: str, start: int, end: int) -> str:
        """0-based, the end left out."""


@dataclass(slots=True)
class Mended:
    """What was found on the way."""

    fields: list[KnownField]
    """As wanted, with number, type and text of the header."""
    left_out: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    compared: int = 0
    wrong: int = 0
    written: int = 0


class Mender:
    def __init__(
        self,
        fields: Sequence[KnownField],
        names: ContigNames,
        genome: Bases,
        learnt: Callable[[Sequence[KnownField]], object] = lambda _fields: None,
    ) -> None:
        """`learnt` is told the fields as the header describes them, before anything goes out."""
        self._learnt = learnt
        self._names = names
        self._genome = genome
        self._contigs: dict[bytes, str | None] = {}
        self._probed: Counter[str] = Counter()
        self._declared: dict[str, dict[str, str]] = {}
        self.found = Mended(list(fields))
        self._keys: dict[bytes, int] = {}
        self._pattern: re.Pattern[bytes] | None = None
        self._filter_at = 0

    def run(self, lines: Iterable[bytes], target: BinaryIO) -> Mended:
        """InputError KNOWN_WRONG_BUILD, NO_SUCH_FIELD, NO_KNOWN_LEFT."""
        batch: list[bytes] = []
        began = False
        for line in lines:
            if line.startswith(b"#"):
                self._take_header(line)
                continue
            if not line.strip():
                continue
            if not began:
                batch.append(self._header())
                began = True
            if row := self._row(line):
                batch.append(row)
                if len(batch) > 4096:
                    target.write(b"".join(batch))
                    self.found.written += len(batch)
                    batch = []
        self.found.written += len(batch) - began
        target.write(b"".join(batch) if began else self._header())
        self._check_end()
        return self.found

    def _take_header(self, line: bytes) -> None:
        if line.startswith(b"##INFO=<"):
            text = line.decode("utf-8", "replace")
            attributes = dict(ATTRIBUTE.findall(text[len("##INFO=<") :]))
            self._declared.setdefault(attributes.get("ID", ""), attributes)

    def _header(self) -> bytes:
        """Of what goes out; from here on the fields are known."""
        self.found.fields = [_defined(one, self._declared) for one in self.found.fields]
        self._learnt(self.found.fields)
        keys = []
        for at, one in enumerate(self.found.fields):
            if one.source == "FILTER":
                self._filter_at = at
            elif at and one.source not in COLUMNS:
                self._keys[one.source.encode()] = at
                keys.append(re.escape(one.source.encode()))
        if keys:
            pattern = rb"(?:^|;)(" + b"|".join(keys) + rb")(?:=([^;]*))?(?=;|$)"
            self._pattern = re.compile(pattern)
        rows = ["##fileformat=VCFv4.2"]
        rows += [f"##contig=<ID={n},length={size}>" for n, size in self._names.lengths.items()]
        rows += [
            f'##INFO=<ID=F{at},Number={self._split_by(one)},Type=String,Description="">'
            for at, one in enumerate(self.found.fields)
            if at
        ]
        columns = "#CHROM POS ID REF ALT QUAL FILTER INFO".replace(" ", "\t")
        return "\n".join([*rows, columns, ""]).encode()

    def _split_by(self, one: KnownField) -> str:
        """'A' or 'R' of the source's own header: how `norm` deals values out to alleles."""
        number = self._declared.get(one.source, {}).get("Number", ".")
        return number if number in ("A", "R") else "."

    def _row(self, line: bytes) -> bytes | None:
        fields = line.split(b"\t")
        if len(fields) < 5:
            fields = line.split()
            if len(fields) < 5:
                return self._leave_out(NO_COLUMNS)
        name, position, ids, ref, alt = fields[:5]
        contig = self._contig(name)
        if contig is None:
            return self._leave_out(NO_CONTIG)
        at = int(position) if position.isdigit() and len(position) < 11 else 0
        if not 1 <= at <= self._names.lengths[contig]:
            return self._leave_out(NO_PLACE)
        if not BASES.match(ref) or alt in (b".", b"", b"-"):
            return self._leave_out(NO_ALLELES)
        ref = ref.upper()
        self._probe(contig, at, ref)
        told = self._told(fields, alt.count(b",") + 1)
        row = (contig.encode(), position, ids.replace(b" ", b"_") or b".", ref, alt.upper())
        return b"\t".join((*row, b".", b".", told)) + b"\n"

    def _told(self, fields: list[bytes], alts: int) -> bytes:
        """The chosen fields as INFO."""
        told = []
        if self._pattern is not None and len(fields) > 7:
            for key, value in self._pattern.findall(fields[7].replace(b" ", b"_")):
                at = self._keys[key]
                self.found.seen.add(self.found.fields[at].source)
                if self.found.fields[at].kind == "Flag":
                    told.append(b"F%d=1" % at)
                elif value and (alts == 1 or self._fits(at, value, alts)):
                    told.append(b"F%d=%b" % (at, value))
        if self._filter_at and len(fields) > 6 and fields[6] not in (b".", b""):
            told.append(b"F%d=%b" % (self._filter_at, fields[6].replace(b";", b",")))
        return b";".join(told) or b"."

    def _fits(self, at: int, value: bytes, alts: int) -> bool:
        """Whether `norm` can deal the values out; else they say nothing of any one allele."""
        number = self._split_by(self.found.fields[at])
        values = value.count(b",") + 1
        return number == "." or values == (alts if number == "A" else alts + 1)

    def _contig(self, name: bytes) -> str | None:
        if name not in self._contigs:
            self._contigs[name] = self._names.find(name.decode("utf-8", "replace"))
        return self._contigs[name]

    def _leave_out(self, why: str) -> bytes | None:
        self.found.left_out[why] += 1
        return None

    def _probe(self, contig: str, at: int, ref: bytes) -> None:
        self._probed[contig] += 1
        number = self._probed[contig]
        if number > FIRST_PROBES and number % PROBE_EVERY:
            return
        have = self._genome.fetch(contig, at - 1, at - 1 + len(ref)).upper()
        pairs = [(a, b) for a, b in zip(ref.decode(), have, strict=False) if a != "N" != b]
        if pairs:
            self.found.compared += 1
            self.found.wrong += any(a != b for a, b in pairs)
            if self.found.compared >= FIRST_PROBES:
                self._check_build()

    def _check_build(self) -> None:
        wrong, compared = self.found.wrong, self.found.compared
        if wrong >= min(FEWEST_WRONG, compared) > 0 and wrong / compared > MOST_WRONG:
            raise InputError(
                "KNOWN_WRONG_BUILD",
                f"In {wrong / compared:.1%} of the known variants REF is not what the reference "
                "has there.",
                cure="Give the file that was made for the genome build of the reference.",
            )

    def _check_end(self) -> None:
        self._check_build()
        declared = self.found.seen | self._declared.keys() | {*COLUMNS, ""}
        missing = [one.source for one in self.found.fields if one.source not in declared]
        if missing:
            raise no_such_field(missing[0], self._declared)
        if not self.found.written:
            raise nothing_left(self.found.left_out)


def no_such_field(name: str, known: Iterable[str]) -> InputError:
    has = ", ".join(sorted(filter(None, known))[:12]) or "none"
    return InputError(
        "NO_SUCH_FIELD",
        f"The known variants have no field {name}.",
        cure=f"Choose among those that they have: {has}.",
    )


def nothing_left(left_out: Mapping[str, int]) -> InputError:
    why = "; ".join(f"{count:,} records {why}" for why, count in left_out.items())
    return InputError(
        "NO_KNOWN_LEFT",
        f"Of the known variants none can be used. {why or 'There are none'}.",
        cure="Give a file of this genome, with its names of contigs or the usual other ones.",
    )


def _defined(one: KnownField, declared: Mapping[str, Mapping[str, str]]) -> KnownField:
    """A field as results declare it: text may have any number of values, since equal variants of
    the source are joined."""
    if one.source == "ID":
        return replace(one, text="Identifier of the variant")
    if one.source == "FILTER":
        return replace(one, text="Filters of the source that the variant did not pass, or PASS")
    if one.source not in declared:
        return one
    about = declared[one.source]
    kind = TYPES.get(about.get("Type", "").strip().lower(), "String")
    number = about.get("Number", ".").strip()
    text = about.get("Description", "").strip().removesuffix(">").strip('"')
    text = text.replace("\\", "").replace('"', "'")  # what would end it too early
    if kind == "Flag":
        return replace(one, kind=kind, number="0", text=text)
    numeric = kind != "String" and number in ("1", "A")
    return replace(one, kind=kind, number=number if numeric else ".", text=text)
