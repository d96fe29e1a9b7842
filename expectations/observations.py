"""Observations: the columns that the suites over observations look at.

Grain: one row per observation of a submission that is not refused, in the order given,
except `completeness_frame` (submission x required measure). Null means that a rule does
not apply. Values stay exact decimals; only signs and yes/no are looked at as floats.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from expectations.errors import FrameRefused
from expectations.register import Register

READING_FAULTS = (
    "not_a_number",
    "ambiguous_number",
    "ambiguous_undeclared",
    "error_cell",
    "no_cached_value",
    "bad_yes_no",
    "unknown_mark",
)
"""Fault codes that have a message of their own; others share READING_FAULT."""

_OF_SUBMISSION = (
    "programme_code",
    "delivery_sha256",
    "file_name",
    "form_code",
    "unit_code",
    "period_key",
)
_OF_MEASURE = ("measure_name_vi", "measure_name_en", "value_type", "may_be_negative")


def structure_frame(
    register: Register, submissions: pd.DataFrame, observations: pd.DataFrame
) -> pd.DataFrame:
    """One row per observation of the submissions given, with what its form knows of it.

    Raises:
        FrameRefused: the same `row_id` twice, or a fault beside a value.
    """
    if not observations["row_id"].is_unique:
        raise FrameRefused("row_id must be unique in a batch of observations.")
    position = pd.Index(submissions["submission_id"]).get_indexer(
        observations["submission_id"]
    )
    frame = observations[position >= 0].reset_index(drop=True)
    own = submissions.iloc[position[position >= 0]].reset_index(drop=True)
    frame[list(_OF_SUBMISSION)] = own[list(_OF_SUBMISSION)]
    found = _registered(register.measures, frame)
    frame["measure_ref"] = (
        frame["measure_code"].astype("object").where(found >= 0, None)
    )
    for name in (*_OF_MEASURE, "whole_code", "total_code", "part_of_severity"):
        frame[name] = _take(register.measures[name], found)
    for name in ("is_summand", "is_open"):
        frame[name] = _take(register.measures[name], found).eq(True)
    if (frame["fault"].notna() & frame["value"].notna()).any():
        raise FrameRefused("An observation with a reading fault must have no value.")
    is_undeclared = own["number_style"].isna() | own["number_style"].eq("")
    frame["fault"] = (
        frame["fault"]
        .astype("object")
        .mask(
            frame["fault"].eq("ambiguous_number") & is_undeclared,
            "ambiguous_undeclared",
        )
    )
    return frame


def values_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per value of a known measure: each rule's column, else null."""
    value = frame["value"].astype("object")
    number = value.astype("float64")
    kind = frame["value_type"]
    never_negative = ~frame["may_be_negative"].eq(True) & kind.ne("yes_no")
    return frame.assign(
        not_negative=number.where(never_negative),
        count_value=value.where(kind.eq("count"), None),
        yes_no_value=number.where(kind.eq("yes_no")),
    )


