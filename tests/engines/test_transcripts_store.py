"""The file of a contig's transcripts: what goes in comes out, fast, or the damage is told."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gas.domain.errors import EngineFailed
from gas.engines.bcftools.consequence.store import KEPT, Transcripts, write_transcripts
from gas.engines.bcftools.consequence.transcript import Transcript
from gas.engines.bcftools.consequence.written import line_of, transcript_of

PLAIN = Transcript(
    id="T",
    version="6",
    gene_id="G",
    symbol="ABC1",
    symbol_source="HGNC",
    hgnc_id="HGNC:14027",
    biotype="protein_coding",
    strand=-1,
    start=100,
    end=900,
    exons=((100, 300), (500, 900)),
    cds=((150, 300), (500, 700)),
    phase=2,
    protein_id="P",
    protein_version="3",
    tags=frozenset({"basic", "MANE_Select"}),
    mane="NM_000021.2",
    codon_table=11,
    selenocysteines=(160, 520),
    source="havana",
)


def at(start: int, end: int, name: str = "T") -> Transcript:
    return replace(PLAIN, id=name, start=start, end=end, exons=((start, end),), cds=())


def overlapping(transcripts: Sequence[Transcript], start: int, end: int) -> list[Transcript]:
    found = [t for t in transcripts if t.start <= end and t.end >= start]
    return sorted(found, key=lambda t: (t.start, t.id))


def stored(folder: Path, transcripts: Sequence[Transcript]) -> Transcripts:
    path = folder / "0.transcripts"
    assert write_transcripts(path, transcripts) == len(transcripts)
    return Transcripts.open(path)


def crowd(count: int, bases: int = 1_000_000, seed: int = 1) -> list[Transcript]:
    """Many short ones and some that are very long, as in real genomes."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        start = rng.randrange(1, bases)
        length = rng.choice((50, 2_000, 30_000, bases // 3))
        found.append(at(start, min(bases, start + rng.randrange(length)), f"T{number}"))
    return found


@pytest.mark.parametrize(
    "transcript",
    [
        PLAIN,
        at(-49, 100),
        replace(PLAIN, version="", tags=frozenset(), mane="", selenocysteines=(), source=""),
        replace(PLAIN, symbol="β-globin α", gene_id="g|1;2,3"),
    ],
)
def test_transcript_comes_back_as_it_was(transcript: Transcript) -> None:
    assert transcript_of(line_of(transcript)) == transcript


def test_control_characters_become_spaces() -> None:
    line = line_of(replace(PLAIN, symbol="a\tb\nc", source="x\x00y"))
    found = transcript_of(line)
    assert (found.symbol, found.source) == ("a b c", "x y")
    assert line.count(b"\n") == 1


def test_transcripts_are_in_order_whatever_order_they_came_in(tmp_path: Path) -> None:
    found = stored(tmp_path, [at(5, 9, "B"), at(5, 7, "A"), at(1, 2, "C")])
    assert [t.id for t in found] == ["C", "A", "B"]
    assert len(found) == 3


def test_ends_count_as_near(tmp_path: Path) -> None:
    found = stored(tmp_path, [at(10, 20, "A"), at(21, 30, "B")])
    assert [t.id for t in found.near(20, 20)] == ["A"]
    assert [t.id for t in found.near(20, 21)] == ["A", "B"]
    assert [t.id for t in found.near(21, 20)] == ["A", "B"]  # between the two bases
    assert found.near(1, 9) == ()
    assert found.near(31, 99) == ()


def test_contig_without_transcripts_has_none_near(tmp_path: Path) -> None:
    found = stored(tmp_path, [])
    assert (len(found), found.near(1, 9), found.nearest(1, 9)) == (0, (), None)
    interval = found.interval(5, 5000)
    assert interval.first < -(10**9) < 10**9 < interval.last


@pytest.mark.parametrize("order", ["ascending", "descending", "random"])
def test_same_transcripts_are_near_in_whatever_order_one_asks(tmp_path: Path, order: str) -> None:
    transcripts = crowd(400)
    found = stored(tmp_path, transcripts)
    rng = random.Random(2)
    places = [rng.randrange(1, 1_000_000) for _ in range(600)]
    if order != "random":
        places.sort(reverse=order == "descending")
    for place in places:
        flank = rng.choice((0, 1, 5000))
        wanted = overlapping(transcripts, place - flank, place + flank)
        assert list(found.near(place - flank, place + flank)) == wanted


spans = some.tuples(some.integers(-5, 60), some.integers(0, 40))


@given(
    some.lists(spans, max_size=12),
    some.lists(some.integers(-10, 110), min_size=1, max_size=8),
    some.integers(0, 12),
)
def test_interval_is_the_largest_in_which_the_answer_stays(
    tmp_path_factory: pytest.TempPathFactory,
    places: list[tuple[int, int]],
    positions: list[int],
    flank: int,
) -> None:
    transcripts = [at(start, start + more, f"T{n:02}") for n, (start, more) in enumerate(places)]
    found = stored(tmp_path_factory.mktemp("store"), transcripts)
    for position in positions:
        interval = found.interval(position, flank)
        assert interval.first <= position <= interval.last
        inside = range(max(interval.first, -60), min(interval.last, 160) + 1)
        for first in inside:
            wanted = overlapping(transcripts, first - flank, first + flank)
            assert list(interval.transcripts) == wanted
        wide = (max(interval.first, -99) - flank, min(interval.last, 199) + flank)
        assert list(interval.transcripts) == overlapping(transcripts, *wide)
        for outside in (interval.first - 1, interval.last + 1):
            if abs(outside) < 10**9:
                other = overlapping(transcripts, outside - flank, outside + flank)
                assert list(interval.transcripts) != other


def test_nearest_is_found_on_either_side(tmp_path: Path) -> None:
    found = stored(tmp_path, [at(100, 200, "A"), at(150, 300, "B"), at(500, 600, "C")])
    names = {place: (found.nearest(place, place) or PLAIN).id for place in (1, 250, 399, 401, 999)}
    assert names == {1: "A", 250: "B", 399: "B", 401: "C", 999: "C"}


def test_parsed_transcripts_are_kept_within_bounds(tmp_path: Path) -> None:
    count = KEPT * 2
    found = stored(tmp_path, [at(n * 10, n * 10 + 5, f"T{n:06}") for n in range(count)])
    for number in range(count):
        assert found.near(number * 10, number * 10)[0].id == f"T{number:06}"
    assert len(found._kept) <= KEPT
    assert found.near(0, count * 10)[-1].id == f"T{count - 1:06}"


@pytest.mark.parametrize("keep", [0, 5, 30, 0.5, 0.9, -1, -60])
def test_file_that_is_cut_off_is_told(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "ref" / "genes" / "0.transcripts"
    path.parent.mkdir(parents=True)
    write_transcripts(path, crowd(50))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if 0 < keep < 1 else int(keep)])
    with pytest.raises(EngineFailed) as caught:
        Transcripts.open(path)
    reason = caught.value.reason
    assert (reason.code, reason.place) == ("REFERENCE_DAMAGED", "ref/genes/0.transcripts")
    assert reason.cure


@pytest.mark.parametrize("where", ["missing", "folder", "other", "index"])
def test_file_that_is_not_ours_is_told(tmp_path: Path, where: str) -> None:
    path = tmp_path / "0.transcripts"
    if where == "folder":
        path.mkdir()
    if where == "other":
        path.write_text("##gff-version 3\n" * 20)
    if where == "index":
        write_transcripts(path, crowd(50))
        raw = bytearray(path.read_bytes())
        raw[-60] ^= 1
        path.write_bytes(raw)
    with pytest.raises(EngineFailed, match="REFERENCE_DAMAGED"):
        Transcripts.open(path)


def test_damage_within_is_told_when_it_is_met(tmp_path: Path) -> None:
    path = tmp_path / "0.transcripts"
    write_transcripts(path, [at(10, 20, "A"), at(100, 200, "B")])
    path.write_bytes(path.read_bytes().replace(b"100 200", b"100 2x0"))
    found = Transcripts.open(path)
    assert found.near(10, 20)[0].id == "A"
    with pytest.raises(EngineFailed, match="REFERENCE_DAMAGED"):
        found.near(100, 100)


def test_a_large_contig_opens_and_answers_fast(tmp_path: Path) -> None:
    """A hundred times as many transcripts, as dense, are asked for one place in the same time; and
    to open them is not to read them."""
    _, small, _ = processor_seconds(tmp_path / "0.transcripts", 200)
    opened, asked, read = processor_seconds(tmp_path / "1.transcripts", 20_000)
    assert asked < 5 * small
    assert opened < read / 3


def processor_seconds(path: Path, count: int) -> tuple[float, float, float]:
    """To open, to ask for 20,000 places in the middle, and to read all of a contig."""
    rng = random.Random(5)
    starts = (rng.randrange(1, count * 10_000) for _ in range(count))
    write_transcripts(path, [at(s, s + rng.randrange(90_000), f"T{s}") for s in starts])
    begun = time.process_time()
    found = Transcripts.open(path)
    opened = time.process_time()
    for place in range(count * 5_000, count * 5_000 + 20_000):
        found.near(place - 5000, place + 5000)
    asked = time.process_time()
    assert len(found.near(1, count * 20_000)) == count
    read = time.process_time()
    found.close()
    return opened - begun, asked - opened, read - asked


def test_what_follows_from_a_transcript() -> None:
    assert PLAIN.coding
    assert (PLAIN.spliced_bases, PLAIN.cds_bases) == (602, 352)
    assert (PLAIN.cds_start, PLAIN.cds_end) == (150, 700)
    assert PLAIN.introns == ((301, 499),)
    assert (PLAIN.full_id, PLAIN.full_protein_id) == ("T.6", "P.3")
    assert PLAIN.mane_select
    assert not PLAIN.slips
    bare = replace(PLAIN, version="", protein_version="", cds=(), exons=((1, 5), (6, 9)))
    assert (bare.full_id, bare.full_protein_id) == ("T", "P")
    assert (bare.coding, bare.cds_start, bare.cds_end, bare.introns) == (False, 0, 0, ())
