"""For machines: does the process live, and can it work?"""

from __future__ import annotations

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from gas.web.wired import services

pages = Blueprint("health", __name__)


@pages.get("/healthz")
def alive() -> Response:
    return jsonify(alive=True)


@pages.get("/readyz")
def ready() -> Response:
    """Asks the store, the queues and the files once; what fails there answers 503 or 500."""
    services().jobs.get("0" * 26)
    services().queue_desk.states()
    room = services().files.room_bytes()
    return jsonify(ready=True, room_bytes=room)
