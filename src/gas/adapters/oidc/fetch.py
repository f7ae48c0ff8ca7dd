"""JSON from the provider: within seconds, within a size, and from nowhere else.

Requests is imported when it is used: it opens a socket to learn whether there is IPv6. Its errors
are OSErrors.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from gas.adapters.oidc.failures import unreachable

SECONDS = (3.05, 6.0)
"""To connect, and between two bytes of the answer."""
PIECE_BYTES = 2**16
MOST_PIECES = 16


def get_json(url: str, *, access_token: str = "") -> Mapping[str, Any]:
    """An object; Unavailable for anything else. A redirect is no answer: it could lead anywhere."""
    import requests

    headers = {"Accept": "application/json"}
    if access_token:
        headers["Authorization"] = f"Bearer {access_token}"
    try:
        with requests.get(
            url, headers=headers, timeout=SECONDS, allow_redirects=False, stream=True
        ) as answer:
            if answer.status_code != 200:
                raise unreachable()
            pieces = islice(answer.iter_content(PIECE_BYTES), MOST_PIECES)
            found = json.loads(b"".join(pieces))
    except (OSError, ValueError) as error:
        raise unreachable() from error
    if not isinstance(found, dict):
        raise unreachable()
    return found
