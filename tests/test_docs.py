"""The docs say what the source says: links, error codes, settings, words."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from gas.settings import PREFIX, Settings, variable
from gas.web.audited import ACTIONS

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "gas"
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
PAGE_NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
TO_COME = {"docs/images/job.png"}  # made from a running service

CODE = re.compile(r"[A-Z][A-Z0-9_]{3,}")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# Words that the glossary has another word for.
SYNONYMS = re.compile(
    r"\b(task queue|poison(ed)? message|dead[- ]letter queue|DLQ|unfreeze|log-in|"
    r"annotation job|tenant)\b",
    re.IGNORECASE,
)


def anchors(page: Path) -> set[str]:
    headings = HEADING.findall(page.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def codes_raised() -> dict[str, str]:
    """Codes in the source: code -> a module that has it."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for code in codes_of(node):
                found[code] = str(path.relative_to(SOURCE))
    return found


def codes_of(node: ast.AST) -> list[str]:
    """Of `InputError("CODE", ...)`, `Reason(...)`, `Fault(...)`, `super().__init__("CODE", ...)`:
    what is called has a class's name, and the first argument is a code or chooses between some."""
    if not isinstance(node, ast.Call) or not node.args:
        return []
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if not (name[:1].isupper() or name == "__init__"):
        return []
    parts = [part for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
    values = [part.value for part in parts if isinstance(part.value, str)]
    return [value for value in values if CODE.fullmatch(value)]


def codes_documented() -> list[str]:
    return re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", (DOCS / "errors.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    broken = []
    for target in LINK.findall(page.read_text()):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        aim = (page.parent / file).resolve() if file else page
        if str(aim.relative_to(ROOT)) in TO_COME:
            continue
        if not aim.exists() or (anchor and anchor not in anchors(aim)):
            broken.append(target)
    assert not broken


def test_every_code_is_documented() -> None:
    raised = codes_raised()
    documented = set(codes_documented())
    assert not {code: where for code, where in raised.items() if code not in documented}


def test_no_code_is_documented_that_is_gone() -> None:
    assert not set(codes_documented()) - codes_raised().keys()


def test_every_code_has_one_row_with_what_and_cure() -> None:
    codes = codes_documented()
    assert len(codes) == len(set(codes))
    rows = [
        line for line in (DOCS / "errors.md").read_text().splitlines() if line.startswith("| `")
    ]
    assert all(re.fullmatch(r"\| `[A-Z0-9_]+` \| [^|]+ \| .{10,} \| .+ \|", row) for row in rows)


def test_every_setting_is_documented_and_no_other() -> None:
    page = DOCS / "operations.md"
    assert settings_in(page) == {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(
    "page", sorted((DOCS / "backends").glob("*.md")), ids=lambda page: page.stem
)
def test_every_setting_of_a_backend_is_on_its_page_and_no_other(page: Path) -> None:
    manifest = import_module(f"gas.adapters.{page.stem}").MANIFEST
    own = fields(manifest.settings) if manifest.settings else ()
    assert settings_in(page) == {variable(manifest, field.name) for field in own}


def settings_in(page: Path) -> set[str]:
    return set(re.findall(r"^\| `(GAS_[A-Z_]+)` \|", page.read_text(), re.MULTILINE))


def test_every_backend_and_engine_has_a_page() -> None:
    for parts, pages in (("adapters", "backends"), ("engines", "engines")):
        folders = {path.parent.name for path in (SOURCE / parts).glob("*/__init__.py")}
        assert folders == {page.stem for page in (DOCS / pages).glob("*.md")}


def test_every_decision_is_listed_and_short() -> None:
    notes = [page for page in (DOCS / "decisions").glob("*.md") if page.name != "README.md"]
    listed = (DOCS / "decisions" / "README.md").read_text()
    assert notes
    assert all(f"({note.name})" in listed for note in notes)
    assert all(len(note.read_text().splitlines()) <= 25 for note in notes)


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_the_glossarys_words_are_used(name: str) -> None:
    assert not SYNONYMS.findall((ROOT / name).read_text())


def test_every_action_of_the_audit_log_is_documented() -> None:
    written = {action.name for action in ACTIONS.values() if action}
    for path in SOURCE.rglob("*.py"):
        written |= set(re.findall(r'deed\(\s*\w+, "([a-z_.]+)"', path.read_text()))
    page = (DOCS / "privacy.md").read_text()
    assert len(written) > 20
    assert not {name for name in written if f"`{name}`" not in page}
