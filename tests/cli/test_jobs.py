"""`gas jobs` against a real service; exit codes, outputs, and what they hide."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.remote import Gas, at_work, config, names, service, stranger, submitted
from cli.remote import gas as gas
from client.service import LiveService, Trouble
from client.test_uploads import vcf
from gas.cli import reach
from gas.cli.jobs import COMMANDS, command
from gas.cli.show import plain

__all__ = ["config", "gas", "service", "stranger"]


def test_submit_prints_the_id_alone(service: LiveService, gas: Gas) -> None:
    job_id = submitted(gas, "a.vcf", "--option", "ann")
    job = service.journey.job(job_id)
    assert job.options.chosen == ("ann",)
    assert job.reference == "demo"


def test_submit_wait_results(service: LiveService, gas: Gas) -> None:
    at_work(service)
    vcf(Path("a.vcf"), 2.5)
    done = gas("jobs", "submit", "a.vcf", "-r", "demo", "--wait", "--results", "out")
    assert done.exit_code == reach.DONE, done.output
    assert "COMPLETED" in done.stdout
    assert Path("out/a.annot.vcf.gz").read_bytes() == Path("a.vcf").read_bytes()[::-1]
    assert names(Path("out")) == ["a.annot.vcf.gz", "a.log"]


def test_several_files_each_into_a_folder_of_its_own(service: LiveService, gas: Gas) -> None:
    at_work(service)
    for name in ("a.vcf", "b.vcf"):
        vcf(Path(name))
    done = gas("jobs", "submit", "a.vcf", "b.vcf", "-r", "demo", "--results", "out", "--json")
    assert done.exit_code == 0, done.output
    jobs = json.loads(done.stdout)
    assert [job["state"] for job in jobs] == ["COMPLETED", "COMPLETED"]
    assert names(Path("out")) == sorted(job["id"] for job in jobs)


def test_one_that_is_refused_stops_no_other(service: LiveService, gas: Gas) -> None:
    vcf(Path("a.vcf"))
    vcf(Path("large.vcf"), 151)
    done = gas("jobs", "submit", "large.vcf", "a.vcf", "-r", "demo")
    assert done.exit_code == reach.REFUSED
    assert "large.vcf: INPUT_TOO_LARGE" in done.stderr
    assert service.journey.job(done.stdout.strip()).input.name == "a.vcf"


def test_a_job_that_fails_has_its_own_code(service: LiveService, gas: Gas) -> None:
    job_id = submitted(gas)
    service.journey.cancel(job_id)
    done = gas("jobs", "watch", job_id)
    assert done.exit_code == reach.JOB_FAILED
    assert "CANCELLED" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("jobs", "submit", "a.vcf"),
        ("jobs", "submit", "-r", "demo"),
        ("jobs", "submit", "a.vcf", "-r", "demo", "--option", "no"),
        ("jobs", "submit", "a.vcf", "b.vcf", "-r", "demo", "--key", "k"),
        ("jobs", "nothing"),
        ("jobs", "results"),
        ("login",),
    ],
)
def test_wrong_usage(gas: Gas, arguments: tuple[str, ...]) -> None:
    assert gas(*arguments).exit_code == reach.USAGE


def test_nobody_there(service: LiveService, gas: Gas) -> None:
    service.way.troubles.append(Trouble("/api/", 99))
    done = gas("jobs", "ls")
    assert done.exit_code == reach.NOT_REACHABLE
    assert "NOT_REACHABLE" in done.stderr


def test_interrupted_it_says_how_to_go_on(
    service: LiveService, gas: Gas, monkeypatch: pytest.MonkeyPatch
) -> None:
    vcf(Path("a.vcf"), 2.5)

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("gas.client.upload._send_missing", interrupt)
        done = gas("jobs", "submit", "a.vcf", "-r", "demo", "--wait")
    assert done.exit_code == reach.INTERRUPTED
    assert "run the same command again" in done.stderr
    with monkeypatch.context() as broken:
        broken.setattr("gas.cli.jobs.follow.time.sleep", interrupt)
        done = gas("jobs", "submit", "a.vcf", "-r", "demo", "--wait")
    assert done.exit_code == reach.INTERRUPTED
    assert "gas jobs watch " in done.stderr
    assert service.way.count("POST /api/v1/uploads") == 1


def test_list_show_log_results(service: LiveService, gas: Gas) -> None:
    assert "No jobs" in gas("jobs", "ls").stdout
    assert "All jobs have ended" in gas("jobs", "watch").stdout
    job_id = submitted(gas)
    assert "1 in the queue" in gas("jobs", "show", job_id).stdout
    service.annotate_next()
    assert job_id in gas("jobs", "ls", "--state", "COMPLETED").stdout
    assert gas("jobs", "ls", "--state", "FAILED", "--json").stdout == "[]\n"
    shown = gas("jobs", "show", job_id).stdout
    for what in ("COMPLETED", "submitted", "started", "Total", f"{service.url}/jobs/{job_id}"):
        assert what in shown
    assert gas("jobs", "log", job_id).stdout == "began\n"
    assert "a.annot.vcf.gz" in gas("jobs", "results", job_id).stdout
    done = gas("jobs", "results", job_id, "--out", "out", "--with-input")
    assert done.exit_code == 0
    assert names(Path("out")) == ["a.annot.vcf.gz", "a.log", "a.vcf"]


def test_archived_results_send_nobody_to_a_shop_that_there_is_not(
    service: LiveService, gas: Gas, tmp_path: Path
) -> None:
    job_id = submitted(gas)
    service.annotate_next()
    service.journey.clock.forward(hours=1)
    shown = gas("jobs", "show", job_id).stdout
    refused = gas("jobs", "results", job_id, "--out", str(tmp_path / "out")).stderr
    assert "RESULTS_ARCHIVED" in refused
    for said in (shown, refused):
        assert "on the premium plan" in said
        assert "subscribe" not in said
    assert f"{service.url}/jobs/{job_id}" in shown  # which knows


def test_change(service: LiveService, gas: Gas) -> None:
    job_id = submitted(gas)
    assert "CANCELLED" in gas("jobs", "cancel", job_id).stdout
    new_id = gas("jobs", "again", job_id, "--option", "ann").stdout.strip()
    assert service.journey.job(new_id).options.chosen == ("ann",)
    kept = gas("jobs", "rm", job_id, said="n\n")
    assert kept.exit_code != 0
    assert gas("jobs", "rm", job_id, "--yes").exit_code == 0
    gone = gas("jobs", "show", job_id)
    assert gone.exit_code == reach.REFUSED
    assert "JOB_NOT_FOUND" in gone.stderr or "NOT_FOUND" in gone.stderr


def test_everything_speaks_json(service: LiveService, gas: Gas) -> None:
    job_id = submitted(gas)
    service.annotate_next()
    asked = {
        "submit": ("a.vcf", "-r", "demo"),
        "ls": (),
        "show": (job_id,),
        "log": (job_id,),
        "watch": (job_id,),
        "results": (job_id,),
        "cancel": (),
        "again": (job_id,),
        "rm": (job_id, "--yes"),
    }
    assert asked.keys() == COMMANDS.keys()
    for name, arguments in asked.items():
        if name == "cancel":
            arguments = (submitted(gas, "b.vcf"),)
        done = gas("jobs", name, *arguments, "--json")
        assert done.exit_code == 0, (name, done.output)
        assert json.loads(done.stdout), name


def test_the_token_is_in_no_output(service: LiveService, gas: Gas) -> None:
    service.way.troubles.append(Trouble("/api/", 99, 500))
    for name in ("ls", "show x", "log x", "watch x", "results x", "cancel x"):
        assert service.token not in gas("jobs", *name.split()).output


def test_what_a_service_says_does_not_steer_the_terminal() -> None:
    assert plain("a\x1b[2Jb\r\nc") == "a\ufffd[2Jb\ufffd\ufffdc"


def test_help_lists_every_command() -> None:
    text = CliRunner().invoke(command, ["--help"]).output
    for name, (_, _, about) in COMMANDS.items():
        assert name in text
        assert about in text
