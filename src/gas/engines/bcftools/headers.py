"""The header of the results: the input's own, mended, and what GAS adds.

INFO fields that an earlier run of GAS wrote are replaced; an annotation of somebody else's is
replaced as well, or kept under another name.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gas import __version__
from gas.domain.options import AnnotationOptions
from gas.engines.bcftools.consequence.fields import ANN_FIELDS, CSQ_FIELDS
from gas.engines.bcftools.shelf.use import earlier_fields
from gas.vcf.header import Header

CSQ, ANN, HAPLOTYPES, RECORD = "CSQ", "ANN", "HCSQ", "GAS_RECORD"
KEPT_SUFFIX = "_INPUT"
DEFINED = re.compile(r"##INFO=<ID=([^,>]+)")
OWN = re.compile(r"##gas_")
RECORD_LINE = (
    f'##INFO=<ID={RECORD},Number=.,Type=String,Description="The record of the input that this one '
    'was made of, where norm split or moved it. Format: CHROM|POS|REF|ALT|number of the ALT">'
)
CSQ_LINE = (
    f"##INFO=<ID={CSQ},Number=.,Type=String,Description="
    f'"Consequence annotations from GAS {__version__}. Format: {"|".join(CSQ_FIELDS)}">'
)
ANN_LINE = (
    f"##INFO=<ID={ANN},Number=.,Type=String,Description="
    f"\"Functional annotations from GAS {__version__}: '{' | '.join(ANN_FIELDS)}'\">"
)
HAPLOTYPES_LINES = (
    f'##INFO=<ID={HAPLOTYPES},Number=.,Type=String,Description="Haplotype-aware consequence '
    "annotations from BCFtools/csq. Format: "
    '[*]consequence|gene|transcript|biotype[|strand|amino_acid_change|dna_change]">',
    f'##FORMAT=<ID={HAPLOTYPES},Number=.,Type=Integer,Description="Bitmask of indexes to '
    f'INFO/{HAPLOTYPES}, with interleaved haplotype">',
)


def quality_key() -> str:
    """INFO field for QUAL as it was, only on the way through the tools, which write 50.00 as 50.
    No input can have it."""
    return f"GAS_QUAL_{secrets.token_hex(8)}"


def quality_line(key: str) -> str:
    return f'##INFO=<ID={key},Number=1,Type=String,Description="QUAL as it was">'


@dataclass(frozen=True, slots=True)
class InfoChange:
    """What becomes of INFO fields of the input: some go before anything else is done, some get
    another name when the results are written."""

    gone: frozenset[str]
    renamed: Mapping[str, str]


def info_change(header: Header, options: AnnotationOptions) -> InfoChange:
    declared = header.declared["INFO"]
    ours = {CSQ, RECORD, *((ANN,) if options.ann else ())}
    renamed = {}
    if options.keep_csq:
        for name in sorted({CSQ, ANN} & ours & declared):
            renamed[name] = _free(f"{name}{KEPT_SUFFIX}", declared)
            ours.discard(name)
    gone = {*earlier_fields(header.lines), *(ours & declared)}
    if options.haplotypes and HAPLOTYPES in declared:
        gone.add(HAPLOTYPES)
    return InfoChange(frozenset(gone), renamed)


def _free(name: str, taken: Collection[str]) -> str:
    """The name, with a number where an earlier run's annotation was kept already."""
    numbered = (f"{name}_{count}" for count in itertools.count(2))
    return next(one for one in itertools.chain([name], numbered) if one not in taken)


def results_header(
    header: Header,
    change: InfoChange,
    contigs: Mapping[str, int],
    *,
    known: Iterable[str],
    used: Iterable[str],
    options: AnnotationOptions,
) -> str:
    """`contigs`: length by the file's name, in order of use. `known`: lines of known variants.
    `used`: what the results were made from."""
    kept = [line for line in (_changed(line, change) for line in header.lines) if line]
    added = [*known, RECORD_LINE, CSQ_LINE]
    if options.ann:
        added.append(ANN_LINE)
    if options.haplotypes:
        added += HAPLOTYPES_LINES
    before, header.lines = header.lines, kept
    try:
        return header.text(contigs, (*added, *used))
    finally:
        header.lines = before


def _changed(line: str, change: InfoChange) -> str:
    """'' if it goes: its field does, or an earlier run says with it what it used."""
    if OWN.match(line):
        return ""
    found = DEFINED.match(line)
    if not found:
        return line
    if found[1] in change.gone:
        return ""
    if found[1] in change.renamed:
        return line.replace(f"ID={found[1]}", f"ID={change.renamed[found[1]]}", 1)
    return line


def reserved_fields(header: Header, change: InfoChange) -> Sequence[str]:
    """INFO fields of the input that stay: known variants must not take their names."""
    taken = header.declared["INFO"] - change.gone
    return sorted({*taken, *change.renamed.values(), CSQ, ANN, HAPLOTYPES, RECORD})
