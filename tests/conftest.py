"""For all tests: Hypothesis profiles, a home folder, and no process left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, settings

# Machines that run these tests are shared, so that a slow example says nothing.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

GRACE_SECONDS = 5


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a developer's machine may lack, CI must have: a test that is skipped there failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("CI") or session.exitstatus != pytest.ExitCode.OK:
        return
    if skipped := reporter.stats.get("skipped"):
        reporter.write_line(f"{len(skipped)} skipped; with CI set that is a failure", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder for GAS, empty and private."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


def living_children(process: psutil.Process) -> list[psutil.Process]:
    found = []
    for child in process.children(recursive=True):
        # What ended on its own and was not waited for yet is nobody's burden.
        try:
            if child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


@pytest.fixture(scope="session", autouse=True)
def no_process_left_behind() -> Iterator[None]:
    """Fails the session when a test left a child running; ends those it finds."""
    me = psutil.Process()
    before = set(me.children(recursive=True))
    yield
    candidates = [child for child in living_children(me) if child not in before]
    _, left = psutil.wait_procs(candidates, timeout=GRACE_SECONDS)
    told = []
    for child in left:
        with suppress(psutil.NoSuchProcess):  # it ended only now
            told.append(f"{child.pid} {' '.join(child.cmdline())}")
            child.kill()
    assert not told, f"processes were left behind: {told}"
