"""The folder of a run: always empty, and never another run's."""

from __future__ import annotations

from pathlib import Path

from gas.journey.annotate.folder import SPARE, give_back, make_empty


def test_what_a_run_left_is_not_there_for_the_next(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    (kept / "of-others").mkdir(parents=True)
    first, second = tmp_path / "work" / "a-1", tmp_path / "work" / "b-1"
    make_empty(first)
    (first / "file").write_text("x")
    (first / "below" / "deep").mkdir(parents=True)
    (first / "below" / "deep" / "file").write_text("x")
    (first / "elsewhere").symlink_to(kept)
    give_back(first)
    assert not first.exists()
    make_empty(second)
    assert list(second.iterdir()) == []
    assert [path.name for path in second.parent.iterdir()] == ["b-1"]
    assert (kept / "of-others").exists()


def test_two_runs_at_once_have_one_each(tmp_path: Path) -> None:
    make_empty(tmp_path / "a")
    make_empty(tmp_path / "b")
    (tmp_path / "b" / "file").write_text("x")
    give_back(tmp_path / "a")
    give_back(tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir()] == [SPARE]
    assert list((tmp_path / SPARE).iterdir()) == []


def test_one_that_was_never_made_is_no_trouble(tmp_path: Path) -> None:
    give_back(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_spare_one_that_is_not_empty_is_let_be(tmp_path: Path) -> None:
    """Nobody writes there; should it be, a run's files must still go."""
    (tmp_path / SPARE).mkdir()
    (tmp_path / SPARE / "file").write_text("x")
    path = tmp_path / "a"
    path.mkdir()
    (path / "file").write_text("x")
    give_back(path)
    assert not path.exists()
    assert (tmp_path / SPARE / "file").exists()
