"""What results depend on: the input, the reference, known variants, options, versions.

Of equal ones the results are equal, byte for byte; their digest is the run's key.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gas import __version__
from gas.domain.options import AnnotationOptions
from gas.engines.bcftools.references import Installed
from gas.engines.bcftools.shelf.known import Known

KEY_FORMAT = 3
"""Higher when results change though no version does."""
CHUNK_BYTES = 1 << 20
KEY_VERSIONS = ("gas", "pysam", "duckdb")


@dataclass(frozen=True, slots=True)
class FileUsed:
    name: str
    bytes: int
    sha256: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class KnownUsed:
    """One release of one source of known variants."""

    name: str
    release: str
    sha256: str
    """Of its table."""
    told: str = ""
    """SHA-256 over its title and what its fields are called and say."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What outputs depend on."""

    input: FileUsed
    reference: str
    release: str
    checksums: Mapping[str, str]
    """SHA-256 by source: 'fasta', 'genes'."""
    made_of: str = ""
    """SHA-256 over what was made of the sources at installation: an older GAS may have made it in
    another way."""
    known: Sequence[KnownUsed] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


def key_versions() -> dict[str, str]:
    """Those that results depend on. pysam brings bcftools and htslib with it, and is not loaded
    for this: a worker asks too."""
    return {"gas": __version__, "pysam": version("pysam"), "duckdb": version("duckdb")}


def all_versions() -> dict[str, str]:
    """In a child only: it loads pysam."""
    from pysam.version import __bcftools_version__, __htslib_version__

    return {
        **key_versions(),
        "bcftools": __bcftools_version__,
        "htslib": __htslib_version__,
        "python": platform.python_version(),
    }


def origin_of(
    installed: Installed,
    options: AnnotationOptions,
    *,
    used: FileUsed,
    versions: Mapping[str, str],
) -> Origin:
    """Of a run on the input `used`, with the newest release of each source."""
    reference = installed.reference
    return Origin(
        input=used,
        reference=reference.name,
        release=reference.release,
        checksums=reference.checksums,
        made_of=_made_of(installed),
        known=tuple(_used(one) for one in installed.known),
        options=asdict(options),
        versions=versions,
    )


def _made_of(installed: Installed) -> str:
    return _digest({path: told["sha256"] for path, told in installed.files.items()})


def _used(known: Known) -> KnownUsed:
    told = _digest([known.title, [asdict(one) for one in known.fields]])
    return KnownUsed(known.name, known.release, known.checksum, told)


def _digest(told: object) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def file_used(
    path: Path,
    *,
    name: str = "",
    kind: str = "",
    report: Callable[[], object] = lambda: None,
) -> FileUsed:
    """With its checksum, read once. `report` is called now and then."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            report()
            size += len(chunk)
    return FileUsed(name or path.name, size, digest.hexdigest(), kind)


def run_key(origin: Origin) -> str:
    """Runs of the same key have the same results. Neither names nor times are in it."""
    told = {
        "format": KEY_FORMAT,
        "input": origin.input.sha256,
        "checksums": dict(origin.checksums),
        "made_of": origin.made_of,
        "known": [asdict(one) for one in origin.known],
        "options": dict(origin.options),
        "versions": {name: origin.versions.get(name, "") for name in KEY_VERSIONS},
        "reference": [origin.reference, origin.release],
    }
    return _digest(told)


def header_lines(origin: Origin) -> list[str]:
    """For the VCF: what was used, and the key. No time, no path."""
    sums = "".join(f",{what}={value}" for what, value in sorted(origin.checksums.items()))
    release = f",release={_plain(origin.release)}" if origin.release else ""
    chosen = "".join(f",{name}={_plain(value)}" for name, value in sorted(origin.options.items()))
    return [
        f"##gas_version={origin.versions.get('gas', __version__)}",
        f"##gas_reference=<ID={_plain(origin.reference)}{release}{sums}>",
        *(
            f"##gas_known=<ID={_plain(one.name)},release={_plain(one.release)},sha256={one.sha256}>"
            for one in origin.known
        ),
        f"##gas_provenance=<ID=run,key={run_key(origin)},input={origin.input.sha256}{chosen}>",
    ]


def _plain(value: object) -> str:
    """As a value of a structured header line: 'yes' and 'no' for options, nothing to quote."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in str(value))
