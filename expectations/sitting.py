"""Sitting: the state of one judging: what was found so far, and what it means.

Runs suites one after the other and turns failing rows into findings, rejected
submissions and quarantined values.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from expectations.messages import WHERE_WORDS, fill, where
from expectations.rules import Rule, rules_of, suite_named
from expectations.runner import run_suite, skipped
from expectations.suggest import Candidates, nearest
from sources.programme.findings import (
    FINDING_DTYPES,
    Severity,
    as_findings,
    empty_findings,
)

NOTHING_TO_JUDGE = "no rows: nothing of this kind arrived, or all of it was refused"
_LANGUAGES = ("vi", "en")
_WEIGHT = {severity: weight for weight, severity in enumerate(Severity)}
_COPIED = (
    "programme_code",
    "delivery_sha256",
    "submission_id",
    "unit_code",
    "form_code",
    "period_key",
    "sheet",
    "cell",
    "row_id",
)


class Sitting:
    """One judging of one batch."""

    def __init__(
        self,
        candidates: Mapping[str, Candidates],
        settings: Mapping[str, object],
        read_findings: pd.DataFrame,
    ) -> None:
        self._candidates = candidates
        self._settings = settings
        self._findings = [read_findings]
        self._results: list[pd.DataFrame] = []
        self._rejected: set[str] = set()
        self._held: set[str] = set()
        is_kept_out = read_findings["is_quarantining"].astype(bool)
        kept_out = read_findings.loc[is_kept_out, "row_id"].dropna()
        self._quarantined = set(kept_out.astype("int64"))

    def run(self, suite: str, frame: pd.DataFrame) -> None:
        """Runs one suite over the frame and takes in what it found.

        A frame without rows is skipped with a reason: GX would pass it.
        """
        if frame.empty:
            self._results.append(skipped(suite, NOTHING_TO_JUDGE).results)
            return
        outcome = run_suite(suite, frame, self._settings)
        self._results.append(outcome.results)
        for rule in rules_of(suite):
            positions = outcome.failing[rule.rule_code]
            if len(positions):
                self._take_in(rule, frame.iloc[positions].reset_index(drop=True))

    def reject_read(self, submissions: pd.DataFrame) -> None:
        """Rejects the submissions that the readers' blocking findings name."""
        found = self._findings[0]
        blocking = found[found["is_blocking"].astype(bool)]
        whole = blocking.loc[blocking["submission_id"].isna(), "delivery_sha256"]
        is_hit = submissions["submission_id"].isin(
            blocking["submission_id"].dropna()
        ) | submissions["delivery_sha256"].isin(whole.dropna())
        self._rejected.update(submissions.loc[is_hit, "submission_id"])

    def not_rejected(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows whose submission is not refused so far."""
        return frame[~frame["submission_id"].isin(self._rejected)]

    def not_quarantined(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows that are not kept out so far."""
        return frame[~frame["row_id"].isin(self._quarantined)]

    def statuses(self, submission_ids: pd.Series) -> pd.Series:
        """accepted, held or rejected, per submission."""
        status = pd.Series("accepted", index=submission_ids.index, dtype="object")
        status = status.mask(submission_ids.isin(self._held), "held")
        return status.mask(submission_ids.isin(self._rejected), "rejected")

    def quarantined(self) -> pd.Series:
        """The row_ids kept out, ascending."""
        return pd.Series(sorted(self._quarantined), dtype="int64", name="row_id")

    def results(self) -> pd.DataFrame:
        """One row per rule, in the order of the suites."""
        return pd.concat(self._results, ignore_index=True)

    def findings(self) -> pd.DataFrame:
        """One row per finding, ordered by what they are about, then by weight."""
        frames = [frame for frame in self._findings if not frame.empty]
        if not frames:
            return empty_findings()
        every = pd.concat(frames, ignore_index=True).drop_duplicates("finding_id")
        text = [name for name, kind in FINDING_DTYPES.items() if kind == "object"]
        every[text] = every[text].astype("object").where(every[text].notna(), None)
        weight = every["severity"].map(_WEIGHT)
        order = every.assign(weight=weight).sort_values(
            [
                "delivery_sha256",
                "submission_id",
                "weight",
                "rule_code",
                "row_id",
                "indicator_code",
                "finding_id",
            ],
            na_position="first",
        )
        return order.drop(columns="weight").reset_index(drop=True)

    def _take_in(self, rule: Rule, rows: pd.DataFrame) -> None:
        self._findings.append(self._worded(rule, rows))
        if rule.severity == Severity.BLOCKER:
            hit = self._held if rule.effect == "hold" else self._rejected
            hit.update(rows["submission_id"])
        elif rule.severity == Severity.ERROR:
            self._quarantined.update(rows["row_id"].astype("int64"))

    def _worded(self, rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
        for language in _LANGUAGES:
            rows[f"where_{language}"] = where(rows, WHERE_WORDS[language])
        if rule.suggest is not None:
            codes, form = rows[rule.suggest.column], rows["form_code"]
            near = nearest(codes, form, self._candidates[rule.suggest.among])
            rows = rows.join(near)
        is_cell = suite_named(rule.suite).grain != "submission"
        copied = {name: rows[name] for name in _COPIED if name in rows}
        observed, expected = (
            fill(text, rows, "plain") if text else None
            for text in (rule.observed, rule.expected)
        )
        frame = pd.DataFrame(copied).assign(
            indicator_code=rows["measure_code"] if is_cell else None,
            rule_code=rule.rule_code,
            severity=str(rule.severity),
            scope="observation" if is_cell else "submission",
            message_vi=fill(rule.message_vi, rows, "vi"),
            message_en=fill(rule.message_en, rows, "en"),
            observed=observed,
            expected=expected,
        )
        return as_findings(frame)
