"""`python -m gas.cli`: the same as `gas`."""

from __future__ import annotations

from gas.cli import main

main(prog_name="gas")
