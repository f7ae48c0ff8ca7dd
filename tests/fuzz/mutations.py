"""Ways to spoil a VCF: at the level of bytes, fields, lines and packing."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

TOKENS = [
    "", ".", "0", "1", "-1", "2", "99999999999", "2147483648", "1e5", ".5", "1.5", "nan", "-inf",
    "NA", "x", "A", "ACGT", "a", "N", "R", "*", "-", "<DEL>", "<DEL>,<DUP:TANDEM>", "<NON_REF>",
    "<*>", "<CNV:TR>", "<INS", "A[1:5[", "]2:7]T", "[<ctg>:1[A", ".A", "A.", "A,C,G,T", "A,.",
    "A,A", "D3", "IACG", "<A B>", "PASS", "q10;q20", "q10,q20", ";", ";;", "PASS;", "my filter",
    "0;1", "DP=1", "DP=.5", "DP=x", "DP", "DP=", "DP=1;DP=2", "AC=1,2,3", "AC=,", "END=5", "END=1",
    "END=x", "SVLEN=-20", "SVLEN=.", "SVLEN=-20,5;SVTYPE=DEL", "END=4000000000", "A B=1", "=", "=5",
    "a=b=c", "X=%3B%00", "X=\u00e9", "X=\x01", "X=1; Y=2", "CSQ=A|b|c,A||", "1000G", "X<Y=1",
    'X="q"', "GT", "GT:DP", "DP:GT", "GT:AD:PL", "GT::DP", "GT:GT", "XX", "FT:GT:LAA:LAD", ":",
    "GT:DP:", "0/1", "0|1", "./.", "1", "0/2", "9/9", "/0|1", "0\\1", "0/1/1/0", "0/", "0//1",
    "1000000000", "0/1:3", "0/1:.5", "0/1:3,4", "0/1:x", "0/1:3:1,2:5", ".:.", "0/1:", ":3",
    "0/1:1,2:1,2,3", "0/1:1,2,3:1,2,3,4,5,6", "\u00e9", "#", "chr1", "1 ", " 1", "M",
    "no-such-contig", "\t", "1\t2",
]  # fmt: skip
HEADER_LINES = [
    "##fileformat=VCFv4.5", "##format=VCFv3.3", "##fileformat=VCFv9.9", "##", "##x", "##x=", "##=x",
    "##x=<", "##x=<ID=a>", '##x=<ID=a,Description="b">',
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="d">',
    '##INFO=<ID=DP,Number=1,Type=Flag,Description="d">', "##INFO=<ID=DP>", "##INFO=<>", "##INFO=",
    '##INFO=<ID=DP,Number=A,Type=Integer,Description="a "b" c">',
    '##INFO=<Number=1,Type=String,ID=X,Description="">',
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="x',
    '##INFO=<ID=AC,Number=A,Type=Integer,Description="x">>',
    '##INFO=<ID=END,Number=1,Type=String,Description="x">',
    '##INFO=<ID=SVLEN,Number=2,Type=Float,Description="x">',
    '##INFO=<ID=XX,Number=-1,Type=Long,Description="x",IDX=5>',
    '##INFO=<ID="Q",Number=R,Type=Float,Description="x">', '##INFO=DP,1,Integer,"old"',
    '##FILTER=q10,"old"', "##FILTER=<ID=q10>", '##FILTER=<ID=a b,Description="x">',
    '##FORMAT=<ID=GT,Number=2,Type=Integer,Description="x">',
    '##FORMAT=<ID=DP,Number=1,Type=Flag,Description="x">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">',
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="x">',
    '##FORMAT=<ID=LAD,Number=LR,Type=Integer,Description="x">', "##contig=<ID=1>",
    "##contig=<ID=1,length=5>", "##contig=<ID=1,length=x,IDX=0>", "##contig=<>",
    "##contig=<ID=a,b>", '##contig=<ID=2,length=1,assembly="x">', "##ALT=<ID=DEL>",
    '##ALT=<ID=DEL,Description="x">', "##META=<ID=a,Type=String,Number=.,Values=[a, b]>",
    "##\u00e9=\u00e9", "##x=\0", "", "#comment", "#CHROM", "text",
]  # fmt: skip


@dataclass(frozen=True)
class Mutation:
    """What to do at which place; places are fractions, so that they fit any file."""

    kind: str
    at: float
    within: float
    token: str


KINDS = (
    "field", "field", "field", "part", "part", "value", "bytes", "cut", "double", "drop", "swap",
    "header", "header", "tabs", "long", "columns",
)  # fmt: skip
MUTATIONS = st.builds(
    Mutation,
    st.sampled_from(KINDS),
    st.floats(0, 0.999),
    st.floats(0, 0.999),
    st.sampled_from(TOKENS),
)
PACKINGS = (
    "plain",
    "plain",
    "gzip",
    "members",
    "bgzip",
    "crlf",
    "cr",
    "bom",
    "broken gzip",
    "utf16",
    "latin",
)


def mutated(text: str, mutations: Sequence[Mutation]) -> bytes:
    lines = text.split("\n")
    for mutation in mutations:
        if mutation.kind != "bytes" and lines:
            _mutate(lines, mutation)
    raw = "\n".join(lines).encode("utf-8", "surrogatepass")
    for mutation in mutations:
        if mutation.kind == "bytes" and raw:
            at = int(len(raw) * mutation.at)
            raw = raw[:at] + bytes([int(mutation.within * 256)]) + raw[at + 1 :]
    return raw


def _mutate(lines: list[str], mutation: Mutation) -> None:
    headers = sum(line.startswith("#") for line in lines)
    at = int(len(lines) * mutation.at)
    body = min(headers + int(max(len(lines) - headers, 1) * mutation.at), len(lines) - 1)
    kind, token = mutation.kind, mutation.token
    if kind == "header":
        chosen = HEADER_LINES[int(len(HEADER_LINES) * mutation.within)]
        lines.insert(int(headers * mutation.at), chosen)
    elif kind == "drop":
        del lines[at]
    elif kind == "double":
        lines.insert(int(len(lines) * mutation.within), lines[at])
    elif kind == "swap":
        other = int(len(lines) * mutation.within)
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == "cut":
        lines[body] = lines[body][: int(len(lines[body]) * mutation.within)]
    elif kind == "tabs":
        lines[body] = lines[body].replace("\t", " ")
    elif kind == "long":
        lines[body] += token * 5000
    elif kind == "columns":
        head = next((i for i, line in enumerate(lines) if line.startswith("#CHROM")), at)
        lines[head] = _with_part(lines[head], "\t", mutation)
    else:
        lines[body] = _with_field(lines[body], mutation)


def _with_field(line: str, mutation: Mutation) -> str:
    if mutation.kind == "field":
        return _with_part(line, "\t", mutation)
    fields = line.split("\t")
    at = int(len(fields) * mutation.within)
    inner = ";" if at == 7 else ":" if at > 7 else ","
    if mutation.kind == "value" and at == 7:
        fields[at] += f";{mutation.token}"
    else:
        fields[at] = _with_part(fields[at], inner, mutation)
    return "\t".join(fields)


def _with_part(text: str, separator: str, mutation: Mutation) -> str:
    parts = text.split(separator)
    parts[int(len(parts) * mutation.within)] = mutation.token
    return separator.join(parts)


def packed(raw: bytes, packing: str, seed: int) -> bytes:
    """As a file may hold it, or nearly."""
    rng = random.Random(seed)
    half = len(raw) // 2
    if packing == "gzip":
        return gzip.compress(raw, 1)
    if packing == "members":
        return gzip.compress(raw[:half], 1) + gzip.compress(raw[half:], 1)
    if packing == "bgzip":
        return b"".join(bgzip_block(part) for part in (raw[:half], raw[half:], b""))
    if packing in ("crlf", "cr"):
        return raw.replace(b"\n", b"\r\n" if packing == "crlf" else b"\r")
    if packing == "bom":
        return b"\xef\xbb\xbf" + raw
    if packing == "utf16":
        return raw.decode("utf-8", "replace").encode("utf-16")
    if packing == "latin":
        return raw.decode("utf-8", "replace").encode("latin-1", "replace")
    if packing == "broken gzip":
        broken = bytearray(gzip.compress(raw, 1))
        broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        return bytes(broken[: rng.choice((None, rng.randrange(len(broken))))])
    return raw


def bgzip_block(content: bytes) -> bytes:
    """As the SAM specification, section 4.1, lays it out."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    deflated = packer.compress(content) + packer.flush()
    size = (len(deflated) + 25).to_bytes(2, "little")
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + size
    return (
        head
        + deflated
        + zlib.crc32(content).to_bytes(4, "little")
        + len(content).to_bytes(4, "little")
    )
