"""Suites: the catalogue turned into Great Expectations suites.

Importing this module imports great_expectations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import great_expectations as gx
from great_expectations.expectations.expectation_configuration import (
    ExpectationConfiguration,
)

from expectations import custom, standing_expectations
from expectations.rules import Rule, Suite, filled, rules_of
from sources.programme.findings import Severity

assert custom and standing_expectations  # they register our own expectations

GUARD = "GUARD_"
"""Rule codes of the guards begin with this; their failure is the program's fault."""

_GX_SEVERITY = {
    Severity.BLOCKER: "critical",
    Severity.ERROR: "critical",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
}


def make_suite(
    suite: Suite,
    settings: Mapping[str, object],
    rules: Sequence[Rule] | None = None,
) -> gx.ExpectationSuite:
    """The GX suite of one catalogue suite; guards first, then `rules`, or all its own.

    GX passes on no rows and on columns of nulls, so every suite begins with a row count
    and with the keys not null.
    """
    guards = [
        _expectation(
            f"{GUARD}ROWS",
            "expect_table_row_count_to_be_between",
            {"min_value": 1},
            Severity.BLOCKER,
        ),
        _expectation(
            f"{GUARD}KEYS",
            "expect_multicolumn_values_to_be_filled",
            {"column_list": list(suite.keys)},
            Severity.BLOCKER,
        ),
    ]
    own = [
        _expectation(rule.rule_code, rule.expect, filled(rule, settings), rule.severity)
        for rule in (rules_of(suite.name) if rules is None else rules)
    ]
    return gx.ExpectationSuite(name=suite.name, expectations=[*guards, *own])


def _expectation(
    code: str, expect: str, arguments: Mapping[str, object], severity: Severity
) -> gx.expectations.Expectation:
    configuration = ExpectationConfiguration(
        type=expect,
        kwargs=dict(arguments),
        severity=_GX_SEVERITY[severity],
        meta={"rule": code},
    )
    return configuration.to_domain_obj()
