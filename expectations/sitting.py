"""Sitting: the state of one judging: what was found so far, and what it means.

Runs suites one after the other and turns failing rows into findings, rejected
submissions and quarantined values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from expectations.messages import WHERE_WORDS, fill, where
from expectations.register import Register
from expectations.rulebook import RuleBook, in_force, rule_book
from expectations.rules import Rule, suite_named
from expectations.runner import run_suite, skipped
from expectations.suggest import nearest
from sources.programme.findings import (
    FINDING_DTYPES,
    Severity,
    as_findings,
    empty_findings,
)

Worded = Callable[[Rule, pd.DataFrame], pd.DataFrame]
"""Gives failing rows of a rule the columns that its message asks for."""

NOTHING_TO_JUDGE = "no rows: nothing of this kind arrived, or all of it was refused"
SWITCHED_OFF = "the programme has switched this rule off"
_LANGUAGES = ("vi", "en")
_EFFECTS = {
    True: {"vi": "Giá trị này bị giữ lại", "en": "The value is kept out"},
    False: {"vi": "Vẫn nhận", "en": "It is let in"},
}
"""`{effect}` of a message, by whether the rule weighs ERROR in this programme."""
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
        register: Register,
        settings: Mapping[str, object],
        read_findings: pd.DataFrame,
        book: RuleBook | None = None,
    ) -> None:
        self._register = register
        self._book = rule_book(register.programme) if book is None else book
        self._settings = settings
        self._read_findings = read_findings
        self._found: list[pd.DataFrame] = []
        self._results: list[pd.DataFrame] = []
        self._rejected: set[str] = set()
        self._held: set[str] = set()
        is_kept_out = read_findings["is_quarantining"].astype(bool)
        kept_out = read_findings.loc[is_kept_out, "row_id"].dropna()
        self._quarantined = set(kept_out.astype("int64"))

    def enabled(self, suite: str) -> tuple[Rule, ...]:
        """The rules of a suite that the programme has not switched off."""
        return tuple(rule for rule in self._book.of(suite) if rule.is_enabled)

    def run(
        self, suite: str, frame: pd.DataFrame, worded: Worded | None = None
    ) -> None:
        """Runs one suite over the frame and takes in what it found.

        A frame without rows is skipped with a reason: GX would pass it. Rules that are
        switched off, and rows of periods that a rule does not judge, make no findings.

        Args:
            suite: Suite in the catalogue.
            frame: One row per grain of the suite.
            worded: Completes failing rows for their messages; None where the frame has
                all they need.
        """
        off = [rule for rule in self._book.of(suite) if not rule.is_enabled]
        self._results.append(skipped(suite, SWITCHED_OFF, off).results)
        rules = self.enabled(suite)
        if frame.empty or not rules:
            self._results.append(skipped(suite, NOTHING_TO_JUDGE, rules).results)
            return
        outcome = run_suite(suite, frame, self._settings, rules)
        results = outcome.results
        for number, rule in enumerate(rules):
            positions = outcome.failing[rule.rule_code]
            if not len(positions):
                continue
            rows = frame.iloc[positions].reset_index(drop=True)
            if worded is not None:
                rows = worded(rule, rows)
            if rule.valid_from or rule.valid_to:
                rows = self._in_force(rule, rows)
                results.loc[number, "failed"] = len(rows)
                results.loc[number, "status"] = "fail" if len(rows) else "pass"
            if len(rows):
                self._take_in(rule, rows)
        self._results.append(results)

    def _in_force(self, rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows of periods that the rule judges."""
        last_days = rows["period_key"].map(self._register.last_days)
        return rows[in_force(rule, last_days)].reset_index(drop=True)

    def reject_read(self, submissions: pd.DataFrame) -> None:
        """Rejects the submissions that the readers' blocking findings name."""
        found = self._read_findings
        blocking = found[found["is_blocking"].astype(bool)]
        whole = blocking.loc[blocking["submission_id"].isna(), "delivery_sha256"]
        is_hit = submissions["submission_id"].isin(
            blocking["submission_id"].dropna()
        ) | submissions["delivery_sha256"].isin(whole.dropna())
        self._rejected.update(submissions.loc[is_hit, "submission_id"])

    def is_rejected(self, submission_ids: pd.Series) -> np.ndarray:
        """Per id: true where the submission is refused."""
        return submission_ids.isin(self._rejected).to_numpy()

    def is_quarantined(self, row_ids: pd.Series) -> np.ndarray:
        """Per observation: true where its value is kept out."""
        return row_ids.isin(self._quarantined).to_numpy()

    def not_rejected(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of submissions that are not refused."""
        if not self._rejected:
            return frame
        return frame[~self.is_rejected(frame["submission_id"])]

    def not_quarantined(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of observations that are not kept out."""
        if not self._quarantined:
            return frame
        return frame[~self.is_quarantined(frame["row_id"])]

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
        filled = [rows for rows in self._results if len(rows)]
        return pd.concat(filled, ignore_index=True)

    def findings(self) -> pd.DataFrame:
        """One row per finding, ordered by what they are about, then by weight."""
        frames = [self._read_findings] if len(self._read_findings) else []
        if self._found:
            frames.append(as_findings(pd.concat(self._found, ignore_index=True)))
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
        self._found.append(self._worded(rule, rows))
        if rule.severity == Severity.BLOCKER:
            hit = self._held if rule.effect == "hold" else self._rejected
            hit.update(rows["submission_id"])
        elif rule.severity == Severity.ERROR:
            self._quarantined.update(rows["row_id"].astype("int64"))
            if "other_row_ids" in rows:
                self._quarantined.update(*rows["other_row_ids"])

    def _worded(self, rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
        if rule.at and rule.at in rows:
            is_known = rows[rule.at].notna()
            rows["cell"] = rows[rule.at].where(is_known, None)
            rows["sheet"] = rows["meta_sheet"].where(is_known, rows["sheet"])
        for language in _LANGUAGES:
            rows[f"where_{language}"] = where(rows, WHERE_WORDS[language])
            effects = _EFFECTS[rule.severity == Severity.ERROR]
            rows[f"effect_{language}"] = effects[language]
        if rule.suggest is not None:
            codes, form = rows[rule.suggest.column], rows["form_code"]
            among = self._register.candidates[rule.suggest.among]
            rows = rows.join(nearest(codes, form, among))
        is_cell = suite_named(rule.suite).grain != "submission"
        copied = {name: rows[name] for name in _COPIED if name in rows}
        observed, expected = (
            fill(text, rows, "plain") if text else None
            for text in (rule.observed, rule.expected)
        )
        return pd.DataFrame(copied, dtype="object").assign(
            indicator_code=rows["measure_code"] if is_cell else None,
            rule_code=rule.rule_code,
            severity=str(rule.severity),
            scope="observation" if is_cell else "submission",
            message_vi=fill(rule.message_vi, rows, "vi"),
            message_en=fill(rule.message_en, rows, "en"),
            observed=observed,
            expected=expected,
        )
