"""What a backend's folder exports as `MANIFEST`: which ports it offers, and how each is made.

A manifest is data. Importing it imports no vendor's package, so that the settings of a backend
can be read, and listed, where its extra is not installed; the factories import what they need.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from gas.ports.accounts import Accounts, Sessions, SignInLinks
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
from gas.ports.tokens import ApiTokens, RequestKeys
from gas.ports.webhooks import HookSender, Webhooks

Own = TypeVar("Own")
"""A backend's own settings: a frozen dataclass of its folder, or None."""


@dataclass(frozen=True, slots=True)
class Between:
    """Bounds of a number among the settings, both allowed: `Annotated[int, Between(1, 65535)]`."""

    least: float
    most: float


@dataclass(frozen=True, kw_only=True)
class Context(Generic[Own]):
    """What a factory is given to make its port with."""

    home: Path
    """A backend that keeps files on this machine makes a folder of its own in it."""
    secret_key: bytes
    site_url: str
    """Without a slash at the end."""
    clock: Clock
    closing: ExitStack
    """Takes what has to be closed in the end."""
    own: Own
    """The backend's own settings."""

    @property
    def run_path(self) -> Path:
        """For locks and pipes; the same for all processes of a machine, and nothing to keep."""
        return self.home / "run"


class Store(Protocol):
    """Everything of which there are records, in one place."""

    @property
    def jobs(self) -> Jobs: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def sign_in_links(self) -> SignInLinks: ...
    @property
    def api_tokens(self) -> ApiTokens: ...
    @property
    def request_keys(self) -> RequestKeys: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def exports(self) -> Exports: ...
    @property
    def payers(self) -> Payers: ...
    @property
    def queues(self) -> Queues: ...
    @property
    def queue_desk(self) -> QueueDesk: ...
    @property
    def webhooks(self) -> Webhooks: ...
    def together(self, *, durable: bool = True) -> AbstractContextManager[None]: ...


@dataclass(frozen=True, kw_only=True)
class Manifest(Generic[Own]):
    """A port that the backend does not offer is None."""

    name: str
    """As its folder is called."""
    settings: type[Own] | None = None
    """Field `host` of backend `smtp` is the variable `GAS_SMTP_HOST`. Fields are strings, numbers,
    flags, paths, enums and literals; those without a default have to be set; secrets have
    `field(repr=False)`."""
    prefix: str = ""
    """Stands in for the name in these variables."""
    extra: str = ""
    """Of this package: `pip install 'gas[EXTRA]'` brings what the factories import."""
    preload: tuple[str, ...] = ()
    """Modules that the factories import; workers share their memory if it is done before."""

    store: Callable[[Context[Own]], Store] | None = None
    jobs: Callable[[Context[Own]], Jobs] | None = None
    """Apart from the store; so are the queues. Nothing is done `together` with either then."""
    queues: Callable[[Context[Own]], tuple[Queues, QueueDesk]] | None = None
    files: Callable[[Context[Own]], tuple[Files, ServesLinks | None]] | None = None
    """With who resolves its links, if they lead back to our own web."""
    cold_storage: Callable[[Context[Own]], ColdStorage] | None = None
    """Of the files that the same backend keeps."""
    mail: Callable[[Context[Own]], tuple[MailSender, Outbox | None]] | None = None
    """With where mails can be read, if they stay here."""
    hooks: Callable[[Context[Own]], HookSender] | None = None
    sign_in: Callable[[Context[Own], SignInLinks], SignIn] | None = None
    """The second argument is where the store keeps one-time links."""
    billing: Callable[[Context[Own]], Billing] | None = None
