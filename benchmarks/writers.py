"""How long the unluckiest writer waits while four processes write as fast as they can.

    python -m benchmarks.writers

SQLite gives its write lock to whoever asks at the right moment: one busy process can keep the
others out for seconds. Measured in turns, each write being one synced commit:

- 'gas': a job created and its message published, through the store with its own lock;
- 'bare': one row through `BEGIN IMMEDIATE` with SQLite's own waiting (`busy_timeout`), as most
  programs do it. 'refused' counts the writes that SQLite gave up.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# As a script, too: `python benchmarks/writers.py`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import table
from benchmarks.processes import Crowd, end_with_all

WRITERS = 4
KINDS = ("gas", "bare")
BUSY_SECONDS = 30.0


def hot(write: Callable[[], None], seconds: float) -> dict[str, float]:
    """Writes without a pause; how long each write took, waiting included."""
    write()
    waits: list[float] = []
    refused = 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        began = time.monotonic()
        try:
            write()
        except sqlite3.OperationalError:
            refused += 1
        waits.append(time.monotonic() - began)
    return {
        "writes": len(waits) - refused,
        "refused": refused,
        "p50_ms": 1000 * table.percentile(waits, 50),
        "p99_ms": 1000 * table.percentile(waits, 99),
        "worst_ms": 1000 * max(waits),
    }


def bare_write(folder: Path) -> Callable[[], None]:
    store = sqlite3.connect(folder / "bare.sqlite3", timeout=BUSY_SECONDS, isolation_level=None)
    store.execute("PRAGMA journal_mode=wal")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, body TEXT)")

    def write() -> None:
        store.execute("BEGIN IMMEDIATE")
        store.execute("INSERT INTO rows (body) VALUES (?)", ("x" * 300,))
        store.execute("COMMIT")

    return write


def gas_write(folder: Path) -> Callable[[], None]:
    from benchmarks.ours.journey import open_submit

    submit = open_submit(f"{folder}#plain")

    def write() -> None:
        submit(time.monotonic_ns())

    return write


def measure(kind: str, seconds: float) -> dict[str, float]:
    """One round: the worst of all writers, and the writes of all together."""
    with tempfile.TemporaryDirectory(prefix="gas-bench-") as name:
        folder = Path(name)
        (bare_write if kind == "bare" else gas_write)(folder)()  # makes the tables
        command = [sys.executable, "-m", "benchmarks.writers", "--write", kind, str(folder)]
        with Crowd(folder) as crowd:
            writers = [
                crowd.start([*command, "--seconds", str(seconds)], talks=True)
                for _ in range(WRITERS)
            ]
            for writer in writers:
                if writer.stdout is None or writer.stdout.readline() != "ready\n":
                    sys.exit((folder / "log").read_text()[-2000:])
            for writer in writers:
                if writer.stdin:
                    writer.stdin.write("go\n")
                    writer.stdin.flush()
            answers = [json.loads(w.stdout.readline()) for w in writers if w.stdout]
    return {
        "writes_per_second": sum(each["writes"] for each in answers) / seconds,
        "fewest_of_one": min(each["writes"] for each in answers),
        "refused": sum(each["refused"] for each in answers),
        "p99_ms": max(each["p99_ms"] for each in answers),
        "worst_ms": max(each["worst_ms"] for each in answers),
    }


def play_writer(kind: str, folder: Path, seconds: float) -> None:
    write = (bare_write if kind == "bare" else gas_write)(folder)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(hot(write, seconds)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--write", nargs=2, metavar=("KIND", "FOLDER"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    end_with_all()
    if chosen.write:
        play_writer(chosen.write[0], Path(chosen.write[1]), chosen.seconds)
        return
    kinds = [chosen.only] if chosen.only else list(KINDS)
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    for number in range(chosen.rounds):
        for kind in kinds:
            found[kind].append(measure(kind, chosen.seconds))
            print(f"round {number + 1}: {kind}: worst {found[kind][-1]['worst_ms']:.0f} ms")
    report(found)


def report(found: dict[str, list[dict[str, float]]]) -> None:
    """Medians, and the worst of all rounds beside them."""
    rows = []
    for kind, rounds in found.items():
        median = table.medians(rounds)
        rows.append(
            [
                kind,
                f"{median['writes_per_second']:.0f}",
                f"{median['fewest_of_one']:.0f}",
                f"{median['p99_ms']:.1f}",
                f"{median['worst_ms']:.0f} ({max(each['worst_ms'] for each in rounds):.0f})",
                f"{sum(each['refused'] for each in rounds):.0f}",
            ]
        )
    heads = ["", "writes/s", "fewest of one", "p99 ms", "worst wait ms (of all)", "refused"]
    print(table.drawn(heads, rows))
    print(table.saved("writers", found))


if __name__ == "__main__":
    main()
