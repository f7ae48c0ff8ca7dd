"""`gas login` and `gas jobs` against a real service; exit codes, outputs, and what they hide."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from client.service import LiveService, Trouble, live_service
from client.test_uploads import vcf
from gas.cli import main, reach
from gas.cli.jobs import COMMANDS, command
from gas.cli.show import plain

Gas = Callable[..., Result]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LiveService]:
    with live_service(tmp_path / "service") as opened:
        yield opened


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GAS_SERVER", "GAS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "gas" / "servers.json"


@pytest.fixture
def stranger(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gas:
    """Runs `gas ARGUMENTS` in a folder of its own; an unforeseen error fails the test."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("gas.client.line.Patience.wait", lambda *_, **__: None)
    monkeypatch.setattr("gas.cli.jobs.follow.POLL_SECONDS", (0.01, 0.02))

    def run(*arguments: str, said: str = "") -> Result:
        return CliRunner().invoke(main, arguments, input=said, catch_exceptions=False)

    return run


@pytest.fixture
def gas(stranger: Gas, service: LiveService) -> Gas:
    done = stranger("login", service.url, "--token-stdin", said=service.token + "\n")
    assert done.exit_code == 0, done.output
    return stranger


def at_work(service: LiveService) -> None:
    """From now on a job that is looked at is run."""

    def annotate(what: str) -> None:
        if what.startswith("GET /api/v1/jobs/"):
            delivery = service.journey.receive()
            if delivery:
                service.journey.annotate(delivery)
                service.journey.store.queues.delete(delivery.receipt)

    service.way.before = annotate


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def submitted(gas: Gas, name: str = "a.vcf", *more: str) -> str:
    vcf(Path(name), 2.5)
    done = gas("jobs", "submit", name, "-r", "demo", *more)
    assert done.exit_code == 0, done.output
    return done.stdout.strip()


def test_a_token_is_looked_at_and_kept_for_its_user_alone(
    service: LiveService, stranger: Gas, config: Path
) -> None:
    done = stranger("login", service.url + "/", said=service.token + "\n")
    assert done.exit_code == 0
    assert f"Make a token at {service.url}/account/tokens" in done.stderr
    assert f"Signed in to {service.url} as ada@example.org, on the free plan." in done.stdout
    assert service.token not in done.output
    assert config.stat().st_mode & 0o777 == 0o600
    assert config.parent.stat().st_mode & 0o777 == 0o700
    assert names(config.parent) == ["servers.json"]
    assert stranger("jobs", "ls").exit_code == 0


def test_a_token_that_is_refused_is_not_kept(
    service: LiveService, stranger: Gas, config: Path
) -> None:
    done = stranger("login", service.url, "--token-stdin", said="gas_wrong\n")
    assert done.exit_code == reach.REFUSED
    assert "TOKEN_REFUSED" in done.stderr
    assert not config.exists()


def test_no_token_goes_out_in_clear(stranger: Gas) -> None:
    done = stranger("login", "http://gas.example.org", "--token-stdin", said="gas_x\n")
    assert done.exit_code == reach.REFUSED
    assert "NOT_SECURE" in done.stderr


def test_variables_will_do(
    service: LiveService, stranger: Gas, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAS_TOKEN", service.token)
    monkeypatch.setenv("GAS_SERVER", service.url)
    assert stranger("jobs", "ls", "--json").stdout == "[]\n"
    assert not config.exists()


def test_without_a_sign_in_it_says_how(stranger: Gas) -> None:
    done = stranger("jobs", "ls")
    assert done.exit_code == reach.REFUSED
    assert "NOT_SIGNED_IN" in done.stderr
    assert "gas login URL" in done.stderr


def test_several_services_and_a_default(service: LiveService, gas: Gas, config: Path) -> None:
    other = service.url.replace("127.0.0.1", "localhost")
    gas("login", other, "--token-stdin", said=service.token)
    assert json.loads(config.read_text())["default"] == other
    assert gas("jobs", "ls", "--server", service.url).exit_code == 0
    assert gas("logout").exit_code == 0
    assert json.loads(config.read_text())["default"] == service.url
    assert gas("jobs", "ls", "--server", other).exit_code == reach.REFUSED
    gas("logout", "--all")
    assert not config.exists()


def test_a_file_of_tokens_that_others_read_is_not_used(gas: Gas, config: Path) -> None:
    config.chmod(0o640)
    done = gas("jobs", "ls")
    assert done.exit_code == reach.REFUSED
    assert "TOKENS_OPEN" in done.stderr
    config.chmod(0o600)
    config.write_text("[]")
    assert "TOKENS_UNREADABLE" in gas("jobs", "ls").stderr


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
