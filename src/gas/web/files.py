"""Serves the files behind signed links of our own store. The link itself is the permission."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote

from flask import Blueprint, request
from werkzeug.http import parse_range_header
from werkzeug.wrappers import Response

from gas.domain.errors import NotFound
from gas.ports.files import LinkedFile
from gas.web.wired import services

pages = Blueprint("files", __name__)
BLOCK_BYTES = 256 * 1024


@pages.get("/files/<token>")
def serve(token: str) -> Response:
    links = services().served_links
    if links is None:
        raise NotFound("NOT_FOUND", "This service keeps its files elsewhere.")
    file = links.resolve(token)
    _require_living_owner(file.key)
    span = _wanted_span(file)
    if span is None:
        return _refused(file)
    first, end = span
    whole = end - first == file.size_bytes
    body = b"" if request.method == "HEAD" else _blocks(services().files.open(file.key), first, end)
    response = Response(body, status=200 if whole else 206, direct_passthrough=True)
    response.headers.update(_described(file))
    response.headers["Content-Length"] = str(end - first)
    if not whole:
        response.headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.size_bytes}"
    return response


def _require_living_owner(key: str) -> None:
    """A link outlives the account that made it by minutes; its files may by seconds."""
    owner_id = key.split("/")[1]
    if services().accounts.marked(owner_id) is not None:
        raise NotFound("FILE_NOT_FOUND", "There is no such file.", cure="It was deleted.")


def _described(file: LinkedFile) -> dict[str, str]:
    return {
        # never a type that a browser would show: what users sent is not to act as a page of ours
        "Content-Type": "application/gzip" if file.name.endswith(".gz") else BINARY,
        "Content-Disposition": disposition(file.name),
        "ETag": f'"{file.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
    }


BINARY = "application/octet-stream"


def disposition(name: str) -> str:
    """RFC 6266: a plain name for old clients, the real one in UTF-8 beside it."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name).strip() or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _wanted_span(file: LinkedFile) -> tuple[int, int] | None:
    """First byte and the one past the last; None if the range lies outside. Several ranges, or
    one of another version of the file, are answered with the whole."""
    whole = (0, file.size_bytes)
    known = request.if_range.etag
    if "If-Range" in request.headers and known != file.sha256:
        return whole
    wanted = parse_range_header(request.headers.get("Range"))
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return whole
    return wanted.range_for_length(file.size_bytes)


def _refused(file: LinkedFile) -> Response:
    return Response(status=416, headers={"Content-Range": f"bytes */{file.size_bytes}"})


def _blocks(stream: BinaryIO, first: int, end: int) -> Iterator[bytes]:
    with stream:
        stream.seek(first)
        left = end - first
        while left > 0:
            block = stream.read(min(BLOCK_BYTES, left))
            if not block:
                return  # cut short by the disk; the client sees it by the length
            left -= len(block)
            yield block
