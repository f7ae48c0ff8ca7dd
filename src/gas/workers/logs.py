"""One log of many processes: each line gets the name of who said it."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

FILE_BYTES = 10 * 2**20
FILES_KEPT = 5
LINE_BYTES = 64 * 1024
READ_BYTES = 64 * 1024


class MergedLog:
    """To standard output and to a file that is turned over when it is full.

    Not `logging`: the lines are made already, and a terminal that went away must not matter.
    """

    def __init__(self, path: Path, *, name_width: int, quiet: bool = False) -> None:
        self._path = path
        self._name_width = name_width
        self._quiet = quiet
        self._file = path.open("ab", buffering=0)
        self._bytes = path.stat().st_size

    def line(self, name: str, text: bytes) -> None:
        whole = f"{name:<{self._name_width}} | ".encode() + text + b"\n"
        self._bytes += len(whole)
        if self._bytes > FILE_BYTES:
            self._turn_over(len(whole))
        with contextlib.suppress(OSError):  # a full disk must not stop the service
            self._file.write(whole)
        if not self._quiet:
            with contextlib.suppress(OSError):
                sys.stdout.buffer.write(whole)
                sys.stdout.buffer.flush()

    def _turn_over(self, bytes_now: int) -> None:
        self._file.close()
        for number in range(FILES_KEPT - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self._path.replace(self._numbered(1))
        self._file = self._path.open("ab", buffering=0)
        self._bytes = bytes_now

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def close(self) -> None:
        self._file.close()


class LineReader:
    """The output of one child, by lines, through a pipe that is never waited for."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.reader, False)
        self._rest = b""

    def close_writer(self) -> None:
        os.close(self.writer)

    def close(self) -> None:
        os.close(self.reader)

    def lines(self) -> tuple[list[bytes], bool]:
        """The lines that are whole by now, and whether more may come."""
        try:
            block = os.read(self.reader, READ_BYTES)
        except BlockingIOError:
            return [], True
        if not block:
            last, self._rest = self._rest, b""
            return ([last] if last else []), False
        *whole, self._rest = (self._rest + block).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            whole.append(self._rest)
            self._rest = b""
        return whole, True
