"""Installations that are killed, or run out of room; nothing of them is ever visible."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engines.mirror import FASTA, Mirror, fill, serving
from gas.domain.errors import StoreFull
from gas.engines.bcftools import InstalledReferences
from gas.engines.bcftools.shelf.added import annotate_with
from gas.engines.bcftools.shelf.installer import Installer, Order
from gas.engines.bcftools.shelf.report import Download, Event, Note
from small_disk import small_disk

NOW = "2026-01-02T03:04:05+00:00"
SOURCE = str(Path(__file__).parents[2] / "src")
SOON_SECONDS = 90.0
PROGRAM = """
import sys
from pathlib import Path
from gas.engines.bcftools.shelf.installer import Installer, Order
from gas.engines.bcftools.shelf.web import Patience, Web
path, url, known = sys.argv[1:4]
servers = {{"ensembl": url + "/pub", "ncbi": url, "gnomad": url}}
web = Web(servers, Patience(tries=3, first_seconds=0.001))
def report(event):
    print(event, flush=True)
    {then}
Installer(Path(path), web, "{now}", report).install(Order("grch38", known=tuple(known.split())))
"""


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with serving(Mirror()) as mirror:
        fill(mirror, tmp_path)
        yield mirror


def killed_when(path: Path, mirror: Mirror, known: str, moment: str) -> None:
    """Installs in a process that is killed, with SIGKILL, when it says something like `moment`."""
    program = PROGRAM.format(
        then=f"import time; {moment!r} in str(event) and time.sleep(60)", now=NOW
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path), mirror.url, known],
        env={"PYTHONPATH": SOURCE},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if moment in line:
                break
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert not psutil.wait_procs(children, timeout=30)[1]


def install(path: Path, mirror: Mirror, *known: str) -> list[Event]:
    said: list[Event] = []
    Installer(path, mirror.web(), NOW, said.append).install(Order("grch38", known=known))
    return said


@pytest.mark.parametrize(
    "moment",
    [
        "Download(",
        "Checking",
        "Reading the genome",
        "25 contigs",
        "Work(name='clinvar",
        "25 known variants",
    ],
)
def test_killed_installation_is_invisible_and_the_next_one_goes_on(
    tmp_path: Path, mirror: Mirror, moment: str
) -> None:
    path = tmp_path / "references"
    killed_when(path, mirror, "clinvar", moment)
    assert InstalledReferences(path).all() == []
    mirror.asked.clear()
    install(path, mirror, "clinvar")
    (reference,) = InstalledReferences(path).all()
    assert [one.name for one in reference.known] == ["clinvar"]
    assert [entry.name for entry in path.iterdir()] == ["grch38"]
    if moment not in ("Download(", "Checking"):
        assert mirror.gets(FASTA) == []


def test_download_that_was_killed_goes_on_where_it_was(tmp_path: Path, mirror: Mirror) -> None:
    path = tmp_path / "references"
    mirror.put(FASTA, mirror.files[FASTA] * 30)  # several reads long; the genes do not fit then
    mirror.list_ensembl()
    killed_when(path, mirror, "", "Download(")
    (part,) = (path / ".downloads" / "grch38").glob("*.part")
    kept = part.stat().st_size
    assert 0 < kept < len(mirror.files[FASTA])
    mirror.asked.clear()
    with pytest.raises(Exception, match="BAD_FASTA"):
        install(path, mirror)
    assert [one.range for one in mirror.gets(FASTA)] == [f"bytes={kept}-"]


def test_killed_addition_leaves_the_reference_as_it_was(tmp_path: Path, mirror: Mirror) -> None:
    path = tmp_path / "references"
    install(path, mirror)
    before = InstalledReferences(path).get("grch38")
    killed_when(path, mirror, "dbsnp", "50 known variants")
    assert InstalledReferences(path).get("grch38") == before
    install(path, mirror, "dbsnp")
    found = InstalledReferences(path).get("grch38")
    assert found is not None
    assert [one.name for one in found.known] == ["dbsnp"]
    assert [entry.name for entry in path.iterdir()] == ["grch38"]


def test_too_little_room_is_told_before_anything_is_downloaded(
    tmp_path: Path, mirror: Mirror
) -> None:
    with small_disk(tmp_path / "small", "8m") as small:
        with pytest.raises(StoreFull) as caught:
            install(small / "references", mirror)
        assert caught.value.reason.code == "NO_ROOM_TO_INSTALL"
        assert "MiB are free" in caught.value.reason.message
    assert mirror.gets(FASTA) == []


class Filler:
    """Takes up the room of a disk, but for so many bytes, when `matches` says so."""

    def __init__(self, disk: Path, matches: Callable[[Event], bool], left: int) -> None:
        self._disk, self._matches, self._left = disk, matches, left
        self.path = disk / "filler"

    def __call__(self, event: Event) -> None:
        if self._matches(event) and not self.path.exists():
            told = os.statvfs(self._disk)
            with self.path.open("wb") as filler:
                os.posix_fallocate(filler.fileno(), 0, told.f_bavail * told.f_frsize - self._left)


def is_download(event: Event) -> bool:
    return isinstance(event, Download)


def is_build(event: Event) -> bool:
    return isinstance(event, Note) and "Reading the genome" in event.text


def is_known(event: Event) -> bool:
    return isinstance(event, Note) and "transcripts" in event.text


@pytest.mark.parametrize(
    ("matches", "left"), [(is_download, 4096), (is_build, 8192), (is_known, 4096)]
)
def test_disk_that_fills_up_is_told_and_the_next_run_goes_on(
    tmp_path: Path, mirror: Mirror, matches: Callable[[Event], bool], left: int
) -> None:
    with small_disk(tmp_path / "small", "80m") as small:
        path = small / "references"
        filler = Filler(small, matches, left)
        order = Order("grch38", known=("clinvar", "dbsnp"))
        with pytest.raises(StoreFull) as caught:
            Installer(path, mirror.web(), NOW, filler).install(order)
        assert caught.value.reason.code == "NO_ROOM_TO_INSTALL"
        assert "Make room" in caught.value.reason.cure
        assert InstalledReferences(path).all() == []
        filler.path.unlink()
        Installer(path, mirror.web(), NOW).install(order)
        (reference,) = InstalledReferences(path).all()
        assert len(reference.known) == 2


def test_full_disk_leaves_no_half_known_variants(tmp_path: Path, mirror: Mirror) -> None:
    with small_disk(tmp_path / "small", "80m") as small:
        path = small / "references"
        install(path, mirror)
        rows = "".join(
            f"{n}\t{place}\t{place + 1}\n" for n in range(1, 23) for place in range(2900)
        )
        bed = tmp_path / "many.bed"
        bed.write_text(rows)
        filler = Filler(small, lambda _event: True, 4096)
        with pytest.raises(StoreFull, match="NO_ROOM_TO_INSTALL"):
            annotate_with(path, "grch38", bed, source="many", now=NOW, report=filler)
        (reference,) = InstalledReferences(path).all()
        assert reference.known == []
        assert [entry.name for entry in path.iterdir()] == ["grch38"]


def test_two_processes_at_once(tmp_path: Path, mirror: Mirror) -> None:
    """One of them installs; the other is told, or finds it done."""
    path = tmp_path / "references"
    program = PROGRAM.format(then="", now=NOW)
    command = [sys.executable, "-c", program, str(path), mirror.url, "clinvar"]
    running = [
        subprocess.Popen(
            command, env={"PYTHONPATH": SOURCE}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    deadline = time.monotonic() + SOON_SECONDS
    said = [one.communicate(timeout=deadline - time.monotonic())[1].decode() for one in running]
    assert 0 in [one.returncode for one in running]
    for one, text in zip(running, said, strict=True):
        assert one.returncode == 0 or "INSTALL_RUNNING" in text
    (reference,) = InstalledReferences(path).all()
    assert [(known.name, known.records) for known in reference.known] == [("clinvar", 25)]
    assert [entry.name for entry in path.iterdir()] == ["grch38"]
