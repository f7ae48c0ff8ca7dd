"""One-time links, kept in the SQL store."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.files import HandClock
from contracts.sign_in import SignInContract
from gas.adapters.links import LinkSignIn, identity_of, issue_link
from gas.adapters.sql.store import SqlStore, open_store
from gas.domain.errors import Forbidden, InputError


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    store = open_store(f"sqlite:///{tmp_path}/gas.sqlite3", run_path=tmp_path / "run", clock=clock)
    yield store
    store.close()


@pytest.fixture
def sign_in(store: SqlStore, clock: HandClock) -> LinkSignIn:
    return LinkSignIn(store.sign_in_links, clock)


@pytest.fixture
def token(store: SqlStore, clock: HandClock) -> str:
    link = issue_link(
        store.sign_in_links,
        identity_of("Ada@Example.org", "Ada"),
        site_url="http://site/",
        lifetime=timedelta(minutes=15),
        clock=clock,
    )
    start = "http://site/sign-in/link?token="
    assert link.startswith(start)
    return link.removeprefix(start)


class TestLinkSignIn(SignInContract):
    def test_a_link_signs_in_once(self, sign_in: LinkSignIn, token: str) -> None:
        identity = sign_in.finish({"token": token}, {}).identity
        assert (identity.issuer, identity.subject) == ("links", "ada@example.org")
        with pytest.raises(Forbidden, match="LINK_USED_OR_EXPIRED"):
            sign_in.finish({"token": token}, {})

    def test_of_many_at_once_one_gets_in(self, sign_in: LinkSignIn, token: str) -> None:
        def enter(_: int) -> bool:
            try:
                sign_in.finish({"token": token}, {})
            except Forbidden:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(enter, range(8))) == 1

    def test_a_link_expires(self, sign_in: LinkSignIn, token: str, clock: HandClock) -> None:
        clock.now += timedelta(minutes=15)
        with pytest.raises(Forbidden, match="LINK_USED_OR_EXPIRED"):
            sign_in.finish({"token": token}, {})

    def test_the_token_is_stored_nowhere(self, store: SqlStore, token: str, tmp_path: Path) -> None:
        assert len(token) >= 43  # 32 bytes in base64
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("gas.sqlite3*"))
        assert b"ada@example.org" in kept
        assert token.encode() not in kept

    def test_goes_nowhere_and_is_for_loopback(self, sign_in: LinkSignIn) -> None:
        assert sign_in.begin("http://site/back").url is None
        assert not sign_in.trusted_beyond_loopback


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@",
        "a@",
        "@b",
        "a@b@c",
        "a b@c",
        "a@b\nc",
        "a@b\0",
        "a\u2028@b",
        "a" * 250 + "@b.cd",
    ],
)
def test_what_is_no_email_is_refused(email: str) -> None:
    with pytest.raises(InputError, match="BAD_EMAIL"):
        identity_of(email)


def test_case_and_spaces_around_do_not_make_another_person() -> None:
    assert identity_of(" Ada@Example.ORG ").subject == identity_of("ada@example.org").subject
