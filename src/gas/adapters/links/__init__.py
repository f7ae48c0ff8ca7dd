"""Backend `links`: sign in by one-time links that an operator hands out.

Offers `LinkSignIn`: `ports.sign_in.SignIn`, and `issue_link`, which makes a link for an identity
(`identity_of(email)`). A link is taken once, expires, and is stored only as a hash. Where links
are kept is the `SignInLinks` of the store. Not trusted beyond loopback.
"""

from __future__ import annotations

from gas.adapters.links.sign_in import LinkSignIn, identity_of, issue_link

__all__ = ["LinkSignIn", "identity_of", "issue_link"]
