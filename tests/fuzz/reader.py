"""A process that reads what the intake wrote, as tools after it will; it may crash in place of the
tests.

`Reader(genome).read(...)` sends it one file at a time. It reads the records one by one, and splits
and left-aligns them as the engine does, in a process of its own each time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

SECONDS = 20


class Reader:
    def __init__(self, genome: Path, folder: Path) -> None:
        self._genome, self._folder = genome, folder
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def read(self, path: Path, *, split: bool) -> tuple[int, int]:
        """Records of a VCF as they are, and once each has one ALT (-1 unless `split`)."""
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        told = {"path": str(path), "genome": str(self._genome), "split": split}
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            status = process.wait()
            self._process = None
            raise AssertionError(f"the reader died of {status}")
        found: dict[str, Any] = json.loads(answer)
        assert "failed" not in found, found
        return found["records"], found["alleles"]

    def _start(self) -> subprocess.Popen[str]:
        with (self._folder / "reader.err").open("ab") as errors:
            return subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=self._folder,
            )

    def _stop(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(SECONDS)
        self._process.stdout.close()
        self._process = None


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        told = json.loads(line)
        try:
            answer = {"records": count(told["path"]), "alleles": -1}
            if told["split"]:
                answer["alleles"] = split(told["path"], told["genome"])
            print(json.dumps(answer), file=answers, flush=True)
        except (OSError, ValueError, RuntimeError) as error:
            print(json.dumps({"failed": repr(error)}), file=answers, flush=True)


def count(path: str) -> int:
    import pysam

    with pysam.VariantFile(path) as source:
        return sum(1 for record in source if record.pos >= 0)


def split(path: str, genome: str) -> int:
    child = os.fork()
    if child == 0:
        os._exit(normalise(path, genome))
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        raise RuntimeError(f"norm ended with {code}")
    return count("split.bcf")


def normalise(path: str, genome: str) -> int:
    import pysam.bcftools
    import pysam.utils

    options = ["--no-version", "-m", "-any", "-c", "w", "--force", "-Ou", "-o", "split.bcf"]
    try:
        pysam.bcftools.norm(*options, "-f", genome, path, catch_stdout=False)
    except pysam.utils.SamtoolsError:
        return 1
    return 0


if __name__ == "__main__":
    main()
