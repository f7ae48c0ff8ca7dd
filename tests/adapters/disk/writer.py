"""A process to be killed: uploads and stores over and over, saying what was acknowledged."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from gas.adapters.disk import DiskFiles

PART = 300_000
SIZE = 700_000


def content(number: int) -> bytes:
    return f"{number:06d}\n".encode() * (SIZE // 7)


def main(root: Path, work: Path) -> None:
    files = DiskFiles(root, secret_key=b"s", site_url="", clock=lambda: datetime.now(UTC))
    number = 0
    while True:
        number += 1
        data, key = content(number), f"inputs/o/{number}"
        files.begin_upload(key, name="n", size_bytes=len(data), part_bytes=PART)
        for part in (2, 1, 3):
            piece = data[(part - 1) * PART : part * PART]
            files.put_part(key, part, io.BytesIO(piece), len(piece))
            print(f"part {number} {part}", flush=True)
        files.finish_upload(key)
        print(f"finished {number}", flush=True)
        (work / "made").write_bytes(data)
        files.store(f"results/{number}", work / "made")
        print(f"stored {number}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
