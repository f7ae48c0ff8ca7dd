"""Every VCF of the shared data is taken in whole, or refused with a code."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from data import shared
from gas.domain.errors import InputError
from gas.vcf.contigs import ContigNames
from gas.vcf.head import check_head
from gas.vcf.intake import Intake

LARGE_BYTES = 5_000_000


def content(path: Path) -> bytes:
    raw = path.read_bytes()
    try:
        return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw
    except (OSError, EOFError, zlib.error):
        return b""


def test_kept_and_rejected_make_up_every_file(tmp_path: Path) -> None:
    root = shared("MANIFEST.md").parent
    whole = refused = 0
    for path in sorted((*root.rglob("*.vcf"), *root.rglob("*.vcf.gz"))):
        if path.stat().st_size > LARGE_BYTES:
            continue
        records = [x for x in content(path).split(b"\n") if x.strip() and not x.startswith(b"#")]
        contigs = {x.split(b"\t")[0].decode("latin-1"): 2**29 for x in records}
        intake = Intake(ContigNames(contigs))
        try:
            check_head(path.read_bytes()[:65536], path.name)
            with path.open("rb") as source:
                taken = intake.take(source, spool_path=tmp_path / "s", rejected_path=tmp_path / "r")
        except InputError as error:
            assert error.reason.cure
            refused += 1
            continue
        assert taken.kept + sum(taken.rejected.values()) == len(records), path
        spooled = gzip.decompress((tmp_path / "s").read_bytes())
        assert spooled.count(b"\n") == taken.kept
        whole += 1
    assert whole > 80
    assert refused < 10
