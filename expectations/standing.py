"""Standing checks: doubts over everything accepted so far, not over one submission.

They warn and never hold anything back. A doubt about a whole series (corrections, a
unit's values over its periods) names no period: it stays the same doubt when the next
period comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from expectations.checks import STANDING_SUITES
from expectations.errors import FrameRefused
from expectations.messages import WHERE_WORDS, fill, show, where
from expectations.rulebook import in_force, rule_book
from expectations.rules import Rule
from expectations.runner import run_suite, skipped
from expectations.sitting import SWITCHED_OFF
from sources.programme.findings import as_findings, empty_findings
from sources.programme.model import Programme

CONTROL_TOTAL_DIFFERS = "CONTROL_TOTAL_DIFFERS"

LEAST_CHANCE = 0.005
"""What happens by chance less often than this is a doubt: among the 200 units of a
province about one false alarm, and fewer still for the tests are exact."""

FEWEST_CHANGES = 8
"""Corrected figures before they are judged: of fewer even all one way happen by chance
more often than that (1/128 for seven)."""

FEWEST_NEAR = 10
"""Values near a threshold before they are judged."""

BAND = 0.02
"""Just past or short of a threshold: within 2 % of the scale (2 points of 100)."""

EDGE = 0.1
"""... and within a tenth of the way to the scale's ends, for a threshold near one."""

NOTHING = "no rows: nothing to compare"
_LANGUAGES = ("vi", "en", "plain")
_COPIED = {
    "programme_code": "programme_code",
    "delivery_sha256": "delivery_sha256",
    "submission_id": "submission_id",
    "unit_code": "unit_code",
    "form_code": "form_code",
    "period_key": "period_key",
    "measure_code": "indicator_code",
    "indicator_code": "indicator_code",
    "sheet": "sheet",
    "cell": "cell",
}


@dataclass(frozen=True)
class Standing:
    """The word of the standing checks.

    findings: one row per doubt, scope "series". results: one row per rule
    (`checks.RESULT_COLUMNS`).
    """

    findings: pd.DataFrame
    results: pd.DataFrame


def judge_standing(programme: Programme, facts: Mapping[str, pd.DataFrame]) -> Standing:
    """Judges the facts of one programme.

    Args:
        programme: The programme; its root unit stands for a doubt about a period.
        facts: `control_totals`, one row per control total with the bounds of the
            children's sum; `corrections`, one per form and unit; `bunching`, one per
            threshold and unit, or period and level.

    Raises:
        FrameRefused: a frame of facts is absent or lacks a column.
        ProgrammeError: a setting of a rule does not fit the catalogue.
        CheckCrashed: a check could not be evaluated.
    """
    prepared = {
        "control_totals": _with_compared,
        "corrections": _with_chance_of_corrections,
        "bunching": _with_chance_of_bunching,
    }
    book = rule_book(programme)
    findings, results = [], []
    for suite in STANDING_SUITES:
        if suite.name not in facts:
            raise FrameRefused(
                f"Facts of the standing checks lack {suite.name}; the query behind "
                "them must return that frame, if need be without rows."
            )
        frame = prepared[suite.name](facts[suite.name])
        for rule in book.of(suite.name):
            rows = judged_rows(rule, frame)
            if rows.empty:
                reason = NOTHING if rule.is_enabled else SWITCHED_OFF
                results.append(skipped(suite.name, reason, [rule]).results)
                continue
            settings = {"least_chance": LEAST_CHANCE}
            outcome = run_suite(suite.name, rows, settings, [rule])
            results.append(outcome.results)
            failing = rows.iloc[outcome.failing[rule.rule_code]]
            if len(failing):
                worded = _WORDS[suite.name](failing.reset_index(drop=True), programme)
                findings.append(_findings(rule, worded))
    return Standing(
        findings=pd.concat(findings, ignore_index=True)
        if findings
        else empty_findings(),
        results=pd.concat(results, ignore_index=True),
    )


