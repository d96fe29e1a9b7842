"""Back-test: what a rule would have said of the reports accepted so far.

The history runs through gate 1 itself, period after period, each batch as if it had
just arrived and what lies before it as its past. Nothing is recorded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from expectations.gate1 import judge
from expectations.register import last_days
from expectations.rulebook import rule_book
from expectations.rules import Rule, suite_named
from sources.programme.batch import EARLIER_COLUMNS
from sources.programme.findings import empty_findings
from sources.programme.model import Programme
from sources.programme.periods import period_order

BATCH = 500_000
"""Observations judged at once; a whole number of periods, at least one."""

_KEY = ["form_code", "unit_code", "period_key"]
_COUNTS = ["form_code", "unit_code", "period_key", "received_at", "observation_count"]


@dataclass(frozen=True)
class Backtest:
    """What a rule flags in history.

    flags: one row per unit and period with reports: `submissions`, `flagged` of them,
    `findings` and `rate` (flagged / submissions). examples: findings, newest periods
    first. checked: rows that the rule applied to.
    """

    rule: Rule
    flags: pd.DataFrame
    examples: pd.DataFrame
    checked: int

    def by(self, column: str) -> pd.DataFrame:
        """One row per `unit_code` or `period_key`, highest rate first."""
        names = ["submissions", "flagged", "findings"]
        rows = self.flags.groupby(column, as_index=False)[names].sum()
        rows = rows.assign(rate=rows["flagged"] / rows["submissions"])
        order = ["rate", "findings", column]
        return rows.sort_values(order, ascending=[False, False, True]).reset_index(
            drop=True
        )


def backtest(
    programme: Programme,
    rule_code: str,
    submissions: pd.DataFrame,
    observations: pd.DataFrame,
    expected: pd.DataFrame,
    measures: pd.DataFrame,
    units: Collection[str] = (),
    since: dt.date | None = None,
) -> Backtest:
    """Runs one rule over history, switched on or not and whatever its days.

    History holds what was let in, of each report the version that stands: what an ERROR
    kept out at the time is not in it, and a correction counts as received when it came.

    Args:
        programme: The programme.
        rule_code: A rule of gate 1.
        submissions: One row per submission accepted now.
        observations: One row per figure of theirs that was let in.
        expected: One row per form, unit and period due.
        measures: One row per measure (columns of raw.ref_measure).
        units: Only these units' flags; empty: every unit's. All are judged.
        since: Only flags of periods that end on that day or later.

    Raises:
        UnknownRule: there is no such rule.
        ValueError: the rule does not judge what arrives.
    """
    book = rule_book(programme).always(rule_code)
    rule = book.named(rule_code)
    if suite_named(rule.suite).gate != 1:
        raise ValueError(
            f"Rule {rule_code} judges a finished build or everything accepted at once, "
            "not reports as they arrive; its findings of now are its back-test."
        )
    found, checked = [empty_findings()], 0
    for batch, figures, earlier in _batches(submissions, observations):
        judgement = judge(
            programme,
            batch,
            figures,
            empty_findings(),
            expected=expected,
            measures=measures,
            current_counts=pd.DataFrame(columns=_COUNTS),
            earlier=earlier,
            book=book,
        )
        findings, results = judgement.findings, judgement.results
        found.append(findings[findings["rule_code"].eq(rule_code)])
        checked += int(results.loc[results["rule_code"].eq(rule_code), "checked"].sum())
    findings = pd.concat([f for f in found if len(f)] or found, ignore_index=True)
    judged = _asked(programme, rule, submissions, units, since)
    findings = findings[findings["submission_id"].isin(judged["submission_id"])]
    order = period_order(findings["period_key"]).astype("float64")
    newest = findings.iloc[np.argsort(-order.to_numpy(), kind="stable")]
    return Backtest(
        rule, _flags(judged, findings), newest.reset_index(drop=True), checked
    )


def _batches(
    submissions: pd.DataFrame, observations: pd.DataFrame
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]]:
    """Submissions of some periods, their observations, and all figures before them."""
    turn = period_order(submissions["period_key"]).fillna(0).astype("int64")
    owner = pd.Index(submissions["submission_id"]).get_indexer(
        observations["submission_id"]
    )
    turn_of = turn.to_numpy()[owner]
    sizes = (
        pd.Series(turn_of).value_counts().reindex(sorted(turn.unique()), fill_value=0)
    )
    batch_of = (sizes.cumsum() - sizes) // BATCH
    own = submissions[[*_KEY, "is_control_total"]].iloc[owner].reset_index(drop=True)
    figures = observations[["submission_id", "measure_code", "value"]]
    figures = figures.reset_index(drop=True).join(own)
    is_figure = figures["value"].notna() & ~figures["is_control_total"].astype(bool)
    number = batch_of.reindex(turn_of).to_numpy()
    for batch in batch_of.unique():
        turns = batch_of.index[batch_of.eq(batch)]
        before = figures.loc[is_figure & (number < batch), list(EARLIER_COLUMNS)]
        yield (
            submissions[turn.isin(turns)].reset_index(drop=True),
            observations[number == batch].reset_index(drop=True),
            before.astype({"value": "float64"}),
        )


def _asked(
    programme: Programme,
    rule: Rule,
    submissions: pd.DataFrame,
    units: Collection[str],
    since: dt.date | None,
) -> pd.DataFrame:
    """Submissions whose flags are asked for: of its form, for a declared rule."""
    rows = submissions[["submission_id", *_KEY]]
    form = {declared.code: declared.form for declared in programme.rules}
    if rule.rule_code in form:
        rows = rows[rows["form_code"].eq(form[rule.rule_code])]
    if units:
        rows = rows[rows["unit_code"].isin(list(units))]
    if since is not None:
        days = last_days(programme, rows["period_key"])
        rows = rows[[days.get(key, since) >= since for key in rows["period_key"]]]
    return rows


def _flags(judged: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    count = findings["submission_id"].value_counts()
    found = judged["submission_id"].map(count).fillna(0).astype("int64")
    rows = judged.assign(
        submissions=1, flagged=found.gt(0).astype("int64"), findings=found
    )
    flags = rows.groupby(["unit_code", "period_key"], as_index=False)[
        ["submissions", "flagged", "findings"]
    ].sum()
    return flags.assign(rate=flags["flagged"] / flags["submissions"])
