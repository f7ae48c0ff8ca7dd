"""JSON that was sent, whatever it holds: what cannot be read is no JSON, and nobody's bug."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider


class JsonBodies(DefaultJSONProvider):
    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:  # thousands of brackets within each other
            raise ValueError("brackets too deep") from error


def install(app: Flask) -> None:
    app.json = JsonBodies(app)