def judged_rows(rule: Rule, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that the rule judges, as the programme sets it; a series always."""
    if not rule.is_enabled:
        return frame.head(0)
    if "last_day" not in frame:
        return frame
    return frame[in_force(rule, frame["last_day"])]


def _with_compared(totals: pd.DataFrame) -> pd.DataFrame:
    """The totals; nothing to compare where no child has to send anything."""
    compared = totals["control"].astype("object").where(totals["lowest"].notna(), None)
    return totals.assign(compared=compared)


def _with_chance_of_corrections(corrections: pd.DataFrame) -> pd.DataFrame:
    chance = _chance(corrections["toward"], corrections["changed"], FEWEST_CHANGES)
    return corrections.assign(chance=chance)


def _with_chance_of_bunching(bunching: pd.DataFrame) -> pd.DataFrame:
    near = bunching["past_count"] + bunching["short_count"]
    chance = _chance(bunching["past_count"], near, FEWEST_NEAR)
    return bunching.assign(near_count=near, chance=chance)


def _chance(good: pd.Series, every: pd.Series, fewest: int) -> pd.Series:
    """Probability of at least `good` of `every` where both ways are as likely.

    Exact (binomial); null where there are fewer than `fewest`.
    """
    from scipy.stats import binom

    hits, tries = good.to_numpy("int64"), every.to_numpy("int64")
    chance = np.where(tries >= fewest, binom.sf(hits - 1, tries, 0.5), np.nan)
    return pd.Series(chance, index=good.index)


def _word_control_totals(rows: pd.DataFrame, _: Programme) -> pd.DataFrame:
    words = {
        "vi": ("từ {} đến {}", "từ {} trở lên", "; còn thiếu {} đơn vị ({})"),
        "en": ("between {} and {}", "at least {}", "; {} of them missing ({})"),
        "plain": ("{}..{}", ">={}", ""),
    }
    more = {"vi": " và đơn vị khác", "en": " and others", "plain": ""}
    for language in _LANGUAGES:
        between, from_on, missing = words[language]
        texts = []
        for low, high, count, codes in zip(
            rows["lowest"],
            rows["highest"],
            rows["children_missing"],
            rows["missing_codes"],
            strict=True,
        ):
            ends = [show(end, language) for end in (low, high)]
            if pd.isna(high):
                text = from_on.format(ends[0])
            else:
                text = ends[0] if low == high else between.format(*ends)
            if count:
                tail = more[language] if count > str(codes).count(",") + 1 else ""
                text += missing.format(count, f"{codes}{tail}")
            texts.append(text)
        rows[f"children_{language}"] = texts
    return rows


def _word_corrections(rows: pd.DataFrame, _: Programme) -> pd.DataFrame:
    return rows.assign(chance=_rounded(rows["chance"]))


def _word_bunching(rows: pd.DataFrame, programme: Programme) -> pd.DataFrame:
    """One row per unit, period and indicator: of several thresholds the clearest."""
    is_unit = rows["unit_code"].notna()
    words = {
        "vi": ("đơn vị ", " qua các kỳ", "kỳ ", ", cấp "),
        "en": ("unit ", " over its periods", "period ", ", level "),
    }
    for language, (of_unit, over, of_period, of_level) in words.items():
        name, period, level = (
            rows[f"{what}_{language}"].fillna("")
            for what in ("unit_name", "period_label", "level_name")
        )
        series = of_unit + rows["unit_code"] + " (" + name + ")" + over
        rows[f"about_{language}"] = series.where(
            is_unit, of_period + period + of_level + level
        )
    clearest = rows.sort_values(["chance", "threshold", "target_code"], kind="stable")
    clearest = clearest.drop_duplicates(["unit_code", "period_key", "indicator_code"])
    return clearest.sort_index().assign(
        unit_code=rows["unit_code"].where(is_unit, programme.root_unit),
        chance=_rounded(rows["chance"]),
    )


_WORDS = {
    "control_totals": _word_control_totals,
    "corrections": _word_corrections,
    "bunching": _word_bunching,
}


def _rounded(chance: pd.Series) -> pd.Series:
    """Two leading digits: what is said must not change with the last bit."""
    return chance.map(lambda value: float(f"{value:.1e}"))


def _findings(rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
    for language, words in WHERE_WORDS.items():
        rows[f"where_{language}"] = where(rows, words)
    copied = {to: rows[name] for name, to in _COPIED.items() if name in rows}
    frame = pd.DataFrame(copied).assign(
        rule_code=rule.rule_code,
        severity=str(rule.severity),
        scope="series",
        message_vi=fill(rule.message_vi, rows, "vi"),
        message_en=fill(rule.message_en, rows, "en"),
        observed=fill(rule.observed, rows, "plain"),
        expected=fill(rule.expected, rows, "plain") if rule.expected else None,
    )
    return as_findings(frame)
