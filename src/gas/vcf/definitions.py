"""Definitions of INFO, FORMAT, FILTER and contigs: read leniently, written strictly.

A line stays as it is where a strict reader takes it; otherwise it is written anew from what can
be read of it. Every pattern here takes time in proportion to the line, whatever is in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_CHARACTERS = 1 << 16
"""Of a definition; a longer one is none."""
ATTRIBUTE = re.compile(r'([A-Za-z_][\w.]*+)=("(?:[^"\\]|\\.)*+"|[^",<>]*+)(?:,|\Z)', re.DOTALL)
LENIENT = re.compile(r'\s*+([A-Za-z_]\w*+)\s*+=\s*+("(?:[^"\\]|\\.)*+"|[^",]*+)\s*+(?:,|\Z)')
NAME = re.compile(r"[^\s<>\"',;=\[\]]+\Z")
FILTER_NAME = re.compile(r"[^<>\"',;=\[\]\t]+\Z")
NUMBERS = {
    "INFO": re.compile(r"(?:[0-9]{1,4}|[ARG.])\Z"),
    "FORMAT": re.compile(r"(?:[0-9]{1,4}|[ARGP.]|LA|LR|LG|M)\Z"),
}
TYPES = {kind.lower(): kind for kind in ("Integer", "Float", "Flag", "Character", "String")}
GENOTYPE = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'
UNDESCRIBED = "Not described in the input"
INDEX = "IDX"
"""An attribute that BCF keeps for itself; two alike break its readers."""
PINNED = {("INFO", "END"): ("1", "Integer"), ("INFO", "SVLEN"): ("A", "Integer")}
"""What tools take the extent of a record from. Declared otherwise they move a <DEL> elsewhere."""

RESERVED_BY_KIND = {
    "INFO": """AA:1:String AC:A:Integer AD:R:Integer ADF:R:Integer ADR:R:Integer AF:A:Float
        AN:1:Integer BQ:1:Float CIGAR:A:String DB:0:Flag DP:1:Integer END:1:Integer H2:0:Flag
        H3:0:Flag MQ:1:Float MQ0:1:Integer NS:1:Integer SB:.:Integer SOMATIC:0:Flag
        VALIDATED:0:Flag 1000G:0:Flag IMPRECISE:0:Flag NOVEL:0:Flag SVTYPE:1:String
        SVLEN:A:Integer CIPOS:.:Integer CIEND:.:Integer""",
    "FORMAT": """AD:R:Integer ADF:R:Integer ADR:R:Integer DP:1:Integer EC:A:Integer FT:1:String
        GL:G:Float GP:G:Float GQ:1:Integer HQ:2:Integer MQ:1:Integer PL:G:Integer PP:G:Integer
        PQ:1:Integer PS:1:Integer""",
}
"""Names to which the VCF specification gives a meaning, each with its Number and Type."""


@dataclass(slots=True)
class Tag:
    """An INFO or FORMAT name and what the header says of its values."""

    kind: str
    name: str
    number: str
    type: str
    row: int
    """Its place among the header's lines."""
    compared: int = 0
    """Records of several ALT whose count of values was held against Number."""
    misfits: int = 0
    """Those that it did not fit."""


def attributes_of(body: str) -> dict[str, str] | None:
    """What stands between '<' and '>', as a strict reader takes it; None if it does not."""
    found = {}
    at = 0
    while at < len(body):
        match = ATTRIBUTE.match(body, at)
        if match is None:
            return None
        found[match[1]] = match[2]
        at = match.end()
    return found if found and not body.endswith(",") else None


def salvaged(body: str) -> dict[str, str]:
    """As much as can be read of a body that is not as it should be."""
    found: dict[str, str] = {}
    at = 0
    while at < len(body) and (match := LENIENT.match(body, at)):
        found.setdefault(match[1], match[2].strip())
        at = match.end()
    before, named, text = body[at:].partition("Description=")
    if named and "Description" not in found and not before.strip():
        found["Description"] = text
    return found


def quoted(text: str) -> str:
    """As the value of a Description."""
    inner = text.strip().removeprefix('"').removesuffix('"')
    inner = inner.replace('\\"', "'").replace('"', "'").replace("\\", "/")
    return f'"{inner}"'


def mended(kind: str, attributes: Mapping[str, str], line: str) -> tuple[str, str, str, str] | None:
    """Name, Number, Type and line of a definition; None without a usable ID. Number and Type are
    empty for a FILTER. `line`: as it stands, or empty if a strict reader would not take it."""
    name = attributes.get("ID", "").strip().strip('"')
    if not (FILTER_NAME if kind == "FILTER" else NAME).match(name):
        return None
    text = attributes.get("Description", "")
    described = text.startswith('"') and INDEX not in attributes and line != ""
    if kind == "FILTER":
        fine = described and attributes.get("ID") == name
        return name, "", "", line if fine else f"##FILTER=<ID={name},Description={quoted(text)}>"
    number, type_name = number_and_type(kind, name, attributes)
    had = (attributes.get("ID"), attributes.get("Number"), attributes.get("Type"))
    if described and had == (name, number, type_name):
        return name, number, type_name, line
    return name, number, type_name, definition(kind, name, number, type_name, quoted(text))


def number_and_type(kind: str, name: str, attributes: Mapping[str, str]) -> tuple[str, str]:
    """As they should be, near to what is said."""
    if (kind, name) == ("FORMAT", "GT"):
        return "1", "String"
    number = attributes.get("Number", "").strip()
    number = number if NUMBERS[kind].match(number) else "."
    type_name = TYPES.get(attributes.get("Type", "").strip().lower(), "String")
    if (kind, name) in PINNED:
        return (number if number in (".", "1", "A") else "."), "Integer"
    if type_name == "Flag":
        return ("0", "Flag") if kind == "INFO" else (".", "String")
    return number, type_name


def definition(kind: str, name: str, number: str, type_name: str, text: str) -> str:
    return f"##{kind}=<ID={name},Number={number},Type={type_name},Description={text}>"


def undeclared(kind: str, name: str) -> tuple[str, str, str]:
    """Number, Type and definition of a name that the header lacks; what the specification says of
    it, or anything goes. Number and Type are empty for a FILTER."""
    if kind == "FILTER":
        return "", "", f'##FILTER=<ID={name},Description="{UNDESCRIBED}">'
    if (kind, name) == ("FORMAT", "GT"):
        return "1", "String", GENOTYPE
    row = next((row for row in RESERVED_BY_KIND[kind].split() if row.startswith(f"{name}:")), "")
    _, number, type_name = row.split(":") if row else ("", ".", "String")
    return number, type_name, definition(kind, name, number, type_name, f'"{UNDESCRIBED}"')


def from_old_style(line: str) -> dict[str, str] | None:
    """Attributes of a definition as VCF 3.3 wrote it: '##INFO=NS,1,Integer,"Samples"'."""
    kind, _, body = line[2:].partition("=")
    name, comma, rest = body.partition(",")
    if not comma or "<" in name:
        return None
    found = {"ID": name.strip(), "Description": rest}
    if kind != "FILTER":
        number, _, rest = rest.partition(",")
        type_name, _, text = rest.partition(",")
        if type_name.strip().lower() in TYPES:
            found = {**found, "Number": number, "Type": type_name, "Description": text}
    return found


def with_attribute(line: str, name: str, value: str) -> str:
    """A strict definition with another value of an attribute that it has."""
    at = line.index("<") + 1
    while match := ATTRIBUTE.match(line, at, line.rindex(">")):
        if match[1] == name:
            return line[: match.start(2)] + value + line[match.end(2) :]
        at = match.end()
    return line
