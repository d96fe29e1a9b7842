"""The lower bound of gate 1: the same checks as one pandas pass over the same frames.

What a careful script would do: every rule that gate 1 has for a batch without history,
its failing rows, and a worded line per failing row in both languages. Who is alive and
which form is in force it takes from the list of what is due; one programme, figures as
floats, no results per rule but a count.
"""

from __future__ import annotations

import pandas as pd

from sources.programme.model import Programme

KEY = ["form_code", "unit_code", "period_key"]
CELL = ["submission_id", "measure_code"]
FAULTS = {
    "not_a_number": "NOT_A_NUMBER",
    "ambiguous_number": "AMBIGUOUS_NUMBER",
    "error_cell": "ERROR_CELL",
    "no_cached_value": "FORMULA_NOT_COMPUTED",
    "bad_yes_no": "BAD_YES_NO",
    "unknown_mark": "UNKNOWN_MARK",
    "too_small": "FIGURE_TOO_SMALL",
}
OF_MEASURE = [
    "form_code",
    "measure_code",
    "kind",
    "value_type",
    "is_required",
    "is_summand",
    "part_of_code",
    "part_of_severity",
    "parent_indicator_code",
]


class Pass:
    """One pass; `failing` has the failing rows of each rule, `lines` their words."""

    def __init__(self, submissions: pd.DataFrame, measures: pd.DataFrame) -> None:
        self._files = submissions.set_index("submission_id")["file_name"].to_dict()
        self._names = measures.set_index("indicator_code")["name_vi"].to_dict()
        self.failing: dict[str, pd.DataFrame] = {}
        self.lines: list[tuple[str, str, str]] = []

    def fail(self, rule: str, rows: pd.DataFrame, is_bad: pd.Series) -> pd.Series:
        """Notes and words the rows that are bad; gives back which."""
        is_bad = is_bad.fillna(False).astype(bool)
        found = rows[is_bad]
        self.failing[rule] = found
        for row in found.to_dict("records"):
            file, code = self._files[row["submission_id"]], row.get("measure_code")
            where = f"“{file}”, {row.get('sheet')}, {row.get('cell')}"
            what = f"{code} ({self._names.get(code)})"
            self.lines.append(
                (
                    rule,
                    f"Tệp {where}: {what} là {row.get('value')}; sửa rồi gửi lại.",
                    f"File {where}: {what} is {row.get('value')}; correct and resend.",
                )
            )
        return is_bad


def judge_in_one_pass(
    programme: Programme,
    submissions: pd.DataFrame,
    observations: pd.DataFrame,
    expected: pd.DataFrame,
    measures: pd.DataFrame,
    current: pd.DataFrame,
) -> Pass:
    """Everything gate 1 says of a batch without history."""
    done = Pass(submissions, measures)
    good = _submissions(done, programme, submissions, expected)
    cells = _cells(done, programme, good, observations, measures)
    _contents(done, good, cells, measures, expected, current)
    return done


def _submissions(
    done: Pass,
    programme: Programme,
    submissions: pd.DataFrame,
    expected: pd.DataFrame,
) -> pd.DataFrame:
    forms = pd.DataFrame(
        [(f.code, f.template_version, str(f.frequency)[0]) for f in programme.forms],
        columns=["form_code", "template", "letter"],
    )
    rows = submissions.merge(forms, on="form_code", how="left")
    due = expected[expected["period_key"].isin(rows["period_key"].unique())]
    rows = rows.merge(due[[*KEY, "due_date"]], on=KEY, how="left")
    units = {unit.unit_code for unit in programme.units}
    is_bad = done.fail(
        "PROGRAMME_MISMATCH", rows, rows["programme_code"].ne(programme.code)
    )
    is_bad |= done.fail("FORM_UNKNOWN", rows, rows["template"].isna())
    is_bad |= done.fail("UNIT_UNKNOWN", rows, ~rows["unit_code"].isin(units))
    periods = expected["period_key"].unique()
    is_bad |= done.fail("PERIOD_UNKNOWN", rows, ~rows["period_key"].isin(periods))
    cut = rows["period_key"].str.extract(r"-([MQHY9])", expand=False).str.lower()
    is_bad |= done.fail("PERIOD_NOT_OF_FORM", rows, cut.ne(rows["letter"]))
    is_bad |= done.fail("UNIT_NOT_DUE", rows, rows["due_date"].isna() & ~is_bad)
    is_other = rows["template_version"].ne(rows["template"])
    is_bad |= done.fail(
        "TEMPLATE_VERSION", rows, is_other & rows["reader"].eq("template")
    )
    is_twice = rows.duplicated(["delivery_sha256", *KEY], keep=False)
    is_bad |= done.fail("SUBMISSION_TWICE", rows, is_twice)
    return rows[~is_bad]


