"""A disk's files and cold storage in one folder, and what it takes to see through their walls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from contracts.files import HandClock
from gas.adapters.disk import DiskColdStorage, DiskFiles
from gas.ports.cold_storage import StoreEvent, StoreEventKind

RESTORE = timedelta(minutes=5)
RESTORED = timedelta(hours=24)
KEY = "results/ada/job/1/a.vcf.gz"
CONTENT = bytes(range(256)) * 100


@dataclass
class Rig:
    home: Path
    compress: bool = False
    capacity: int = 0
    reserve_bytes: int = 0
    cold_path: Path | None = None
    clock: HandClock = field(default_factory=HandClock)
    events: list[StoreEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Anew, as the next process would."""
        self.files = DiskFiles(
            self.home / "files",
            secret_key=b"s",
            site_url="",
            clock=self.clock,
            reserve_bytes=0,
            cold_path=self.cold,
        )
        self.store = self.another()

    def another(self) -> DiskColdStorage:
        return DiskColdStorage(
            self.home / "files",
            self.cold,
            clock=self.clock,
            compress=self.compress,
            restore=RESTORE,
            restored=RESTORED,
            capacity=self.capacity,
            reserve_bytes=self.reserve_bytes,
        )

    @property
    def cold(self) -> Path:
        return self.cold_path or self.home / "cold"

    def keep(self, key: str = KEY, data: bytes = CONTENT) -> None:
        (self.home / "made").write_bytes(data)
        self.files.store(key, self.home / "made")

    def archive(self, key: str = KEY) -> None:
        self.keep(key)
        self.store.mark(key)
        self.tend()

    def tend(self, limit: int = 1000) -> int:
        """How much was done; raises what went wrong."""
        tended = self.store.tend(self.events.append, limit=limit)
        if tended.trouble:
            raise tended.trouble
        return tended.done

    def settle(self) -> list[StoreEvent]:
        self.clock.now += RESTORE
        before = len(self.events)
        while self.tend():
            pass
        return self.events[before:]

    def told(self, kind: StoreEventKind, key: str = KEY) -> int:
        return self.events.count(StoreEvent(kind, key))

    def cold_files(self) -> list[Path]:
        return _files(self.cold / "kept") + _files(self.cold / "tmp")

    def records(self) -> list[Path]:
        folder = self.home / "files" / "cold"
        return [path for path in _files(folder) if "~" in path.name]

    def warm_file(self, key: str = KEY) -> Path:
        return _files(self.home / "files" / "kept" / key)[0]

    def cold_file(self, key: str = KEY) -> Path:
        return _files(self.cold / "kept" / key)[0]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def flip(path: Path) -> None:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
