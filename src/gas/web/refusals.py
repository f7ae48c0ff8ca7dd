"""What the web itself refuses, with the status and the headers that go with it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gas.domain.errors import GasError

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Refusal(GasError):
    """For whoever answers: the status is said here, not derived from the class."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int,
        cure: str,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        super().__init__(code, message, cure=cure)
        self.status = status
        self.headers = headers
