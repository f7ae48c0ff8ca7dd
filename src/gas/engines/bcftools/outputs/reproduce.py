"""Compares two runs by their provenance: which outputs are equal, and what could be the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    MISSING = "missing"  # it was not made this time
    NEW = "new"  # it was not made then


@dataclass(frozen=True, slots=True)
class Compared:
    file: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that outputs depend on."""

    what: str
    then: str
    now: str

    def __str__(self) -> str:
        return f"{self.what} was {self.then}, is {self.now}"


def compare(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Compared]:
    """Output by output, in the order of the first run."""
    before = {one["name"]: one["sha256"] for one in then["outputs"]}
    after = {one["name"]: one["sha256"] for one in now["outputs"]}
    found = []
    for name, sha256 in before.items():
        if name not in after:
            found.append(Compared(name, Verdict.MISSING))
        else:
            same = after[name] == sha256
            found.append(Compared(name, Verdict.SAME if same else Verdict.DIFFERS))
    return [*found, *(Compared(name, Verdict.NEW) for name in after if name not in before)]


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Of input, reference, known variants, options and versions."""
    before, after = _origins(then), _origins(now)
    return [
        Difference(what, before.get(what, "not there"), after.get(what, "not there"))
        for what in dict.fromkeys((*before, *after))
        if before.get(what) != after.get(what)
    ]


def _origins(told: Mapping[str, Any]) -> dict[str, str]:
    reference = told["reference"]
    rows = {"the input": told["input"]["sha256"], "the reference": reference["name"]}
    rows["the reference's release"] = reference.get("release", "")
    for what, sha256 in reference.get("checksums", {}).items():
        rows[f"the reference's {what}"] = sha256
    for one in reference.get("known", ()):
        rows[f"known variants of {one['name']}"] = f"{one['release']} ({one['sha256'][:12]})"
    for what, value in told["options"].items():
        rows[f"option {what}"] = str(value)
    for what, value in told.get("versions", {}).items():
        rows[f"the version of {what}"] = str(value)
    return rows
