"""The web of GAS under load, beside a bare Flask page on the same server settings.

    python -m benchmarks.web            # needs wrk; --upload adds a 2 GB upload

- `pages`: the jobs page (signed in, CSRF token, CSP, 20 of 100,000 jobs), in turns with the bare
  page of `benchmarks.ours.bare`, which does the same query and nothing else;
- `slow`: the jobs page while 200 connections each send a part at 4 kB/s, against just before;
- `memory`: what `gas up` takes when idle: web, two annotators, notifier, sweeper (PSS);
- `upload`: how much the web's memory grows under a 2 GB upload, and its pace.

wrk shares the two cores with the server, so only the ratios mean anything.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# As a script, too: `python benchmarks/web.py`.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import table
from benchmarks.ours.engine import NAME
from benchmarks.processes import (
    Crowd,
    TooSlow,
    descendants,
    end_with_all,
    pss_megabytes,
    resident_megabytes,
    run,
    wait_until,
)
from benchmarks.slow_uploads import SlowUploads, begin_upload, open_browser

HOST = "127.0.0.1"
PARTS = ("pages", "slow", "memory", "upload")
WRK = ("wrk", "-t1", "-c16", "--latency", "--timeout", "30s")
Found = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Seeded:
    home: Path
    cookie: str
    owner: str


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    pid: int

    def pids(self) -> list[int]:
        return [self.pid, *descendants([self.pid])]


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def serving(port: int, path: str) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        line = http.client.HTTPConnection(HOST, port, timeout=5)
        line.request("GET", path)
        status = line.getresponse().status
        line.close()
        return status < 500
    return False


@contextmanager
def server(kind: str, seeded: Seeded) -> Iterator[Server]:
    port = free_port()
    known = {
        "GAS_HOME": str(seeded.home),
        "GAS_ENGINE": NAME,
        "GAS_PORT": str(port),
        "BENCH_OWNER": seeded.owner,
    }
    with Crowd(seeded.home) as crowd:
        command = [sys.executable, "-m", "benchmarks.ours.serve", kind, str(port)]
        process = crowd.start(command, extra=known)
        wait_until(f"the {kind} server", lambda: serving(port, "/jobs"), seconds=30)
        yield Server(port, process.pid)


def load(port: int, cookies: str, seconds: int) -> tuple[float, float]:
    """Requests per second and p99 in ms. TooSlow if any answer was not a page."""
    signed_in, url = f"Cookie: {cookies}", f"http://{HOST}:{port}/jobs"
    said = subprocess.run(
        [*WRK, f"-d{seconds}s", "-H", signed_in, url],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 60,
    ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    tail = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if not rate or not tail or "Non-2xx" in said:
        raise TooSlow(f"wrk said: {said}")
    return float(rate[1]), float(tail[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[tail[2]]


def measure_pages(seeded: Seeded, rounds: int, seconds: int) -> Found:
    found: Found = {"gas": [], "bare": [], "gas_p99_ms": [], "bare_p99_ms": []}
    with server("gas", seeded) as gas, server("bare", seeded) as bare:
        browser = open_browser(HOST, gas.port, seeded.cookie)
        if b"sample_" not in page(gas.port, browser.cookies):
            raise TooSlow("the jobs page shows no jobs")
        for round_number in range(rounds + 1):
            for kind, port in (("gas", gas.port), ("bare", bare.port)):
                rate, tail = load(port, browser.cookies, seconds if round_number else 1)
                if round_number:  # the first warms up
                    found[kind].append(rate)
                    found[f"{kind}_p99_ms"].append(tail)
                    print(f"round {round_number}: {kind}: {rate:.0f} pages/s", flush=True)
    return found


def page(port: int, cookies: str) -> bytes:
    line = http.client.HTTPConnection(HOST, port, timeout=30)
    line.request("GET", "/jobs", headers={"Cookie": cookies})
    content = line.getresponse().read()
    line.close()
    return content


def measure_slow(seeded: Seeded, rounds: int, seconds: int, *, count: int) -> Found:
    found: Found = {"before": [], "during": [], "before_p99_ms": [], "during_p99_ms": []}
    found["uploads_alive"] = []
    with server("gas", seeded) as gas:
        browser = open_browser(HOST, gas.port, seeded.cookie)
        load(gas.port, browser.cookies, 1)
        for round_number in range(rounds):
            rate, tail = load(gas.port, browser.cookies, seconds)
            found["before"].append(rate)
            found["before_p99_ms"].append(tail)
            uploads = SlowUploads(browser, count=count, bytes_per_second=4096)
            with uploads:
                rate, tail = load(gas.port, browser.cookies, seconds)
            found["during"].append(rate)
            found["during_p99_ms"].append(tail)
            found["uploads_alive"].append(uploads.alive)
            print(f"round {round_number + 1}: {found['during'][-1]:.0f} pages/s", flush=True)
    return found


def measure_memory() -> Found:
    """What `gas up` takes, its processes added up, three seconds after its first page."""
    with tempfile.TemporaryDirectory(prefix="gas-bench-") as name, Crowd(Path(name)) as crowd:
        home, port = Path(name) / "home", free_port()
        known = {"GAS_ANNOTATORS": "2", "GAS_HOME": str(home)}
        up = [sys.executable, "-m", "gas.cli", "up", "--port", str(port)]
        process = crowd.start(up, extra=known)
        try:
            wait_until("gas up", lambda: serving(port, "/"), seconds=60)
        except TooSlow as why:
            raise TooSlow(f"{why}: {(Path(name) / 'log').read_text()[-300:]}") from why
        time.sleep(3)
        pids = [process.pid, *descendants([process.pid])]
        return {"pss_mb": [pss_megabytes(pids)], "processes": [len(pids)]}


def measure_upload(seeded: Seeded, size_bytes: int) -> Found:
    with server("gas", seeded) as gas:
        browser = open_browser(HOST, gas.port, seeded.cookie)
        load(gas.port, browser.cookies, 1)
        pids = gas.pids()
        before = sum(resident_megabytes(pid) for pid in pids)
        upload = begin_upload(browser, size_bytes)
        line = http.client.HTTPConnection(HOST, gas.port, timeout=120)
        began = time.monotonic()
        for number in range(1, upload["part_count"] + 1):
            left = size_bytes - (number - 1) * upload["part_bytes"]
            body = b"#" * min(left, upload["part_bytes"])
            path = f"/uploads/{upload['id']}/parts/{number}"
            headers = browser.headers("application/octet-stream")
            line.request("PUT", path, body=body, headers=headers)
            answer = line.getresponse()
            if answer.status != 204:
                raise TooSlow(f"part {number} was answered {answer.status}: {answer.read()!r}")
            answer.read()
        seconds = time.monotonic() - began
        line.close()
        peak = sum(resident_megabytes(pid, peak=True) for pid in pids)
    return {"growth_mb": [peak - before], "mb_per_second": [size_bytes / 1e6 / seconds]}


@contextmanager
def seeded_home(jobs: int) -> Iterator[Seeded]:
    with tempfile.TemporaryDirectory(prefix="gas-bench-") as name:
        said = run(sys.executable, "benchmarks.ours.seed", name, str(jobs), seconds=300)
        known = json.loads(said)
        yield Seeded(Path(name), known["cookie"], known["owner"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--only", default="pages,slow,memory", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of load, each time")
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--slow-uploads", type=int, default=200)
    parser.add_argument("--upload", action="store_true", help="adds the upload")
    parser.add_argument("--upload-bytes", type=int, default=2 * 10**9)
    chosen = parser.parse_args()
    end_with_all()
    parts = [*chosen.only.split(","), *(["upload"] if chosen.upload else [])]
    found: dict[str, Found] = {}
    for name in dict.fromkeys(parts):
        try:
            found[name] = measure(name, chosen)
        except (TooSlow, ConnectionError) as why:
            print(f"skipped: {name}: {why}")
    print(table.drawn(["figure", "value", "beside"], rows(found)))
    print(table.saved("web", found))


def measure(part: str, chosen: argparse.Namespace) -> Found:
    if part not in PARTS:
        sys.exit(f"there is no part {part!r}")
    if part == "memory":
        return measure_memory()
    if part != "upload" and not shutil.which("wrk"):
        raise TooSlow("no wrk on this machine")
    with seeded_home(chosen.jobs if part != "upload" else 100) as seeded:
        if part == "pages":
            return measure_pages(seeded, chosen.rounds, chosen.seconds)
        if part == "slow":
            count = chosen.slow_uploads
            return measure_slow(seeded, chosen.rounds, chosen.seconds, count=count)
        return measure_upload(seeded, chosen.upload_bytes)


def rows(found: dict[str, Found]) -> Sequence[Sequence[str]]:
    medians = {
        part: {name: statistics.median(values) for name, values in figures.items()}
        for part, figures in found.items()
    }
    drawn: list[list[str]] = []
    if of := medians.get("pages"):
        ratio = f"{of['gas']:.0f} ({of['gas'] / of['bare']:.0%} of bare Flask)"
        drawn += [["jobs page, pages/s", ratio, f"{of['bare']:.0f}"]]
        drawn += [["jobs page, p99 ms", f"{of['gas_p99_ms']:.1f}", f"{of['bare_p99_ms']:.1f}"]]
    if of := medians.get("slow"):
        ratio = f"{of['during']:.0f} ({of['during'] / of['before']:.0%} of before)"
        drawn += [["pages/s during slow uploads", ratio, f"{of['before']:.0f}"]]
        tail = f"{of['during_p99_ms']:.1f}"
        drawn += [["p99 ms during slow uploads", tail, f"{of['before_p99_ms']:.1f}"]]
        drawn += [["slow uploads still sending", f"{of['uploads_alive']:.0f}", ""]]
    if of := medians.get("memory"):
        drawn += [["idle PSS MB of gas up", f"{of['pss_mb']:.0f}", f"{of['processes']:.0f} pids"]]
    if of := medians.get("upload"):
        drawn += [["memory growth in upload, MB", f"{of['growth_mb']:.0f}", ""]]
        drawn += [["upload, MB/s", f"{of['mb_per_second']:.0f}", ""]]
    return drawn


if __name__ == "__main__":
    main()
