"""One log of many processes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gas.workers import logs
from gas.workers.logs import LineReader, MergedLog


def test_each_line_gets_a_name_on_the_terminal_and_in_the_file(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    log = MergedLog(tmp_path / "gas.log", name_width=6)
    log.line("web", b"hello")
    log.line("notify", "ä".encode())
    log.close()
    expected = "web    | hello\nnotify | ä\n".encode()
    assert (tmp_path / "gas.log").read_bytes() == expected
    assert capfdbinary.readouterr().out == expected


def test_a_full_file_is_turned_over_and_the_oldest_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 100)
    monkeypatch.setattr(logs, "FILES_KEPT", 2)
    log = MergedLog(tmp_path / "gas.log", name_width=1, quiet=True)
    for number in range(20):
        log.line("a", b"%02d" % number + b"x" * 40)
    log.close()
    files = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(files) == {"gas.log", "gas.log.1", "gas.log.2"}
    assert all(len(text) <= 100 for text in files.values())
    kept = "".join(files[name] for name in ("gas.log.2", "gas.log.1", "gas.log"))
    numbers = [int(line[4:6]) for line in kept.splitlines()]
    assert numbers == list(range(20 - len(numbers), 20))


def test_lines_come_whole_and_the_last_one_without_its_end_too() -> None:
    reader = LineReader()
    os.write(reader.writer, b"one\ntw")
    assert reader.lines() == ([b"one"], True)
    assert reader.lines() == ([], True)
    os.write(reader.writer, b"o\n\nthree")
    reader.close_writer()
    assert reader.lines() == ([b"two", b""], True)
    assert reader.lines() == ([b"three"], False)
    reader.close()


def test_a_line_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LINE_BYTES", 10)
    reader = LineReader()
    os.write(reader.writer, b"x" * 50)
    assert reader.lines() == ([b"x" * 50], True)
    reader.close_writer()
    assert reader.lines() == ([], False)
    reader.close()
