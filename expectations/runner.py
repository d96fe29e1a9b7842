"""Runner: one suite over one frame through Great Expectations, results as rows.

An ephemeral context in memory: nothing is stored, no Data Docs (they write cell values
unescaped), no telemetry, no progress bars. One batch per suite, whatever the number of
units; great_expectations is imported at the first run, not before.
"""

from __future__ import annotations

import builtins
import logging
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from expectations.checks import RESULT_COLUMNS
from expectations.errors import CheckCrashed, FrameRefused
from expectations.rules import Rule, Suite, rules_of, suite_named

_NAMED = re.compile(r"^([A-Z][A-Za-z]*(?:Error|Exception))(?::|$)", re.MULTILINE)
# Failing rows come back as labels of a fresh 0..n index, which are positions. Naming a
# column for them instead costs 0.2 ms for every failing row.
_RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True)
class SuiteRun:
    """What one suite found: a result row per rule, and positions of failing rows."""

    results: pd.DataFrame
    failing: Mapping[str, np.ndarray]


def run_suite(
    name: str,
    frame: pd.DataFrame,
    settings: Mapping[str, object],
    rules: Sequence[Rule] | None = None,
) -> SuiteRun:
    """Judges every row of the frame by every rule of the suite.

    Args:
        name: Suite in the catalogue.
        frame: One row per grain of the suite; only the columns its rules name are used.
            Positions in the answer count from the first row, whatever the index.
        settings: What fills the `$name` arguments of the rules.
        rules: The rules to judge by, if not all of the catalogue's suite.

    Raises:
        FrameRefused: the frame has no rows, lacks a column, or a key is null.
        CheckCrashed: GX could not evaluate a rule; says which, quotes no cell.
    """
    suite = suite_named(name)
    rules = rules_of(name) if rules is None else rules
    narrow = _narrow(suite, rules, frame)
    outcome = _validate(suite, rules, narrow, settings)
    by_code = {r.expectation_config.meta["rule"]: r for r in outcome.results}
    for code, result in by_code.items():
        kind = _crash(result)
        if kind:
            raise CheckCrashed(name, code, kind)
    for code in by_code.keys() - {rule.rule_code for rule in rules}:
        if not by_code[code].success:
            raise FrameRefused(
                f"The frame of suite {name} fails {code}: it has no rows or a null "
                "key. Skip an empty frame with a reason; give every row its keys."
            )
    failing = {rule.rule_code: _positions(by_code[rule.rule_code]) for rule in rules}
    rows = [
        (
            name,
            rule.rule_code,
            str(rule.severity),
            _checked(by_code[rule.rule_code]),
            len(failing[rule.rule_code]),
            "fail" if len(failing[rule.rule_code]) else "pass",
            None,
        )
        for rule in rules
    ]
    return SuiteRun(pd.DataFrame(rows, columns=list(RESULT_COLUMNS)), failing)


def skipped(name: str, reason: str, rules: Sequence[Rule] | None = None) -> SuiteRun:
    """A suite that had nothing to judge: one row per rule, with the reason."""
    rows = [
        (name, rule.rule_code, str(rule.severity), 0, 0, "skipped", reason)
        for rule in (rules_of(name) if rules is None else rules)
    ]
    return SuiteRun(pd.DataFrame(rows, columns=list(RESULT_COLUMNS)), {})


def _narrow(suite: Suite, rules: Sequence[Rule], frame: pd.DataFrame) -> pd.DataFrame:
    """Only what the rules look at (GX hashes every column), with a fresh index.

    With an index that has duplicates GX returns wrong rows.
    """
    columns = [*suite.keys, *(column for rule in rules for column in rule.columns)]
    wanted = list(dict.fromkeys(columns))
    absent = [name for name in wanted if name not in frame]
    if absent:
        raise FrameRefused(
            f"The frame of suite {suite.name} lacks the columns {absent}; they are "
            "named in the catalogue and must be prepared before the suite runs."
        )
    return frame[wanted].reset_index(drop=True)


def _validate(
    suite: Suite,
    rules: Sequence[Rule],
    frame: pd.DataFrame,
    settings: Mapping[str, object],
) -> Any:
    crash = ""
    with quietly():
        from great_expectations.validator.v1_validator import Validator

        from expectations.suites import make_suite

        # as a validation definition does it; through a batch GX hashes the frame twice
        validator = Validator(
            batch_definition=_batch_definition(),
            batch_parameters={"dataframe": frame},
            result_format=_RESULT_FORMAT,
        )
        try:
            expectations = make_suite(suite, settings, rules)
            outcome = validator.validate_expectation_suite(expectations)
        except Exception as error:
            crash = type(error).__name__
    if crash:  # outside the handler, so that the cause and its cells are dropped
        raise CheckCrashed(suite.name, "whole suite", crash)
    return outcome


@cache
def _batch_definition() -> Any:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("all")


@contextmanager
def quietly() -> Iterator[None]:
    """GX neither warns, nor logs (its messages quote cells), nor reports home."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    logger = logging.getLogger("great_expectations")
    silence = logging.NullHandler()
    logger.addHandler(silence)
    propagates, logger.propagate = logger.propagate, False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logger.propagate = propagates
            logger.removeHandler(silence)


def _crash(result: Any) -> str:
    """Kind of the exception behind a result; empty when the rule was evaluated.

    Only names of built-in exceptions are taken from the trace: the rest may be cells.
    """
    info = result.exception_info or {}
    parts = [info, *(part for part in info.values() if isinstance(part, dict))]
    raised = [part for part in parts if part.get("raised_exception")]
    if not raised:
        return ""
    trace = str(raised[0].get("exception_traceback") or "")
    kinds = [name for name in _NAMED.findall(trace) if hasattr(builtins, name)]
    return kinds[0] if kinds else "error inside great_expectations"


def _positions(result: Any) -> np.ndarray:
    found = (result.result or {}).get("unexpected_index_list")
    return np.sort(np.array([] if found is None else found, dtype="int64"))


def _checked(result: Any) -> int:
    counts = result.result or {}
    return int(counts["element_count"]) - int(counts.get("missing_count") or 0)
