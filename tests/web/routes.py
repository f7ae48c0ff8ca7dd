"""Every address there is: how it is asked, whose it is, and how it answers those it is not for.

`test_walks` fails when the application has a route that is not here, or the other way round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from flask import Flask

ABSENT = "0" * 26
API = "/api/v1"


@dataclass(frozen=True)
class Whose:
    """Ids to ask with: somebody's, or of what never was."""

    job: str = ABSENT
    upload: str = ABSENT
    token: str = ABSENT
    file: str = "a.annot.vcf.gz"
    webhook: str = ABSENT

    def within(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: str(getattr(self, found[1])), text)

    @property
    def ids(self) -> tuple[str, ...]:
        return (self.job, self.upload, self.token, self.webhook)


@dataclass(frozen=True)
class Route:
    method: str
    rule: str
    url: str
    """With {job}, {upload}, {token}, {webhook} or {file} for what is somebody's."""
    json: dict[str, object] | None = None
    data: dict[str, str] = field(default_factory=dict)
    """Of a form."""
    octets: bytes | None = None
    for_all: bool = False
    """Everybody may ask, strangers too."""
    signed: bool = False
    """Proved by a signature over the body: no account, no form."""
    operators: bool = False
    """Of operators; what they see is the service's, not a user's page."""

    @property
    def private(self) -> bool:
        """Holds an id of somebody's."""
        return any("{" in text for text in (self.url, *map(str, (self.json or {}).values())))

    @property
    def is_api(self) -> bool:
        return self.rule.startswith(API) and not self.for_all


def get(rule: str, url: str = "", *, for_all: bool = False, operators: bool = False) -> Route:
    return Route("GET", rule, url or rule, for_all=for_all, operators=operators)


WEBHOOK = {"url": "https://lab.example.org/hook", "events": "job.failed"}

