"""The last stage: text from csq in, `<stem>.annot.vcf.gz` out, counted on the way."""

from __future__ import annotations

import json
import os
from pathlib import Path

from gas.engines.bcftools.counts import Counts

BATCH_BYTES = 1 << 18


def deliver(target_path: Path, counted_path: Path) -> None:
    """Reads file descriptor 0 to its end. What was counted goes to `counted_path` as JSON."""
    import pysam

    counts = Counts()
    with (
        os.fdopen(os.dup(0), "rb", buffering=1 << 20) as source,
        pysam.BGZFile(str(target_path), "wb", None) as target,
    ):
        batch: list[bytes] = []
        held = 0
        for line in source:
            if not line.startswith(b"#"):
                counts.add(line.split(b"\t", 8)[7].rstrip(b"\n"))
            batch.append(line)
            held += len(line)
            if held > BATCH_BYTES:
                target.write(b"".join(batch))
                batch, held = [], 0
        target.write(b"".join(batch))
    counted_path.write_text(json.dumps(counts.table()))


def index(path: Path) -> None:
    """`.tbi` beside it, or `.csi` where a contig is longer than a .tbi can tell."""
    import pysam

    try:
        pysam.tabix_index(str(path), preset="vcf", force=True)
    except OSError:
        pysam.tabix_index(str(path), preset="vcf", force=True, csi=True)
    if not any(Path(f"{path}{ending}").exists() for ending in (".tbi", ".csi")):
        raise OSError(f"no index of {path.name}")
