"""A new email address: taken once somebody who reads its mails, signed in to this account, says so.

Nobody so gets mails of this service, or an operator's trust, under the address of another. The
link in the mail carries all there is to know, signed; nothing is stored until it comes back.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import threading
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote

from gas.domain.account import Account
from gas.domain.errors import Forbidden
from gas.domain.ids import new_id
from gas.domain.profile import bad_profile, is_address
from gas.ports.mail import Mail, letter
from gas.web.refusals import Refusal
from gas.web.wired import services

LIFETIME = timedelta(hours=24)
PURPOSE = b"gas.web email change 1"
MAILS_AN_HOUR = 5
"""Of one account; the service is no way to fill the mailbox of others."""

_sent: dict[str, deque[datetime]] = {}
_lock = threading.Lock()


def send_link(account: Account, email: str) -> None:
    """Mails a link to the new address. InputError BAD_PROFILE, MAIL_REFUSED."""
    address = email.strip()
    if not is_address(address):
        raise bad_profile("email address", "Give it as name@example.org.")
    _require_few(account)
    services().mail.send(_mail(account, address))


def read(account: Account, token: str) -> str:
    """The address that was confirmed for this account. Forbidden EMAIL_LINK_WRONG."""
    body, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(errors="replace"), _signature(body).encode()):
        raise _wrong()
    try:
        account_id, before, address, until = json.loads(base64.urlsafe_b64decode(body))
    except (ValueError, binascii.Error) as error:
        raise _wrong() from error
    late = until <= services().clock().timestamp()
    # `before`: once the address has changed, older links are worth nothing.
    if late or (account_id, before) != (account.id, account.email):
        raise _wrong()
    return str(address)


def with_email(account: Account, email: str) -> Account:
    return replace(account, email=email, version=account.version + 1)


def _wrong() -> Forbidden:
    return Forbidden(
        "EMAIL_LINK_WRONG",
        "This link is not whole, was used already, has expired, or is another account's.",
        cure="Open it while you are signed in to the account, or ask for a new one there.",
    )


def _require_few(account: Account) -> None:
    now = services().clock()
    with _lock:
        for each in [key for key, sent in _sent.items() if now - sent[-1] > timedelta(hours=1)]:
            del _sent[each]
        sent = _sent.setdefault(account.id, deque(maxlen=MAILS_AN_HOUR))
        if len(sent) == MAILS_AN_HOUR and now - sent[0] < timedelta(hours=1):
            raise Refusal(
                "TOO_MANY_MAILS",
                "Too many mails were asked for.",
                status=429,
                cure="Look into the mailbox, or try again in an hour.",
                headers={"Retry-After": "3600"},
            )
        sent.append(now)


def _mail(account: Account, address: str) -> Mail:
    url = f"{services().site.url}/account/email?token={quote(_token(account, address))}"
    first = "Somebody, you it seems, wants mails of GAS, the Genomics Annotation Service, to come"
    return letter(
        f"email-{new_id(services().clock())}",
        to=address,
        account_id=account.id,
        subject="confirm your email address",
        paragraphs=(f"{first} to this address. If so, confirm it within a day.",),
        link=("Confirm it", url),
        site_url=services().site.url,
        last="If it was not you, do nothing.",
    )


def _token(account: Account, address: str) -> str:
    until = (services().clock() + LIFETIME).timestamp()
    content = json.dumps([account.id, account.email, address, until]).encode()
    body = base64.urlsafe_b64encode(content).decode()
    return f"{body}.{_signature(body)}"


def _signature(body: str) -> str:
    own_key = hmac.digest(services().site.secret_key, PURPOSE, hashlib.sha256)
    return hmac.digest(own_key, body.encode(errors="replace"), hashlib.sha256).hex()
