"""How often something may be done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rates:
    """Times a minute, of one account or one address. As many may come at once; then one by one."""

    api_per_minute: int = 600
    """Requests to the API, of one account, whatever token it uses."""
    parts_per_minute: int = 6000
    """Parts of uploads, of one account; their bytes are limited by the upload."""
    changes_per_minute: int = 120
    """What is sent by forms of the pages, of one account; and as often, links to files."""
    sign_ins_per_minute: int = 30
    """Tries to sign in, of one address: an institution may share one."""
    bad_tokens_per_minute: int = 30
    """Requests with a token that is none, of one address."""
    hooks_per_minute: int = 600
    """Webhooks that others send us, of one address."""
    hook_tests_per_minute: int = 10
    """Tests of webhooks, of one account: each is a post to somebody else."""
    exports_per_minute: int = 2
    """Exports, of one account: each reads all that it has, and ends in a mail."""


STANDARD = Rates()
