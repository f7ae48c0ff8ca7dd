"""The API's OpenAPI 3.1 document, and the page that shows and tries it."""

from __future__ import annotations

import copy
import json
from typing import Any, cast

from flask import Blueprint, Response, current_app, render_template
from flask_openapi3 import OpenAPI

from gas import __version__
from gas.web.api.answers import BAD_FIELD
from gas.web.api.scopes import scope_by_endpoint
from gas.web.problems import MIMETYPE

EXTENSION = "gas.api_document"
pages = Blueprint("api_docs", __name__)

PROBLEMS = {
    400: "What was given cannot be used.",
    401: "The token is missing, wrong or over.",
    403: "The token, or the account, may not do this.",
    404: "There is nothing here, or it is not yours.",
    409: "The thing is in a state in which this cannot be done.",
    411: "The length of the body was not said.",
    413: "More than a limit allows.",
    415: "The body is of another kind.",
    422: BAD_FIELD.message,
    429: "Too many requests.",
    500: "Something in the service broke.",
    503: "A part of the service does not answer now.",
    507: "There is no room.",
}
RETRIED = {429, 503, 507}
SECURITY_SCHEMES: dict[str, Any] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "gas_…",
        "description": "A token of the page API tokens (/account/tokens).",
    }
}
ABOUT = (
    "Upload a VCF in parts, submit it as a job, follow the job, download its results. "
    "Errors are problem+json with stable codes."
)


@pages.get("/api/v1/openapi.json")
def document() -> Response:
    response = Response(_document_text(), mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    return response


@pages.get("/api/docs")
def page() -> str:
    return render_template("api_docs.html")


def _document_text() -> str:
    """Made once for each application."""
    app = cast("OpenAPI", current_app)
    if EXTENSION not in app.extensions:
        app.extensions[EXTENSION] = _made(app)
    return str(app.extensions[EXTENSION])


def _made(app: OpenAPI) -> str:
    made = copy.deepcopy(app.api_doc)
    made["info"]["version"] = __version__
    components = made["components"]
    components["responses"] = {f"Problem{status}": _problem(status) for status in PROBLEMS}
    for schema in components["schemas"].values():
        schema.pop("$defs", None)  # each stands among the components already
    for path in made["paths"].values():
        for operation in path.values():
            _complete(operation)
    return json.dumps(made)


def _complete(operation: dict[str, Any]) -> None:
    """What all operations have in common is written here once, and not at each."""
    scope = scope_by_endpoint[f"api_{operation['operationId']}"]
    operation["security"] = [{"token": [scope.value]}]
    operation["description"] = f"{operation.get('description', '')} Scope: `{scope}`.".strip()
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    for status in PROBLEMS:
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}


def _problem(status: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": PROBLEMS[status],
        "content": {MIMETYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in RETRIED:
        made["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return made
