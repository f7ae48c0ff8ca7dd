"""Whether a wrong genome is found out, and nothing is said falsely of a right one."""

from __future__ import annotations

import random
from pathlib import Path

import pysam
import pytest

from gas.domain.errors import EngineFailed, InputError
from gas.engines.bcftools.build_check import Candidate, Verdict, judge, percent
from gas.vcf.contigs import ContigNames
from gas.vcf.probes import Probe

BASES = 5000
OLD, NEW = 249250621, 248956422
"""Bases of chromosome 1 in GRCh37 and GRCh38."""


def sequence(seed: int) -> str:
    return "N" * 100 + "".join(random.Random(seed).choices("ACGT", k=BASES - 100))


def candidate(folder: Path, seed: int, name: str, title: str, **lengths: int) -> Candidate:
    """A genome of one contig, '1'; `lengths` are told of others that nobody looks into."""
    path = folder / f"{name}.fa"
    path.write_text(f">1\n{sequence(seed)}\n")
    pysam.faidx(str(path))
    return Candidate(name, title, str(path), ContigNames({"1": BASES, **lengths}))


@pytest.fixture
def new(tmp_path: Path) -> Candidate:
    return candidate(tmp_path, 38, "grch38", "GRCh38")


@pytest.fixture
def old(tmp_path: Path) -> Candidate:
    return candidate(tmp_path, 37, "grch37", "GRCh37")


def probes(seed: int, count: int, wrong: int = 0, size: int = 1) -> list[Probe]:
    """Of a genome, the first ones with a base that it has not."""
    bases = sequence(seed)
    rng = random.Random(1)
    found = []
    for number in range(count):
        at = rng.randrange(101, BASES - size)
        ref = bases[at - 1 : at - 1 + size]
        found.append(
            ("chr1", at, ("C" if ref[0] != "C" else "G") + ref[1:] if number < wrong else ref)
        )
    return found


def error_of(verdict: Verdict) -> InputError:
    with pytest.raises(InputError) as caught:
        verdict.check()
    assert caught.value.reason.code == "WRONG_BUILD"
    assert caught.value.reason.cure
    return caught.value


def test_right_genome_is_told_beside_the_others(new: Candidate, old: Candidate) -> None:
    verdict = judge(new, [old], probes(38, 400, wrong=1), {})
    verdict.check()
    (line,) = verdict.lines
    assert line.startswith("99.8 % of REF match GRCh38 (grch38), 31 % GRCh37")
    assert line.endswith(" (grch37) (400 looked at).")


def test_another_genome_that_cannot_be_read_stops_nobody(new: Candidate, old: Candidate) -> None:
    Path(old.genome_path).unlink()
    verdict = judge(new, [old], probes(38, 400), {})
    verdict.check()
    assert verdict.others == []


def test_the_chosen_genome_that_cannot_be_read_is_damaged(new: Candidate, old: Candidate) -> None:
    Path(new.genome_path).unlink()
    with pytest.raises(EngineFailed) as caught:
        judge(new, [old], probes(38, 400), {})
    assert caught.value.reason.code == "REFERENCE_DAMAGED"
    assert caught.value.reason.cure


def test_wrong_genome_stops_with_the_one_that_fits(new: Candidate, old: Candidate) -> None:
    verdict = judge(new, [old], probes(37, 400), {})
    message = error_of(verdict).reason.message
    assert "REF is not what the reference has there" in message
    assert "The reference 'grch37' fits: 100 % match there." in message
    assert ", 100 % GRCh37 (grch37)" in verdict.lines[0]


def test_wrong_genome_stops_though_no_other_fits(new: Candidate, old: Candidate) -> None:
    assert "None of the other references fits." in str(
        error_of(judge(new, [old], probes(5, 99), {}))
    )
    assert "fits" not in str(error_of(judge(new, [], probes(5, 99), {})))


@pytest.mark.parametrize(
    ("count", "wrong", "stops"),
    [
        (500, 10, False),  # two of a hundred is the most
        (500, 11, True),
        (100, 2, False),
        (100, 3, True),
        (10, 2, False),  # few records, one or two of them wrong
        (10, 3, True),
        (1, 1, True),
        (2, 2, True),
        (2, 1, False),
        (0, 0, False),
    ],
)
def test_two_of_a_hundred_are_the_most(new: Candidate, count: int, wrong: int, stops: bool) -> None:
    assert judge(new, [], probes(38, count, wrong), {}).is_wrong == stops


@pytest.mark.parametrize(
    "found",
    [
        [],
        [("chr1", 50, "A")] * 9,  # the genome says N there
        [("chr1", 150, "N")] * 9,
        [("chr1", 150, "R")] * 9,
        [("chr1", 0, "N"), ("chr1", BASES + 1, "N")] * 9,
        [("chr9", 150, "A")] * 9,
        probes(38, 50, size=30),
        [(name, at, ref.lower()) for name, at, ref in probes(38, 50)],
        [("1", BASES, sequence(38)[-1])] * 9,
        [("1", BASES - 3, sequence(38)[-4:])] * 9,
        [("1", 95, "NNACGTA"[:6] + sequence(38)[100])] * 9,
    ],
)
def test_nothing_is_said_falsely(new: Candidate, old: Candidate, found: list[Probe]) -> None:
    verdict = judge(new, [old], found, {})
    verdict.check()
    assert verdict.lines[0].startswith(("100 % of REF match", "No REF could be compared"))


def test_deletions_alone_tell_a_wrong_genome(new: Candidate, old: Candidate) -> None:
    error_of(judge(new, [old], probes(37, 40, size=20), {}))


def test_lengths_that_contradict_are_told_in_log_and_error(tmp_path: Path, old: Candidate) -> None:
    new = candidate(tmp_path, 38, "grch38", "GRCh38", chr7=NEW)
    told = "The header gives 1 contig another length than GRCh38 (grch38) has: chr7 249,250,621 "
    told += "instead of 248,956,422, as in GRCh37."
    fine = judge(new, [old], probes(38, 50), {"chr7": OLD, "1": BASES})
    fine.check()
    assert fine.lines[1] == told
    assert told in error_of(judge(new, [old], probes(37, 50), {"chr7": OLD})).reason.message


def test_lengths_decide_where_no_base_can(tmp_path: Path) -> None:
    new = candidate(tmp_path, 38, "grch38", "GRCh38", chr7=NEW)
    old = candidate(tmp_path, 37, "grch37", "GRCh37", chr7=OLD)
    symbols = [("chr7", 500, "N")] * 9
    message = error_of(judge(new, [old], symbols, {"chr7": OLD})).reason.message
    assert message.endswith("as in GRCh37. The reference 'grch37' fits.")
    judge(new, [old], symbols, {"chr7": NEW}).check()
    judge(new, [old], symbols, {"chr7": OLD, "1": BASES}).check()
    judge(new, [old], symbols, {}).check()


def test_references_without_a_contig_in_common_are_not_named(
    tmp_path: Path, new: Candidate
) -> None:
    path = tmp_path / "virus.fa"
    path.write_text(f">v\n{'ACGT' * 50}\n")
    pysam.faidx(str(path))
    virus = Candidate("virus", "", str(path), ContigNames({"v": 200}))
    assert "virus" not in " ".join(judge(new, [virus], probes(38, 50), {}).lines)


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (1.0, "100 %"),
        (0.9999, "99.9 %"),
        (0.998, "99.8 %"),
        (0.31, "31 %"),
        (0.00001, "0.001 %"),
        (0.0, "0 %"),
    ],
)
def test_percents_are_all_or_nothing_only_if_it_is_so(share: float, shown: str) -> None:
    assert percent(share) == shown
