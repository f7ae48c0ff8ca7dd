"""An export holds nothing that its owner may not download."""

from __future__ import annotations

from journey.leaving import Leaving
from journey.test_export import leaving, manifest, opened

__all__ = ["leaving"]


def test_what_may_not_be_downloaded_is_left_out_with_the_reason(leaving: Leaving) -> None:
    job_id = leaving.finished_job()
    leaving.journey.clock.forward(minutes=5)
    leaving.ask()
    leaving.export()
    archive = opened(leaving)
    name = f"jobs/{job_id}/results/a.annot.vcf.gz"
    assert name not in archive.namelist()
    assert f"jobs/{job_id}/input/a.vcf" in archive.namelist()
    (line,) = archive.read("not-included.txt").decode().splitlines()
    assert line.startswith(f"{name}  RESULTS_ARCHIVED: ")
    (job,) = manifest(archive)["jobs"]
    assert name not in job["in_this_archive"]
    assert [file["name"] for file in job["results"]] == ["a.annot.vcf.gz"]
