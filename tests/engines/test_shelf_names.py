"""Names of fields, releases side by side, and what goes or is damaged."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engines.shelf_bench import (
    DEPTH,
    NOW,
    SOURCE,
    KnownBench,
    rows,
    small_bench,
)
from gas.domain.errors import Conflict, InputError, NotFound
from gas.engines.bcftools.shelf.known import read_known, release_order
from gas.engines.bcftools.shelf.naming import named, parse_fields
from gas.engines.bcftools.shelf.removal import remove_known
from gas.engines.bcftools.shelf.use import earlier_fields, known_headers, known_uses
from gas.engines.bcftools.shelf.verify import State, verify


@pytest.fixture
def bench(tmp_path: Path) -> KnownBench:
    return small_bench(tmp_path)


def names(source: str, fields: str, taken: tuple[str, ...] = ()) -> list[str]:
    return [field.name for field in named(source, parse_fields(fields), taken)]


@pytest.mark.parametrize(
    ("fields", "taken", "expected"),
    [
        ("CLNSIG", (), ["in_lab", "CLNSIG"]),
        ("AF,ID,FILTER", (), ["in_lab", "lab_AF", "lab_ID", "lab_FILTER"]),
        ("CLNSIG", ("clnsig",), ["in_lab", "lab_CLNSIG"]),
        ("CLNSIG", ("CLNSIG", "lab_CLNSIG"), ["in_lab", "lab_CLNSIG_2"]),
        ("AF=mine, CSQ", (), ["in_lab", "mine", "lab_CSQ"]),
    ],
)
def test_names_of_fields(fields: str, taken: tuple[str, ...], expected: list[str]) -> None:
    assert names("lab", fields, taken) == expected


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("A B", "BAD_FIELDS"),
        ("AF=x y", "BAD_FIELDS"),
        ("AF,AF", "BAD_FIELDS"),
        ("AF=DP", "FIELD_NAME_TAKEN"),
        ("AF=x,AC=X", "FIELD_NAME_TAKEN"),
    ],
)
def test_names_that_cannot_be_had(fields: str, code: str) -> None:
    with pytest.raises(InputError, match=code):
        names("lab", fields)


def test_names_of_two_sources_never_meet(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 . G A . . NOTE=a;COUNT=1"), "one", "NOTE,COUNT")
    bench.add_text(rows("1 1001 . G A . . NOTE=b;COUNT=2"), "two", "NOTE,COUNT")
    found = bench.annotate_rows(["1 1001 . G A ."])
    assert found.info(0)["NOTE"] == "a"
    assert found.info(0)["two_NOTE"] == "b"


def test_fields_of_the_input_are_not_touched(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 rs1 G A . . NOTE=known"), fields="NOTE")
    own = '##INFO=<ID=NOTE,Number=1,Type=String,Description="Of the input">'
    found = bench.annotate_rows(["1 1001 . G A NOTE=own"], header=[own], reserved=["NOTE"])
    assert found.info(0)["NOTE"] == "own"
    assert found.info(0)["lab_NOTE"] == "known"
    (used,) = known_uses(bench.installed.known, ["NOTE"])
    assert [field.name for field in used.fields] == ["in_lab", "lab_NOTE"]
    assert known_headers(bench.installed.known, ["NOTE"]) == found.header[-3:-1]


def test_fields_of_an_earlier_run_are_recognised(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 rs1 G A . . NOTE=known"), fields="ID,NOTE")
    found = bench.annotate_rows(["1 1001 . G A DP=1"], header=[DEPTH])
    assert earlier_fields(found.header) == ["in_lab", "lab_ID", "NOTE"]


@pytest.mark.parametrize("source", ["", "Lab", "a b", "../x", "a" * 33, ".x"])
def test_odd_names_of_sources_are_refused(bench: KnownBench, source: str) -> None:
    with pytest.raises(InputError, match="BAD_SOURCE_NAME"):
        bench.add_text(rows("1 1001 . G A . . ."), source)


def test_newest_release_is_used_and_older_ones_stay(bench: KnownBench) -> None:
    path = bench.path / "lab.vcf"
    for release, note in (("4.9", "old"), ("4.10", "new"), ("4.1", "oldest")):
        path.write_text(rows(f"1 1001 . G A . . NOTE={note}"))
        bench.add(path, "lab", "NOTE", release)
    assert [one.release for one in bench.installed.all_known] == ["4.1", "4.9", "4.10"]
    assert [one.release for one in bench.installed.reference.known] == ["4.1", "4.9", "4.10"]
    assert bench.annotate_rows(["1 1001 . G A ."]).info(0)["NOTE"] == "new"
    with pytest.raises(Conflict, match="KNOWN_EXISTS"):
        bench.add(path, "lab", "NOTE", "4.9")


def test_order_of_releases() -> None:
    releases = ["20240204", "156", "4.10", "4.9", "v2", "v10", "20231231", "2.1.1"]
    assert sorted(releases, key=release_order) == [
        "v2",
        "v10",
        "2.1.1",
        "4.9",
        "4.10",
        "156",
        "20231231",
        "20240204",
    ]


def test_known_variants_go_by_release_or_all(bench: KnownBench) -> None:
    path = bench.path / "lab.vcf"
    path.write_text(rows("1 1001 . G A . . ."))
    for source, release in (("lab", "1"), ("lab", "2"), ("lab", "3"), ("lab-x", "1")):
        bench.add(path, source, "", release)
    references = bench.path / "references"
    assert remove_known(references, "small", "lab-2") == ["lab-2"]
    assert remove_known(references, "small", "lab") == ["lab-1", "lab-3"]
    assert [one.name for one in bench.installed.all_known] == ["lab-x"]
    with pytest.raises(NotFound, match="NO_KNOWN"):
        remove_known(references, "small", "lab")


def test_damage_is_found(bench: KnownBench) -> None:
    known = bench.add_text(rows("1 1001 . G A . . ."))
    assert {file.state for file in verify(bench.installed)} == {State.OK}
    content = bytearray(known.table_path.read_bytes())
    content[20] ^= 1
    known.table_path.write_bytes(content)
    (bench.installed.path / "genome.fa.gz.gzi").unlink()
    states = {file.file: file.state for file in verify(bench.installed)}
    assert states["known/lab-20260102/variants.tsv.gz"] is State.DIFFERS
    assert states["genome.fa.gz.gzi"] is State.MISSING
    assert states["genome.fa.gz"] is State.OK


def test_damaged_description_hides_only_its_own(bench: KnownBench) -> None:
    bench.add_text(rows("1 1001 . G A . . ."), "one")
    known = bench.add_text(rows("1 1001 . G A . . ."), "two")
    (Path(known.path) / "source.json").write_text("{")
    assert [one.name for one in read_known(bench.installed.path)] == ["one"]


def test_killed_addition_leaves_nothing_visible(bench: KnownBench) -> None:
    path = bench.path / "lab.vcf"
    path.write_text(rows(*(f"1 {1001} . G A . . ." for _ in range(9))))
    program = (
        "import os, signal, sys; from pathlib import Path;"
        "from gas.engines.bcftools.shelf.added import annotate_with;"
        f"annotate_with(Path({str(bench.path / 'references')!r}), 'small', Path({str(path)!r}),"
        f" source='lab', now={NOW!r}, report=lambda e: os.kill(os.getpid(), signal.SIGKILL))"
    )
    run = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": SOURCE})
    assert run.returncode == -signal.SIGKILL
    assert not bench.installed.all_known
    bench.add(path, "lab")
    assert len(bench.installed.all_known) == 1
    assert [entry.name for entry in (bench.path / "references").iterdir()] == ["small"]
