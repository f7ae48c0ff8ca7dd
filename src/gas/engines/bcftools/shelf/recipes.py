"""Where the files of references are: data, and nothing but.

Layouts as their owners document and serve them: Ensembl (its README at the top of the FTP site),
NCBI's genomes, ClinVar and dbSNP folders, and gnomAD's public bucket. In a path `{release}` is the
release's own name, `{year}` the first four letters of a date, `{contig}` a contig as the source
spells it; in a name of a listed file `(...)` is a regular expression for what is not known before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from gas.domain.errors import InputError
from gas.engines.bcftools.shelf.naming import Wanted

SERVERS = {
    "ensembl": "https://ftp.ensembl.org/pub",
    "ncbi": "https://ftp.ncbi.nlm.nih.gov",
    "gnomad": "https://storage.googleapis.com/gcp-public-data--gnomad",
}


class Listing(Enum):
    """How a server tells the sums of its files."""

    ENSEMBL = "CHECKSUMS in the folder, sums of `sum -r`"
    NCBI = "md5checksums.txt in the folder"
    BESIDE = "NAME.md5 beside the file"
    HEADER = "x-goog-hash in the answer"


@dataclass(frozen=True, slots=True)
class Place:
    """A file of a genome: its folder, and its name there."""

    server: str
    folder: str
    name: str
    """A regular expression; its group, if any, is the release."""
    listing: Listing
    latest_folder: str = ""
    """Where the newest release is, if not in `folder`."""


@dataclass(frozen=True, slots=True)
class KnownRecipe:
    """Known variants of one source."""

    name: str
    title: str
    server: str
    listing: Listing
    path: str
    """Of the newest release, or with `{release}`."""
    fields: tuple[Wanted, ...]
    release: str = ""
    """If it is not told by the file."""
    release_line: str = ""
    """A regular expression for the header line that tells it; the groups are joined."""
    dated_path: str = ""
    """Of an older release."""
    contigs: tuple[str, ...] = ()
    """One file for each of these, if there are many."""
    updates: bool = False
    """Whether `update` looks for a newer one unasked."""
    slims_to: float = 1.0
    """Size of what is kept, by size of what is downloaded."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A reference."""

    name: str
    title: str
    """With `{release}`."""
    build: str
    fasta: Place
    genes: Place
    release: str = ""
    """If there is only one."""
    numbered: bool = True
    """The newest release also lies in the folder of its number. Not so for GRCh37: its genes keep
    their number from one release to the next."""
    known: tuple[KnownRecipe, ...] = field(default=())

    def known_recipe(self, name: str) -> KnownRecipe:
        """InputError UNKNOWN_KNOWN."""
        wanted = SHORT.get(name, name)
        for recipe in self.known:
            if recipe.name == wanted:
                return recipe
        has = ", ".join(recipe.name for recipe in self.known) or "none"
        raise InputError(
            "UNKNOWN_KNOWN",
            f"There are no known variants '{name[:40]}' to install for {self.name}.",
            cure=f"Choose among these: {has}. `gas reference annotate-with` adds a file of yours.",
        )


SHORT = {"gnomad": "gnomad-exomes"}
CHROMOSOMES = (*map(str, range(1, 23)), "X", "Y")
CLINVAR_FIELDS = (
    Wanted("ID", "CLNVARIATIONID"),
    *(Wanted(key) for key in ("ALLELEID", "CLNSIG", "CLNREVSTAT", "CLNDN")),
)
"""The identifier is the number of the VCV accession."""
DBSNP_FIELDS = (Wanted("ID"),)


def _clinvar(build: str) -> KnownRecipe:
    return KnownRecipe(
        name="clinvar",
        title="ClinVar",
        server="ncbi",
        listing=Listing.BESIDE,
        path=f"pub/clinvar/vcf_{build}/clinvar.vcf.gz",
        dated_path=f"pub/clinvar/vcf_{build}/archive_2.0/{{year}}/clinvar_{{release}}.vcf.gz",
        fields=CLINVAR_FIELDS,
        release_line=r"##fileDate=(\d{4})-?(\d\d)-?(\d\d)",
        updates=True,
    )


def _dbsnp(accession: str) -> KnownRecipe:
    return KnownRecipe(
        name="dbsnp",
        title="dbSNP",
        server="ncbi",
        listing=Listing.BESIDE,
        path=f"snp/latest_release/VCF/{accession}.gz",
        dated_path=f"snp/archive/b{{release}}/VCF/{accession}.gz",
        fields=DBSNP_FIELDS,
        release_line=r"##dbSNP_BUILD_ID=(\d+)",
    )


