"""Rows like those before them are taken with one look, and rightly."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from gas.vcf.caps import Caps
from gas.vcf.contigs import ContigNames
from gas.vcf.definitions import Tag
from gas.vcf.header_reader import HeaderReader
from gas.vcf.patterns import samples_pattern
from gas.vcf.records import RecordCheck
from vcf.taking import SAMPLES, header, record, take_in

RNG = random.Random(3)
CALLER = header(
    *(
        f'##INFO=<ID={name},Number={number},Type={kind},Description="x">'
        for name, number, kind in (
            ("AC", "A", "Integer"),
            ("AF", "A", "Float"),
            ("DB", "0", "Flag"),
            ("DP", "1", "Integer"),
            ("MQRankSum", "1", "Float"),
            ("SOR", "1", "Float"),
        )
    ),
    *(
        f'##FORMAT=<ID={name},Number={number},Type=Integer,Description="x">'
        for name, number in (("AD", "R"), ("DP", "1"), ("GQ", "1"), ("PL", "G"))
    ),
).replace("INFO\n", "INFO\tFORMAT\tS\n")


def caller_row(position: int) -> bytes:
    info = f"AC=1;AF=0.500;{RNG.choice(('DB;', ''))}DP={RNG.randrange(90)};"
    info += RNG.choice((f"MQRankSum={RNG.gauss(0, 1):.3f};", "")) + f"SOR={RNG.random():.3f}"
    row = record(pos=str(position), qual=f"{RNG.random() * 900:.2f}", filter="PASS", info=info)
    sample = f"0/1:{RNG.randrange(40)},{RNG.randrange(40)}:{RNG.randrange(80)}:99:400,0,300"
    return row.replace("\n", f"\tGT:AD:DP:GQ:PL\t{sample}").encode()


def check_for(text: str) -> RecordCheck:
    reader = HeaderReader(Caps())
    for number, line in enumerate(text.encode().splitlines(), start=1):
        reader.take(line, number)
    return RecordCheck(reader.header, ContigNames({"1": 10**6}), Caps())


def test_a_callers_rows_are_looked_at_closely_a_few_times_only() -> None:
    check = check_for(CALLER)
    closely = 0
    for position in range(1, 5000):
        row = caller_row(position)
        if check.quick(row) is None:
            closely += 1
            assert check.take(row) == (row, b"1", position, 1, b"A")
    assert closely < 10


def test_both_looks_find_the_same() -> None:
    check = check_for(CALLER)
    for position in range(1, 500):
        row = caller_row(position)
        check.take(row)
        quick = check.quick(row)
        assert quick is None or quick == check.take(row)


DIFFERENCES = [
    (b"AC=1", b"AC=x"),
    (b"AC=1", b"AC=1.5"),
    (b"AC=1", b"AC="),
    (b"AC=1", b"AC"),
    (b"AC=1", b"AC=99999999999"),
    (b"AC=1;", b"AC=1;AC=1;"),
    (b"AC=1;", b"NEW=1;AC=1;"),
    (b"AC=1;", b"AC=1;;"),
    (b"SOR=", b"SORT="),
    (b"DB;", b"DBX;"),
    (b"AC=1", b"\tAC=1"),
    (b"\t0/1", b"\t0/2"),
    (b"\t0/1", b"\t/0/1"),
    (b"\t0/1", b"\t0/11"),
    (b"\t0/1", b"\t"),
    (b":99:", b":9.9:"),
    (b":99:", b":99:9:"),
    (b"400,0,300", b"400,0,300\t0/1"),
    (b"\tPASS", b"\tunknown"),
    (b"\tA\tC", b"\tA\tC,G"),
    (b"\tA\tC", b"\tA\t<DEL>"),
    (b"\tA\tC", b"\tA\tR"),
    (b"1\t", b"7\t"),
    (b"1\t7\t", b"1\t0\t"),
    (b"1\t7\t", b"1\t1000001\t"),
]
OF_ALL = {b"\tunknown", b"7\t", b"1\t1000001\t"}
"""A FILTER that is new, another contig, a place beyond the end: all are looked at one by one."""


@pytest.mark.parametrize(("old", "new"), DIFFERENCES)
def test_whatever_differs_is_looked_at_closely(old: bytes, new: bytes) -> None:
    check = check_for(CALLER)
    for position in range(1, 200):
        check.take(caller_row(position))
    row = caller_row(7).replace(b"AC=1;AF=0.500;DP", b"AC=1;AF=0.500;DB;DP")
    assert check.quick(row) is not None
    assert old in row
    assert check.quick(row.replace(old, new, 1)) is None


@pytest.mark.parametrize(("old", "new"), DIFFERENCES)
def test_many_rows_at_once_are_found_as_one_by_one(old: bytes, new: bytes) -> None:
    check = check_for(CALLER)
    for position in range(1, 200):
        check.take(caller_row(position))
    row = caller_row(7).replace(b"AC=1;AF=0.500;DP", b"AC=1;AF=0.500;DB;DP")
    rows = [caller_row(position) for position in range(1, 20)]
    rows[5] = row.replace(old, new, 1)
    many = check.quick_many(rows)
    assert (many is None) == (new in OF_ALL)
    if many is None:
        return
    assert 5 in many.others
    for place, one in enumerate(rows):
        if place not in many.others:
            found = (many.rows[place], many.contig, many.positions[place], 1, many.refs[place])
            assert check.quick(one) == found


@pytest.mark.parametrize("cut", [1, 3, 7, 8, 9])
def test_a_row_that_is_cut_takes_nothing_of_the_next_one(cut: int) -> None:
    check = check_for(CALLER)
    for position in range(1, 200):
        check.take(caller_row(position))
    rows = [caller_row(position) for position in range(1, 20)]
    rows[5] = b"\t".join(rows[5].split(b"\t")[:cut])
    rows[9] += b"\t"
    many = check.quick_many(rows)
    assert many is not None
    assert {5, 9} <= set(many.others)
    assert len(many.others) < 8


def test_a_batch_counts_as_its_rows_do(tmp_path: Path) -> None:
    """Rows in between are mended or set aside in their place; order and counts are kept."""
    rows = [caller_row(position) for position in range(1, 400)]
    rows[200] = rows[200].replace(b"AC=1;", b"AC=1;;")
    rows[210] = rows[210].replace(b"\tA\tC", b"\tA\tC!")
    rows[220] = rows[220].replace(b"\tA\tC\t", b"\tA\tC,G\t").replace(b"400,0,300", b".")
    found = take_in(tmp_path, CALLER + b"\n".join(rows).decode() + "\n")
    assert found.taken.kept == 398
    assert found.taken.kept_alleles == 399
    assert found.taken.sorted
    assert sum(found.taken.rejected.values()) == 1
    positions = [int(row.split("\t")[1]) for row in found.rows]
    assert positions == [at for at in range(1, 400) if at != 211]
    swapped = take_in(tmp_path, CALLER + b"\n".join([*rows[:150], *rows[:10]]).decode() + "\n")
    assert not swapped.taken.sorted


def test_wide_rows_of_genotypes_are_taken_whole(tmp_path: Path) -> None:
    wide = SAMPLES.replace("A\tB", "\t".join(f"S{number}" for number in range(500)))
    fine = record().replace("\n", "\tGT" + "\t0|1\t1|.\t./.\t0/0" * 125 + "\n")
    bad = fine.replace("\t1|.\t./.", "\t1|2\t./.", 1)
    found = take_in(tmp_path, wide + fine * 3 + bad)
    assert found.rows == [row.rstrip("\n") for row in (fine, fine, fine, bad.replace("1|2", "."))]
    assert found.taken.blanked_genotypes == 1


@pytest.mark.parametrize("alts", [0, 1, 2, 9, 10, 25])
def test_genotypes_reach_to_the_last_allele(alts: int) -> None:
    pattern = samples_pattern([Tag("FORMAT", "GT", "1", "String", 0)], alts, samples=2, led=True)
    for index in (0, 1, 9, 10, 11, 25, 26):
        fits = pattern.match(b"\t%d|.\t/0/%d" % (index, index)) is not None
        assert fits == (index <= alts)
