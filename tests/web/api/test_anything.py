"""Schemathesis: whatever the served document allows, and what it does not, at every operation."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from schemathesis import openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.schemas import BaseSchema
from werkzeug.serving import WSGIRequestHandler, make_server

from gas.domain.account import Account
from gas.domain.tokens import Scope
from gas.ports.tokens import ApiTokens
from gas.web import create_app
from web.api.program import API
from web_rig import Pages

REFUSED_RIGHTLY = [400, 409, 413, 507]
"""What fits the document may still be refused: a file's name, the plan's size, a second key."""
QUICK, THOROUGH = ("examples", "coverage"), ("examples", "coverage", "fuzzing", "stateful")


class KeepsOne:
    """Tokens, of which the one that asks cannot be revoked: nothing could be asked after that."""

    def __init__(self, tokens: ApiTokens, account: Account) -> None:
        self._tokens = tokens
        self._kept = tokens.of_account(account.id)[0].id

    def remove(self, account_id: str, token_id: str) -> bool:
        return token_id != self._kept and self._tokens.remove(account_id, token_id)

    def __getattr__(self, name: str) -> object:
        return getattr(self._tokens, name)


def config(token: str, phases: Sequence[str], examples: int) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": 4,
            "auth": {"openapi": {"token": {"bearer": token}}},
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
            "phases": {phase: {"enabled": phase in phases} for phase in THOROUGH},
            "checks": {
                "positive_data_acceptance": {"expected-statuses": ["2XX", 404, *REFUSED_RIGHTLY]}
            },
        }
    )


def look(pages: Pages, phases: Sequence[str], examples: int) -> tuple[list[str], list[int]]:
    """What went wrong, and the statuses of all answers."""
    account = pages.journey.account
    token = pages.token(account, *Scope)
    tokens: ApiTokens = KeepsOne(pages.services.api_tokens, account)  # type: ignore[assignment]
    app = create_app(replace(pages.services, api_tokens=tokens))
    with served(app) as url:
        address = f"{url}{API}/openapi.json"
        return collected(openapi.from_url(address, config=config(token, phases, examples)))


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 (its name)
        pass


def collected(schema: BaseSchema) -> tuple[list[str], list[int]]:
    wrong, statuses = [], []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            wrong.append(str(event.info))
        if isinstance(event, events.FatalError):
            wrong.append(repr(event.exception))
        if isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            for key, checks in recorder.checks.items():
                case = recorder.cases[key].value
                wrong += [
                    f"{check.name}: {case.as_curl_command()}: {check.failure_info.failure}"
                    for check in checks
                    if check.failure_info
                ]
            answers = [each.response for each in recorder.interactions.values()]
            statuses += [answer.status_code for answer in answers if answer]
    return wrong, statuses


def test_no_failure_in_a_quick_look(pages: Pages) -> None:
    wrong, statuses = look(pages, QUICK, examples=1)
    assert not wrong, "\n".join(wrong[:9])
    assert len(statuses) > 400
    assert {200, 201, 204, 401, 404, 405, 415, 422} <= set(statuses)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_failure_in_a_long_look(pages: Pages) -> None:
    wrong, statuses = look(pages, THOROUGH, examples=100)
    assert not wrong, "\n".join(wrong[:9])
    assert len(statuses) > 2000
