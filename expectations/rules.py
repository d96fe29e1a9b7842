"""Rules: the files of `catalogue/` as checked types, one `Rule` per entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sources.programme.findings import Severity

CATALOGUE = Path(__file__).with_name("catalogue")
"""A folder of YAML files, read in the order of their names."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Suite(_Strict):
    """A set of rules over one frame: one row per `grain`, never null in `keys`.

    Gate 1 looks at what arrived, `standing` at everything accepted so far, gate 2 at a
    finished build. The rules of an `is_declared` suite stand in the programme's folder.
    """

    name: str
    gate: Literal[1, 2, "standing"]
    grain: str
    keys: tuple[str, ...] = Field(min_length=2)
    description_vi: str
    description_en: str
    is_declared: bool = False


class Suggestion(_Strict):
    """Where the nearest valid codes for a wrong code come from."""

    column: str
    among: Literal["form", "unit", "period", "measure"]


class Rule(_Strict):
    """One rule: what is expected, how much a failure weighs, and its words.

    `arguments` go to the expectation named by `expect`; a text `$name` among them is
    filled when the suite is made. `effect` hold keeps a submission back for a person
    instead of rejecting it. `at` names the column with the cell of the sheet about the
    submission that a finding points at. A rule judges periods whose last day lies in
    [`valid_from`, `valid_to`).
    """

    rule_code: str = Field(pattern=r"^[A-Z][A-Z0-9_]+$")
    suite: str
    severity: Severity
    owner: Literal["unit", "maintainer"]
    effect: Literal["reject", "hold"] = "reject"
    name_vi: str = ""
    name_en: str = ""
    at: str = ""
    is_enabled: bool = True
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    expect: str
    arguments: dict[str, object] = Field(alias="with")
    message_vi: str
    message_en: str
    observed: str = ""
    expected: str = ""
    suggest: Suggestion | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the frame that the expectation looks at."""
        named = [self.arguments.get(k) for k in ("column", "column_A", "column_B")]
        listed = self.arguments.get("column_list", [])
        assert isinstance(listed, list)
        return tuple(str(name) for name in [*named, *listed] if name is not None)


class _Catalogue(_Strict):
    suites: tuple[Suite, ...]
    rules: tuple[Rule, ...]

    @model_validator(mode="after")
    def _is_consistent(self) -> _Catalogue:
        names = [suite.name for suite in self.suites]
        codes = [rule.rule_code for rule in self.rules]
        for kind, texts in (("suite", names), ("rule_code", codes)):
            twice = {text for text in texts if texts.count(text) > 1}
            if twice:
                raise ValueError(f"{kind} used twice: {sorted(twice)}")
        used = {rule.suite for rule in self.rules}
        ours = {suite.name for suite in self.suites if not suite.is_declared}
        if used != ours:
            raise ValueError(f"suite and rules disagree: {sorted(used ^ ours)}")
        return self


@cache
def catalogue() -> tuple[tuple[Suite, ...], tuple[Rule, ...]]:
    """Every suite and every rule, in the order of the files.

    Raises:
        pydantic.ValidationError: a file is wrong; says which entry and why.
    """
    parts: dict[str, list[object]] = {"suites": [], "rules": []}
    for path in sorted(CATALOGUE.glob("*.yaml")):
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name, entries in parts.items():
            entries += read[name]
    found = _Catalogue.model_validate(parts)
    return found.suites, found.rules


def suite_named(name: str) -> Suite:
    """The suite of that name."""
    return next(suite for suite in catalogue()[0] if suite.name == name)


def rules_of(suite_name: str) -> tuple[Rule, ...]:
    """The rules of one suite, in the order of the files."""
    return tuple(rule for rule in catalogue()[1] if rule.suite == suite_name)


def filled(rule: Rule, settings: Mapping[str, object]) -> dict[str, object]:
    """The rule's arguments with every `$name` replaced from `settings`."""
    return {
        name: settings[value[1:]]
        if isinstance(value, str) and value.startswith("$")
        else value
        for name, value in rule.arguments.items()
    }
