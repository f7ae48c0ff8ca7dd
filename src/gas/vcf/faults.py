"""What can be wrong with a VCF: one code each, with the reason and the cure.

The same codes name a whole file that is refused and a single line that is set aside.
"""

from __future__ import annotations

from dataclasses import dataclass

from gas.domain.errors import InputError, TooLarge


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to be wrong; `reason` and `cure` are whole sentences."""

    code: str
    reason: str
    cure: str

    def error(self, *, place: str = "", detail: str = "") -> InputError:
        kind = TooLarge if self in LIMITS else InputError
        message = f"{self.reason} {detail}".rstrip()
        return kind(self.code, message, place=place, cure=self.cure)


EMPTY_FILE = Fault("EMPTY_FILE", "The file is empty.", "Send the VCF itself.")
NOT_VCF = Fault(
    "NOT_VCF",
    "The file is not a VCF.",
    "Send a VCF (plain text, gzip or bgzip) or a BCF; it begins with '##fileformat=VCF'.",
)
NOT_GZIP = Fault(
    "NOT_GZIP",
    "The file is called .gz but is not compressed.",
    "Compress it with bgzip, or take .gz off its name.",
)
UTF16 = Fault(
    "UTF16",
    "The file is UTF-16 text.",
    "Save it as plain text (UTF-8): `iconv -f UTF-16 -t UTF-8 in.vcf > out.vcf`.",
)
TRUNCATED_GZIP = Fault(
    "TRUNCATED_GZIP",
    "The compressed file ends too early: a part of it is missing.",
    "Copy or download it again; `gzip -t` says whether it is whole.",
)
BAD_GZIP = Fault(
    "BAD_GZIP",
    "The compressed file is damaged.",
    "Copy or download it again; `gzip -t` says whether it is whole.",
)
BAD_BCF = Fault(
    "BAD_BCF",
    "The BCF is damaged or cut off.",
    "Make it again, or send it as VCF: `bcftools view in.bcf -Oz -o out.vcf.gz`.",
)
NO_COLUMN_LINE = Fault(
    "NO_COLUMN_LINE",
    "There is no line that begins with '#CHROM' above the records.",
    "Put the VCF's header back in front of its records.",
)
TWO_HEADERS = Fault(
    "TWO_HEADERS",
    "A second header among the records names other samples than the first.",
    "Join files of different samples with `bcftools merge`, not one after the other.",
)
BAD_COLUMNS = Fault(
    "BAD_COLUMNS",
    "The columns are not those of a VCF.",
    "Columns are set apart by tabs: CHROM POS ID REF ALT QUAL FILTER INFO, then FORMAT and "
    "samples; every line has as many as the line that begins with #CHROM. Where spaces took their "
    r"place: `sed -E '/^##/! s/ +/\t/g' in.vcf > out.vcf`.",
)
BAD_BYTES = Fault(
    "BAD_BYTES",
    "The line holds zero bytes, which no text has.",
    "The file was damaged on its way; copy or make it again.",
)
UNKNOWN_CONTIG = Fault(
    "UNKNOWN_CONTIG",
    "The reference has no such contig.",
    "Choose the reference that the file was made with, or rename its contigs.",
)
UNKNOWN_CONTIGS = Fault(
    "UNKNOWN_CONTIGS",
    "The reference has none of the file's contigs.",
    "Choose the reference that the file was made with, or rename its contigs.",
)
BAD_POS = Fault(
    "BAD_POS",
    "POS is not a whole number within the contig.",
    "POS counts from 1 to the contig's length; look whether it is the right reference.",
)
BAD_REF = Fault(
    "BAD_REF",
    "REF is not a run of bases.",
    "REF holds bases only; where nothing is replaced, REF and ALT both begin with the base before.",
)
BAD_ALT = Fault(
    "BAD_ALT",
    "ALT is not what a VCF may hold.",
    "ALT holds bases, '*', '.', symbols like <DEL> or breakends, set apart by commas; an array's "
    "'I' and 'D', or '-', have to be turned into bases first.",
)
OLD_INDEL = Fault(
    "OLD_INDEL",
    "ALT tells an indel in the manner of VCF 3 ('D3', 'IACG').",
    "Convert the file to VCF 4 first, as `vcf-convert -r genome.fa` of VCFtools does.",
)
BAD_END = Fault(
    "BAD_END",
    "A deletion or duplication does not say where it ends.",
    "Give a <DEL> or <DUP> its END, beyond POS, or its SVLEN; or write the bases into REF and ALT.",
)
BAD_QUAL = Fault("BAD_QUAL", "QUAL is not a number.", "QUAL holds a number or '.'.")
BAD_INFO = Fault(
    "BAD_INFO",
    "INFO has a key that no VCF may have, or far too many keys.",
    "INFO holds 'KEY=value' or 'KEY', set apart by ';', without spaces or quotes in the key.",
)
BAD_FORMAT = Fault(
    "BAD_FORMAT",
    "FORMAT or a sample's values do not fit each other.",
    "A sample has at most as many values, set apart by ':', as FORMAT names.",
)
LINE_TOO_LONG = Fault(
    "LINE_TOO_LONG",
    "A line is longer than any real one.",
    "Look at the line; split the file by samples if it really is that wide.",
)
EXPANDS_TOO_MUCH = Fault(
    "EXPANDS_TOO_MUCH",
    "Unpacked, the file is larger than is allowed.",
    "Split it by contig.",
)
TOO_MANY_RECORDS = Fault(
    "TOO_MANY_RECORDS", "The file has more records than are allowed.", "Split it by contig."
)
TOO_MANY_ALLELES = Fault(
    "TOO_MANY_ALLELES",
    "The record has more ALT alleles than can be told apart one by one.",
    "Leave out the rare ones, or split the file by samples.",
)
TOO_MANY_SAMPLES = Fault(
    "TOO_MANY_SAMPLES",
    "The file has more samples than are allowed.",
    "Split it by samples, or send its sites without samples: `bcftools view -G`.",
)
TOO_MANY_CONTIGS = Fault(
    "TOO_MANY_CONTIGS",
    "The header declares more contigs than are allowed.",
    "Leave out the ##contig lines: what the records need is taken from the reference.",
)
TOO_MANY_KEYS = Fault(
    "TOO_MANY_KEYS",
    "The file has more different INFO, FORMAT and FILTER names than are allowed.",
    "Look whether values were written where names belong; leave out what is not needed: "
    "`bcftools annotate -x`.",
)
HEADER_TOO_LONG = Fault(
    "HEADER_TOO_LONG",
    "The header is longer than any real one.",
    "Leave out header lines that nobody reads; records need the definitions only.",
)

LIMITS = (
    LINE_TOO_LONG,
    EXPANDS_TOO_MUCH,
    TOO_MANY_RECORDS,
    TOO_MANY_ALLELES,
    TOO_MANY_SAMPLES,
    TOO_MANY_CONTIGS,
    TOO_MANY_KEYS,
    HEADER_TOO_LONG,
)

LINE_FAULTS = {
    fault.code: fault
    for fault in (
        UNKNOWN_CONTIG,
        BAD_COLUMNS,
        BAD_BYTES,
        BAD_POS,
        BAD_REF,
        BAD_ALT,
        OLD_INDEL,
        BAD_END,
        BAD_QUAL,
        BAD_INFO,
        BAD_FORMAT,
        TOO_MANY_ALLELES,
    )
}
"""Those that set single lines aside."""
