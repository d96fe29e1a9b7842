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
from expectations.rulebook import rule_book
from expectations.rules import Rule, rules_of
from expectations.runner import run_suite, skipped
from expectations.standing import CONTROL_TOTAL_DIFFERS, judged_rows
from sources.programme.findings import Severity
from sources.programme.model import Programme

KEPT_ROWS = 0.8
"""A fact table with fewer rows than this share of those published is refused.

Figures of a term only grow from one publication to the next; corrections and a unit
that ends move a few rows. A fifth gone is a source, a programme or a model at fault.
"""

VERDICT_COLUMNS = (
    "target_code",
    "unit_code",
    "period_key",
    "verdict_before",
    "verdict_now",
    "actual_before",
    "actual_now",
)

_NEEDED = {
    "totals": "indicator_code raw_sum raw_count mart_sum mart_count",
    "duplicates": "table grain duplicates",
    "row_counts": "table rows_now rows_published",
    "control_totals": (
        "programme_code unit_code form_code period_key last_day measure_code control "
        "lowest highest is_told"
    ),
    "verdicts": " ".join(VERDICT_COLUMNS),
}
_LISTED = 20


@dataclass(frozen=True)
class Gate2Result:
    """The word of gate 2 on a build.

    reasons: why it is refused, one text per fact, in the same order in both languages;
    warnings: what does not refuse it. results: one row per rule. verdict_changes: one
    row per target, scope unit and period whose verdict is another than published
    (`VERDICT_COLUMNS`); none in a first publication.
    """

    is_passed: bool
    results: pd.DataFrame
    reasons_vi: list[str]
    reasons_en: list[str]
    warnings_vi: list[str]
    warnings_en: list[str]
    verdict_changes: pd.DataFrame


def judge(
    facts: Mapping[str, pd.DataFrame],
    kept_rows: float = KEPT_ROWS,
    programme: Programme | None = None,
) -> Gate2Result:
    """Judges a finished build by its facts.

    Args:
        facts: `totals`, one row per measure; `duplicates`, one per table with a grain;
            `row_counts`, one per table; `control_totals`, one per total of a parent
            with its bounds and whether a finding tells of it; `verdicts`, one per
            target, scope unit and period that was published before.
        kept_rows: Share of the published rows that a fact table must keep.
        programme: The programme whose run this is: only its control totals have to be
            told of, and only as its rule settings say. None: all of them.

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
        "control_totals_told": _with_untold(facts["control_totals"], programme),
        "verdicts": facts["verdicts"],
    }
    turned = facts["verdicts"].head(0)
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
            if suite.name == "verdicts":
                turned = failing
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
        verdict_changes=turned[list(VERDICT_COLUMNS)].reset_index(drop=True),
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


def _with_untold(totals: pd.DataFrame, programme: Programme | None) -> pd.DataFrame:
    """The totals; to be compared only where there are children and no finding."""
    if programme is not None:
        totals = totals[totals["programme_code"].eq(programme.code)]
        rule = rule_book(programme).named(CONTROL_TOTAL_DIFFERS)
        totals = judged_rows(rule, totals)
    is_open = totals["lowest"].notna() & ~totals["is_told"].astype(bool)
    untold = totals["control"].astype("object").where(is_open, None)
    return totals.assign(untold=untold)


def _reasons(rule: Rule, failing: pd.DataFrame, language: str) -> list[str]:
    template = rule.message_vi if language == "vi" else rule.message_en
    texts = fill(template, failing.head(_LISTED), language)
    more = len(failing) - _LISTED
    if more > 0:
        words = "và {} trường hợp nữa" if language == "vi" else "and {} more"
        texts.append(f"{rule.rule_code}: " + words.format(more))
    return texts
