"""Takes the lines above the records, one by one, and mends them."""

from __future__ import annotations

import re

from gas.vcf import faults
from gas.vcf.caps import Caps
from gas.vcf.definitions import (
    MOST_CHARACTERS,
    NAME,
    attributes_of,
    from_old_style,
    mended,
    salvaged,
)
from gas.vcf.head import check_column_line
from gas.vcf.header import Header, readable

VERSIONS = re.compile(r"##fileformat=VCFv4\.[0-5](?![0-9])")
OLDEST = "##fileformat=VCFv4.2"
DEFINITION = re.compile(r"##(INFO|FORMAT|FILTER|contig|ALT)=(.*)\Z", re.DOTALL)
STRUCTURED = re.compile(r"##[^=<]++=<(.*)>\Z", re.DOTALL)
CONTIG = re.compile(r"##contig=<ID=([^\s<>\"',;=\[\]]+)(?:,length=[0-9]{1,10})?>\Z")
UNREADABLE = "A header line that cannot be read was left out."
PLAIN = re.compile(r"##[^=<>\s]++=(?!<)", re.DOTALL)


class HeaderReader:
    """Until the column line."""

    def __init__(self, caps: Caps) -> None:
        self.header = Header([OLDEST], caps=caps)
        self._caps = caps
        self._version = ""
        self._bytes = 0

    def take(self, raw: bytes, number: int) -> bool:
        """True once the header is complete; InputError if it cannot be used."""
        self._bytes += len(raw) + 1
        if self._bytes > self._caps.header_bytes:
            raise faults.HEADER_TOO_LONG.error(
                place=f"line {number}", detail=f"More than {self._caps.header_bytes:,} bytes."
            )
        if raw.startswith(b"##"):
            self._take_line(raw, number)
            return False
        if raw[:6].upper() == b"#CHROM":
            self._take_columns(raw, number)
            self._finish()
            return True
        if not raw.strip():
            self.header.repairs["An empty line in the header was left out."] += 1
            return False
        fault = faults.NO_COLUMN_LINE if number > 1 else faults.NOT_VCF
        raise fault.error(place=f"line {number}")

    def _take_line(self, raw: bytes, number: int) -> None:
        line = readable(raw).rstrip().replace("\0", "")
        if (contig := CONTIG.match(line)) is not None:
            self._take_contig(contig[1], line, number)
            return
        if line.lower().startswith(("##fileformat=", "##format=vcf")):
            self._version = self._version or line
            return
        if (found := DEFINITION.match(line)) is not None:
            self._take_definition(found[1], found[2].strip(), line, number)
        elif self._is_plain(line):
            self.header.lines.append(line)
        else:
            self.header.repairs[UNREADABLE] += 1

    @staticmethod
    def _is_plain(line: str) -> bool:
        """Whether a strict reader takes a line that defines nothing."""
        structured = STRUCTURED.match(line)
        if structured is None:
            return PLAIN.match(line) is not None
        if len(line) > MOST_CHARACTERS:
            return False
        body = structured[1]
        bracketed = body.replace("[", '"').replace("]", '"')  # META lines list values
        return attributes_of(body) is not None or attributes_of(bracketed) is not None

    def _take_definition(self, kind: str, body: str, line: str, number: int) -> None:
        if len(line) > MOST_CHARACTERS:
            self.header.repairs[UNREADABLE] += 1
            return
        inner = body[1:-1] if body.startswith("<") and body.endswith(">") else None
        strict = attributes_of(inner) if inner is not None else None
        attributes = strict
        if attributes is None and body.startswith("<"):
            attributes = salvaged(body[1 : body.rfind(">")] if ">" in body else body[1:])
        if attributes is None and kind in ("INFO", "FORMAT", "FILTER"):
            attributes = from_old_style(line)
        if attributes is None:
            self.header.repairs[UNREADABLE] += 1
        elif kind == "contig":
            self._take_contig(attributes.get("ID", ""), line if strict else "", number, attributes)
        elif kind == "ALT":
            self._take_symbol(line if strict and "ID" in strict else "")
        else:
            self._define(kind, attributes, line if strict else "")

    def _take_symbol(self, line: str) -> None:
        if line:
            self.header.lines.append(line)
        else:
            self.header.repairs[UNREADABLE] += 1

    def _define(self, kind: str, attributes: dict[str, str], line: str) -> None:
        """`line`: as it stands if it is a strict one."""
        found = mended(kind, attributes, line)
        if found is None:
            self.header.repairs["A definition without a usable ID was left out."] += 1
            return
        name, number, type_name, mended_line = found
        if name in self.header.declared[kind]:
            self.header.repairs["A second definition of the same ID was left out."] += 1
            return
        if mended_line != line:
            self.header.repairs["A definition was written as it should be."] += 1
        self.header.define(kind, name, number, type_name, mended_line)

    def _take_contig(
        self, name: str, line: str, number: int, attributes: dict[str, str] | None = None
    ) -> None:
        contig_lines = self.header.contig_lines
        name = name.strip().strip('"')
        if not NAME.match(name):
            self.header.repairs["A contig without a usable ID was left out."] += 1
            return
        if name in contig_lines:
            self.header.repairs["A second definition of the same contig was left out."] += 1
            return
        length = (attributes or {}).get("length", "")
        if attributes and (not line or "IDX" in attributes or attributes["ID"] != name):
            known = f",length={length}" if length.isdecimal() and length.isascii() else ""
            line = f"##contig=<ID={name}{known}>"
            self.header.repairs["The definition of a contig was written as it should be."] += 1
        contig_lines[name] = line
        if len(contig_lines) > self._caps.contigs:
            raise faults.TOO_MANY_CONTIGS.error(
                place=f"line {number}", detail=f"At most {self._caps.contigs:,} are."
            )

    def _take_columns(self, raw: bytes, number: int) -> None:
        if raw.count(b"\t") > self._caps.samples + 8:
            raise faults.TOO_MANY_SAMPLES.error(detail=f"At most {self._caps.samples:,} are.")
        if raw.endswith((b"\t", b" ")):
            self.header.repairs["Blanks at the end of the column line were taken off."] += 1
        columns = [readable(column) for column in check_column_line(raw, number)]
        fixed, samples = [column.strip().upper() for column in columns[:9]], columns[9:]
        self.header.columns = fixed + self._told_apart(samples)

    def _told_apart(self, samples: list[str]) -> list[str]:
        seen: dict[str, int] = {}
        names = []
        for sample in samples:
            name = first = sample.replace("\0", "") or "sample"
            while name in seen:
                seen[first] += 1
                name = f"{first}.{seen[first]}"
            if name != sample:
                self.header.repairs["A sample without a name of its own was given one."] += 1
            seen[name] = 1
            names.append(name)
        return names

    def _finish(self) -> None:
        header = self.header
        version = VERSIONS.match(self._version)
        if version is None:
            header.repairs["The version line was set to VCFv4.2."] += 1
        header.lines[0] = version[0] if version else OLDEST
