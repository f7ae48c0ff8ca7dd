"""Recipe -> the files that are to be had now: releases, names, sizes and sums, asked of servers."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from gas.domain.errors import InputError, NotFound, Unavailable
from gas.engines.bcftools.shelf.checksums import BSD, MD5, Checksum, listed
from gas.engines.bcftools.shelf.download import Remote
from gas.engines.bcftools.shelf.naming import RELEASE
from gas.engines.bcftools.shelf.recipes import KnownRecipe, Listing, Place, Recipe
from gas.engines.bcftools.shelf.web import Web, host_of, name_of

HEAD_BYTES = 1 << 16
LISTS = {Listing.ENSEMBL: ("CHECKSUMS", BSD), Listing.NCBI: ("md5checksums.txt", MD5)}


@dataclass(frozen=True, slots=True)
class Genome:
    release: str
    fasta: Remote
    genes: Remote


@dataclass(frozen=True, slots=True)
class KnownFiles:
    recipe: KnownRecipe
    release: str
    remotes: tuple[Remote, ...]


class Finder:
    def __init__(self, web: Web) -> None:
        self._web = web
        self._listed: dict[str, dict[str, Checksum]] = {}

    def genome(self, recipe: Recipe, release: str = "") -> Genome:
        """Of the newest release if none is given. NotFound NOT_ON_SERVER, Unavailable."""
        _check_release(release)
        if recipe.release and release not in ("", recipe.release):
            raise NotFound(
                "NO_SUCH_RELEASE",
                f"There is one release of {recipe.name} only: {recipe.release}.",
                cure="Leave --release out.",
            )
        given = release or recipe.release
        latest = not given
        if not given:
            given = self._newest(recipe.genes)
        latest = latest and not recipe.numbered
        fasta, genes = (
            self._file(place, place.latest_folder if latest else place.folder, given)
            for place in (recipe.fasta, recipe.genes)
        )
        return Genome(given, fasta, genes)

    def known(self, recipe: KnownRecipe, release: str = "") -> KnownFiles:
        """Of the newest release if none is given."""
        _check_release(release)
        given = release or recipe.release
        path = recipe.path if not release or recipe.release else recipe.dated_path
        if not given:
            given = self._told_release(recipe, path)
        remotes = []
        for contig in recipe.contigs or ("",):
            filled = path.format(release=given, year=given[:4], contig=contig)
            end = filled.rpartition("/")[2]
            name = end if contig else f"{recipe.name}-{given}{_ending(end)}"
            remotes.append(self._known_file(recipe, filled, name))
        return KnownFiles(recipe, given, tuple(remotes))

    def _newest(self, place: Place) -> str:
        names = self._list(place, place.latest_folder)
        found = [match[1] for name in names if (match := re.fullmatch(place.name, name))]
        if not found:
            raise _unlisted(self._web.url(place.server, place.latest_folder))
        return max(found, key=int)

    def _file(self, place: Place, folder: str, release: str) -> Remote:
        folder = folder.format(release=release)
        sums = self._list(place, folder)
        names = [name for name in sums if re.fullmatch(place.name, name)]
        if len(names) != 1:
            raise _unlisted(self._web.url(place.server, folder))
        path = f"{folder}/{names[0]}"
        seen = self._web.look(self._web.url(place.server, path))
        name = names[0] if release in names[0] else f"{release}.{names[0]}"
        return Remote(place.server, path, name, seen, sums[names[0]])

    def _list(self, place: Place, folder: str) -> dict[str, Checksum]:
        """Sums by name of the files in a folder."""
        name, kind = LISTS[place.listing]
        url = self._web.url(place.server, f"{folder}/{name}")
        if url not in self._listed:
            self._listed[url] = listed(self._web.text(url), kind)
        return self._listed[url]

    def _known_file(self, recipe: KnownRecipe, path: str, name: str) -> Remote:
        url = self._web.url(recipe.server, path)
        seen = self._web.look(url)
        if recipe.listing is Listing.HEADER:
            return Remote(recipe.server, path, name, seen, seen.md5)
        sums = listed(self._web.text(f"{url}.md5"), MD5)
        checksum = sums.get(name_of(url)) or (next(iter(sums.values())) if len(sums) == 1 else None)
        if checksum is None:  # the name in it may be the one before a link was made
            raise _unlisted(f"{url}.md5")
        return Remote(recipe.server, path, name, seen, checksum)

    def _told_release(self, recipe: KnownRecipe, path: str) -> str:
        """From the header at the beginning of the file itself."""
        url = self._web.url(recipe.server, path)
        packed = self._web.start_of(url, HEAD_BYTES)
        try:
            text = (
                zlib.decompressobj(wbits=31).decompress(packed, 1 << 20).decode("utf-8", "replace")
            )
        except zlib.error as error:
            raise _unlisted(url) from error
        found = re.search(recipe.release_line, text)
        if found is None:
            raise _unlisted(url)
        return "".join(found.groups())


def release_in(recipe: KnownRecipe, header: str) -> str:
    """Of a file that somebody has already; empty if its header does not tell."""
    found = re.search(recipe.release_line, header) if recipe.release_line else None
    return "".join(found.groups()) if found else recipe.release


def _check_release(release: str) -> None:
    if release and not RELEASE.match(release):
        raise InputError(
            "BAD_RELEASE",
            "This is no name of a release.",
            cure="Give it as its owner does: --release 115, or clinvar@20240107.",
        )


def _ending(name: str) -> str:
    return name[name.index(".vcf") :] if ".vcf" in name else ".vcf.gz"


def _unlisted(url: str) -> Unavailable:
    return Unavailable(
        "LIST_UNREADABLE",
        f"What {host_of(url)} has at {name_of(url)} is not what was expected there.",
        cure="The server may be in the middle of an update: try again later, or name a --mirror.",
    )
