"""The records that were set aside: `<stem>.rejected.vcf`, a VCF that says why for each.

One whose contig the reference lacks keeps all its fields, with GAS_CODE and GAS_LINE in front of
its INFO. Of any other the place and the alleles stay, if they can be read; its text goes, percent-
encoded, into GAS_TEXT.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Self
from urllib.parse import quote_from_bytes

from gas.vcf import faults
from gas.vcf.columns import ALT, BASES
from gas.vcf.faults import LINE_FAULTS, Fault
from gas.vcf.header import Header, declare

SHOWN_BYTES = 2000
NAME = re.compile(rb"[0-9A-Za-z!#$%&+./:?@^_|~-][0-9A-Za-z!#$%&*+./:=?@^_|~-]*\Z")
"""Of a contig, as the VCF specification allows it."""
DEFINITIONS = (
    '##INFO=<ID=GAS_CODE,Number=1,Type=String,Description="Why GAS set the record aside">',
    '##INFO=<ID=GAS_LINE,Number=1,Type=Integer,Description="Its line in the input">',
    '##INFO=<ID=GAS_TEXT,Number=1,Type=String,Description="Its text, percent-encoded">',
)


class Rejections:
    """A context: gathers rejected lines in a file of their own, which goes when it is left;
    `finish` puts the header above them."""

    def __init__(self, path: Path, header: Header) -> None:
        self._path = path
        self._body_path = path.with_name(path.name + ".body")
        self._header = header
        self._body = self._body_path.open("wb")
        self.counts: Counter[str] = Counter()
        self.first_lines: dict[str, int] = {}
        self._contigs: dict[str, int] = {}

    def add(self, line: bytes, number: int, fault: Fault) -> None:
        self.counts[fault.code] += 1
        self.first_lines.setdefault(fault.code, number)
        mark = b"GAS_CODE=%s;GAS_LINE=%d" % (fault.code.encode(), number)
        whole = line.count(b"\t") == len(self._header.columns) - 1
        if fault is faults.UNKNOWN_CONTIG and whole and _placed(line.split(b"\t", 8)):
            fields = line.split(b"\t")
            fields[7] = mark if fields[7] in (b".", b"") else mark + b";" + fields[7]
        else:
            fields = self._as_text(line, mark, whole=whole)
        if len(self._contigs) < 1000:
            self._contigs[fields[0].decode()] = 0
        self._body.write(b"\t".join(fields) + b"\n")

    def _as_text(self, line: bytes, mark: bytes, *, whole: bool) -> list[bytes]:
        """What could be read of it wrongly goes percent-encoded, the place stays if it is one."""
        shown = line[:SHOWN_BYTES]
        fields = shown.split(b"\t", 8)
        if not whole or len(shown) < len(line) or not _placed(fields):
            plain = fields[0].isalnum() and fields[0].isascii()
            fields = [fields[0] if plain else b"unreadable", b"0", b".", b"N", b"."]
        text = quote_from_bytes(shown, safe="").encode()
        blank = [b"GT", *[b"."] * (len(self._header.columns) - 9)]
        samples = blank if len(self._header.columns) > 8 else []
        return [*fields[:5], b".", b".", mark + b";GAS_TEXT=" + text, *samples]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._body.close()
        self._body_path.unlink(missing_ok=True)

    @property
    def count(self) -> int:
        return self.counts.total()

    def finish(self) -> Path | None:
        """The file, if anything was rejected."""
        self._body.close()
        if self.count:
            self._write()
        return self._path if self.count else None

    def _write(self) -> None:
        if len(self._header.columns) > 8 and "GT" not in self._header.declared["FORMAT"]:
            declare(self._header, "FORMAT", "GT")
        told = [
            f'##GAS_CODE=<ID={code},Reason="{fault.reason}",Cure="{fault.cure}">'
            for code, fault in LINE_FAULTS.items()
            if code in self.counts
        ]
        missing = [name for name in self._contigs if name not in self._header.contig_lines]
        told += [f"##contig=<ID={name}>" for name in missing]
        with self._path.open("wb") as target, self._body_path.open("rb") as body:
            target.write(self._header.text({}, (*DEFINITIONS, *told)).encode())
            while chunk := body.read(1 << 20):
                target.write(chunk)


def _placed(fields: list[bytes]) -> bool:
    """Whether a reader can take the fixed columns as they stand."""
    return (
        fields[1].isdigit()
        and len(fields[1]) < 10
        and bool(BASES.match(fields[3]))
        and all(ALT.match(alt) for alt in fields[4].split(b","))
        and bool(NAME.match(fields[0]))
        and b"\0" not in b"".join(fields[:5])
    )
