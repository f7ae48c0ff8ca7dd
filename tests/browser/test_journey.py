"""From the sign-in link to the annotated file, as a person does it."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
from pathlib import Path

import pysam
import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Service
from data import shared

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
RUN_MILLISECONDS = 120_000


def choose(page: Page, path: Path, reference: str) -> None:
    page.goto("/jobs/new")
    page.get_by_label("VCF file").set_input_files(path)
    page.get_by_label("Reference").select_option(reference)


def follow(page: Page) -> None:
    """From the form to the end of the job, with nobody pressing reload."""
    page.get_by_role("button", name="Upload and annotate").click()
    page.wait_for_url("**/jobs/0*")
    expect(page.locator("#state")).to_contain_text("Completed", timeout=RUN_MILLISECONDS)


def download(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("link", name=name, exact=True).click()
    path = folder / name
    started.value.save_as(path)
    assert started.value.suggested_filename == name
    assert hashlib.sha256(path.read_bytes()).hexdigest() in page.content()
    return path


def records(path: Path) -> int:
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
        return sum(not line.startswith(b"#") for line in lines)


def test_the_demo_from_link_to_download(page: Page, service: Service, tmp_path: Path) -> None:
    choose(page, service.demo.vcf, "demo")
    expect(page.locator("[data-findings]")).to_contain_text("looks like a VCF")
    follow(page)
    expect(page.get_by_text("Annotation started")).to_be_visible()
    annotated = download(page, "demo.annot.vcf.gz", tmp_path)
    with pysam.VariantFile(str(annotated)) as variants:
        assert sum(1 for _ in variants) > 0
    page.get_by_text("Log", exact=True).click()
    expect(page.locator("pre.log")).to_be_visible()
    page.goto("/jobs")
    expect(page.locator(".jobs tbody tr").first).to_contain_text("demo.vcf")


@pytest.mark.parametrize("name", ["na12878_slice.vcf.gz", "na12878_chr21_full.vcf.gz"])
def test_real_variants_of_a_person(page: Page, tmp_path: Path, name: str) -> None:
    source = shared(f"human_chr21/{name}")
    choose(page, source, "human_chr21")
    follow(page)
    stem = name.removesuffix(".vcf.gz")
    annotated = download(page, f"{stem}.annot.vcf.gz", tmp_path)
    download(page, f"{stem}.annot.vcf.gz.tbi", tmp_path)
    rejected = page.get_by_role("link", name=f"{stem}.rejected.vcf", exact=True)
    lost = records(download(page, f"{stem}.rejected.vcf", tmp_path)) if rejected.count() else 0
    assert records(annotated) + lost >= records(source)
    with pysam.VariantFile(str(annotated)) as variants:
        contig = next(iter(variants)).contig
        assert any(True for _ in variants.fetch(contig, 25_000_000, 26_000_000))
    bcftools = shutil.which("bcftools")
    if bcftools:
        subprocess.run([bcftools, "view", "-H", "-o", "/dev/null", str(annotated)], check=True)


def test_another_naming_of_contigs_is_no_obstacle(page: Page, service: Service) -> None:
    choose(page, shared("human_chr21/na12878_chr21_full.vcf.gz"), "human_chr21")
    expect(page.locator("[data-findings]")).to_contain_text("looks like a VCF")
    expect(page.locator("[data-reference-note]")).to_be_empty()
    page.get_by_label("Reference").select_option("demo")
    expect(page.locator("[data-reference-note]")).to_contain_text("Is it the right reference?")
