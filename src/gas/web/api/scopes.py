"""Which scope each operation needs. What is not listed here is closed to everybody."""

from __future__ import annotations

from gas.domain.tokens import Scope

scope_by_endpoint = {
    "api_references.all": Scope.JOBS_READ,
    "api_uploads.begin": Scope.JOBS_WRITE,
    "api_uploads.mine": Scope.JOBS_READ,
    "api_uploads.one": Scope.JOBS_READ,
    "api_uploads.give_up": Scope.JOBS_WRITE,
    "api_uploads.put_part": Scope.JOBS_WRITE,
    "api_jobs.submit": Scope.JOBS_WRITE,
    "api_jobs.mine": Scope.JOBS_READ,
    "api_jobs.one": Scope.JOBS_READ,
    "api_jobs.cancel": Scope.JOBS_WRITE,
    "api_jobs.again": Scope.JOBS_WRITE,
    "api_jobs.delete": Scope.JOBS_WRITE,
    "api_results.events": Scope.JOBS_READ,
    "api_results.log": Scope.JOBS_READ,
    "api_results.results": Scope.JOBS_READ,
    "api_results.link": Scope.JOBS_READ,
    "api_account.mine": Scope.ACCOUNT_READ,
    "api_tokens.mine": Scope.ACCOUNT_READ,
    "api_tokens.make": Scope.TOKENS_WRITE,
    "api_tokens.revoke": Scope.TOKENS_WRITE,
    "api_webhooks.mine": Scope.ACCOUNT_READ,
    "api_webhooks.announcements": Scope.ACCOUNT_READ,
    "api_webhooks.make": Scope.TOKENS_WRITE,
    "api_webhooks.test": Scope.TOKENS_WRITE,
    "api_webhooks.revoke": Scope.TOKENS_WRITE,
}
