"""What is kept with a session: the provider's tokens, encrypted. A copy of the database is no way
into anybody's account there."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass

from cryptography.fernet import Fernet, InvalidToken

from gas.adapters.oidc.exchange import Tokens
from gas.adapters.oidc.failures import no_longer_welcome

PURPOSE = b"gas.adapters.oidc seal 1"  # a key of its own: the secret has other uses


@dataclass(frozen=True, slots=True)
class Kept:
    subject: str
    tokens: Tokens


class Seal:
    def __init__(self, secret_key: bytes) -> None:
        own_key = hmac.digest(secret_key, PURPOSE, hashlib.sha256)
        self._fernet = Fernet(base64.urlsafe_b64encode(own_key))

    def close(self, kept: Kept) -> str:
        return self._fernet.encrypt(json.dumps(asdict(kept)).encode()).decode()

    def open(self, sealed: str) -> Kept:
        """Forbidden if it was not sealed here, or under another secret."""
        try:
            fields = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError) as error:
            raise no_longer_welcome() from error
        return Kept(fields["subject"], Tokens(**fields["tokens"]))