def part_whole_frame(register: Register, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per value: the value of its whole, of its total, and its members' sum.

    `whole_strict` and `whole_lenient` hold the whole by the severity that the measure
    declares. A total is compared with a member unless it may be negative, and with the
    sum of its members only when every member of a closed list is there.
    """
    value = frame["value"].astype("object")
    codes = pd.Index(
        pd.concat([frame[c] for c in ("measure_code", "whole_code", "total_code")])
        .dropna()
        .unique()
    )
    submission = pd.factorize(frame["submission_id"])[0].astype("int64")

    def cell_of(column: str) -> np.ndarray:
        code = codes.get_indexer(pd.Index(frame[column]))
        return np.where(code >= 0, submission * len(codes) + code, -1)

    own = pd.Index(cell_of("measure_code"))

    def value_of(column: str) -> pd.Series:
        return _take(value, own.get_indexer(pd.Index(cell_of(column))), frame.index)

    whole, total = value_of("whole_code"), value_of("total_code")
    is_strict = frame["part_of_severity"].eq("ERROR")
    is_same = frame["whole_code"].eq(frame["total_code"])
    names = register.measures.drop_duplicates("measure_code").set_index("measure_code")
    added = {
        f"{role}_name_{language}": frame[f"{role}_code"].map(
            names[f"measure_name_{language}"]
        )
        for role in ("whole", "total")
        for language in ("vi", "en")
    }
    return frame.assign(
        whole=whole,
        whole_strict=whole.where(is_strict, None),
        whole_lenient=whole.where(~is_strict, None),
        total_value=total.where(~is_same & ~frame["may_be_negative"].eq(True), None),
        members_sum=_members_sum(register, frame, own, cell_of("total_code")),
        **added,
    )


def completeness_frame(
    register: Register, submissions: pd.DataFrame, observations: pd.DataFrame
) -> pd.DataFrame:
    """One row per submission and required measure of its form.

    `answer` is null where the cell is absent or empty. An observation that was kept out
    counts as an answer: it has a finding of its own.
    """
    columns = ["submission_id", *_OF_SUBMISSION, "sheet"]
    required = register.measures.loc[
        register.measures["is_required"],
        ["form_code", "measure_code", "measure_name_vi", "measure_name_en"],
    ]
    frame = submissions[columns].merge(required, on="form_code", how="inner")
    given = observations[["submission_id", "measure_code", "row_id", "sheet", "cell"]]
    given = given.assign(
        answer=observations["observation_status"].where(is_answer(observations), None)
    )
    given = given.sort_values("answer", na_position="last", kind="stable")
    given = given.drop_duplicates(["submission_id", "measure_code"])
    frame = frame.merge(
        given,
        on=["submission_id", "measure_code"],
        how="left",
        suffixes=("_of_submission", ""),
    )
    frame["sheet"] = frame["sheet"].where(
        frame["sheet"].notna(), frame["sheet_of_submission"]
    )
    return frame


def is_answer(observations: pd.DataFrame) -> pd.Series:
    """True where a cell says something: a number, a mark, or what could not be read."""
    return observations["observation_status"].ne("missing") | (
        observations["fault"].notna()
    )


def _registered(measures: pd.DataFrame, frame: pd.DataFrame) -> np.ndarray:
    """Position of each row's form and measure in the register, -1 if it has none."""
    known = pd.Index(measures["form_code"] + "|" + measures["measure_code"])
    asked = frame["form_code"] + "|" + frame["measure_code"].fillna("")
    return known.get_indexer(pd.Index(asked))


def _take(
    column: pd.Series, positions: np.ndarray, index: pd.Index | None = None
) -> pd.Series:
    """Values at the positions, None where a position is -1."""
    values = column.to_numpy(dtype="object")
    taken = np.full(len(positions), None, dtype="object")
    is_found = positions >= 0
    taken[is_found] = values[positions[is_found]]
    return pd.Series(taken, index=index, dtype="object")


def _members_sum(
    register: Register, frame: pd.DataFrame, own: pd.Index, total_cell: np.ndarray
) -> pd.Series:
    """Sum of the members below each total of an exhaustive breakdown, else None."""
    is_summand = frame["is_summand"].to_numpy(dtype=bool) & (total_cell >= 0)
    members = pd.DataFrame(
        {
            "cell": total_cell[is_summand],
            "total_code": frame["total_code"].to_numpy()[is_summand],
            "is_open": frame["is_open"].to_numpy()[is_summand],
            "value": frame["value"].to_numpy()[is_summand],
            "form_code": frame["form_code"].to_numpy()[is_summand],
        }
    )
    if members.empty:
        return pd.Series(None, index=frame.index, dtype="object")
    sums = members.groupby("cell", sort=False).agg(
        total=("value", "sum"),
        present=("value", "size"),
        is_open=("is_open", "first"),
        total_code=("total_code", "first"),
        form_code=("form_code", "first"),
    )
    asked = (
        register.measures[register.measures["is_summand"]]
        .groupby(["form_code", "total_code"])
        .size()
        .rename("asked")
    )
    sums = sums.join(asked, on=["form_code", "total_code"])
    is_whole = sums["is_open"] | sums["present"].eq(sums["asked"])
    complete = sums.loc[is_whole, "total"]
    return _take(complete, complete.index.get_indexer(own), frame.index)
