"""Makes the files of a reference, in the child."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gas.domain.errors import InputError
from gas.engines.bcftools.fasta import copy_fasta, text_lines
from gas.engines.bcftools.gff import Feature, adapted, aliases_of, bad_genes, parse
from gas.engines.bcftools.references import ABOUT_NAME, GENES_FOLDER, GENOME_NAME
from gas.vcf.contigs import ContigNames

Emit = Callable[[dict[str, Any]], None]


def build_reference(told: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    """`told`: folder (empty), fasta, gff, title, installed_at."""
    from pysam.version import __version__ as pysam_version

    folder = Path(told["folder"])
    fasta_sum, genes_sum = hashlib.sha256(), hashlib.sha256()
    emit({"note": "Reading the genome."})
    bases = copy_fasta(Path(told["fasta"]), folder / GENOME_NAME, fasta_sum)
    emit({"note": f"{len(bases):,} contigs, {sum(bases.values()):,} bases."})
    emit({"note": "Reading the genes."})
    features, aliases = _read_genes(Path(told["gff"]), genes_sum)
    genes, unmatched = _write_genes(folder / GENES_FOLDER, bases, aliases, features)
    if unmatched:
        emit({"note": f"{len(unmatched):,} contigs of the genes are not in the genome."})
    about = {
        "title": told["title"],
        "contigs": [
            {
                "name": name,
                "bases": length,
                "aliases": sorted(set(aliases.get(name, ())) - set(bases)),
                "genes": genes.get(name, ""),
            }
            for name, length in bases.items()
        ],
        "checksums": {"fasta": fasta_sum.hexdigest(), "genes": genes_sum.hexdigest()},
        "installed_at": told["installed_at"],
        "notes": "",
        "made_with": f"pysam {pysam_version}",
    }
    (folder / ABOUT_NAME).write_text(json.dumps(about, indent=1) + "\n")
    emit({"note": f"Genes on {len(genes):,} contigs."})
    return {}


def _read_genes(
    path: Path, digest: hashlib._Hash
) -> tuple[dict[str, list[Feature]], dict[str, list[str]]]:
    features: dict[str, list[Feature]] = defaultdict(list)
    aliases: dict[str, list[str]] = {}
    for number, raw in enumerate(text_lines(path, digest), start=1):
        if raw.startswith((b"##FASTA", b">")):
            continue
        feature = None if raw.startswith(b"#") else parse(raw, number)
        if feature is None:
            continue
        features[feature.contig].append(feature)
        if also := aliases_of(feature):
            aliases[feature.contig] = also
    if not features:
        raise bad_genes("There are none.", 0)
    return features, aliases


def _write_genes(
    folder: Path,
    bases: Mapping[str, int],
    aliases: dict[str, list[str]],
    features: Mapping[str, list[Feature]],
) -> tuple[dict[str, str], list[str]]:
    """File by contig of the genome, and the contigs of the genes that are not there."""
    folder.mkdir()
    names = ContigNames(bases)
    genes: dict[str, str] = {}
    unmatched = []
    for contig, of_contig in features.items():
        also = (contig, *aliases.get(contig, ()))
        found = next((name for name in map(names.find, also) if name), None)
        if found is None:
            unmatched.append(contig)
            continue
        aliases[found] = [*aliases.get(found, ()), *also]
        rows = list(adapted(of_contig, bases[found]))
        if rows:
            genes[found] = f"{len(genes)}.gff3"
            text = "##gff-version 3\n" + "".join(rows)
            (folder / genes[found]).write_text(text, encoding="utf-8")
    if not genes:
        raise _do_not_fit(unmatched, bases)
    return genes, unmatched


def _do_not_fit(unmatched: list[str], bases: Mapping[str, int]) -> InputError:
    if not unmatched:
        return bad_genes("No transcripts were found in it.", 0)
    return InputError(
        "GENES_DO_NOT_FIT",
        f"No contig of the genes ({', '.join(unmatched[:3])}) is in the genome "
        f"({', '.join(list(bases)[:3])}).",
        cure="Give FASTA and GFF3 of the same genome, with the same names of contigs.",
    )
