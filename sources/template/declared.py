"""Rules that a programme declares or sets, as far as one workbook can answer them.

Shape: one `SheetRule` per declared rule of a form. Rules that look at other periods,
units or forms are gate 1's alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from sources.programme.model import DeclaredRule, Form, Programme, RuleSetting

OFF = ""
"""Severity of a rule that does not judge."""


@dataclass(frozen=True, slots=True)
class SheetRule:
    """`low` <= sum of `left` <= `high`, or `left` `comparator` `right`, on one form.

    `at` is the row that shows the fault; `left` and `right` are sums of rows' figures,
    `right_number` stands for `right` where that is one number.
    """

    code: str
    name_vi: str
    severity: str
    at: str
    left: tuple[str, ...]
    comparator: str = ""
    right: tuple[str, ...] = ()
    right_number: Decimal = Decimal(0)
    low: Decimal | None = None
    high: Decimal | None = None
    tolerance: Decimal = Decimal(0)


def sheet_rules(
    programme: Programme, form: Form, day: dt.date | None
) -> tuple[SheetRule, ...]:
    """The declared rules of the form that hold on the period's last day.

    INFO is left out: nothing is to be done about it.
    """
    found = (
        _sheet_rule(rule)
        for rule in programme.rules
        if rule.form == form.code and _judges(rule, day) and rule.severity != "INFO"
    )
    return tuple(rule for rule in found if rule is not None)


def severities(
    programme: Programme, day: dt.date | None
) -> tuple[tuple[str, str], ...]:
    """(rule, severity) of the common rules that this programme sets; `OFF` if none."""
    return tuple(
        (setting.rule_code, str(setting.severity or ""))
        if _judges(setting, day)
        else (setting.rule_code, OFF)
        for setting in programme.rule_settings
        if setting.severity is not None or not _judges(setting, day)
    )


def _judges(rule: DeclaredRule | RuleSetting, day: dt.date | None) -> bool:
    is_begun = rule.valid_from is None or day is None or rule.valid_from <= day
    is_over = rule.valid_to is not None and day is not None and rule.valid_to <= day
    return rule.is_enabled and is_begun and not is_over


def _sheet_rule(rule: DeclaredRule) -> SheetRule | None:
    """The rule at the row where gate 1 reports it; None for kinds that look further."""
    if rule.kind == "range":
        at = str(rule.measure)
        return SheetRule(
            code=rule.code,
            name_vi=rule.name_vi,
            severity=rule.severity,
            at=at,
            left=(at,),
            low=rule.low,
            high=rule.high,
        )
    if rule.kind != "compare":
        return None
    return SheetRule(
        code=rule.code,
        name_vi=rule.name_vi,
        severity=rule.severity,
        at=rule.left[0],
        left=rule.left,
        comparator=str(rule.comparator or "="),
        right=rule.right if isinstance(rule.right, tuple) else (),
        right_number=rule.right if isinstance(rule.right, Decimal) else Decimal(0),
        tolerance=rule.tolerance,
    )