def _gnomad(what: str, letter: str, path: str, release: str, most: str) -> KnownRecipe:
    """`most`: what the release calls the group of people in which an allele is most frequent."""
    names = {"AF": "AF", "AC": "AC", "AN": "AN", "nhomalt": "nhomalt"}
    names |= {f"AF_{most}": f"AF_{most}", most: most, "FILTER": "FILTER"}
    return KnownRecipe(
        name=f"gnomad-{what}",
        title=f"gnomAD {what}",
        server="gnomad",
        listing=Listing.HEADER,
        path=path,
        fields=tuple(Wanted(key, f"gnomAD{letter}_{name}") for key, name in names.items()),
        release=release,
        contigs=CHROMOSOMES if (what, release) != ("genomes", "2.1.1") else CHROMOSOMES[:-1],
        slims_to=0.05,
    )


def _gnomad_4(what: str) -> KnownRecipe:
    name = f"gnomad.{what}.v{{release}}.sites.chr{{contig}}.vcf.bgz"
    return _gnomad(what, what[0], f"release/{{release}}/vcf/{what}/{name}", "4.1", "grpmax")


def _gnomad_2(what: str) -> KnownRecipe:
    name = f"gnomad.{what}.r{{release}}.sites.{{contig}}.vcf.bgz"
    return _gnomad(what, what[0], f"release/{{release}}/vcf/{what}/{name}", "2.1.1", "popmax")


def _ensembl(folder: str, latest: str, name: str) -> Place:
    return Place("ensembl", folder, name, Listing.ENSEMBL, latest)


SARS_COV_2 = "genomes/all/GCF/009/858/895/GCF_009858895.2_ASM985889v3"
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="grch38",
            title="Human GRCh38, Ensembl {release}",
            build="GRCh38",
            fasta=_ensembl(
                "release-{release}/fasta/homo_sapiens/dna",
                "current_fasta/homo_sapiens/dna",
                r"Homo_sapiens\.GRCh38\.dna\.primary_assembly\.fa\.gz",
            ),
            genes=_ensembl(
                "release-{release}/gff3/homo_sapiens",
                "current_gff3/homo_sapiens",
                r"Homo_sapiens\.GRCh38\.(\d+)\.gff3\.gz",
            ),
            known=(
                _clinvar("GRCh38"),
                _dbsnp("GCF_000001405.40"),
                _gnomad_4("exomes"),
                _gnomad_4("genomes"),
            ),
        ),
        Recipe(
            name="grch37",
            title="Human GRCh37, Ensembl {release}",
            build="GRCh37",
            fasta=_ensembl(
                "grch37/release-{release}/fasta/homo_sapiens/dna",
                "grch37/current/fasta/homo_sapiens/dna",
                r"Homo_sapiens\.GRCh37\.dna\.primary_assembly\.fa\.gz",
            ),
            genes=_ensembl(
                "grch37/release-{release}/gff3/homo_sapiens",
                "grch37/current/gff3/homo_sapiens",
                r"Homo_sapiens\.GRCh37\.(\d+)\.gff3\.gz",
            ),
            numbered=False,
            known=(
                _clinvar("GRCh37"),
                _dbsnp("GCF_000001405.25"),
                _gnomad_2("exomes"),
                _gnomad_2("genomes"),
            ),
        ),
        Recipe(
            name="sars-cov-2",
            title="SARS-CoV-2, RefSeq {release}",
            build="ASM985889v3",
            fasta=Place(
                "ncbi", SARS_COV_2, r"GCF_009858895\.2_ASM985889v3_genomic\.fna\.gz", Listing.NCBI
            ),
            genes=Place(
                "ncbi", SARS_COV_2, r"GCF_009858895\.2_ASM985889v3_genomic\.gff\.gz", Listing.NCBI
            ),
            release="GCF_009858895.2",
        ),
    )
}


def recipe_of(name: str) -> Recipe:
    """InputError UNKNOWN_RECIPE."""
    if name not in RECIPES:
        raise InputError(
            "UNKNOWN_RECIPE",
            f"There is no recipe '{name[:40]}'.",
            cure=f"Choose among {', '.join(RECIPES)}, or `gas reference add` your own files.",
        )
    return RECIPES[name]
