"""What a parent tells its child, and what comes back: JSON, one line each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gas.domain.job import stem
from gas.engines.bcftools.references import Installed
from gas.ports.annotation import AnnotationTask


@dataclass(frozen=True, slots=True)
class RunSpec:
    """One run, as plain values."""

    input_path: str
    work_path: str
    stem: str
    genome_path: str
    genes_paths: dict[str, str]
    contigs: dict[str, int]
    aliases: dict[str, list[str]]
    provenance: list[str]
    """Header lines that say what was used."""
    others: list[dict[str, Any]]
    """Other references that may fit better: name, genome_path, contigs, aliases."""

    def path(self, ending: str) -> Path:
        """Of a result."""
        return Path(self.work_path) / f"{self.stem}{ending}"

    def scratch(self, name: str) -> Path:
        """Of what is of no use after the run."""
        return Path(self.work_path) / "scratch" / name


def encode(spec: RunSpec) -> str:
    return json.dumps(asdict(spec))


def decode(text: str) -> RunSpec:
    return RunSpec(**json.loads(text))


def run_spec(task: AnnotationTask, installed: Installed, others: list[Installed]) -> RunSpec:
    return RunSpec(
        input_path=str(task.input_path.resolve()),
        work_path=str(task.work_path.resolve()),
        stem=stem(task.input_name),
        genome_path=str(installed.genome_path.resolve()),
        genes_paths={
            contig: str((installed.path / "genes" / name).resolve())
            for contig, name in installed.genes.items()
        },
        contigs=dict(installed.reference.contigs),
        aliases=_lists(installed.aliases),
        provenance=_provenance(installed),
        others=[
            {
                "name": other.reference.name,
                "genome_path": str(other.genome_path.resolve()),
                "contigs": dict(other.reference.contigs),
                "aliases": _lists(other.aliases),
            }
            for other in others
        ],
    )


def _lists(aliases: Mapping[str, Any]) -> dict[str, list[str]]:
    return {contig: list(names) for contig, names in aliases.items()}


def _provenance(installed: Installed) -> list[str]:
    from gas import __version__

    reference = installed.reference
    sums = "".join(f",{what}={value}" for what, value in sorted(reference.checksums.items()))
    return [
        f"##gas_version={__version__}",
        f"##gas_reference=<ID={reference.name},installed={reference.installed_at}{sums}>",
    ]
