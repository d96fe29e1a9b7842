"""Declared: the rules of one programme as rules of a suite, and the frame they look at.

Grain of the frame: one row per submission that is not refused; per rule the column
`left_<code>` and, where two figures are compared, `right_<code>`. Null where a figure
that the rule needs is missing or kept out: then the rule does not apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from expectations.declared_words import RuleWords, words_of
from expectations.register import Register
from expectations.rules import Rule
from expectations.year_to_date import Figures, year_to_date
from sources.programme.findings import Severity
from sources.programme.model import DeclaredRule, Programme

DECLARED_SUITE = "declared"
_KEY = ["form_code", "unit_code", "period_key"]


def as_rule(declared: DeclaredRule, programme: Programme) -> Rule:
    """The declared rule as one of the suite `declared`."""
    words = words_of(declared, programme)
    return Rule.model_validate(
        {
            "rule_code": declared.code,
            "suite": DECLARED_SUITE,
            "severity": Severity(declared.severity),
            "owner": declared.owner,
            "name_vi": declared.name_vi,
            "name_en": declared.name_en,
            "is_enabled": declared.is_enabled,
            "valid_from": declared.valid_from,
            "valid_to": declared.valid_to,
            **_expectation(declared),
            "message_vi": declared.message_vi or words.message_vi,
            "message_en": declared.message_en or words.message_en,
            "observed": "{left}",
            "expected": words.expected,
        }
    )


def _expectation(rule: DeclaredRule) -> dict[str, object]:
    left = f"left_{rule.code}"
    if rule.kind == "range":
        bounds = {
            name: str(bound)
            for name, bound in (("min_value", rule.low), ("max_value", rule.high))
            if bound is not None
        }
        expect = "expect_column_values_to_lie_between"
        return {"expect": expect, "with": {"column": left, **bounds}}
    return {
        "expect": "expect_column_pair_values_to_compare",
        "with": {
            "column_A": left,
            "comparator": rule.comparator or "=",
            "column_B": f"right_{rule.code}",
            "tolerance": str(rule.tolerance),
        },
    }


def history_keys(programme: Programme, submissions: pd.DataFrame) -> pd.DataFrame:
    """One row per form, unit and period whose earlier figures the batch is judged by.

    Beside the batch's own forms these are the forms that year-to-date rules add up.
    """
    homes = {code: form.code for form in programme.forms for code in form.measures}
    asked = {
        (rule.form, homes[base])
        for rule in programme.rules
        if rule.of is not None
        for base in [rule.of if rule.of in homes else rule.of.rpartition(".")[0]]
    }
    own = submissions[_KEY].drop_duplicates()
    others = [
        own[own["form_code"].eq(form)].assign(form_code=other)
        for form, other in sorted(asked)
        if form != other
    ]
    return pd.concat([own, *others], ignore_index=True).drop_duplicates()


@dataclass(frozen=True)
class DeclaredFrame:
    """The frame of the suite, and the cells of each rule's left side.

    `places`: per rule an array (row of the frame, measure), places in the cells.
    """

    frame: pd.DataFrame
    places: dict[str, np.ndarray]
    words: dict[str, RuleWords]

    def worded(
        self,
        rule: Rule,
        rows: pd.DataFrame,
        submissions: pd.DataFrame,
        cells: pd.DataFrame,
    ) -> pd.DataFrame:
        """Failing rows of one rule with their words, at the first left figure's cell.

        `other_row_ids` lists the observations of the other left figures.
        """
        places = self.places[rule.rule_code][rows["row"].to_numpy()]
        words = self.words[rule.rule_code]
        cell = cells.iloc[places[:, 0]].reset_index(drop=True)
        own = submissions.iloc[rows["submission"].to_numpy()].reset_index(drop=True)
        names = [name for name in own if name not in ("sheet", "row_id")]
        ids = cells["row_id"].to_numpy()[places[:, 1:]].tolist()
        left, right = f"left_{rule.rule_code}", f"right_{rule.rule_code}"
        return own[names].assign(
            **{
                name: cell[name] for name in ("measure_code", "sheet", "cell", "row_id")
            },
            **words.columns,
            other_row_ids=pd.Series(ids, dtype="object"),
            left=rows[left],
            right=rows.get(right),
        )


def declared_frame(
    register: Register,
    rules: Sequence[Rule],
    submissions: pd.DataFrame,
    values: pd.DataFrame,
    earlier: pd.DataFrame | None,
) -> DeclaredFrame:
    """One row per submission given, with the figures that the rules compare.

    Args:
        register: The programme.
        rules: The rules of the suite that are switched on.
        submissions: Submissions that are not refused, by the labels `values` name.
        values: One row per value that may enter, with its `place` in the cells.
        earlier: One row per figure accepted before the batch, or None.
    """
    figures = Figures(register, submissions, values)
    programme = register.programme
    declared = {rule.code: rule for rule in programme.rules}
    columns: dict[str, pd.Series] = {}
    places: dict[str, np.ndarray] = {}
    for code in (rule.rule_code for rule in rules):
        rule = declared[code]
        measures = rule.left if rule.kind == "compare" else (str(rule.measure),)
        left, places[code] = figures.total(rule.form, measures)
        columns[f"left_{code}"] = left
        if rule.kind != "range":
            columns[f"right_{code}"] = _right(rule, figures, earlier)
    frame = pd.DataFrame(
        {
            "submission": submissions.index.to_numpy(),
            "form_code": submissions["form_code"].to_numpy(),
            "period_key": submissions["period_key"].to_numpy(),
            "row": np.arange(len(submissions)),
            **columns,
        }
    )
    words = {code: words_of(declared[code], programme) for code in places}
    return DeclaredFrame(frame, places, words)


def _right(
    rule: DeclaredRule, figures: Figures, earlier: pd.DataFrame | None
) -> pd.Series:
    """Per submission the figure that the left side is compared with, or null."""
    if rule.kind == "year_to_date":
        return year_to_date(rule, figures, earlier)
    if isinstance(rule.right, Decimal):
        return figures.constant(rule.right, rule.form)
    return figures.total(rule.form, rule.right)[0]
