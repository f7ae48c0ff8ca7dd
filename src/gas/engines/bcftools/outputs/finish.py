"""The stage beside the one that delivers: what that one feeds becomes tables and counts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from gas.engines.bcftools.outputs.count_log import count_log, counts_of
from gas.engines.bcftools.outputs.summary import Taking, summarise
from gas.engines.bcftools.outputs.tables import make_tables

COUNTED = "counted.json"
"""In the run's scratch folder: [["Total", 350], ...], as the job's page shows it."""


@dataclass(frozen=True, slots=True)
class OutputPaths:
    variants: Path
    transcripts: Path
    summary: Path
    count_log: Path


def finish_outputs(folder: Path, paths: OutputPaths, taking: Taking) -> None:
    """`folder`: where `lay_pipes` was. Blocks until the feed is closed; raises if it broke off."""
    made = make_tables(folder, variants_path=paths.variants, transcripts_path=paths.transcripts)
    summary = summarise(made, taking, variants_path=paths.variants, folder=folder)
    text = json.dumps(summary, indent=1) + "\n"
    paths.summary.write_text(text, encoding="utf-8")
    paths.count_log.write_text(count_log(summary), encoding="utf-8")
    (folder / COUNTED).write_text(json.dumps(counts_of(summary)), encoding="utf-8")
