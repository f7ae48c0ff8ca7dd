"""Backend `oidc`: sign in with any OpenID Connect provider, or with Globus by its preset.

Offers sign-in, `OidcSignIn`: the authorization code flow with PKCE where the provider offers it,
state and nonce, and an ID token that is verified in every respect. What a session keeps of the
provider's tokens is encrypted with a key made of the site's secret. Importing this imports no
Authlib: that is the factory's work.
"""

from __future__ import annotations

from gas.adapters.oidc.settings import ClientAuth, OidcSettings, Pkce, Preset
from gas.ports.accounts import SignInLinks
from gas.ports.backend import Context, Manifest
from gas.ports.sign_in import SignIn

__all__ = ["MANIFEST", "ClientAuth", "OidcSettings", "Pkce", "Preset"]


def _sign_in(context: Context[OidcSettings], links: SignInLinks) -> SignIn:  # noqa: ARG001
    from gas.adapters.oidc.sign_in import OidcSignIn

    return OidcSignIn(context.own, secret_key=context.secret_key, clock=context.clock)


MANIFEST = Manifest(name="oidc", settings=OidcSettings, sign_in=_sign_in)
