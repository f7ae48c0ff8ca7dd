"""Downloads that break, are cut off, damaged, refused or changed, and go on all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.install_bench import InstallBench
from engines.mirror import (
    CLINVAR,
    DBSNP,
    FASTA,
    GENES,
    GNOMAD,
    Mirror,
    fill,
    serving,
)
from gas.domain.errors import GasError, InputError, Unavailable
from gas.engines.bcftools.shelf.checksums import bsd_sum
from gas.engines.bcftools.shelf.report import Download


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[InstallBench]:
    with serving(Mirror()) as mirror:
        fill(mirror, tmp_path)
        yield InstallBench(tmp_path / "references", mirror)


def test_broken_connection_is_gone_on_with(bench: InstallBench) -> None:
    size = len(bench.mirror.files[FASTA])
    bench.mirror.break_after[FASTA] = [5000, 3000]
    bench.install()
    ranges = [one.range for one in bench.mirror.gets(FASTA)]
    assert ranges == ["", "bytes=5000-", "bytes=8000-"]
    assert all(one.if_range.startswith('"') for one in bench.mirror.gets(FASTA)[1:])
    assert bench.mirror.sent[FASTA] == size


def test_progress_tells_how_far_it_got(bench: InstallBench) -> None:
    bench.mirror.break_after[FASTA] = [5000]
    bench.install()
    told = [event for event in bench.said if isinstance(event, Download)]
    of_fasta = [event.done for event in told if "dna" in event.name]
    assert of_fasta == sorted(of_fasta)
    assert 5000 in of_fasta
    assert {event.total for event in told} == {len(bench.mirror.files[p]) for p in (FASTA, GENES)}


def test_given_up_download_is_gone_on_with_by_the_next_run(bench: InstallBench) -> None:
    bench.mirror.break_after[FASTA] = [5000, 0, 0, 0, 0]
    assert bench.refused(Unavailable) == "DOWNLOAD_BROKEN"
    bench.mirror.break_after.clear()
    bench.mirror.asked.clear()
    bench.install()
    assert [one.range for one in bench.mirror.gets(FASTA)] == ["bytes=5000-"]
    assert "goes on at 5,000" in bench.notes()


def test_finished_files_are_not_downloaded_again(bench: InstallBench) -> None:
    bench.mirror.statuses[GENES] = [500] * 9
    assert bench.refused(Unavailable) == "DOWNLOAD_BROKEN"
    bench.mirror.statuses.clear()
    bench.mirror.asked.clear()
    bench.install()
    assert bench.mirror.gets(FASTA) == []
    assert not (bench.path / ".downloads").exists()


def test_file_that_changed_meanwhile_is_begun_anew(bench: InstallBench) -> None:
    bench.mirror.break_after[FASTA] = [5000, 0, 0, 0]
    assert bench.refused(Unavailable) == "DOWNLOAD_BROKEN"
    bench.mirror.break_after.clear()
    bench.mirror.put(
        FASTA, bench.mirror.files[FASTA] + b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0"
    )
    bench.mirror.list_ensembl()
    bench.mirror.asked.clear()
    bench.install()
    assert [one.range for one in bench.mirror.gets(FASTA)] == [""]


@pytest.mark.parametrize("lacking", ["ranges", "etags"])
def test_plainer_servers_do_too(bench: InstallBench, lacking: str) -> None:
    setattr(bench.mirror, lacking, False)
    bench.mirror.break_after[FASTA] = [5000]
    bench.install("clinvar")
    assert bench.installed().known[0].release == "20240107"


def test_what_was_kept_and_is_damaged_is_fetched_once_more(bench: InstallBench) -> None:
    bench.mirror.break_after[FASTA] = [5000, 0, 0, 0]
    assert bench.refused(Unavailable) == "DOWNLOAD_BROKEN"
    bench.mirror.break_after.clear()
    (part,) = (bench.path / ".downloads" / "grch38").glob("*.part")
    part.write_bytes(b"\0" * 5000)
    bench.install()
    assert "once more from the start" in bench.notes()


def test_wrong_checksum_is_told_and_the_file_thrown_away(bench: InstallBench) -> None:
    right = bench.mirror.files[FASTA]
    bench.mirror.put(FASTA, right[:1000] + b"?" + right[1001:])
    assert bench.refused(Unavailable) == "CHECKSUM_DIFFERS"
    assert list((bench.path / ".downloads" / "grch38").iterdir()) == []
    bench.mirror.put(FASTA, right)
    bench.install()


@pytest.mark.parametrize("path", [CLINVAR, DBSNP])
def test_wrong_md5_is_told(bench: InstallBench, path: str) -> None:
    bench.mirror.put(f"{path}.md5", b"0" * 32 + b"  x.vcf.gz\n")
    assert bench.refused(Unavailable, "clinvar", "dbsnp") == "CHECKSUM_DIFFERS"


def test_wrong_hash_in_a_header_is_told(tmp_path: Path, bench: InstallBench) -> None:
    fill(bench.mirror, tmp_path, gnomad=True)
    path = GNOMAD.format(7)
    bench.mirror.files[path] = bench.mirror.files[path] + bench.mirror.files[path]
    assert bench.refused(Unavailable, "gnomad") == "CHECKSUM_DIFFERS"


def test_file_that_the_server_has_only_a_part_of(bench: InstallBench) -> None:
    bench.mirror.put(FASTA, bench.mirror.files[FASTA][:-500])
    assert bench.refused(Unavailable) == "CHECKSUM_DIFFERS"


def test_truncated_file_without_a_sum_is_found_out(tmp_path: Path, bench: InstallBench) -> None:
    fill(bench.mirror, tmp_path, gnomad=True)
    path = GNOMAD.format(7)
    bench.mirror.put(
        path, bench.mirror.files[path][:-28]
    )  # a good gzip, without the block that ends it
    bench.mirror.headers[path].clear()
    assert bench.refused(InputError, "gnomad") == "BAD_GZIP"


def test_busy_server_is_asked_again(bench: InstallBench) -> None:
    bench.mirror.statuses[GENES] = [503, 429]
    bench.install()
    assert len(bench.mirror.gets(GENES)) == 3


def test_refused_file_is_told(bench: InstallBench) -> None:
    bench.mirror.statuses[FASTA] = [451]
    assert bench.refused(GasError) == "DOWNLOAD_REFUSED"


def test_server_in_the_middle_of_an_update_is_told(bench: InstallBench) -> None:
    bench.mirror.put(f"{FASTA.rpartition('/')[0]}/CHECKSUMS", b"")
    assert bench.refused(Unavailable) == "LIST_UNREADABLE"


def test_sum_of_ensembl() -> None:
    assert bsd_sum(bytes(range(256)) * 7) == 3_584  # what `sum -r` of coreutils says
    whole = bytes(range(251)) * 99
    assert bsd_sum(whole[7:], bsd_sum(whole[:7])) == bsd_sum(whole)
