"""GAS from Python: `Client` talks to a service over its API, as the `gas` command does.

    from gas.client import Client

    gas = Client("https://gas.example.org", token)
    job = gas.submit("patient.vcf.gz", "grch38")
    gas.wait(job.id)
    gas.download(job.id, "results")

It knows nothing of the rest of GAS, and needs only `requests`. What goes wrong is a `ClientError`.
"""

from __future__ import annotations

from gas.client.answers import (
    Account,
    Event,
    Job,
    Progress,
    Reason,
    Reference,
    ResultFile,
    Upload,
)
from gas.client.client import Client
from gas.client.errors import ClientError
from gas.client.signed import verify_webhook

__all__ = [
    "Account",
    "Client",
    "ClientError",
    "Event",
    "Job",
    "Progress",
    "Reason",
    "Reference",
    "ResultFile",
    "Upload",
    "verify_webhook",
]
