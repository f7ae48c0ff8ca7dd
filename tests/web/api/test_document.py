"""The document that the API serves of itself, and what the docs say of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from web.api.program import API
from web_rig import Pages

DOCS = Path(__file__).parents[3] / "docs" / "api.md"
ROW = re.compile(
    r"^\| `(GET|POST|PUT|DELETE) (/[^`?]*)(?:\?[^`]*)?` \| `([\w:]+)` \|", re.MULTILINE
)


@pytest.fixture
def document(pages: Pages) -> dict[str, Any]:
    answer = pages.stranger().get(f"{API}/openapi.json")
    assert answer.mimetype == "application/json"
    found: dict[str, Any] = answer.get_json()
    return found


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path.removeprefix(API)): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_openapi_31_and_leads_nowhere_else(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    text = json.dumps(document)
    assert "$defs" not in text
    aims = set(re.findall(r'"\$ref": "#/components/(\w+)/(\w+)"', text))
    assert aims
    assert text.count('"$ref"') == len(re.findall(r'"\$ref": "#/components/', text))
    assert all(name in document["components"][kind] for kind, name in aims)


def test_every_operation_asks_for_a_token_and_tells_of_problems(document: dict[str, Any]) -> None:
    found = operations(document)
    ids = [operation["operationId"] for operation in found.values()]
    assert len(ids) == len(set(ids)) >= 20
    for operation in found.values():
        assert list(operation["security"][0]) == ["token"]
        assert operation["summary"]
        assert {"401", "403", "404", "422", "429", "500", "503"} <= operation["responses"].keys()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_the_docs_list_the_same_operations_with_their_scopes(document: dict[str, Any]) -> None:
    served = {
        (method, re.sub(r"\{number\}", "N", re.sub(r"\{\w+_id\}", "ID", path))): operation[
            "security"
        ][0]["token"][0]
        for (method, path), operation in operations(document).items()
    }
    told = {(method, path): scope for method, path, scope in ROW.findall(DOCS.read_text())}
    assert told == served


def test_its_page_needs_nobody_and_nothing_from_elsewhere(pages: Pages) -> None:
    page = pages.stranger().get("/api/docs")
    assert page.status_code == 200
    assert f'data-document="{API}/openapi.json"' in page.text
    assert "//" not in re.sub(r"<!.*?>", "", page.text).replace("://localhost", "")
