"""The genes of a reference on their way in: a file of genes becomes two files for each contig.

`<n>.transcripts` is what consequences are worked out from, `<n>.gff3` is for csq.
"""

from __future__ import annotations

import gc
import hashlib
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gas.domain.errors import InputError
from gas.engines.bcftools.consequence.store import write_transcripts
from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.genes.feature import bad_genes
from gas.engines.bcftools.genes.for_csq import rows_of
from gas.engines.bcftools.genes.models import ContigShape, models_of
from gas.engines.bcftools.genes.reading import (
    ContigCameBack,
    ContigGenes,
    contigs_of,
    contigs_of_shuffled,
)
from gas.engines.bcftools.genes.rings import code_of
from gas.vcf.contigs import ContigNames

TWO_NAMES = "their contig is in the file under another name as well"


@dataclass(slots=True)
class InstalledGenes:
    """By contig of the genome: its files in the folder, and what the file of genes calls it."""

    for_csq: dict[str, str] = field(default_factory=dict)
    transcripts: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, list[str]] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    """Contigs of the genes that the genome does not have."""
    counts: Counter[str] = field(default_factory=Counter)
    """Transcripts: 'all', 'coding', 'mane' (MANE Select)."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Transcripts that could not be used, by why."""
    checksum: str = ""
    """SHA-256 of the file of genes as it is stored."""


def install_genes(path: Path, folder: Path, bases: Mapping[str, int]) -> InstalledGenes:
    """Into `folder`, which must not be there yet. InputError BAD_GENES, BAD_GZIP,
    GENES_DO_NOT_FIT."""
    digest = hashlib.sha256()
    with _without_collector():
        try:
            installed = _install(contigs_of(path, digest), folder, bases)
        except ContigCameBack:
            shutil.rmtree(folder)
            digest = hashlib.sha256()
            installed = _install(contigs_of_shuffled(path, digest), folder, bases)
    installed.checksum = digest.hexdigest()
    return installed


@contextmanager
def _without_collector() -> Iterator[None]:
    """Hundreds of thousands of small values live at once and none is in a ring; looking through
    them again and again would take a quarter of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _install(
    contigs: Iterable[ContigGenes], folder: Path, bases: Mapping[str, int]
) -> InstalledGenes:
    folder.mkdir()
    names = ContigNames(bases)
    installed = InstalledGenes()
    for contig in contigs:
        also = (contig.name, *contig.aliases)
        found = next((name for name in map(names.find, also) if name), None)
        if found is None:
            installed.unmatched.append(contig.name)
            continue
        installed.aliases.setdefault(found, []).extend(also)
        code = code_of((found, *also))
        shape = ContigShape(bases[found], circular=contig.circular, code=code)
        models = models_of(contig.features, shape)
        installed.left_out += models.left_out
        if found in installed.transcripts:
            installed.left_out[TWO_NAMES] += len(models.transcripts)
        elif models.transcripts:
            _write(installed, folder, found, models.transcripts, bases[found])
    if not installed.transcripts:
        raise _do_not_fit(installed, bases)
    return installed


def _write(
    installed: InstalledGenes,
    folder: Path,
    contig: str,
    transcripts: Sequence[Transcript],
    bases: int,
) -> None:
    name = f"{len(installed.transcripts)}"
    installed.transcripts[contig] = f"{name}.transcripts"
    write_transcripts(folder / installed.transcripts[contig], transcripts)
    installed.counts["all"] += len(transcripts)
    installed.counts["coding"] += sum(one.coding for one in transcripts)
    installed.counts["mane"] += sum(one.mane_select for one in transcripts)
    rows = "".join(rows_of(transcripts, bases))
    if rows:
        installed.for_csq[contig] = f"{name}.gff3"
        text = f"##gff-version 3\n{rows}"
        (folder / installed.for_csq[contig]).write_text(text, encoding="utf-8")


def _do_not_fit(installed: InstalledGenes, bases: Mapping[str, int]) -> InputError:
    if installed.aliases or not installed.unmatched:
        return bad_genes("No transcripts were found in it.", 0)
    return InputError(
        "GENES_DO_NOT_FIT",
        f"No contig of the genes ({', '.join(installed.unmatched[:3])}) is in the genome "
        f"({', '.join(list(bases)[:3])}).",
        cure="Give FASTA and genes of the same genome, with the same names of contigs.",
    )
