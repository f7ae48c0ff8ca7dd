"""The child process: `python -m gas.engines.bcftools.child`.

Told on its first arguments: the parent's process id, memory in bytes, seconds, what to do; and the
rest as one line of JSON on its standard input. Answers with lines of JSON on standard output.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

from gas.domain.errors import GasError
from gas.engines.bcftools.blame import no_room, out_of_memory
from gas.engines.bcftools.confine import die_with, limit, shut_in


def main() -> int:
    parent_pid, memory_bytes, seconds = (int(text) for text in sys.argv[1:4])
    die_with(parent_pid)
    limit(memory_bytes=memory_bytes, seconds=seconds)
    told = sys.stdin.readline()
    shut_in(reads=_reads(sys.argv[4], told), writes=[str(Path.cwd())])
    answers = os.dup(1)
    os.set_inheritable(answers, False)
    os.dup2(2, 1)  # whatever C code prints must not mix with the answers
    os.environ["TMPDIR"] = "."

    def emit(answer: dict[str, Any]) -> None:
        os.write(answers, json.dumps(answer).encode() + b"\n")

    try:
        emit({"done": _work(sys.argv[4], told, emit)})
    except GasError as error:
        emit(_failed(error))
    except MemoryError:
        emit(_failed(out_of_memory()))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        emit(_failed(no_room()))
    return 0


def _failed(error: GasError) -> dict[str, Any]:
    reason = error.reason
    words = [reason.code, reason.message, reason.place, reason.cure]
    return {"failed": [type(error).__name__, *words]}


def _reads(what: str, told: str) -> list[str] | None:
    """Files beside those of the program that the work is about; None if they may lie anywhere."""
    if what != "annotate":
        return None  # an operator makes a reference, of files of their own choice
    run = json.loads(told)
    return [run["input_path"], run["references_path"]]


def _work(what: str, told: str, emit: Any) -> dict[str, Any]:
    if what == "annotate":
        from gas.engines.bcftools.chain import Chain
        from gas.engines.bcftools.spec import decode

        return Chain(decode(told), emit).run()
    if what == "known-part":
        from gas.engines.bcftools.shelf.part import make_part

        return make_part(json.loads(told), emit)
    if what == "known-whole":
        from gas.engines.bcftools.shelf.whole import make_whole

        return make_whole(json.loads(told), emit)
    from gas.engines.bcftools.build import build_reference

    return build_reference(json.loads(told), emit)


if __name__ == "__main__":
    sys.exit(main())
