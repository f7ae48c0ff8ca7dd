"""`gas annotate` and `gas reproduce`, as typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from cli.honest_engine import PATH as HONEST
from workers.errands import VCF
from workers.fake_engine import PATH as FAKE

Gas = Callable[..., Result]
ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 20.0


@pytest.fixture
def vcf(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GAS_ENGINE", HONEST)
    (home / "genome").write_text("ACGT")
    path = tmp_path / "in" / "na12878.vcf"
    path.parent.mkdir()
    path.write_bytes(VCF)
    return path


def annotate(gas: Gas, path: Path, out: Path, *more: str) -> Result:
    return gas("annotate", str(path), "--reference", "demo", "--out", str(out), *more)


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_results_and_log_lie_in_the_folder_and_nothing_else(
    gas: Gas, vcf: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "out"
    result = annotate(gas, vcf, out)
    assert result.exit_code == 0, result.output
    assert names(out) == ["na12878.annot.vcf.gz", "na12878.log", "provenance.json"]
    assert "1200" in result.stdout
    assert "CDS" in result.stdout
    assert "na12878.annot.vcf.gz" in result.stdout
    assert "all (50%)" in result.stderr


def test_options_reach_the_engine(gas: Gas, vcf: Path, tmp_path: Path) -> None:
    annotate(gas, vcf, tmp_path / "out", "--haplotypes", "--ann", "--keep-csq")
    made = (tmp_path / "out" / "na12878.annot.vcf.gz").read_text()
    assert "haplotypes=True, ann=True, keep_csq=True" in made


def test_results_are_not_replaced_unless_forced(gas: Gas, vcf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "provenance.json").write_text("mine")
    result = annotate(gas, vcf, out)
    assert result.exit_code == 1
    assert "OUTPUT_EXISTS" in result.stderr
    assert names(out) == ["provenance.json"]
    assert (out / "provenance.json").read_text() == "mine"
    (out / "na12878.rejected.vcf").write_text("of results that are replaced")
    assert annotate(gas, vcf, out, "--force").exit_code == 0
    assert not (out / "na12878.rejected.vcf").exists()
    assert (out / "provenance.json").read_text() != "mine"
    result = annotate(gas, vcf, out)
    assert (result.exit_code, "OUTPUT_EXISTS" in result.stderr) == (1, True)


def test_without_force_nothing_that_is_there_goes(gas: Gas, vcf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "na12878.rejected.vcf").write_text("mine")
    assert annotate(gas, vcf, out).exit_code == 0
    assert (out / "na12878.rejected.vcf").read_text() == "mine"


def test_what_is_wrong_is_said_by_code_and_leaves_nothing(
    gas: Gas, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bad.vcf"
    path.write_bytes(VCF)
    result = annotate(gas, path, tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "BAD_LINE: The file is at fault. (line 3)"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_leaves_nothing(
    home: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    path = tmp_path / "slow.vcf"
    path.write_bytes(VCF)
    out = tmp_path / "out"
    out.mkdir()
    killed = out / ".gas-annotate-999999999-00000000"
    killed.mkdir()
    command = [sys.executable, "-m", "gas.cli", "--home", home, "annotate", path]
    run = subprocess.Popen(
        [*map(str, command), "--reference", "demo", "--out", str(out)],
        env={
            **os.environ,
            "GAS_ENGINE": FAKE,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}",
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (home / "runs").exists() and time.monotonic() < deadline:
        assert run.poll() is None
        time.sleep(0.02)
    (working,) = names(out)  # hidden; that of a dead run is gone
    assert working.startswith(".gas-annotate-")
    assert working != killed.name
    run.send_signal(number)
    _, said = run.communicate(timeout=PATIENCE_SECONDS)
    assert run.returncode == code
    assert "nothing was left behind" in said
    assert "Traceback" not in said
    assert names(out) == []


def test_the_same_results_are_made_again(gas: Gas, vcf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    annotate(gas, vcf, out, "--ann")
    provenance = str(out / "provenance.json")
    result = gas("reproduce", provenance, "--input", str(vcf), "--out", str(tmp_path / "again"))
    assert result.exit_code == 0, result.output
    assert "same" in result.stdout
    assert (tmp_path / "again" / "na12878.annot.vcf.gz").exists()
    assert gas("reproduce", provenance, "--input", str(vcf)).exit_code == 0


def test_another_output_is_found_and_its_reason_named(
    gas: Gas, home: Path, vcf: Path, tmp_path: Path
) -> None:
    annotate(gas, vcf, tmp_path / "out")
    provenance = tmp_path / "out" / "provenance.json"
    (home / "genome").write_text("AAAA")
    result = gas("reproduce", str(provenance), "--input", str(vcf))
    assert result.exit_code == 1
    assert "differs" in result.stdout
    assert "the reference's fasta was" in result.stdout
    (home / "genome").write_text("ACGT")
    told = json.loads(provenance.read_text())
    told["outputs"][0]["sha256"] = "0" * 64
    provenance.write_text(json.dumps(told))
    result = gas("reproduce", str(provenance), "--input", str(vcf))
    assert result.exit_code == 1
    assert "are the same." in result.stdout


def test_the_input_is_looked_for_beside_it_and_has_to_be_the_same(
    gas: Gas, vcf: Path, tmp_path: Path
) -> None:
    annotate(gas, vcf, tmp_path / "out")
    provenance = str(tmp_path / "out" / "provenance.json")
    result = gas("reproduce", provenance)
    assert (result.exit_code, "NO_SUCH_FILE" in result.stderr) == (1, True)
    beside = tmp_path / "out" / "na12878.vcf"
    beside.write_bytes(VCF)
    assert gas("reproduce", provenance).exit_code == 0
    beside.write_bytes(VCF + b"1\t8\t.\tA\tC\t.\t.\t.\n")
    result = gas("reproduce", provenance)
    assert (result.exit_code, "INPUT_DIFFERS" in result.stderr) == (1, True)


def test_a_folder_that_holds_something_is_not_written_to(
    gas: Gas, vcf: Path, tmp_path: Path
) -> None:
    annotate(gas, vcf, tmp_path / "out")
    provenance = str(tmp_path / "out" / "provenance.json")
    result = gas("reproduce", provenance, "--input", str(vcf), "--out", str(tmp_path / "out"))
    assert (result.exit_code, "OUTPUT_EXISTS" in result.stderr) == (1, True)
