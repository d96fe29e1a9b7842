"""Rule book: the rules that judge one programme's reports.

Shape: one `Rule` per rule of the catalogue, as the programme sets it, and one per rule
that the programme declares.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from expectations.declared import DECLARED_SUITE, as_rule
from expectations.errors import UnknownRule
from expectations.rules import Rule, catalogue, suite_named
from sources.programme.findings import Severity
from sources.programme.model import OPEN_END, Programme, RuleSetting
from sources.programme.problems import Problem, ProblemList, ProgrammeError, nearest

_VALUE_SUITES = ("observation_values", "part_whole")
"""Suites of values that were read: of these alone a rule may keep out or let in."""


@dataclass(frozen=True)
class RuleBook:
    """Every rule in force for a programme, in the order of the suites."""

    rules: tuple[Rule, ...]

    def of(self, suite_name: str) -> tuple[Rule, ...]:
        """The rules of one suite, disabled ones included."""
        return tuple(rule for rule in self.rules if rule.suite == suite_name)

    def named(self, code: str) -> Rule:
        """The rule of that code.

        Raises:
            UnknownRule: there is none; suggests the nearest.
        """
        for rule in self.rules:
            if rule.rule_code == code:
                return rule
        codes = [rule.rule_code for rule in self.rules]
        raise UnknownRule(
            f"There is no rule '{code}': {nearest(code, codes)}. "
            "`nhiemky rules list` shows them all."
        )

    def always(self, code: str) -> RuleBook:
        """The same book with one rule switched on for every period."""
        self.named(code)
        free = {"is_enabled": True, "valid_from": None, "valid_to": None}
        return RuleBook(
            tuple(
                rule.model_copy(update=free) if rule.rule_code == code else rule
                for rule in self.rules
            )
        )


def rule_book(programme: Programme) -> RuleBook:
    """The rules of every programme as this one sets them, and its own.

    Raises:
        ProgrammeError: a setting or a declared rule does not fit the catalogue.
    """
    problems = check_rule_book(programme)
    if problems:
        raise ProgrammeError(problems)
    settings = {setting.rule_code: setting for setting in programme.rule_settings}
    rules = [
        _as_set(rule, settings[rule.rule_code]) if rule.rule_code in settings else rule
        for rule in catalogue()[1]
    ]
    return RuleBook((*rules, *(as_rule(rule, programme) for rule in programme.rules)))


def check_rule_book(programme: Programme) -> list[Problem]:
    """What a programme says of rules that the catalogue contradicts; empty if nothing.

    The part of the programme's check that needs the catalogue.
    """
    found = ProblemList(programme._places)
    known = {rule.rule_code: rule for rule in catalogue()[1]}
    for index, declared in enumerate(programme.rules):
        if declared.code in known:
            found.add(
                ("rules", index, "code"),
                f"rule {declared.code}: every programme has a rule of that code",
                "give yours another code, or change the other one under settings",
            )
    for index, setting in enumerate(programme.rule_settings):
        where = ("rule_settings", index)
        owner = f"setting of {setting.rule_code}"
        rule = known.get(setting.rule_code)
        if rule is None:
            at = (*where, "rule_code")
            found.add_unknown(at, owner, setting.rule_code, sorted(known))
        elif suite_named(rule.suite).gate == 2:
            message = f"{owner}: it judges the whole build, not this programme"
            found.add(where, message, "remove the setting")
        elif setting.severity and not _may_weigh(rule, setting.severity):
            message = f"{owner}: {rule.severity} cannot become {setting.severity}"
            remedy = "remove severity; ERROR fits rules about a value that was read"
            found.add((*where, "severity"), message, remedy)
        elif rule.severity == Severity.BLOCKER and not setting.is_enabled:
            message = f"{owner}: without it nobody knows what a submission is about"
            found.add((*where, "is_enabled"), message, "remove the setting")
    return found.problems


def in_force(rule: Rule, last_days: pd.Series) -> np.ndarray:
    """Per row: true where the rule judges a period of that last day, or of none."""
    if rule.valid_from is None and rule.valid_to is None:
        return np.ones(len(last_days), dtype=bool)
    since, until = rule.valid_from or dt.date.min, rule.valid_to or OPEN_END
    return np.array(
        [
            not isinstance(day, dt.date) or since <= day < until
            for day in last_days.tolist()
        ],
        dtype=bool,
    )


def _as_set(rule: Rule, setting: RuleSetting) -> Rule:
    return rule.model_copy(
        update={
            "is_enabled": setting.is_enabled,
            "severity": Severity(setting.severity or rule.severity),
            "valid_from": setting.valid_from or rule.valid_from,
            "valid_to": setting.valid_to or rule.valid_to,
        }
    )


def _may_weigh(rule: Rule, severity: str) -> bool:
    """Doubts change places; only a value that was read can be kept out or let in."""
    if severity == rule.severity:
        return True
    if Severity.BLOCKER in (rule.severity, severity):
        return False
    is_about_values = rule.suite in (*_VALUE_SUITES, DECLARED_SUITE)
    return is_about_values or Severity.ERROR not in (rule.severity, severity)
