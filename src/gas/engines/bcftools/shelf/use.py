"""How a run uses known variants: one stage of `bcftools annotate` for each source.

Records come in on standard input under the reference's names of contigs, split and left-aligned,
and go out with what their source says of exactly this variant: same position, REF and ALT (of
intervals: any that it overlaps). An rs number becomes the record's ID where that was '.'; all
identifiers go into an INFO field in any case.

The table is text with an index, since `annotate` takes its input from a pipe only so: beside a VCF
or BCF of known variants it wants the input indexed on the disk, and of two equal records of the
input only the first would be annotated.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gas.engines.bcftools.shelf.known import Known, KnownField
from gas.engines.bcftools.shelf.lookup import annotate_few
from gas.engines.bcftools.shelf.naming import unlike
from gas.engines.bcftools.stages import Stage, bcftools

OURS = re.compile(r'##INFO=<ID=([^,>]+),.*\(GAS known: [^()]*\)"')


@dataclass(frozen=True, slots=True)
class UsedField:
    field: KnownField
    name: str
    """Of the INFO field in the results of this run: the field's own, unless the input has one of
    that name already."""


@dataclass(frozen=True, slots=True)
class Used:
    """A source as one run uses it."""

    known: Known
    fields: tuple[UsedField, ...]
    """The mark first."""

    @property
    def mark(self) -> str:
        """The INFO flag of every record that the source holds."""
        return self.fields[0].name

    @property
    def id_fields(self) -> tuple[str, ...]:
        """INFO fields with identifiers, such as rs numbers."""
        return tuple(one.name for one in self.fields if one.field.source == "ID")

    def headers(self) -> list[str]:
        """Lines of the header, in order of the fields."""
        return [_header(self.known, one) for one in self.fields]

    def columns(self) -> str:
        """What `annotate -c` is told of the table."""
        place = ["CHROM", "FROM", "TO"] if self.known.intervals else ["CHROM", "POS", "REF", "ALT"]
        if not self.known.intervals:
            place.append("+ID" if self.known.has_rs else "-")
        return ",".join([*place, *(f"INFO/{one.name}" for one in self.fields)])


def known_uses(known: Sequence[Known], reserved: Collection[str] = ()) -> list[Used]:
    """`known` as `Installed.known` gives it; `reserved`: INFO fields of the input, none of which
    is touched."""
    taken = set(reserved)
    used = []
    for one in known:
        fields = []
        for field in one.fields:
            name = unlike(field.name, one.name, taken)
            taken.add(name)
            fields.append(UsedField(field, name))
        used.append(Used(one, tuple(fields)))
    return used


def known_headers(known: Sequence[Known], reserved: Collection[str] = ()) -> list[str]:
    """The header lines that the stages add."""
    return [line for used in known_uses(known, reserved) for line in used.headers()]


def known_stages(
    known: Sequence[Known],
    *,
    sparse_regions_path: Path | None,
    reserved: Collection[str] = (),
) -> list[Stage]:
    """One for each source, none without any; BCF out.

    With a `sparse_regions_path` the records are few: their positions, as they are after `norm`,
    are gathered at this path and beside it (names that begin with it), and only what is known
    there is read, unless to read all is faster. Without, all of the contigs concerned is streamed.
    """
    return [_stage(used, sparse_regions_path) for used in known_uses(known, reserved)]


def earlier_fields(header_lines: Iterable[str]) -> list[str]:
    """INFO fields that an earlier run wrote into its results: to be stripped when these are the
    input of another one."""
    return [found[1] for line in header_lines if (found := OURS.match(line))]


def _stage(used: Used, sparse_regions_path: Path | None) -> Stage:
    known = used.known
    options = ["-c", used.columns(), "--no-version", "-Ou", "-o", "-"]
    for line in used.headers():
        options += ["-H", line]
    if known.intervals:
        texts = [one.name for one in used.fields if one.field.kind == "String"]
        options += ["-l", ",".join(f"{name}:unique" for name in texts)] if texts else []
    name = f"known-{known.name}"
    if sparse_regions_path is None:
        return Stage(name, bcftools("annotate", "-a", str(known.table_path), *options, "-"))
    beside = sparse_regions_path.with_name(f"{sparse_regions_path.name}.{known.name}")
    return Stage(name, lambda: annotate_few(known, beside, options))


def _header(known: Known, used: UsedField) -> str:
    field = used.field
    what = field.text.rstrip(".") or field.source
    source = f"{known.title} {known.release}"
    text = f"{what} (GAS known: {re.sub('[()]', '', source)})"
    return (
        f"##INFO=<ID={used.name},Number={field.number},Type={field.kind},"
        f'Description="{text}",Source="{known.name}",Version="{known.release}">'
    )
