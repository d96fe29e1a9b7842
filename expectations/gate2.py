"""Gate 2: may this build be published.

Looks at small frames of facts about the whole build, never at its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from expectations.checks import GATE_2_SUITES
from expectations.errors import FrameRefused
from expectations.messages import fill
from expectations.rules import Rule, rules_of
from expectations.runner import run_suite, skipped
from sources.programme.findings import Severity

KEPT_ROWS = 0.8
"""A fact table with fewer rows than this share of those published is refused."""

_NEEDED = {
    "totals": "indicator_code raw_sum raw_count mart_sum mart_count",
    "duplicates": "table grain duplicates",
    "row_counts": "table rows_now rows_published",
    "control_totals": (
        "unit_code period_key measure_code control children_sum children_missing"
    ),
}
_LISTED = 20


@dataclass(frozen=True)
class Gate2Result:
    """The word of gate 2 on a build.

    reasons: why it is refused, one text per fact, in the same order in both languages;
    warnings: doubts that do not refuse it. results: one row per rule.
    """

    is_passed: bool
    results: pd.DataFrame
    reasons_vi: list[str]
    reasons_en: list[str]
    warnings_vi: list[str]
    warnings_en: list[str]


def judge(
    facts: Mapping[str, pd.DataFrame], kept_rows: float = KEPT_ROWS
) -> Gate2Result:
    """Judges a finished build by its facts.

    Args:
        facts: `totals`, one row per measure; `duplicates`, one per table with a grain;
            `row_counts`, one per table; `control_totals`, one per total of a parent.
        kept_rows: Share of the published rows that a fact table must keep.

    Raises:
        FrameRefused: a frame of facts is absent, lacks a column, or the build has no
            tables.
        CheckCrashed: a check could not be evaluated.
    """
    _check(facts)
    frames = {
        "reconciliation": facts["totals"],
        "grain": facts["duplicates"],
        "shrinkage": _facts_only(facts["row_counts"]),
        "control_totals": _with_complete(facts["control_totals"]),
    }
    results: list[pd.DataFrame] = []
    texts: dict[tuple[bool, str], list[str]] = {
        (is_refusal, language): []
        for is_refusal in (True, False)
        for language in ("vi", "en")
    }
    for suite in GATE_2_SUITES:
        frame = frames[suite.name]
        if frame.empty:
            results.append(skipped(suite.name, "no rows: nothing to compare").results)
            continue
        outcome = run_suite(suite.name, frame, {"kept_rows": kept_rows})
        results.append(outcome.results)
        for rule in rules_of(suite.name):
            failing = frame.iloc[outcome.failing[rule.rule_code]]
            for language in ("vi", "en"):
                is_refusal = rule.severity == Severity.BLOCKER
                texts[is_refusal, language] += _reasons(rule, failing, language)
    return Gate2Result(
        is_passed=not texts[True, "vi"],
        results=pd.concat(results, ignore_index=True),
        reasons_vi=texts[True, "vi"],
        reasons_en=texts[True, "en"],
        warnings_vi=texts[False, "vi"],
        warnings_en=texts[False, "en"],
    )


def _check(facts: Mapping[str, pd.DataFrame]) -> None:
    for name, needed in _NEEDED.items():
        absent = set(needed.split()) - set(facts.get(name, pd.DataFrame()).columns)
        if absent:
            raise FrameRefused(
                f"Facts of gate 2 lack {name}: {sorted(absent)}. Nothing can be "
                "published unjudged; the query behind them must return those columns."
            )
    if facts["duplicates"].empty or facts["row_counts"].empty:
        raise FrameRefused(
            "The build has no tables in schema marts. Run the build again and look at "
            "its log; nothing is published."
        )


def _facts_only(row_counts: pd.DataFrame) -> pd.DataFrame:
    """One row per fact table; a table that was never published has null before."""
    frame = row_counts[row_counts["table"].str.startswith("fct_")]
    return frame.assign(
        rows_now=frame["rows_now"].astype("float64"),
        rows_published=frame["rows_published"].astype("float64"),
    )


def _with_complete(control_totals: pd.DataFrame) -> pd.DataFrame:
    """The totals, comparable only where every child that owes the form has reported."""
    is_complete = control_totals["children_missing"].fillna(0).eq(0)
    control = control_totals["control"].astype("object")
    return control_totals.assign(control_when_complete=control.where(is_complete, None))


def _reasons(rule: Rule, failing: pd.DataFrame, language: str) -> list[str]:
    template = rule.message_vi if language == "vi" else rule.message_en
    texts = fill(template, failing.head(_LISTED), language)
    more = len(failing) - _LISTED
    if more > 0:
        words = "và {} trường hợp nữa" if language == "vi" else "and {} more"
        texts.append(f"{rule.rule_code}: " + words.format(more))
    return texts
