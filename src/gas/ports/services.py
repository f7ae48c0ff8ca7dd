"""Everything that was wired, in one place, for the web and the workers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gas.domain.plan import Limits
from gas.domain.rates import STANDARD, Rates
from gas.ports.accounts import Accounts, Sessions, SignInLinks
from gas.ports.annotation import Engine, References
from gas.ports.audit import Audit
from gas.ports.billing import Billing, Payers
from gas.ports.clock import Clock
from gas.ports.cold_storage import ColdStorage
from gas.ports.exports import Exports
from gas.ports.files import Files, ServesLinks
from gas.ports.jobs import Jobs
from gas.ports.mail import MailSender, Outbox
from gas.ports.queues import QueueDesk, Queues
from gas.ports.sign_in import SignIn
from gas.ports.together import Together
from gas.ports.tokens import ApiTokens, RequestKeys
from gas.ports.webhooks import HookSender, Webhooks


@dataclass(frozen=True, slots=True)
class Site:
    """What this installation calls itself, and where it is."""

    url: str
    """Without a slash at the end; links in mails begin with it."""
    secret_key: bytes
    work_path: Path
    """Folder for runs under way; emptied of dead ones by its users."""
    secure_cookies: bool
    trusted_proxies: int = 0
    """So many stand before the web, and each adds the address it was called from."""
    security_contact: str = ""
    """Where holes are reported; empty: nobody said."""


@dataclass(frozen=True, slots=True)
class Services:
    site: Site
    limits: Limits
    clock: Clock
    together: Together
    jobs: Jobs
    accounts: Accounts
    sessions: Sessions
    sign_in_links: SignInLinks
    sign_in: SignIn
    audit: Audit
    exports: Exports
    payers: Payers
    billing: Billing | None
    """None: nobody pays; operators set plans."""
    queues: Queues
    queue_desk: QueueDesk
    files: Files
    cold_storage: ColdStorage
    unhurried: Clock
    """For what must not be done early, whatever happens to the clock of the machine."""
    served_links: ServesLinks | None
    mail: MailSender
    outbox: Outbox | None
    """None: mails go out, and none is kept here."""
    webhooks: Webhooks
    hook_sender: HookSender
    engine: Engine
    references: References
    api_tokens: ApiTokens
    request_keys: RequestKeys
    rates: Rates = STANDARD
