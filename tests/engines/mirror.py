"""A server on this machine in the layouts of Ensembl, NCBI and gnomAD, that can be made to fail.

What it serves is small and made here: a genome with the chromosomes of a human, a gene on each,
and known variants of it.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pysam

from gas.engines.bcftools.shelf.web import Patience, Web

CONTIGS = (*map(str, range(1, 23)), "X", "Y", "MT")
BASES = 3000
FASTA = "pub/release-115/fasta/homo_sapiens/dna/Homo_sapiens.GRCh38.dna.primary_assembly.fa.gz"
GENES = "pub/release-115/gff3/homo_sapiens/Homo_sapiens.GRCh38.115.gff3.gz"
CLINVAR = "pub/clinvar/vcf_GRCh38/clinvar.vcf.gz"
DBSNP = "snp/latest_release/VCF/GCF_000001405.40.gz"
GNOMAD = "release/4.1/vcf/exomes/gnomad.exomes.v4.1.sites.chr{}.vcf.bgz"
QUICK = Patience(tries=3, first_seconds=0.001, connect_seconds=30, read_seconds=30)


@dataclass
class Asked:
    method: str
    path: str
    range: str
    if_range: str


@dataclass
class Mirror:
    """What is served under `/`, and how it fails; every list is used up from its front."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    break_after: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The connection ends after so many bytes of an answer."""
    statuses: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    ranges: bool = True
    etags: bool = True
    asked: list[Asked] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def servers(self) -> dict[str, str]:
        return {"ensembl": f"{self.url}/pub", "ncbi": self.url, "gnomad": self.url}

    def web(self) -> Web:
        return Web(self.servers(), QUICK)

    def gets(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.method == "GET" and one.path == path]

    def put(self, path: str, content: bytes) -> None:
        self.files[path] = content

    def list_ensembl(self) -> None:
        """CHECKSUMS of every folder below pub/release-115, and of the newest one."""
        by_folder: dict[str, list[str]] = defaultdict(list)
        for path, content in self.files.items():
            folder, _, name = path.rpartition("/")
            if folder.startswith("pub/release-115/") and name != "CHECKSUMS":
                blocks = (len(content) + 1023) // 1024
                by_folder[folder].append(f"{bsd(content):05} {blocks} {name}\n")
        for folder, lines in by_folder.items():
            self.put(f"{folder}/CHECKSUMS", "".join(lines).encode())
        newest = "pub/release-115/gff3/homo_sapiens/CHECKSUMS"
        self.put("pub/current_gff3/homo_sapiens/CHECKSUMS", self.files[newest])

    def put_with_md5(self, path: str, content: bytes, name: str = "") -> None:
        self.put(path, content)
        told = f"{hashlib.md5(content).hexdigest()}  /somewhere/{name or path.rpartition('/')[2]}\n"
        self.put(f"{path}.md5", told.encode())

    def put_with_hash(self, path: str, content: bytes) -> None:
        self.put(path, content)
        told = base64.b64encode(hashlib.md5(content).digest()).decode()
        self.headers[path]["x-goog-hash"] = f"crc32c=AAAAAA==, md5={told}"


def bsd(content: bytes) -> int:
    """As `sum -r` counts, word for word."""
    total = 0
    for byte in content:
        total = (total >> 1) + ((total & 1) << 15)
        total = (total + byte) & 0xFFFF
    return total


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        mirror, path = self.server.mirror, self.path.lstrip("/")
        asked_range = self.headers.get("Range", "")
        if_range = self.headers.get("If-Range", "")
        mirror.asked.append(Asked(self.command, path, asked_range, if_range))
        if body and mirror.statuses[path]:
            self._refuse(mirror.statuses[path].pop(0), mirror.headers[path])
            return
        content = mirror.files.get(path)
        if content is None:
            self._refuse(404)
            return
        etag = f'"{hashlib.sha1(content).hexdigest()}"' if mirror.etags else ""
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", asked_range) if mirror.ranges else None
        if found and if_range not in ("", etag):
            found = None
        start = int(found[1]) if found else 0
        end = int(found[2]) + 1 if found and found[2] else len(content)
        part = content[start:end]
        self.send_response(206 if found else 200)
        self.send_header("Content-Length", str(len(part)))
        if found:
            told = f"bytes {start}-{start + len(part) - 1}/{len(content)}"
            self.send_header("Content-Range", told)
        if etag:
            self.send_header("ETag", etag)
        for name, value in mirror.headers[path].items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self._send(path, part)

    def _send(self, path: str, part: bytes) -> None:
        mirror = self.server.mirror
        breaks = mirror.break_after[path]
        if breaks:
            part = part[: breaks.pop(0)]
            self.close_connection = True
        try:
            self.wfile.write(part)
        except OSError:
            return  # who asked is gone
        mirror.sent[path] += len(part)

    def _refuse(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its own name for it)
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, mirror: Mirror) -> None:
        self.mirror = mirror
        super().__init__(("127.0.0.1", 0), _Handler)


@contextmanager
def serving(mirror: Mirror) -> Iterator[Mirror]:
    with _Server(mirror) as server:
        mirror.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield mirror
        finally:
            server.shutdown()
            thread.join()


def small_genome(seed: int = 1) -> dict[str, str]:
    rng = random.Random(seed)
    return {name: "".join(rng.choices("ACGT", k=BASES)) for name in CONTIGS}


