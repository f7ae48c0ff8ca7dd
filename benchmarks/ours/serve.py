"""Serves one of two applications as `gas up` would, on the same server: `gas` or `bare`.

GAS_HOME=... python -m benchmarks.ours.serve gas 8000
"""

from __future__ import annotations

import sys

from gas.web.server import serve

TARGETS = {"gas": "gas.wiring:web_app", "bare": "benchmarks.ours.bare:bare_app"}


def main() -> None:
    serve("127.0.0.1", int(sys.argv[2]), target=TARGETS[sys.argv[1]])


if __name__ == "__main__":
    main()
