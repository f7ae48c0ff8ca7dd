"""Makes `jobs.txt` again: `.venv/bin/python docs/recordings/record.py`, where the test data is.

A service in a folder of its own, a user in another, and the commands of the session.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1] / "tests"), str(HERE.parents[1] / "src")]


def main() -> None:
    from cli.session import record_jobs, session
    from data import shared

    human = shared("human_chr21/chr21.fa.gz").parent
    with (
        tempfile.TemporaryDirectory() as name,
        session(Path(name), human / "chr21.fa.gz", human / "chr21.gff3.gz", "human_chr21") as made,
    ):
        record_jobs(made, human / "na12878_slice.vcf.gz", "human_chr21")
    (HERE / "jobs.txt").write_text(made.text)


if __name__ == "__main__":
    main()
