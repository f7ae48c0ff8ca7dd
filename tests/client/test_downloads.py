"""Downloads: whole, resumed, checked, and under no name that leads elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.service import LiveService, Trouble
from client.test_uploads import vcf
from gas.client import Client, ClientError, Job
from gas.client.names import safe_name

RESULT = "a.annot.vcf.gz"


@pytest.fixture
def job(service: LiveService, gas: Client, tmp_path: Path) -> Job:
    job = gas.submit(vcf(tmp_path / "a.vcf", 40), "demo")
    service.annotate_next()
    return gas.wait(job.id)


def test_results_and_log_arrive_and_the_input_if_wanted(
    gas: Client, job: Job, tmp_path: Path
) -> None:
    out = tmp_path / "out" / "deep"
    paths = gas.download(job.id, out)
    assert sorted(path.name for path in paths) == [RESULT, "a.log"]
    assert sorted(path.name for path in out.iterdir()) == [RESULT, "a.log"]
    source = (tmp_path / "a.vcf").read_bytes()
    assert (out / RESULT).read_bytes() == source[::-1]
    (again,) = gas.download(job.id, out, choose=lambda it: it.kind == "input")
    assert again.read_bytes() == source


def test_what_is_there_already_is_left_alone(
    service: LiveService, gas: Client, job: Job, tmp_path: Path
) -> None:
    gas.download(job.id, tmp_path / "out")
    before = service.way.count("GET /files/")
    gas.download(job.id, tmp_path / "out")
    assert service.way.count("GET /files/") == before
    (tmp_path / "out" / RESULT).write_bytes(b"other")
    gas.download(job.id, tmp_path / "out")
    assert (tmp_path / "out" / RESULT).read_bytes() != b"other"


def test_what_broke_off_goes_on(
    service: LiveService, gas: Client, job: Job, tmp_path: Path
) -> None:
    service.way.troubles.append(Trouble("GET /files/", 1, after_bytes=20_000))
    gas.download(job.id, tmp_path / "out", choose=lambda it: it.name == RESULT)
    asked = [it for it in service.way.asked if it.path.startswith("/files/")]
    assert [it.headers.get("HTTP_RANGE") for it in asked] == [None, "bytes=16384-"]
    assert asked[1].status == 206


def test_it_goes_on_in_another_run(
    service: LiveService, gas: Client, job: Job, tmp_path: Path
) -> None:
    service.way.troubles += [
        Trouble("GET /files/", 1, after_bytes=20_000),
        Trouble("GET /files/", 99, 503),
    ]
    with pytest.raises(ClientError):
        gas.download(job.id, tmp_path / "out", choose=lambda it: it.name == RESULT)
    assert not (tmp_path / "out" / RESULT).exists()
    service.way.troubles.clear()
    gas.download(job.id, tmp_path / "out", choose=lambda it: it.name == RESULT)
    assert service.way.asked[-1].headers["HTTP_RANGE"] == "bytes=16384-"
    assert [path.name for path in (tmp_path / "out").iterdir()] == [RESULT]


def test_a_half_that_is_wrong_is_thrown_away(
    service: LiveService, gas: Client, job: Job, tmp_path: Path
) -> None:
    (file,) = (it for it in gas.results(job.id) if it.name == RESULT)
    out = tmp_path / "out"
    out.mkdir()
    (out / f"{RESULT}.{file.sha256[:8]}.part").write_bytes(b"x" * 5000)
    gas.download(job.id, out, choose=lambda it: it.name == RESULT)
    assert (out / RESULT).read_bytes() == (tmp_path / "a.vcf").read_bytes()[::-1]


def test_what_stays_wrong_gets_no_name(
    service: LiveService, gas: Client, job: Job, tmp_path: Path
) -> None:
    key = next(it.key for it in service.journey.job(job.id).results if it.name == RESULT)
    (stored,) = [
        path
        for path in service.journey.work_path.parent.rglob("*")
        if path.is_file() and key in str(path)
    ]
    stored.chmod(0o600)
    stored.write_bytes(b"y" * stored.stat().st_size)
    with pytest.raises(ClientError, match="DOWNLOAD_DIFFERS"):
        gas.download(job.id, tmp_path / "out", choose=lambda it: it.name == RESULT)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_link_that_ran_out_is_asked_for_again(
    service: LiveService, gas: Client, job: Job, tmp_path: Path
) -> None:
    service.journey.store.queue_desk.configure("archive", delay_seconds=7200)
    forward_once(service)
    gas.download(job.id, tmp_path / "out", choose=lambda it: it.name == RESULT)
    assert service.way.count("/links") == 2


def forward_once(service: LiveService) -> None:
    """An hour passes between the link and the download."""
    late = [True]

    def forward(what: str) -> None:
        if what.startswith("GET /files/") and late:
            late.clear()
            service.journey.clock.forward(hours=1)

    service.way.before = forward


def test_a_grace_period_that_ends_meanwhile_is_told_at_once(
    service: LiveService, gas: Client, job: Job, tmp_path: Path
) -> None:
    assert gas.job(job.id).available_until is not None
    forward_once(service)
    with pytest.raises(ClientError) as told:
        gas.download(job.id, tmp_path / "out", choose=lambda it: it.name == RESULT)
    assert told.value.code == "RESULTS_ARCHIVED"
    assert service.way.count("/links") == 2


def test_what_is_archived_keeps_back_nothing_else(
    service: LiveService, gas: Client, job: Job, tmp_path: Path
) -> None:
    service.journey.clock.forward(hours=1)
    found = gas.job(job.id)
    assert (found.results_state, found.available_until) == ("ARCHIVED", None)
    refused = {file.name for file in gas.results(job.id) if file.refused}
    assert refused == {RESULT}
    with pytest.raises(ClientError) as told:
        gas.download(job.id, tmp_path / "out")
    assert told.value.code == "RESULTS_ARCHIVED"
    expected = {file.name for file in gas.results(job.id) if file.kind != "input"} - {RESULT}
    assert {path.name for path in (tmp_path / "out").iterdir()} == expected


def test_the_token_is_not_shown_to_where_links_lead(
    service: LiveService, gas: Client, job: Job, tmp_path: Path
) -> None:
    gas.download(job.id, tmp_path / "out")
    for asked in service.way.asked:
        has_token = "HTTP_AUTHORIZATION" in asked.headers
        assert has_token == asked.path.startswith("/api/"), asked.path


@pytest.mark.parametrize("name", ["a.vcf.gz", "summary.json", "été (1).log", "a..b", "x" * 240])
def test_honest_names(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        "../a",
        "a/b",
        "/etc/passwd",
        "a\\b",
        ".bashrc",
        "a\x00b",
        "a\nb",
        "a\x1b[2J",
        "CON",
        "nul.txt",
        "com1.vcf",
        "a:b",
        "a.",
        "a ",
        "\u202egpj.exe",
        "x" * 241,
    ],
)
def test_names_that_lead_elsewhere(name: str) -> None:
    with pytest.raises(ClientError, match="UNSAFE_NAME"):
        safe_name(name)
