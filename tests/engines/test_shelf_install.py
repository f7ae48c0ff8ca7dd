"""Installing references from a server that has the real layouts of their owners."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.install_bench import NOW, InstallBench
from engines.mirror import (
    CLINVAR,
    FASTA,
    GENES,
    GNOMAD,
    Mirror,
    bgzipped,
    bsd,
    clinvar_of,
    fill,
    put_clinvar,
    serving,
)
from gas.domain.errors import Conflict, GasError, NotFound, Unavailable
from gas.engines.bcftools import remove_reference
from gas.engines.bcftools.shelf.held import held
from gas.engines.bcftools.shelf.installer import Installer, Order
from gas.engines.bcftools.shelf.report import Event
from gas.engines.bcftools.shelf.update import update
from gas.engines.bcftools.shelf.verify import State, verify


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[InstallBench]:
    with serving(Mirror()) as mirror:
        fill(mirror, tmp_path)
        yield InstallBench(tmp_path / "references", mirror)


def test_all_of_a_recipe_is_installed(tmp_path: Path, bench: InstallBench) -> None:
    genome = fill(bench.mirror, tmp_path, gnomad=True)
    installed = bench.install("clinvar", "dbsnp", "gnomad")
    reference = installed.reference
    assert (reference.title, reference.release) == ("Human GRCh38, Ensembl 115", "115")
    assert dict(reference.contigs) == {name: len(bases) for name, bases in genome.items()}
    assert (reference.genes, reference.transcripts) == (25, 25)
    have = {(one.name, one.release): one.records for one in reference.known}
    assert have == {
        ("clinvar", "20240107"): 25,
        ("dbsnp", "157"): 50,
        ("gnomad-exomes", "4.1"): 24,
    }
    assert [one.name for one in installed.known] == ["dbsnp", "clinvar", "gnomad-exomes"]
    assert sorted(p.name for p in bench.path.iterdir()) == ["grch38"]
    assert {file.state for file in verify(installed)} == {State.OK}
    assert reference.size_bytes > 10_000


def test_sources_are_noted_with_releases_sizes_and_sums(bench: InstallBench) -> None:
    installed = bench.install("clinvar")
    about = json.loads((installed.path / "reference.json").read_text())
    assert (about["recipe"], about["release"]) == ("grch38", "115")
    fasta, genes = about["sources"]
    assert fasta["file"] == FASTA.rpartition("/")[2]
    assert genes["path"] == GENES.removeprefix("pub/")
    assert genes["bytes"] == len(bench.mirror.files[GENES])
    assert genes["checked"].startswith("bsd:")
    assert fasta["sha256"] == installed.reference.checksums["fasta"]
    assert genes["sha256"] == installed.reference.checksums["genes"]
    assert set(about["files"]) >= {"genome.fa.gz", "genome.fa.gz.fai", "genome.fa.gz.gzi"}
    (known,) = installed.known
    (source,) = json.loads((Path(known.path) / "source.json").read_text())["sources"]
    assert source["checked"].startswith("md5:")
    assert source["server"] == "ncbi"
    assert bench.mirror.url not in json.dumps([about, source])


def test_fields_of_the_recipes(tmp_path: Path, bench: InstallBench) -> None:
    fill(bench.mirror, tmp_path, gnomad=True)
    installed = bench.install("clinvar", "dbsnp", "gnomad")
    fields = {one.name: [field.name for field in one.fields[1:]] for one in installed.known}
    assert fields["clinvar"] == ["CLNVARIATIONID", "ALLELEID", "CLNSIG", "CLNREVSTAT", "CLNDN"]
    assert fields["dbsnp"] == ["dbsnp_ID"]
    assert "gnomADe_AF_grpmax" in fields["gnomad-exomes"]
    assert "gnomADe_nhomalt" in fields["gnomad-exomes"]


def test_absent_release_is_told(bench: InstallBench) -> None:
    with pytest.raises(NotFound, match="NOT_ON_SERVER"):
        bench.install(release="99")


def test_only_one_installation_at_a_time(bench: InstallBench) -> None:
    """The one that began second is told so; the first is not disturbed."""
    seen: list[str] = []
    asked = threading.Event()

    def second(event: Event) -> None:
        bench.said.append(event)
        if not asked.is_set():
            asked.set()
            with pytest.raises(Conflict) as caught:
                bench.install()
            seen.append(caught.value.reason.code)

    Installer(bench.path, bench.mirror.web(), NOW, second).install(Order("grch38"))
    assert seen == ["INSTALL_RUNNING"]
    assert bench.installed().reference.release == "115"


def test_lock_of_one_name_leaves_others_alone(bench: InstallBench) -> None:
    with held(bench.path, "grch38"):
        assert bench.install(name="other").recipe == "grch38"
        with pytest.raises(Conflict, match="INSTALL_RUNNING"):
            bench.install()


def test_installed_one_stays_and_takes_known_variants_later(bench: InstallBench) -> None:
    first = bench.install()
    bench.mirror.asked.clear()
    second = bench.install("clinvar", "dbsnp")
    assert second.reference.installed_at == first.reference.installed_at
    assert bench.mirror.gets(FASTA) == []
    assert [one.name for one in second.known] == ["dbsnp", "clinvar"]
    bench.install("clinvar")
    assert "ClinVar 20240107 is installed already" in bench.notes()


def test_another_release_of_an_installed_one_is_a_conflict(bench: InstallBench) -> None:
    bench.install()
    with pytest.raises(Conflict, match="REFERENCE_EXISTS"):
        bench.install(release="110")
    with pytest.raises(Conflict, match="REFERENCE_EXISTS"):
        bench.installer().install(Order("grch37", name="grch38"))


def test_update_puts_the_newest_clinvar_beside(tmp_path: Path, bench: InstallBench) -> None:
    bench.install("clinvar")
    genome = fill(bench.mirror, tmp_path)
    put_clinvar(bench.mirror, tmp_path, genome, "2024-02-04")
    update(bench.installer(), "grch38")
    installed = bench.installed()
    assert [one.release for one in installed.reference.known] == ["20240107", "20240204"]
    assert [one.release for one in installed.known] == ["20240204"]
    update(bench.installer(), "grch38")
    assert len(bench.installed().all_known) == 2
    assert not (bench.path / ".downloads").exists()


def test_dated_release_of_clinvar(tmp_path: Path, bench: InstallBench) -> None:
    genome = fill(bench.mirror, tmp_path)
    content = bgzipped(clinvar_of(genome, "2023-05-06"), tmp_path / "old.gz")
    folder = "pub/clinvar/vcf_GRCh38/archive_2.0/2023"
    bench.mirror.put_with_md5(f"{folder}/clinvar_20230506.vcf.gz", content)
    assert bench.install("clinvar@20230506").known[0].release == "20230506"


def test_tables_of_a_source_in_many_files_are_kept_for_the_next_run(
    tmp_path: Path, bench: InstallBench
) -> None:
    fill(bench.mirror, tmp_path, gnomad=True)
    bench.mirror.statuses[GNOMAD.format("Y")] = [500] * 9
    assert bench.refused(Unavailable, "gnomad") == "DOWNLOAD_BROKEN"
    kept = {p.name for p in (bench.path / ".downloads" / "grch38").iterdir()}
    assert not [name for name in kept if name.endswith(".vcf.bgz")]  # one at a time on the disk
    bench.mirror.statuses.clear()
    bench.mirror.asked.clear()
    assert bench.install("gnomad").known[0].records == 24
    assert bench.mirror.gets(GNOMAD.format(3)) == []
    assert len(bench.mirror.gets(GNOMAD.format("Y"))) == 1


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (Order("hg99"), "UNKNOWN_RECIPE"),
        (Order("grch38", known=("cosmic",)), "UNKNOWN_KNOWN"),
        (Order("sars-cov-2", known=("clinvar",)), "UNKNOWN_KNOWN"),
        (Order("grch38", name="../x"), "BAD_REFERENCE_NAME"),
        (Order("grch38", release="../1"), "BAD_RELEASE"),
        (Order("grch38", known=("clinvar@../1",)), "BAD_RELEASE"),
        (Order("sars-cov-2", release="2"), "NO_SUCH_RELEASE"),
    ],
)
def test_what_cannot_be_ordered_is_told(bench: InstallBench, order: Order, code: str) -> None:
    with pytest.raises(GasError) as caught:
        bench.installer().install(order)
    assert caught.value.reason.code == code
    assert caught.value.reason.cure


def test_older_build_has_folders_of_its_own(bench: InstallBench) -> None:
    """Its genes keep their number, and the newest of all is under 'current'."""
    for path, folder in ((FASTA, "fasta/homo_sapiens/dna"), (GENES, "gff3/homo_sapiens")):
        name = path.rpartition("/")[2].replace("GRCh38", "GRCh37").replace("115", "87")
        content = bench.mirror.files[path]
        bench.mirror.put(f"pub/grch37/current/{folder}/{name}", content)
        listed = f"{bsd(content)} 1 {name}\n1 1 README\n".encode()
        bench.mirror.put(f"pub/grch37/current/{folder}/CHECKSUMS", listed)
    made = bench.installer().install(Order("grch37"))
    assert (made.name, made.title) == ("grch37", "Human GRCh37, Ensembl 87")


def test_virus_of_ncbi(tmp_path: Path, bench: InstallBench) -> None:
    folder = "genomes/all/GCF/009/858/895/GCF_009858895.2_ASM985889v3"
    stem = f"{folder}/GCF_009858895.2_ASM985889v3_genomic"
    bases = "ATG" + "GCA" * 98 + "TAA"
    rows = [f"NC_045512.2\tR\tregion\t1\t{len(bases)}\t.\t+\t.\tID=NC_045512.2:1..{len(bases)}"]
    rows.append(f"NC_045512.2\tR\tgene\t1\t{len(bases)}\t.\t+\t.\tID=gene-S;Name=S")
    rows.append(f"NC_045512.2\tR\tCDS\t1\t{len(bases)}\t.\t+\t0\tID=cds-P;Parent=gene-S")
    sums = []
    for ending, text in ((".fna.gz", f">NC_045512.2 x\n{bases}\n"), (".gff.gz", "\n".join(rows))):
        content = bgzipped(text, tmp_path / "x.gz")
        bench.mirror.put_with_md5(f"{stem}{ending}", content)
        sums.append(bench.mirror.files[f"{stem}{ending}.md5"].split()[0].decode())
    names = ("fna", "gff")
    listed = [
        f"{s}  ./{stem.rpartition('/')[2]}.{n}.gz\n" for s, n in zip(sums, names, strict=True)
    ]
    bench.mirror.put(f"{folder}/md5checksums.txt", "".join(listed).encode())
    made = bench.installer().install(Order("sars-cov-2"))
    assert (made.release, list(made.contigs)) == ("GCF_009858895.2", ["NC_045512.2"])


def test_removal_takes_downloads_along(bench: InstallBench) -> None:
    bench.install()
    bench.mirror.break_after[CLINVAR] = [10**9, 5, 0, 0, 0]  # the first to learn its release
    with pytest.raises(Unavailable, match="DOWNLOAD_BROKEN"):
        bench.install("clinvar")
    assert list((bench.path / ".downloads" / "grch38").iterdir())
    remove_reference(bench.path, "grch38")
    assert list(bench.path.iterdir()) == []
