"""An installer beside a server that can be made to fail, and what it said."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.mirror import (
    Mirror,
)
from gas.domain.errors import GasError
from gas.engines.bcftools import InstalledReferences
from gas.engines.bcftools.references import Installed
from gas.engines.bcftools.shelf.installer import Installer, Order
from gas.engines.bcftools.shelf.report import Event, Note

NOW = "2026-01-02T03:04:05+00:00"


class InstallBench:
    """An installer, and what it said."""

    def __init__(self, path: Path, mirror: Mirror) -> None:
        self.path, self.mirror = path, mirror
        self.said: list[Event] = []

    def installer(self) -> Installer:
        return Installer(self.path, self.mirror.web(), NOW, self.said.append)

    def install(self, *known: str, release: str = "", name: str = "") -> Installed:
        order = Order("grch38", name=name, release=release, known=known)
        self.installer().install(order)
        return self.installed(name or "grch38")

    def installed(self, name: str = "grch38") -> Installed:
        found = InstalledReferences(self.path).find(name)
        assert found is not None
        return found

    def notes(self) -> str:
        return "\n".join(event.text for event in self.said if isinstance(event, Note))

    def refused(self, kind: type[GasError], *known: str) -> str:
        """The code; nothing is visible afterwards."""
        with pytest.raises(kind) as caught:
            self.install(*known)
        assert caught.value.reason.cure
        assert InstalledReferences(self.path).all() == []
        assert [p.name for p in self.path.iterdir() if p.name != ".downloads"] == []
        return caught.value.reason.code
