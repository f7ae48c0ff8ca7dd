"""The JSON API for programs, under /api/v1. `models` says what it takes and gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_openapi3 import Info, OpenAPI

from gas import __version__
from gas.web.api import account, document, jobs, references, results, tokens, uploads, webhooks
from gas.web.api.answers import invalid
from gas.web.api.models import Problem


class Application(OpenAPI):
    """No view, and no hook, is a coroutine: nothing has to be looked at before each call."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def new_app(name: str) -> OpenAPI:
    """A Flask application that can describe the operations registered with it."""
    return Application(
        name,
        info=Info(title="GAS", version=__version__, description=document.ABOUT),
        security_schemes=document.SECURITY_SCHEMES,
        validation_error_model=Problem,
        validation_error_callback=invalid,
        doc_ui=False,
    )


def install(app: OpenAPI) -> None:
    for part in (references, uploads, jobs, results, account, tokens, webhooks):
        app.register_api(part.operations)
    app.register_blueprint(document.pages)
