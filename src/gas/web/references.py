"""What a browser compares a file's contigs with before it uploads anything."""

from __future__ import annotations

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from gas.domain.errors import NotFound
from gas.web.wired import services

pages = Blueprint("references", __name__, url_prefix="/references")


@pages.get("/<name>")
def one(name: str) -> Response:
    found = services().references.get(name)
    if found is None:
        raise NotFound("UNKNOWN_REFERENCE", "There is no such reference here.")
    return jsonify(name=found.name, title=found.title, contigs=dict(found.contigs))