def _cells(
    done: Pass,
    programme: Programme,
    submissions: pd.DataFrame,
    observations: pd.DataFrame,
    measures: pd.DataFrame,
) -> pd.DataFrame:
    exhaustive = {c.code for c in programme.code_lists if c.is_exhaustive}
    facts = measures.rename(columns={"indicator_code": "measure_code"})
    facts = facts.assign(is_summand=facts["breakdown_code"].isin(exhaustive))
    owners = submissions[["submission_id", "form_code"]]
    rows = observations.merge(owners, on="submission_id")
    rows = rows.merge(facts[OF_MEASURE], on=["form_code", "measure_code"], how="left")
    rows["value"] = rows["value"].astype("float64")
    is_out = done.fail("MEASURE_NOT_IN_FORM", rows, rows["value_type"].isna())
    is_twice = rows.duplicated(CELL, keep=False) & ~is_out
    is_out |= done.fail("MEASURE_TWICE", rows, is_twice)
    for fault, rule in FAULTS.items():
        is_out |= done.fail(rule, rows, rows["fault"].eq(fault))
    is_strange = rows["fault"].notna() & ~rows["fault"].isin(list(FAULTS))
    is_out |= done.fail("READING_FAULT", rows, is_strange)
    is_count = rows["value_type"].eq("count")
    is_yes_no = rows["value_type"].eq("yes_no")
    is_open = rows["value"].notna() & ~is_out
    bad = [
        ("VALUE_NEGATIVE", is_open & ~is_yes_no & rows["value"].lt(0)),
        ("VALUE_NOT_WHOLE", is_open & is_count & rows["value"].mod(1).ne(0)),
        ("VALUE_NOT_YES_NO", is_open & is_yes_no & ~rows["value"].isin([0, 1])),
    ]
    for rule, is_bad in bad:
        is_out |= done.fail(rule, rows, is_bad)
    is_code = rows["raw_text"].str.match(r"0[0-9]{2,}$")
    done.fail("LOOKS_LIKE_CODE", rows, is_open & is_count & is_code)
    kept = rows[rows["value"].notna() & ~is_out]
    values = kept[[*CELL, "value"]]
    for role, code in (("whole", "part_of_code"), ("total", "parent_indicator_code")):
        other = values.rename(columns={"measure_code": code, "value": role})
        kept = kept.merge(other, on=["submission_id", code], how="left")
    is_over = kept["value"].gt(kept["whole"])
    is_strict = kept["part_of_severity"].eq("ERROR")
    done.fail("PART_OVER_WHOLE", kept, is_over & is_strict)
    done.fail("PART_OVER_WHOLE_DOUBT", kept, is_over & ~is_strict)
    done.fail("MEMBER_OVER_TOTAL", kept, kept["value"].gt(kept["total"]))
    members = kept[kept["is_summand"].eq(True)].groupby(
        ["submission_id", "parent_indicator_code"], sort=False
    )["value"]
    sums = members.agg(["sum", "size"]).reset_index()
    sums = sums.rename(columns={"parent_indicator_code": "measure_code"})
    asked = facts[facts["is_summand"]].groupby("parent_indicator_code").size()
    sums = sums[sums["size"].eq(sums["measure_code"].map(asked))]
    totals = kept.merge(sums, on=CELL)
    is_wrong = totals["value"].ne(totals["sum"].round(4))
    done.fail("MEMBERS_NOT_TOTAL", totals, is_wrong)
    out = rows["row_id"].isin(
        [
            *rows.loc[is_out, "row_id"],
            *done.failing["PART_OVER_WHOLE"]["row_id"],
            *done.failing["MEMBER_OVER_TOTAL"]["row_id"],
        ]
    )
    return rows.assign(is_out=out)


def _contents(
    done: Pass,
    submissions: pd.DataFrame,
    cells: pd.DataFrame,
    measures: pd.DataFrame,
    expected: pd.DataFrame,
    current: pd.DataFrame,
) -> None:
    is_filled = cells["observation_status"].ne("missing")
    is_answer = is_filled | cells["fault"].notna()
    owner = cells["submission_id"]
    happened = cells["kind"].eq("flow") & cells["value"].fillna(0).ne(0)
    counts = pd.DataFrame(
        {
            "answers": is_answer.groupby(owner).sum(),
            "filled": is_filled.groupby(owner).sum(),
            "kept": (is_answer & ~cells["is_out"]).groupby(owner).sum(),
            "happened": happened.groupby(owner).sum(),
        }
    )
    rows = submissions.merge(
        counts, left_on="submission_id", right_index=True, how="left"
    )
    rows = rows.merge(current[[*KEY, "observation_count"]], on=KEY, how="left")
    is_empty = done.fail("EMPTY_SUBMISSION", rows, rows["answers"].fillna(0).eq(0))
    is_refused = rows["kept"].eq(0) & ~is_empty
    is_empty |= done.fail("ALL_VALUES_REFUSED", rows, is_refused)
    done.fail("NIL_WITH_FIGURES", rows, rows["is_nil_report"] & rows["happened"].gt(0))
    received = (
        rows["received_at"].dt.tz_convert("Asia/Ho_Chi_Minh").dt.tz_localize(None)
    )
    is_late = received.dt.normalize().gt(pd.to_datetime(rows["due_date"]))
    done.fail("SUBMISSION_LATE", rows, is_late & rows["observation_count"].isna())
    half = rows["observation_count"].astype("float64") / 2
    done.fail("HELD_SHRUNK", rows, rows["filled"].lt(half))
    required = measures.loc[
        measures["is_required"], ["form_code", "indicator_code"]
    ].rename(columns={"indicator_code": "measure_code"})
    asked = rows.loc[~is_empty, ["submission_id", "form_code"]]
    asked = asked.merge(required, on="form_code")
    said = cells.loc[is_answer, CELL].drop_duplicates().assign(is_said=True)
    asked = asked.merge(said, on=CELL, how="left")
    done.fail("MEASURE_MISSING", asked, asked["is_said"].isna())
