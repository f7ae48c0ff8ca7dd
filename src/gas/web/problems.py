"""Errors as programs are told them: `application/problem+json`, RFC 9457, with our codes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from flask import Response, request

from gas.domain.errors import Reason

ROOT = "/api/v1"
MIMETYPE = "application/problem+json"


def asked_by_program() -> bool:
    """By the path: it is known even where there is no such address."""
    return request.path == ROOT or request.path.startswith(f"{ROOT}/")


def problem(
    status: int,
    reason: Reason,
    *,
    request_id: str = "",
    fields: Sequence[Mapping[str, str]] = (),
) -> Response:
    told = problem_fields(status, reason, instance=request.path)
    told |= {"request_id": request_id, "fields": list(fields)}
    return Response(json.dumps(told), status=status, mimetype=MIMETYPE)


def problem_fields(status: int, reason: Reason, *, instance: str) -> dict[str, object]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": reason.message,
        "instance": instance,
        "code": reason.code,
        "place": reason.place,
        "cure": reason.cure,
    }
