"""Suites: the catalogue turned into Great Expectations suites.

Importing this module imports great_expectations.
"""

from __future__ import annotations

from collections.abc import Mapping

import great_expectations as gx
from great_expectations.expectations.expectation_configuration import (
    ExpectationConfiguration,
)

from expectations import custom
from expectations.rules import Suite, filled, rules_of
from sources.programme.findings import Severity

assert custom  # registers our own expectations

GUARD = "GUARD_"
"""Rule codes of the guards begin with this; their failure is the program's fault."""

_GX_SEVERITY = {
    Severity.BLOCKER: "critical",
    Severity.ERROR: "critical",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
}


def make_suite(suite: Suite, settings: Mapping[str, object]) -> gx.ExpectationSuite:
    """The GX suite of one catalogue suite; guards first.

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
            "expect_multicolumn_values_to_not_be_null",
            {"column_list": list(suite.keys)},
            Severity.BLOCKER,
        ),
    ]
    rules = [
        _expectation(rule.rule_code, rule.expect, filled(rule, settings), rule.severity)
        for rule in rules_of(suite.name)
    ]
    return gx.ExpectationSuite(name=suite.name, expectations=[*guards, *rules])


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
