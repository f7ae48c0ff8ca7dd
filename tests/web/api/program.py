"""A program that uses the API with a token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gas.domain.account import Account
from gas.domain.tokens import Scope
from rig import VCF
from web_rig import Pages

API = "/api/v1"


@dataclass
class Program:
    client: FlaskClient
    token: str

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.open(API + path, method=method, headers=headers, **more)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, headers=headers)

    def post(
        self, path: str, body: dict[str, object] | None = None, **headers: str
    ) -> TestResponse:
        return self.ask("POST", path, json=body, headers=headers)

    def upload(self, content: bytes = VCF, name: str = "a.vcf") -> str:
        """The id of an upload whose parts are all here."""
        begun = self.post("/uploads", {"name": name, "size_bytes": len(content)})
        assert begun.status_code == 201, begun.text
        upload = begun.get_json()
        for number in range(1, upload["part_count"] + 1):
            part = content[(number - 1) * upload["part_bytes"] : number * upload["part_bytes"]]
            sent = self.ask(
                "PUT",
                f"/uploads/{upload['id']}/parts/{number}",
                data=part,
                content_type="application/octet-stream",
            )
            assert sent.status_code == 204, sent.text
        return str(upload["id"])

    def submit(self, upload_id: str, key: str = "", **more: object) -> TestResponse:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"upload_id": upload_id, "reference": "demo", **more}
        return self.ask("POST", "/jobs", json=body, headers=headers)


def program(pages: Pages, account: Account | None = None, *scopes: Scope) -> Program:
    value = pages.token(account or pages.journey.account, *(scopes or Scope))
    return Program(pages.app.test_client(), value)
