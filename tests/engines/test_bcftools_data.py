"""Every VCF of the csq suite, against the genome beside it, ends in results or in a code."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from data import shared
from engines.conftest import Bench
from gas.domain.errors import InputError
from gas.domain.job import FileKind
from gas.engines.bcftools import DemoFiles

NO_DEMO = DemoFiles(Path(), Path(), Path())


def records(path: Path) -> list[str]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw).decode()
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def install(bench: Bench, folder: Path) -> str | None:
    for gff in sorted(folder.glob("*.gff")):
        try:
            bench.install(gff.stem.lower(), next(folder.glob("*.fa")), gff)
        except InputError:
            continue
        return gff.stem.lower()
    return None


@pytest.mark.slow
def test_whole_csq_suite(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "references", tmp_path / "runs", NO_DEMO)
    bench.runs_path.mkdir()
    ended = refused = 0
    for folder in sorted(shared("bcftools_csq").iterdir()):
        reference = install(bench, folder)
        for path in sorted(folder.glob("*.vcf")) if reference else ():
            try:
                outcome = bench.run(bench.task(path, reference or ""))
            except InputError as error:
                assert error.reason.cure
                refused += 1
                continue
            ended += 1
            found = {file.kind: file.path for file in outcome.files}
            rejected = found.get(FileKind.REJECTED)
            into = records(path)
            aside = len(records(rejected)) if rejected else 0
            written = records(found[FileKind.ANNOTATED])
            assert outcome.counts[0] == ("Total", len(written))
            alleles = sum(x.split("\t")[4].count(",") + 1 for x in into)
            assert len(written) + aside <= alleles
            assert len(written) + aside >= len(into)
    assert ended > 80
    assert refused < 5
