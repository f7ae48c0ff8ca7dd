"""models.Uploads: begun, sent in parts, resumed, given up."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Response, request
from flask_openapi3 import RawModel
from werkzeug.exceptions import LengthRequired

from gas.journey.submit import begin_upload, give_up_upload, open_uploads, own_upload
from gas.web.api import models
from gas.web.api.answers import answer, blueprint, empty
from gas.web.api.shown import upload_shown
from gas.web.wired import me, services

operations = blueprint("uploads", "Inputs on their way in.")


class Part(RawModel):
    """The bytes of a part."""

    mimetypes = ["application/octet-stream"]  # noqa: RUF012 - as the library wants it


@operations.post("/uploads", responses={201: models.Upload})
def begin(body: models.NewUpload) -> Response:
    """Begin an upload; it is refused at once if the plan or the disk has no room for it."""
    _, upload = begin_upload(
        me(),
        name=body.name,
        size_bytes=body.size_bytes,
        accounts=services().accounts,
        files=services().files,
        limits=services().limits,
        clock=services().clock,
    )
    return answer(upload_shown(upload), 201)


@operations.get("/uploads", responses={200: models.Uploads})
def mine() -> Response:
    """Uploads not finished, oldest first."""
    found = open_uploads(me(), files=services().files)
    return answer(models.Uploads(uploads=list(map(upload_shown, found))))


@operations.get("/uploads/<upload_id>", responses={200: models.Upload})
def one(path: models.UploadPath) -> Response:
    """An upload, with the parts that are here."""
    return answer(upload_shown(own_upload(me(), path.upload_id, files=services().files)))


@operations.put("/uploads/<upload_id>/parts/<int:number>", responses={204: None})
def put_part(path: models.PartPath, raw: Part) -> Response:
    """Send a part, of part_bytes unless it is the last; in any order, and again."""
    if request.content_length is None:
        raise LengthRequired
    upload = own_upload(me(), path.upload_id, files=services().files)
    stream = cast("BinaryIO", raw.stream)
    services().files.put_part(upload.key, path.number, stream, request.content_length)
    return empty()


@operations.delete("/uploads/<upload_id>", responses={204: None})
def give_up(path: models.UploadPath) -> Response:
    """Give an upload up that is not finished; its parts are removed."""
    give_up_upload(me(), path.upload_id, files=services().files)
    return empty()
