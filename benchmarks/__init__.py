"""Measurements of GAS beside its peers. Run from the root: `python -m benchmarks.journey --help`.

Figures depend on the machine and its neighbours, so every run measures all parties in turns and
reports ratios; results go to `.gas-benchmarks/`, which is not kept.
"""

import sys
from pathlib import Path

# Ours runs from the tree, installed or not.
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "src"))
