"""An input on its way in: begun, sent in parts, resumed, given up. JSON only."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Blueprint, jsonify, request
from werkzeug.exceptions import LengthRequired
from werkzeug.wrappers import Response

from gas.domain.errors import InputError
from gas.journey.submit import begin_upload, give_up_upload, open_uploads, own_upload
from gas.ports.files import Upload
from gas.web.wired import me, services

pages = Blueprint("uploads", __name__, url_prefix="/uploads")


@pages.post("")
def begin() -> tuple[Response, int]:
    body = json_body(name=str, size_bytes=int)
    upload_id, upload = begin_upload(
        me(),
        name=cast("str", body["name"]),
        size_bytes=cast("int", body["size_bytes"]),
        accounts=services().accounts,
        files=services().files,
        limits=services().limits,
        clock=services().clock,
    )
    return jsonify(_as_json(upload_id, upload)), 201


@pages.get("")
def mine() -> Response:
    """Those not finished, oldest first."""
    found = open_uploads(me(), files=services().files)
    return jsonify([_as_json(upload.id, upload) for upload in found])


@pages.get("/<upload_id>")
def state(upload_id: str) -> Response:
    return jsonify(_as_json(upload_id, _own(upload_id)))


@pages.put("/<upload_id>/parts/<int:number>")
def put_part(upload_id: str, number: int) -> tuple[str, int]:
    """The body goes to the store as it comes in; no more than a block of it is in memory."""
    if request.content_length is None:
        raise LengthRequired
    upload = _own(upload_id)
    services().files.put_part(
        upload.key, number, cast("BinaryIO", request.stream), request.content_length
    )
    return "", 204


@pages.delete("/<upload_id>")
def give_up(upload_id: str) -> tuple[str, int]:
    give_up_upload(me(), upload_id, files=services().files)
    return "", 204


def _own(upload_id: str) -> Upload:
    return own_upload(me(), upload_id, files=services().files)


def _as_json(upload_id: str, upload: Upload) -> dict[str, object]:
    return {
        "id": upload_id,
        "name": upload.name,
        "size_bytes": upload.size_bytes,
        "part_bytes": upload.part_bytes,
        "part_count": upload.part_count,
        "parts": list(upload.parts),
        "finished": upload.finished,
        "begun_at": upload.begun_at.isoformat(),
    }


def json_body(**wanted: type) -> dict[str, object]:
    """The fields of the request's JSON, each there and of its type."""
    body = request.get_json(silent=True)
    fields = body if isinstance(body, dict) else {}
    for name, kind in wanted.items():
        if type(fields.get(name)) is not kind:
            raise InputError(
                "BAD_FIELD",
                f"The field {name!r} is missing or not of its kind.",
                cure=f"Send a JSON object in which {name!r} is {kind.__name__}.",
            )
    return fields
