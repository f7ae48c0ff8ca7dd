"""Provenance: what a run is made from has one key, and two runs can be compared."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pysam
import pytest

from gas.domain.errors import InputError
from gas.domain.options import AnnotationOptions
from gas.engines.bcftools import DemoFiles, InstalledReferences
from gas.engines.bcftools.outputs.origin import (
    FileUsed,
    KnownUsed,
    Origin,
    all_versions,
    file_used,
    header_lines,
    key_versions,
    origin_of,
    run_key,
)
from gas.engines.bcftools.outputs.provenance import (
    StageTime,
    provenance_of,
    read_provenance,
    write_provenance,
)
from gas.engines.bcftools.outputs.reproduce import Verdict, compare, differences

ORIGIN = Origin(
    input=FileUsed("a.vcf", 12, "ab" * 32),
    reference="grch38",
    release="115",
    checksums={"fasta": "cd" * 32, "genes": "ef" * 32},
    known=(KnownUsed("clinvar", "20240107", "01" * 32),),
    options={"haplotypes": False, "ann": True},
    versions={"gas": "1.0", "duckdb": "2.0.1", "python": "3.11.7"},
)


def told(origin: Origin = ORIGIN, **sums: str) -> dict[str, Any]:
    outputs = [FileUsed(name.replace("_", "."), 5, value, "x") for name, value in sums.items()]
    return provenance_of(
        origin,
        outputs=outputs,
        counts={"in": 3, "annotated": 2, "rejected": {"BAD_POS": 1}, "written": 2},
        stages=[StageTime("intake", 0.25, 3), StageTime("deliver", 0.5)],
        made_at="2026-01-01T00:00:00+00:00",
    )


@pytest.mark.parametrize(
    "changed",
    [
        replace(ORIGIN, input=replace(ORIGIN.input, sha256="00" * 32)),
        replace(ORIGIN, checksums={**ORIGIN.checksums, "fasta": "00" * 32}),
        replace(ORIGIN, known=()),
        replace(ORIGIN, known=(KnownUsed("clinvar", "20240107", "02" * 32),)),
        replace(ORIGIN, options={**ORIGIN.options, "ann": False}),
        replace(ORIGIN, versions={**ORIGIN.versions, "duckdb": "9"}),
        replace(ORIGIN, known=(KnownUsed("clinvar", "20240107", "01" * 32, told="03" * 32),)),
        replace(ORIGIN, made_of="04" * 32),
        replace(ORIGIN, reference="grch37"),
    ],
)
def test_whatever_results_depend_on_changes_the_key(changed: Origin) -> None:
    assert run_key(changed) != run_key(ORIGIN)


def test_names_and_order_do_not_change_the_key() -> None:
    same = replace(
        ORIGIN,
        input=replace(ORIGIN.input, name="b.vcf.gz"),
        options={"ann": True, "haplotypes": False},
        versions={**ORIGIN.versions, "python": "3.13.0"},
    )
    assert run_key(same) == run_key(ORIGIN)


def test_the_header_lines_are_read_by_htslib_and_hold_no_time(tmp_path: Path) -> None:
    origin = replace(ORIGIN, release='of "2024", >')
    path = tmp_path / "a.vcf"
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    path.write_text("\n".join(["##fileformat=VCFv4.2", *header_lines(origin), columns, ""]))
    with pysam.VariantFile(str(path)) as source:
        records = {record.key: record for record in source.header.records}
    assert records["gas_provenance"]["key"] == run_key(origin)
    assert records["gas_provenance"]["ann"] == "yes"
    assert records["gas_reference"]["fasta"] == "cd" * 32
    assert records["gas_known"]["release"] == "20240107"
    assert records["gas_reference"]["release"] == "of__2024____"


def test_it_is_written_whole_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "provenance.json"
    write_provenance(path, told(a_vcf_gz="11" * 32))
    found = read_provenance(path)
    assert found == told(a_vcf_gz="11" * 32)
    assert found["key"] == run_key(ORIGIN)
    assert found["seconds"] == 0.75
    assert found["outputs"] == [
        {"name": "a.vcf.gz", "bytes": 5, "sha256": "11" * 32, "kind": "x"},
    ]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format": 2}', '{"format": 1, "input": {}}', "\x00", "null"]
)
def test_what_is_no_provenance_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "provenance.json"
    path.write_text(text)
    with pytest.raises(InputError, match="BAD_PROVENANCE"):
        read_provenance(path)


def test_a_file_is_summed_whole(tmp_path: Path) -> None:
    content = b"x" * 3_000_001
    (tmp_path / "a.bin").write_bytes(content)
    used = file_used(tmp_path / "a.bin", kind="annotated")
    assert used == FileUsed("a.bin", 3_000_001, hashlib.sha256(content).hexdigest(), "annotated")


def test_versions_name_everything_that_results_are_made_with() -> None:
    found = all_versions()
    assert {"gas", "bcftools", "htslib", "pysam", "duckdb", "python"} == found.keys()
    assert all(found.values())
    assert key_versions().items() <= found.items()


def test_a_worker_can_have_the_key_without_loading_pysam() -> None:
    program = (
        "import sys\nfrom gas.engines.bcftools.outputs.origin import *\n"
        "run_key(Origin(FileUsed('a', 1, ''), 'r', '', {}, versions=key_versions()))\n"
        "print({'pysam', 'duckdb'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "set()\n"


def test_an_installed_reference_says_what_results_depend_on(
    installed: tuple[Path, DemoFiles],
) -> None:
    found = InstalledReferences(installed[0]).find("demo")
    assert found is not None
    origin = origin_of(
        found, AnnotationOptions(ann=True), used=ORIGIN.input, versions=key_versions()
    )
    assert origin.checksums.keys() == {"fasta", "genes"}
    assert origin.options == {"haplotypes": False, "ann": True, "keep_csq": False}
    assert run_key(origin) == run_key(replace(origin, versions=all_versions()))


def test_outputs_are_compared_one_by_one() -> None:
    then = told(a_vcf="11", b_tbi="22", gone="33")
    now = told(a_vcf="11", b_tbi="99", new="44")
    found = [(one.file, one.verdict) for one in compare(then, now)]
    assert found == [
        ("a.vcf", Verdict.SAME),
        ("b.tbi", Verdict.DIFFERS),
        ("gone", Verdict.MISSING),
        ("new", Verdict.NEW),
    ]


def test_what_differs_is_named() -> None:
    changed = replace(
        ORIGIN,
        checksums={**ORIGIN.checksums, "genes": "00" * 32},
        known=(KnownUsed("clinvar", "20250101", "02" * 32), KnownUsed("lab", "1", "03" * 32)),
        versions={**ORIGIN.versions, "duckdb": "9"},
    )
    found = list(map(str, differences(told(), told(changed))))
    assert len(found) == 4
    assert found[0].startswith("the reference's genes was efef")
    assert "known variants of clinvar was 20240107 (010101010101), is 20250101" in found[1]
    assert found[2:] == [
        "the version of duckdb was 2.0.1, is 9",
        "known variants of lab was not there, is 1 (030303030303)",
    ]
    assert differences(told(), json.loads(json.dumps(told()))) == []
