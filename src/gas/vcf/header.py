"""The header of a VCF, read leniently and written strictly.

Lines stay as they are where a strict reader takes them. Mended are: byte order marks and line
ends (by `lines`), a missing or foreign version line, definitions without Number or Type, the
VCF 3.3 style, doubled definitions and sample names, and definitions that records use but the
header lacks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gas.vcf import faults
from gas.vcf.head import check_column_line

VERSIONS = re.compile(r"##fileformat=VCFv4\.[0-5]")
OLDEST = "##fileformat=VCFv4.2"
DEFINED = ("INFO", "FORMAT", "FILTER", "contig")
STRUCTURED = re.compile(r"##(INFO|FORMAT|FILTER|contig|ALT)=<(.*)>\s*$")
OLD_STYLE = re.compile(r'##(INFO|FORMAT|FILTER)=([^,<>"]+),(?:([^,]+),([^,]+),)?"?(.*?)"?\s*$')
NUMBER = re.compile(r"(?:[0-9]+|[ARGP.]|LA|LR|LG|M)\Z")
TYPES = {kind.lower(): kind for kind in ("Integer", "Float", "Flag", "Character", "String")}
ATTRIBUTE = re.compile(r'([^=,]+)=("(?:[^"\\]|\\.)*"|[^,]*)(?:,|$)')
UNDECLARED = {
    "INFO": '##INFO=<ID={},Number=.,Type=String,Description="Not described in the input">',
    "FORMAT": '##FORMAT=<ID={},Number=.,Type=String,Description="Not described in the input">',
    "FILTER": '##FILTER=<ID={},Description="Not described in the input">',
}
GENOTYPE = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'


@dataclass(slots=True)
class Header:
    """What stands above the records."""

    lines: list[str] = field(default_factory=list)
    """Mended '##' lines, the version line first, without those of contigs."""
    contig_lines: dict[str, str] = field(default_factory=dict)
    declared: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in DEFINED})
    columns: list[str] = field(default_factory=list)
    repairs: Counter[str] = field(default_factory=Counter)
    """What was mended, and how often; sentences for the log."""

    @property
    def contig_lengths(self) -> dict[str, int]:
        """Of the contigs that are declared with a length."""
        lengths = {}
        for name, line in self.contig_lines.items():
            found = re.search(r"[<,]length=(\d+)", line)
            if found:
                lengths[name] = int(found[1])
        return lengths

    def text(self, contigs: Mapping[str, int], extra: Iterable[str] = ()) -> str:
        """The whole header. `contigs`: names the records use, in order, with their lengths; they
        are declared first where the input does not."""
        missing = [
            f"##contig=<ID={name},length={bases}>"
            for name, bases in contigs.items()
            if name not in self.contig_lines
        ]
        rows = [*self.lines, *self.contig_lines.values(), *missing, *extra]
        return "\n".join([*rows, "\t".join(self.columns)]) + "\n"


class HeaderReader:
    """Takes the header line by line until the column line."""

    def __init__(self) -> None:
        self.header = Header()
        self._version = ""

    def take(self, raw: bytes, number: int) -> bool:
        """True once the header is complete."""
        if raw.startswith(b"##"):
            self._take_line(raw)
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

    def _take_line(self, raw: bytes) -> None:
        line = readable(raw).rstrip()
        if line.lower().startswith(("##fileformat=", "##format=vcf")):
            self._version = self._version or line
            return
        found = STRUCTURED.match(line)
        if found is None and line.startswith(tuple(f"##{kind}=" for kind in DEFINED)):
            line = _from_old_style(line)
            self.header.repairs["A definition in the style of VCF 3.3 was rewritten."] += 1
            found = STRUCTURED.match(line)
        if found is not None:
            self._take_definition(found[1], line)
        elif "=" in line and not line.startswith(("##INFO", "##FORMAT", "##FILTER", "##contig")):
            self.header.lines.append(line)
        else:
            self.header.repairs["A header line that cannot be read was left out."] += 1

    def _take_definition(self, kind: str, line: str) -> None:
        attributes = dict(ATTRIBUTE.findall(line[line.index("<") + 1 : line.rindex(">")]))
        name = attributes.get("ID", "")
        if not name or re.search(r"[\s<>\"=]", name):
            self.header.repairs["A definition without a usable ID was left out."] += 1
            return
        if kind == "ALT":
            self.header.lines.append(line)
            return
        if name in self.header.declared[kind]:
            self.header.repairs["A second definition of the same ID was left out."] += 1
            return
        self.header.declared[kind].add(name)
        if kind == "contig":
            self.header.contig_lines[name] = line
            return
        mended = _mended_definition(kind, name, attributes, line)
        if mended != line:
            self.header.repairs["A definition was given its missing parts."] += 1
        self.header.lines.append(mended)

    def _take_columns(self, raw: bytes, number: int) -> None:
        if raw.rstrip(b"\r") != raw.rstrip(b"\t \r"):
            self.header.repairs["Blanks at the end of the column line were taken off."] += 1
        columns = [readable(column) for column in check_column_line(raw, number)]
        fixed, samples = [column.strip().upper() for column in columns[:9]], columns[9:]
        seen: set[str] = set()
        for place, sample in enumerate(samples):
            name, copy = sample or "sample", 1
            while name in seen:
                copy += 1
                name = f"{sample or 'sample'}.{copy}"
            if name != sample:
                self.header.repairs["A sample without a name of its own was given one."] += 1
            seen.add(name)
            samples[place] = name
        self.header.columns = fixed + samples

    def _finish(self) -> None:
        header = self.header
        version = VERSIONS.match(self._version)
        if version is None:
            header.repairs["The version line was set to VCFv4.2."] += 1
        header.lines.insert(0, version[0] if version else OLDEST)


def declare(header: Header, kind: str, name: str) -> None:
    """Adds a definition that records use and the header lacks."""
    header.declared[kind].add(name)
    line = GENOTYPE if (kind, name) == ("FORMAT", "GT") else UNDECLARED[kind].format(name)
    header.lines.append(line)
    header.repairs[f"{kind} that the header does not describe was declared."] += 1


def readable(raw: bytes) -> str:
    """UTF-8, else Latin-1: header lines may not be dropped for an accent."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _from_old_style(line: str) -> str:
    found = OLD_STYLE.match(line)
    if found is None:
        return line
    kind, name, number, type_name, text = found.groups()
    middle = f"Number={number},Type={type_name}," if number and kind != "FILTER" else ""
    text = text.replace('"', "'")
    return f'##{kind}=<ID={name.strip()},{middle}Description="{text}">'


def _mended_definition(kind: str, name: str, attributes: Mapping[str, str], line: str) -> str:
    text = attributes.get("Description", '""')
    quoted = text if len(text) > 1 and text.startswith('"') else '"{}"'.format(text.strip('"'))
    if kind == "FILTER":
        fine = "Description" in attributes and quoted == text
        return line if fine else f"##FILTER=<ID={name},Description={quoted}>"
    if (kind, name) == ("FORMAT", "GT"):
        fine = attributes.get("Number") == "1" and attributes.get("Type") == "String"
        return line if fine else GENOTYPE
    number, type_name = attributes.get("Number", ""), attributes.get("Type", "")
    mended_type = TYPES.get(type_name.strip().lower(), "String")
    mended_number = number if NUMBER.match(number) else "."
    if mended_type == "Flag" and mended_number != "0":
        mended_type = "String" if kind == "FORMAT" else mended_type
        mended_number = "0" if mended_type == "Flag" else mended_number
    if (mended_number, mended_type, quoted) == (number, type_name, text):
        return line
    return f"##{kind}=<ID={name},Number={mended_number},Type={mended_type},Description={quoted}>"
