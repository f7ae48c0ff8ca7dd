"""`gas jobs submit --wait` from another folder, against a running service, as the docs have it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.session import Session, record_jobs, session
from data import shared
from gas.engines.bcftools import make_demo


def looked_at(made: Session, stem: str) -> None:
    text = made.text
    assert made.codes[:3] == [0, 0, 0], text
    assert re.search(r"^0$", text, re.MULTILINE)
    assert re.search(rf"Submitted {stem}\S+ \([\d,]+ bytes\) as job \w{{26}}\.", text)
    assert re.search(r"^\w{26}  COMPLETED  ", text, re.MULTILINE), text
    assert "UNKNOWN_REFERENCE" in text
    assert text.endswith("\n1\n")
    results = made.project / "results"
    assert (results / f"{stem}.annot.vcf.gz").stat().st_size > 1000
    assert (results / f"{stem}.annot.vcf.gz").name in text
    assert not list(results.glob("*.part"))
    assert made.token not in text
    assert str(made.home.parent) not in text


def test_a_session_with_the_demo_reference(tmp_path: Path) -> None:
    demo = make_demo(tmp_path / "demo")
    with session(tmp_path, demo.fasta, demo.gff, "demo") as made:
        record_jobs(made, demo.vcf, "demo")
    looked_at(made, demo.vcf.stem)


@pytest.mark.slow
def test_a_session_with_real_input(tmp_path: Path) -> None:
    fasta, gff = shared("human_chr21/chr21.fa.gz"), shared("human_chr21/chr21.gff3.gz")
    source = shared("human_chr21/na12878_slice.vcf.gz")
    with session(tmp_path, fasta, gff, "human_chr21") as made:
        record_jobs(made, source, "human_chr21")
    looked_at(made, "na12878_slice")
    total = re.search(r"^Total: (\d+)$", made.text, re.MULTILINE)
    assert total is not None
    assert int(total[1]) >= 1660  # its records; some have more alleles than one
