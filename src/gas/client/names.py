"""Names of files that come from elsewhere, before they become files of ours."""

from __future__ import annotations

from gas.client.errors import ClientError

MAX_BYTES = 240
"""Room is left for the ending of a file that is not whole yet."""
DEVICES = frozenset({"con", "prn", "aux", "nul"}) | {
    f"{name}{number}" for name in ("com", "lpt") for number in range(10)
}
"""What Windows takes for a device, whatever the ending."""


def safe_name(name: str) -> str:
    """`name`, if it is that of a file in the folder at hand, on any system; else ClientError."""
    odd = any(letter in '/\\<>:"|?*' or not letter.isprintable() for letter in name)
    hidden = name.startswith(".") or name.endswith((".", " ")) or not name.strip()
    device = name.split(".")[0].strip().casefold() in DEVICES
    if odd or hidden or device or len(name.encode(errors="replace")) > MAX_BYTES:
        raise ClientError(
            "UNSAFE_NAME",
            "The service names a file in a way that is not safe here.",
            cure="Download it from the job's page, and tell the operator.",
        )
    return name
