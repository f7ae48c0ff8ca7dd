"""The commands of an operator, as typed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from gas.cli import COMMANDS
from gas.cli.show import table
from gas.domain.account import Role
from gas.domain.errors import Reason
from gas.domain.job import JobState, failed
from gas.domain.messages import JobSubmitted
from gas.domain.plan import Plan
from gas.ports.mail import Mail
from gas.ports.services import Services
from gas.settings import Settings
from gas.workers.roster import WORKERS
from workers.errands import hand_in

Gas = Callable[..., Result]
ROOT = Path(__file__).parents[2]
HEAVY = ("flask", "sqlalchemy", "pysam", "granian", "pydantic", "rich", "alembic", "structlog")


def token(link: str) -> str:
    found = re.search(r"/sign-in/link\?token=(\S+)", link)
    assert found
    return found[1]


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom gas.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        f"print('HEAVY', [name for name in {HEAVY} if name in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", code]
    output = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "HEAVY []" in output
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", output, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_and_a_docstring_for_it(gas: Gas, name: str) -> None:
    result = gas(name, "--help")
    assert result.exit_code == 0
    has_a_place = any(option in result.output for option in ("--home", "--server", "Commands:"))
    assert has_a_place


def test_the_help_of_worker_names_all_and_what_lifecycle_needs(gas: Gas) -> None:
    said = gas("worker", "--help").output
    assert [name for name in WORKERS if not re.search(rf"\b{name}\b", said)] == []
    assert "Needs cold beside it." in said


def test_lifecycle_alone_says_what_it_needs(gas: Gas, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def life(name: str, _settings: Settings) -> int:
        ran.append(name)
        return 0

    monkeypatch.setattr("gas.cli.lives.worker_life", life)
    assert "`gas worker cold` has to run" in gas("worker", "lifecycle").stderr
    assert gas("worker", "cold").stderr == ""
    assert ran == ["lifecycle", "cold"]


def test_a_link_signs_in_once(gas: Gas, services: Services) -> None:
    result = gas("user", "link", "Ada@Example.org", "--name", "Ada")
    assert result.exit_code == 0
    identity = services.sign_in.finish({"token": token(result.output)}, {}).identity
    assert (identity.email, identity.name) == ("Ada@Example.org", "Ada")
    (account,) = services.accounts.page(limit=10)
    assert (account.plan, account.role) == (Plan.FREE, Role.USER)


def test_plan_and_role_are_set_and_each_change_of_plan_is_counted(
    gas: Gas, services: Services
) -> None:
    gas("user", "link", "ada@example.org", "--plan", "premium", "--operator")
    (account,) = services.accounts.page(limit=10)
    assert (account.plan, account.role, account.plan_epoch) == (Plan.PREMIUM, Role.OPERATOR, 1)
    assert "free" in gas("user", "plan", "ADA@example.org", "free").output
    assert "user" in gas("user", "promote", "ada@example.org", "--to", "user").output
    (account,) = services.accounts.page(limit=10)
    assert (account.plan, account.role, account.plan_epoch) == (Plan.FREE, Role.USER, 2)


def test_accounts_are_listed_for_people_and_for_programs(gas: Gas) -> None:
    assert "Nobody has an account yet" in gas("user", "ls").output
    gas("user", "link", "ada@example.org")
    assert re.search(r"^ada@example.org +user +free", gas("user", "ls").output, re.MULTILINE)
    (row,) = json.loads(gas("user", "ls", "--json").output)
    assert (row["email"], row["role"], row["plan"]) == ("ada@example.org", "user", "free")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("user", "plan", "nobody@example.org", "free"), "NO_ACCOUNT"),
        (("user", "link", "no address"), "BAD_EMAIL"),
        (("queue", "peek", "nowhere"), "NO_QUEUE"),
        (("queue", "redrive", "annotate", "xyz"), "NO_DEAD_LETTER"),
        (("reference", "rm", "nowhere"), "NO_REFERENCE"),
        (("worker", "nobody"), "UNKNOWN_WORKER"),
        (("up", "--host", "0.0.0.0"), "NOT_LOOPBACK"),
        (("web", "--host", "0.0.0.0"), "NOT_LOOPBACK"),
        (("web", "--port", "0"), "BAD_SETTING"),
    ],
)
def test_a_problem_is_told_by_code_and_cure_with_exit_code_1(
    gas: Gas, arguments: tuple[str, ...], code: str
) -> None:
    result = gas(*arguments)
    assert result.exit_code == 1
    first, cure = result.stderr.splitlines()[:2]
    assert first.startswith(f"{code}: ")
    assert cure.startswith("  ")
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("queue", "rm", "annotate"), ("user", "link")]
)
def test_wrong_usage_is_exit_code_2(gas: Gas, arguments: tuple[str, ...]) -> None:
    assert gas(*arguments).exit_code == 2


def bury_one(services: Services) -> str:
    services.queues.publish(JobSubmitted("0" * 26, "1" * 26))
    (delivery,) = services.queues.receive("annotate", holder="test-1-ab")
    services.queues.bury(delivery.receipt, "it was asked for")
    return delivery.message_id


def test_dead_letters_are_seen_and_put_back_and_removed(gas: Gas, services: Services) -> None:
    message_id = bury_one(services)
    (row,) = (
        row for row in json.loads(gas("queue", "ls", "--json").output) if row["name"] == "annotate"
    )
    assert (row["name"], row["dead"], row["visible"]) == ("annotate", 1, 0)
    peeked = gas("queue", "peek", "annotate").output
    assert message_id in peeked
    assert "it was asked for" in peeked
    assert gas("queue", "redrive", "annotate").output == "Put back 1 message.\n"
    (delivery,) = services.queues.receive("annotate", holder="test-1-ab")
    services.queues.bury(delivery.receipt, "again")
    assert gas("queue", "rm", "annotate", "--all").output == "Removed 1 message.\n"
    assert gas("queue", "peek", "annotate").output == "annotate has no dead letters.\n"


def test_limits_of_a_queue_are_set_and_stay(gas: Gas, services: Services) -> None:
    assert gas("queue", "set", "annotate", "--delay", "2.5", "--max-receives", "7").exit_code == 0
    assert gas("queue", "set", "annotate").exit_code == 2
    row = next(row for row in services.queue_desk.states() if row.name == "annotate")
    assert (row.delay_seconds, row.max_receives) == (2.5, 7)
    assert "2.5" in gas("queue", "ls").output


def test_mails_of_the_outbox_are_shown(gas: Gas, services: Services) -> None:
    assert gas("mail", "ls").output == "The outbox is empty.\n"
    mail = Mail("job-1@localhost", "ada@example.org", "Done", "All is done.", "<p>", "ada")
    services.mail.send(mail)
    (row,) = json.loads(gas("mail", "ls", "--json").output)
    assert (row["to"], row["subject"]) == ("ada@example.org", "Done")
    assert "All is done." in gas("mail", "show", row["name"]).output


def test_doctor_finds_all_well_and_says_what_is_not(gas: Gas, home: Path) -> None:
    result = gas("doctor")
    assert result.exit_code == 0, result.output
    home.chmod(0o755)
    result = gas("doctor", "--json")
    assert result.exit_code == 1
    problem = next(row for row in json.loads(result.output) if row["state"] == "problem")
    assert problem["what"] == "home"
    assert "chmod 700" in problem["cure"]


def test_references_are_listed(gas: Gas) -> None:
    (row,) = json.loads(gas("reference", "ls", "--json").output)
    assert (row["name"], row["contigs"], row["bases"]) == ("demo", 1, 100)


def test_a_table_aligns_and_shows_no_control_characters() -> None:
    text = table([{"name": "a\x1b[31m\n", "n": 5}, {"name": "変異", "n": 12345}])
    lines = text.splitlines()
    assert len(lines) == 3
    assert "\x1b[31m" not in text
    assert lines[1].endswith("      5")
    assert lines[2] == "変異     12345"


def test_redriving_a_letter_of_a_failed_job_begins_a_new_one_once(
    gas: Gas, services: Services
) -> None:
    job = hand_in(services, "a.vcf")
    (delivery,) = services.queues.receive("annotate", holder="test-1-ab")
    assert services.jobs.change(failed(job, Reason("X", "It broke."), services.clock()))
    services.queues.bury(delivery.receipt, "broke three times")
    said = gas("queue", "redrive", "annotate").output
    assert said == "Put back 0 messages.\nBegan 1 new job for FAILED ones.\n"
    assert gas("queue", "redrive", "annotate").output == "Put back 0 messages.\n"
    first, second = services.jobs.owned_by(job.owner_id, limit=9)
    assert {first.id, second.id} > {job.id}
    assert first.state is JobState.PENDING
    assert first.input.sha256 == job.input.sha256
