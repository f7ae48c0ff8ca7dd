"""The whole chain beside its peers, on variants of chromosome 21 with real genes.

    python3 dev.py benchmark annotate            # 10k and 100k variants
    python3 dev.py benchmark annotate --sizes 10000,100000,1000000

In turns: GAS (`gas annotate`: intake, build check, norm, consequences with HGVS, VCF, index,
tables, summary, provenance), Debian's `bcftools csq -l` alone (VCF in, VCF out), Debian's snpEff,
and VEP where it is installed. For each: wall and CPU seconds, and the largest memory (PSS of all
its processes). Then a thousand variants, alone and against 3 million known ones.

The genes and two stretches of bases are the shared test data (GAS_TEST_DATA); what is N there is
filled at random, always the same.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

# As a script, too: `python benchmarks/annotate.py`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import table
from benchmarks.ours.variants import CONTIG, filled, write_fasta, write_variants
from benchmarks.processes import (
    ROOT,
    TooSlow,
    descendants,
    end_with_all,
    pss_megabytes,
    python_path,
)

DATA = Path(os.environ.get("GAS_TEST_DATA") or ROOT.parent / "shared" / "data") / "human_chr21"
LOOK_SECONDS = 0.1
KNOWN = 3_000_000
GAS = [sys.executable, "-m", "gas.cli"]


@dataclass(frozen=True, slots=True)
class Cost:
    wall_seconds: float
    cpu_seconds: float
    memory_megabytes: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where the genome, the reference and the variants lie."""

    folder: Path

    @property
    def fasta(self) -> Path:
        return self.folder / "chr21.fa"

    @property
    def genes(self) -> Path:
        return DATA / "chr21.gff3.gz"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def variants(self, count: int) -> Path:
        return self.folder / f"v{count}.vcf.gz"

    @contextmanager
    def fresh(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            yield Path(name)


def run(command: list[str], *, seconds: float, output: Path | None = None) -> Cost:
    """To its end; TooSlow if it takes longer or fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    most = 0.0
    environ = {**os.environ, "PYTHONPATH": python_path()}
    with output.open("wb") if output else open(os.devnull, "wb") as target:  # noqa: PTH123
        process = subprocess.Popen(
            command, stdout=target, stderr=subprocess.PIPE, env=environ, cwd=ROOT
        )
        try:
            while process.poll() is None:
                most = max(most, pss_megabytes([process.pid, *descendants([process.pid])]))
                if time.monotonic() - began > seconds:
                    raise TooSlow(f"{command[0]} took over {seconds:.0f} s")
                time.sleep(LOOK_SECONDS)
        finally:
            for pid in [*descendants([process.pid]), process.pid]:
                if process.returncode is None:
                    os.kill(pid, 9)
            said = process.stderr.read().decode(errors="replace") if process.stderr else ""
            process.wait()
    if process.returncode:
        raise TooSlow(f"{command[:3]} failed: {said[-300:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - began, spent, most)


def gas(place: Place, count: int, seconds: float, reference: str = "chr21") -> Cost:
    with place.fresh() as out:
        given = ["--reference", reference, "--out", str(out / "o"), "--home", str(place.home)]
        return run([*GAS, "annotate", str(place.variants(count)), *given], seconds=seconds)


def csq(place: Place, count: int, seconds: float) -> Cost:
    with place.fresh() as out:
        given = ["-l", "--force", "-f", str(place.fasta), "-g", str(place.genes), "-Oz"]
        target = ["-o", str(out / "o.vcf.gz"), str(place.variants(count))]
        return run(["bcftools", "csq", *given, *target], seconds=seconds)


def snpeff(place: Place, count: int, seconds: float) -> Cost:
    with place.fresh() as out:
        config = ["-c", str(place.folder / "snpeff" / "snpEff.config"), "-noStats", "-nodownload"]
        command = ["java", "-Xmx4g", "-jar", "/usr/share/java/snpeff.jar", "ann", *config, "chr21"]
        return run([*command, str(place.variants(count))], seconds=seconds, output=out / "o.vcf")


def vep(place: Place, count: int, seconds: float) -> Cost:
    with place.fresh() as out:
        given = ["--gff", str(place.genes), "--fasta", str(place.fasta), "--vcf", "--no_stats"]
        asked = ["--symbol", "--biotype", "--hgvs", "--numbers"]
        files = ["-i", str(place.variants(count)), "-o", str(out / "o.vcf")]
        return run(["vep", *given, *asked, *files], seconds=seconds)


Contestant = Callable[[Place, int, float], Cost]


def contestants() -> dict[str, Contestant]:
    found: dict[str, Contestant] = {"gas": gas}
    for name, program, contestant in (
        ("bcftools csq alone", "bcftools", csq),
        ("snpEff", "snpEff", snpeff),
        ("VEP", "vep", vep),
    ):
        if shutil.which(program):
            found[name] = contestant
        else:
            print(f"skipped: {name}: no {program} on this machine")
    return found


def prepare(place: Place, sizes: list[int], *, with_snpeff: bool) -> str:
    """Gives the bases."""
    bases = filled(DATA / "chr21.fa.gz")
    write_fasta(bases, place.fasta)
    for count in sizes:
        write_variants(bases, count, place.variants(count))
    add = ["--fasta", str(place.fasta), "--gff", str(place.genes), "--home", str(place.home)]
    run([*GAS, "reference", "add", "chr21", *add], seconds=300)
    if with_snpeff:
        data = place.folder / "snpeff" / "data" / "chr21"
        data.mkdir(parents=True)
        shutil.copy(place.fasta, data / "sequences.fa")
        with gzip.open(place.genes) as source, (data / "genes.gff").open("wb") as target:
            shutil.copyfileobj(source, target)
        config = place.folder / "snpeff" / "snpEff.config"
        config.write_text("data.dir = ./data/\nchr21.genome : chr21\n")
        jar = ["java", "-Xmx4g", "-jar", "/usr/share/java/snpeff.jar"]
        unchecked = ["-noCheckCds", "-noCheckProtein", "-nodownload"]
        run([*jar, "build", "-gff3", *unchecked, "-c", str(config), "chr21"], seconds=600)
    return bases


def add_known(place: Place, bases: str) -> None:
    """KNOWN single-base variants, among them those of the smallest file."""
    chance = random.Random(3)
    positions = sorted(chance.sample(range(10_000, len(bases) - 10_000), KNOWN))
    path = place.folder / "known.vcf.gz"
    with gzip.open(path, "wt", compresslevel=1) as target:
        target.write('##fileformat=VCFv4.2\n##INFO=<ID=AF,Number=A,Type=Float,Description="AF">\n')
        target.write(f"##contig=<ID={CONTIG},length={len(bases)}>\n")
        target.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for number, position in enumerate(positions):
            base = bases[position - 1]
            alt = "ACGT"["ACGT".index(base) - 1]
            target.write(f"{CONTIG}\t{position}\trs{number}\t{base}\t{alt}\t.\t.\tAF=0.01\n")
    shutil.copytree(place.home / "references" / "chr21", place.home / "references" / "known")
    given = ["--as", "dbsnp", "--fields", "ID,AF", "--home", str(place.home)]
    run([*GAS, "reference", "annotate-with", "known", str(path), *given], seconds=900)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=900, help="at most, for any one run")
    parser.add_argument("--only", default="", help="parts of names, with commas")
    parser.add_argument("--no-known", action="store_true", help="leaves out the known variants")
    chosen = parser.parse_args()
    end_with_all()
    if not DATA.exists():
        sys.exit(f"there is no test data at {DATA}; set GAS_TEST_DATA")
    sizes = [int(word) for word in chosen.sizes.split(",")]
    entered = {
        name: contestant
        for name, contestant in contestants().items()
        if any(word in name for word in chosen.only.split(","))
    }
    found: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory(prefix="gas-bench-") as name:
        place = Place(Path(name))
        bases = prepare(place, [1000, *sizes], with_snpeff="snpEff" in entered)
        for number in range(chosen.rounds):
            for size in sizes:
                for who, contestant in entered.items():
                    work = partial(contestant, place, size, chosen.seconds)
                    note(found, f"{size:,} {who}", work, number)
            note(found, "1,000 gas", partial(gas, place, 1000, chosen.seconds), number)
        if not chosen.no_known:
            add_known(place, bases)
            for number in range(chosen.rounds):
                work = partial(gas, place, 1000, chosen.seconds, "known")
                note(found, "1,000 gas, 3M known", work, number)
    report(found)


def note(found: dict[str, list[Cost]], name: str, work: Callable[[], Cost], number: int) -> None:
    try:
        cost = work()
    except TooSlow as why:
        print(f"failed: round {number + 1}: {name}: {why}")
        return
    found.setdefault(name, []).append(cost)
    print(f"round {number + 1}: {name}: {cost.wall_seconds:.1f} s", flush=True)


def report(found: dict[str, list[Cost]]) -> None:
    rows = []
    for name, costs in found.items():
        count = int(name.split()[0].replace(",", ""))
        wall, cpu, memory = (
            statistics.median(values)
            for values in zip(*(asdict(cost).values() for cost in costs), strict=True)
        )
        rows.append([name, f"{wall:.2f}", f"{count / wall:,.0f}", f"{cpu:.1f}", f"{memory:.0f}"])
    print(table.drawn(["variants", "wall s", "variants/s", "CPU s", "PSS MB"], rows))
    print(
        table.saved("annotate", {name: [asdict(c) for c in costs] for name, costs in found.items()})
    )


if __name__ == "__main__":
    main()