ROUTES = (
    get("/", for_all=True),
    get("/healthz", for_all=True),
    get("/readyz", for_all=True),
    get("/static/<path:filename>", "/static/gas.css", for_all=True),
    get("/files/<token>", "/files/x", for_all=True),  # the signed link is the permission
    get("/sign-in", for_all=True),
    Route("POST", "/sign-in", "/sign-in", for_all=True),
    get("/sign-in/link", for_all=True),
    Route("POST", "/sign-in/link", "/sign-in/link", data={"token": "x"}, for_all=True),
    get("/sign-in/return", for_all=True),
    Route("POST", "/sign-out", "/sign-out"),
    get("/.well-known/security.txt", for_all=True),
    Route("POST", "/webhooks/<name>", "/webhooks/stripe", for_all=True, signed=True),
    get("/references/<name>", "/references/demo"),  # the same for all who are signed in
    get("/account"),
    Route("POST", "/account/profile", "/account/profile", data={"name": "x"}),
    get("/account/email"),
    Route("POST", "/account/email", "/account/email", data={"email": "x"}),
    Route("POST", "/account/email/confirm", "/account/email/confirm", data={"token": "x"}),
    Route("POST", "/account/sessions/end", "/account/sessions/end", data={"session": "x"}),
    Route("POST", "/account/sessions/end-others", "/account/sessions/end-others"),
    get("/account/plan"),
    get("/account/plan/live"),
    get("/account/plan/paid"),
    Route("POST", "/account/plan/look", "/account/plan/look"),
    Route("POST", "/account/plan/manage", "/account/plan/manage"),
    Route("POST", "/account/plan/subscribe", "/account/plan/subscribe"),
    get("/account/privacy"),
    Route("POST", "/account/privacy/export", "/account/privacy/export"),
    get("/account/privacy/export/file"),
    get("/account/privacy/delete"),
    Route("POST", "/account/privacy/delete", "/account/privacy/delete", data={"email": "x"}),
    get("/account/privacy/deleted", for_all=True),
    get("/account/tokens"),
    Route("POST", "/account/tokens", "/account/tokens", data={"name": "x", "scope": "jobs:read"}),
    Route("POST", "/account/tokens/<token_id>/revoke", "/account/tokens/{token}/revoke"),
    get("/account/webhooks"),
    Route("POST", "/account/webhooks", "/account/webhooks", data=dict(WEBHOOK)),
    Route("POST", "/account/webhooks/<webhook_id>/test", "/account/webhooks/{webhook}/test"),
    Route("POST", "/account/webhooks/<webhook_id>/on", "/account/webhooks/{webhook}/on"),
    Route("POST", "/account/webhooks/<webhook_id>/revoke", "/account/webhooks/{webhook}/revoke"),
    get("/jobs"),
    get("/jobs/table"),
    get("/jobs/new"),
    Route("POST", "/jobs", "/jobs", json={"upload_id": "{upload}", "reference": "demo"}),
    get("/jobs/<job_id>", "/jobs/{job}"),
    get("/jobs/<job_id>/live", "/jobs/{job}/live"),
    get("/jobs/<job_id>/files/<name>", "/jobs/{job}/files/{file}"),
    Route("POST", "/jobs/<job_id>/cancel", "/jobs/{job}/cancel"),
    Route("POST", "/jobs/<job_id>/again", "/jobs/{job}/again", data={"reference": "demo"}),
    get("/jobs/<job_id>/delete", "/jobs/{job}/delete"),
    Route("POST", "/jobs/<job_id>/delete", "/jobs/{job}/delete"),
    Route("POST", "/uploads", "/uploads", json={"name": "b.vcf", "size_bytes": 9}),
    get("/uploads"),
    get("/uploads/<upload_id>", "/uploads/{upload}"),
    Route("DELETE", "/uploads/<upload_id>", "/uploads/{upload}"),
    Route(
        "PUT", "/uploads/<upload_id>/parts/<int:number>", "/uploads/{upload}/parts/1", octets=b"x"
    ),
    get("/operator/accounts", operators=True),
    get("/operator/accounts/<account_id>", f"/operator/accounts/{ABSENT}", operators=True),
    Route(
        "POST",
        "/operator/accounts/<account_id>",
        f"/operator/accounts/{ABSENT}",
        data={"plan": "premium"},
        operators=True,
    ),
    get("/operator/audit", operators=True),
    get("/operator/queues", operators=True),
    get("/operator/results", operators=True),
    get("/operator/outbox", operators=True),
    get("/operator/outbox/<name>", "/operator/outbox/x.eml", operators=True),
    get("/api/docs", for_all=True),
    get(f"{API}/openapi.json", for_all=True),
    get(f"{API}/references"),
    get(f"{API}/account"),
    get(f"{API}/tokens"),
    Route("POST", f"{API}/tokens", f"{API}/tokens", json={"name": "y", "scopes": ["tokens:write"]}),
    Route("DELETE", f"{API}/tokens/<token_id>", f"{API}/tokens/{{token}}"),
    Route("POST", f"{API}/uploads", f"{API}/uploads", json={"name": "c.vcf", "size_bytes": 9}),
    get(f"{API}/uploads"),
    get(f"{API}/uploads/<upload_id>", f"{API}/uploads/{{upload}}"),
    Route("DELETE", f"{API}/uploads/<upload_id>", f"{API}/uploads/{{upload}}"),
    Route(
        "PUT",
        f"{API}/uploads/<upload_id>/parts/<int:number>",
        f"{API}/uploads/{{upload}}/parts/1",
        octets=b"x",
    ),
    Route(
        "POST", f"{API}/jobs", f"{API}/jobs", json={"upload_id": "{upload}", "reference": "demo"}
    ),
    get(f"{API}/webhooks"),
    Route(
        "POST",
        f"{API}/webhooks",
        f"{API}/webhooks",
        json={"url": WEBHOOK["url"], "events": [WEBHOOK["events"]]},
    ),
    get(f"{API}/webhooks/<webhook_id>/announcements", f"{API}/webhooks/{{webhook}}/announcements"),
    Route("POST", f"{API}/webhooks/<webhook_id>/test", f"{API}/webhooks/{{webhook}}/test"),
    Route("DELETE", f"{API}/webhooks/<webhook_id>", f"{API}/webhooks/{{webhook}}"),
    get(f"{API}/jobs"),
    get(f"{API}/jobs/<job_id>", f"{API}/jobs/{{job}}"),
    Route("POST", f"{API}/jobs/<job_id>/cancel", f"{API}/jobs/{{job}}/cancel"),
    Route("POST", f"{API}/jobs/<job_id>/again", f"{API}/jobs/{{job}}/again", json={}),
    Route("DELETE", f"{API}/jobs/<job_id>", f"{API}/jobs/{{job}}"),
    get(f"{API}/jobs/<job_id>/events", f"{API}/jobs/{{job}}/events"),
    get(f"{API}/jobs/<job_id>/log", f"{API}/jobs/{{job}}/log"),
    get(f"{API}/jobs/<job_id>/results", f"{API}/jobs/{{job}}/results"),
    Route(
        "POST", f"{API}/jobs/<job_id>/links", f"{API}/jobs/{{job}}/links", json={"name": "{file}"}
    ),
)


def routes_of(app: Flask) -> set[tuple[str, str]]:
    """Method and rule of everything that the application answers."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
