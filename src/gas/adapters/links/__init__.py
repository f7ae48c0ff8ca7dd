"""Backend `links`: sign in by one-time links that an operator hands out.

Offers sign-in, `LinkSignIn`, and `issue_link`, which makes a link for an identity
(`identity_of(email)`). A link is taken once, expires, and is stored only as a hash. Where links
are kept is the `SignInLinks` of the store. Not trusted beyond loopback.
"""

from __future__ import annotations

from gas.adapters.links.sign_in import LinkSignIn, identity_of, issue_link
from gas.ports.accounts import SignInLinks
from gas.ports.backend import Context, Manifest

__all__ = ["MANIFEST", "LinkSignIn", "identity_of", "issue_link"]


def _sign_in(context: Context[None], links: SignInLinks) -> LinkSignIn:
    return LinkSignIn(links, context.clock)


MANIFEST = Manifest(name="links", sign_in=_sign_in)