def fasta_of(genome: Mapping[str, str]) -> str:
    return "".join(f">{name} dna:chromosome\n{bases}\n" for name, bases in genome.items())


def genes_of(genome: Mapping[str, str]) -> str:
    """One coding gene on each contig, and the contigs' other names, as Ensembl tells them."""
    rows = ["##gff-version 3"]
    for number, name in enumerate(genome, start=1):
        other = f"chr{name},NC_{number:06}.{11}"
        rows.append(
            f"{name}\tX\tchromosome\t1\t{BASES}\t.\t.\t.\tID=chromosome:{name};Alias={other}"
        )
        gene, transcript = f"ENSG{number:011}", f"ENST{number:011}"
        about = "biotype=protein_coding"
        place = f"{name}\te\t{{}}\t{{}}\t{{}}\t.\t+\t{{}}\t"
        rows.append(place.format("gene", 301, 900, ".") + f"ID=gene:{gene};Name=G{name};{about}")
        rows.append(
            place.format("mRNA", 301, 900, ".")
            + f"ID=transcript:{transcript};Parent=gene:{gene};{about}"
        )
        parent = f"Parent=transcript:{transcript}"
        rows.append(place.format("exon", 301, 900, ".") + parent)
        rows.append(place.format("CDS", 331, 840, 0) + f"ID=CDS:P{number};{parent}")
    return "\n".join(rows) + "\n"


def bgzipped(text: str, path: Path) -> bytes:
    with pysam.BGZFile(str(path), "wb", None) as target:
        target.write(text.encode())
    return path.read_bytes()


def vcf(head: str, rows: Sequence[tuple[object, ...]]) -> str:
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    lines = ["\t".join(map(str, row)) for row in rows]
    return "\n".join(["##fileformat=VCFv4.1", head, columns, *lines]) + "\n"


def other_than(base: str, step: int = 1) -> str:
    return "ACGT"[("ACGT".index(base) + step) % 4]


def clinvar_of(genome: Mapping[str, str], day: str) -> str:
    head = "\n".join(
        [
            f"##fileDate={day}",
            "##source=ClinVar",
            '##INFO=<ID=ALLELEID,Number=1,Type=Integer,Description="the ClinVar Allele ID">',
            '##INFO=<ID=CLNSIG,Number=.,Type=String,Description="Germline classification">',
            '##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description="Review status">',
            '##INFO=<ID=CLNDN,Number=.,Type=String,Description="Disease name">',
        ]
    )
    rows = []
    for number, (name, bases) in enumerate(genome.items(), start=1):
        base = bases[399]
        info = f"ALLELEID={number};CLNDN=A_disease|B,_type_2;CLNREVSTAT=no_assertion;CLNSIG=Benign"
        rows.append((name, 400, 1000 + number, base, other_than(base), ".", ".", info))
    return vcf(head, rows)


def dbsnp_of(genome: Mapping[str, str], build: int) -> str:
    """Under names of RefSeq, all ALT in one record."""
    rows = []
    for number, bases in enumerate(genome.values(), start=1):
        alts = f"{other_than(bases[399])},{other_than(bases[399], 2)}"
        name = f"NC_{number:06}.11"
        rows.append((name, 400, f"rs{number}", bases[399], alts, ".", ".", "RS=1;VC=SNV;COMMON"))
    head = f"##source=dbSNP\n##dbSNP_BUILD_ID={build}\n"
    head += '##INFO=<ID=RS,Number=1,Type=Integer,Description="dbSNP ID">'
    return vcf(head, rows)


def gnomad_of(name: str, bases: str) -> str:
    keys = [("AF", "A", "Float"), ("AC", "A", "Integer"), ("AN", "1", "Integer")]
    keys += [("nhomalt", "A", "Integer"), ("AF_grpmax", "A", "Float"), ("grpmax", "A", "String")]
    head = "\n".join(
        f'##INFO=<ID={key},Number={number},Type={kind},Description="{key}">'
        for key, number, kind in keys
    )
    info = "AC=3;AN=1000;AF=3.00000e-03;nhomalt=0;AF_grpmax=0.01;grpmax=afr;vep=T|x y|z"
    row = (f"chr{name}", 400, ".", bases[399], other_than(bases[399]), 9, "AC0;RF", info)
    return vcf(head, [row])


def fill(mirror: Mirror, folder: Path, *, gnomad: bool = False) -> dict[str, str]:
    """Serves Ensembl 115, ClinVar 20240107, dbSNP 157 and gnomAD 4.1; gives the genome."""
    genome = small_genome()
    mirror.put(FASTA, gzip.compress(fasta_of(genome).encode(), mtime=0))
    mirror.put(GENES, gzip.compress(genes_of(genome).encode(), mtime=0))
    mirror.list_ensembl()
    put_clinvar(mirror, folder, genome, "2024-01-07")
    mirror.put_with_md5(DBSNP, bgzipped(dbsnp_of(genome, 157), folder / "dbsnp.gz"))
    for name in genome if gnomad else ():
        content = bgzipped(gnomad_of(name, genome[name]), folder / "gnomad.gz")
        mirror.put_with_hash(GNOMAD.format(name), content)
    return genome


def put_clinvar(mirror: Mirror, folder: Path, genome: Mapping[str, str], day: str) -> None:
    content = bgzipped(clinvar_of(genome, day), folder / "clinvar.gz")
    mirror.put_with_md5(CLINVAR, content, f"clinvar_{day.replace('-', '')}.vcf.gz")
