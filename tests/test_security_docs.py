"""docs/security answers every item of ASVS 5.0.0, levels 1 and 2, once, and its proofs exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OVERVIEW = ROOT / "docs" / "security.md"
PAGES = sorted((ROOT / "docs" / "security").glob("*.md"))
# How many items of levels 1 and 2 each section has. Those of level 3 come last in every section,
# so that the numbers of ours have no gaps.
# fmt: off
ITEMS = {
    "V1.1": 2, "V1.2": 9, "V1.3": 11, "V1.4": 3, "V1.5": 2,
    "V2.1": 3, "V2.2": 3, "V2.3": 4, "V2.4": 1,
    "V3.2": 2, "V3.3": 4, "V3.4": 6, "V3.5": 5, "V3.7": 2,
    "V4.1": 3, "V4.2": 1, "V4.3": 2, "V4.4": 4,
    "V5.1": 1, "V5.2": 3, "V5.3": 2, "V5.4": 3,
    "V6.1": 3, "V6.2": 12, "V6.3": 4, "V6.4": 4, "V6.5": 5, "V6.6": 3, "V6.8": 4,
    "V7.1": 3, "V7.2": 4, "V7.3": 2, "V7.4": 5, "V7.5": 2, "V7.6": 2,
    "V8.1": 2, "V8.2": 3, "V8.3": 1, "V8.4": 1,
    "V9.1": 3, "V9.2": 4,
    "V10.1": 2, "V10.2": 2, "V10.3": 4, "V10.4": 11, "V10.5": 5, "V10.6": 2, "V10.7": 3,
    "V11.1": 2, "V11.2": 3, "V11.3": 3, "V11.4": 4, "V11.5": 1, "V11.6": 1,
    "V12.1": 3, "V12.2": 2, "V12.3": 4,
    "V13.1": 1, "V13.2": 5, "V13.3": 2, "V13.4": 5,
    "V14.1": 2, "V14.2": 4, "V14.3": 3,
    "V15.1": 3, "V15.2": 3, "V15.3": 7,
    "V16.1": 1, "V16.2": 5, "V16.3": 4, "V16.4": 3, "V16.5": 3,
    "V17.1": 1, "V17.2": 4, "V17.3": 2,
}
# fmt: on
COUNT = 253


ROW = re.compile(r"^\| (V\d+\.\d+\.\d+[^|]*) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
ATTACK = re.compile(r"^\| (?!attack )([a-z0-9`][^|]+)" + r" \| ([^|]+)" * 3 + r" \|$", re.MULTILINE)
ITEM = re.compile(r"V\d+\.\d+\.\d+")
RANGE = re.compile(r"(V\d+\.\d+\.)(\d+) to V\d+\.\d+\.(\d+)")
REASON = re.compile(r"(does not apply|differs|open): \S.{10,}")
GUARD = re.compile(r"`(src/[^`*]+|dev\.py)`")
TEST = re.compile(r"`(tests/[^`*]+::test_[^`*]+)`")
PROOF = re.compile(r"`((?:tests|src|docs|requirements|\.ci)/[^`*]+|pyproject\.toml|dev\.py)`")


def rows() -> list[tuple[str, str]]:
    """Items as they are written, and their proof."""
    found = [row for page in PAGES for row in ROW.findall(page.read_text())]
    return [(items, proof) for items, _how, proof in found]


def items_of(cell: str) -> list[str]:
    """`V1.2.3, V1.2.5` and `V1.2.3 to V1.2.5`."""
    named = RANGE.match(cell)
    if named:
        section, first, last = named.groups()
        return [f"{section}{number}" for number in range(int(first), int(last) + 1)]
    return ITEM.findall(cell)


@cache
def defined_in(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def missing(proof: str) -> bool:
    name, _, test = proof.partition("::")
    path = ROOT / name
    return not path.exists() or bool(test and test not in defined_in(path))


def proofs() -> set[str]:
    pages = [OVERVIEW, *PAGES]
    return {proof for page in pages for proof in PROOF.findall(page.read_text())}


def test_the_sections_make_up_the_levels() -> None:
    assert sum(ITEMS.values()) == COUNT


def test_every_item_is_answered_once() -> None:
    wanted = [f"{section}.{n}" for section, count in ITEMS.items() for n in range(1, count + 1)]
    answered = [item for cell, _ in rows() for item in items_of(cell)]
    assert sorted(answered) == sorted(wanted)


def test_every_line_that_names_an_item_is_a_whole_row() -> None:
    lines = [line for page in PAGES for line in page.read_text().splitlines()]
    assert len([line for line in lines if line.startswith("| V")]) == len(rows())


def test_an_answer_is_a_proof_or_a_reason() -> None:
    neither = [
        items for items, proof in rows() if not PROOF.search(proof) and not REASON.fullmatch(proof)
    ]
    assert neither == []


@pytest.mark.parametrize(
    ("proof", "lost"),
    [
        ("tests/test_security_docs.py::test_a_proof_that_is_gone_is_noticed", False),
        ("tests/test_security_docs.py", False),
        ("tests/test_security_docs.py::test_of_another_name", True),
        ("tests/no_such_file.py", True),
        ("tests/no_such_file.py::test_at_all", True),
    ],
)
def test_a_proof_that_is_gone_is_noticed(proof: str, lost: bool) -> None:
    assert missing(proof) is lost


def test_every_proof_is_there() -> None:
    lost = {proof for proof in proofs() if missing(proof)}
    assert not lost


def test_every_attack_has_a_guard_and_a_test() -> None:
    table = OVERVIEW.read_text().partition("## Attacks")[2]
    attacks = ATTACK.findall(table)
    assert len(attacks) >= 27
    assert len(attacks) == len([line for line in table.splitlines() if line.startswith("| ")]) - 1
    assert not [attack for attack, _, guard, _ in attacks if not GUARD.search(guard)]
    assert not [attack for attack, _, _, shown in attacks if not TEST.search(shown)]
