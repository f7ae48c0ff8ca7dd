"""Downloads behind signed links."""

from __future__ import annotations

import pytest

from gas.web.files import disposition
from rig import VCF
from web_rig import Pages

CONTENT = VCF[::-1]


@pytest.fixture
def link(pages: Pages) -> str:
    job = pages.completed_job()
    return pages.ada().get(f"/jobs/{job.id}/files/a.annot.vcf.gz").location


def test_the_whole_file_with_its_name_length_and_checksum(pages: Pages, link: str) -> None:
    answer = pages.stranger().get(link)
    file = pages.services.jobs.owned_by(pages.journey.account.id, limit=1)[0].results[0]
    assert answer.data == CONTENT
    assert answer.headers["Content-Length"] == str(len(CONTENT))
    assert answer.headers["ETag"] == f'"{file.sha256}"'
    assert answer.headers["Content-Type"] == "application/gzip"
    assert 'attachment; filename="a.annot.vcf.gz"' in answer.headers["Content-Disposition"]
    head = pages.stranger().client.head(link)
    assert (head.headers["Content-Length"], head.data) == (str(len(CONTENT)), b"")


@pytest.mark.parametrize(
    ("wanted", "first", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10-", 10, None),
        ("bytes=-5", -5, None),
        ("bytes=70-999", 70, None),
    ],
)
def test_a_range_resumes(pages: Pages, link: str, wanted: str, first: int, end: int | None) -> None:
    answer = pages.stranger().get(link, Range=wanted)
    assert answer.status_code == 206
    assert answer.data == CONTENT[first:end]
    start = first % len(CONTENT)
    last = start + len(answer.data) - 1
    assert answer.headers["Content-Range"] == f"bytes {start}-{last}/{len(CONTENT)}"


def test_a_range_of_another_version_gets_the_whole(pages: Pages, link: str) -> None:
    answer = pages.stranger().get(link, Range="bytes=5-", **{"If-Range": '"other"'})
    assert (answer.status_code, answer.data) == (200, CONTENT)


@pytest.mark.parametrize("wanted", ["bytes=0-1,4-5", "lines=0-5", "bytes=x"])
def test_a_range_that_is_not_served_gets_the_whole(pages: Pages, link: str, wanted: str) -> None:
    assert pages.stranger().get(link, Range=wanted).data == CONTENT


def test_a_range_outside_is_416(pages: Pages, link: str) -> None:
    answer = pages.stranger().get(link, Range="bytes=999-")
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(CONTENT)}"


def test_links_expire_and_cannot_be_forged(pages: Pages, link: str) -> None:
    forged = pages.stranger().get(link[:-2] + ("aa" if link[-2:] != "aa" else "bb"))
    assert forged.status_code == 403
    pages.journey.clock.forward(minutes=6)
    late = pages.stranger().get(link)
    assert late.status_code == 403
    assert "LINK_EXPIRED" in late.text


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ('a"b.vcf', "a_b.vcf"),
        ("a\r\nSet-Cookie: x=y", "a__Set-Cookie_ x_y"),
        ("Größe.vcf", "Gr__e.vcf"),
        ("../x", ".._x"),
        ("", "file"),
        ("%2e%2e%2fx.vcf", "_2e_2e_2fx.vcf"),
        ("a\x00b\\c.vcf", "a_b_c.vcf"),
        ("\u202efcv.exe", "_fcv.exe"),
        ("=cmd|x.vcf", "_cmd_x.vcf"),
        ("CON", "CON"),
        ("a" * 4096, "a" * 4096),
    ],
)
def test_names_never_leave_their_header(name: str, plain: str) -> None:
    header = disposition(name)
    assert header.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert header.isascii()
    assert not set(header) & set("\r\n\0\\")
