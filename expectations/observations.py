"""Observations: the columns that the suites over observations look at.

Grain: one row per observation of a submission that is not refused, in the order given,
except `completeness_frame` (submission x required measure). `submission` is a row of
the frame of submissions, `measure` one of the register's measures, `place` one of the
cells; text is looked up for the few rows that fail, by `worded`. Null means that a rule
does not apply.
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
    "too_small",
)
"""Fault codes that have a message of their own; others share READING_FAULT."""

EXACT_BELOW = 1e11
"""Floats tell numbers of four decimals apart below it, and add them up right when the
sum is rounded to four; a batch with a larger number keeps its decimals."""

_OF_VALUE = (
    "row_id",
    "place",
    "submission",
    "measure",
    "number",
    "raw_text",
    "qualifier",
)
_WRITTEN = ["number", "code"]
_CODE_LIKE = r"0[0-9]{2,}"


def cells_frame(
    register: Register, submissions: pd.DataFrame, observations: pd.DataFrame
) -> pd.DataFrame:
    """One row per observation, with its place in the submissions and the register.

    Adds `place`, `submission`, `measure` (-1 where the form has no such measure),
    `number`, `is_filled`, `is_answer`, `measure_ref`, `answer_key` and the fault as a
    category.

    Raises:
        FrameRefused: an observation of no submission, the same `row_id` twice, or a
            fault beside a value.
    """
    if not observations["row_id"].is_unique:
        raise FrameRefused("row_id must be unique in a batch of observations.")
    submission = pd.Index(submissions["submission_id"]).get_indexer(
        pd.Index(observations["submission_id"])
    )
    if (submission < 0).any():
        raise FrameRefused(
            "Observations name a submission that is not in the batch; a reader must "
            "return both."
        )
    measure = _registered(register.measures, submissions, observations, submission)
    number = numbers(observations["value"])
    fault = _faults(submissions, observations, submission)
    if (fault.notna() & number.notna()).any():
        raise FrameRefused("An observation with a reading fault must have no value.")
    said = ~observations["observation_status"].eq("missing").to_numpy(dtype=bool)
    key = np.where(measure < 0, np.nan, submission * len(register.measures) + measure)
    return observations.reset_index(drop=True).assign(
        place=np.arange(len(observations)),
        submission=submission,
        measure=measure,
        number=number,
        fault=fault,
        is_filled=said,
        is_answer=said | fault.notna().to_numpy(),
        measure_ref=np.where(measure < 0, np.nan, measure),
        answer_key=key,
    )


def numbers(values: pd.Series) -> pd.Series:
    """The values as floats where that is exact, else as the decimals they are."""
    given = values.to_numpy(dtype="object")
    floats = given.astype("float64")
    largest = np.nanmax(np.abs(floats), initial=0)
    if largest < EXACT_BELOW:
        return pd.Series(floats)
    return pd.Series(given, dtype="object").where(~np.isnan(floats), None)


def values_frame(register: Register, cells: pd.DataFrame) -> pd.DataFrame:
    """One row per value of a known measure: each rule's column, else null."""
    is_value = (cells["measure"] >= 0) & cells["number"].notna()
    names = list(_OF_VALUE)
    frame = cells[names] if is_value.all() else cells.loc[is_value, names]
    frame = frame.reset_index(drop=True)
    measures = register.measures
    kind = measures["value_type"]
    never_negative = ~measures["may_be_negative"] & kind.ne("yes_no")
    number, measure = frame["number"], frame["measure"].to_numpy()
    is_count = kind.eq("count").to_numpy()[measure]
    written = np.where(_is_code_like(frame["raw_text"]) & is_count, 1, 0)
    return frame.drop(columns="raw_text").assign(
        not_negative=number.where(never_negative.to_numpy()[measure]),
        count_value=number.where(is_count),
        yes_no_value=number.where(kind.eq("yes_no").to_numpy()[measure]),
        written_as=pd.Categorical.from_codes(written, pd.Index(_WRITTEN)),
    )


def part_whole_frame(register: Register, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per value: the value of its whole, of its total, and its members' sum.

    `whole_strict` and `whole_lenient` hold the whole by the severity that the measure
    declares. A total is compared with a member unless it may be negative, and with the
    sum of its members only when every member of a closed list is there.
    """
    measures = register.measures
    measure = frame["measure"].to_numpy()
    own = _Keys(frame["submission"].to_numpy(), len(measures), measure)
    whole_row = own.find(_measure_at(measures, "whole_code")[measure])
    total_row = own.find(_measure_at(measures, "total_code")[measure])
    number = frame["number"]
    whole, total = take(number, whole_row), take(number, total_row)
    is_strict = measures["part_of_severity"].eq("ERROR").to_numpy()[measure]
    is_same = measures["whole_code"].eq(measures["total_code"]).to_numpy()
    is_capped = ~is_same & ~measures["may_be_negative"].to_numpy()
    return frame.assign(
        whole=whole,
        whole_strict=whole.where(is_strict),
        whole_lenient=whole.where(~is_strict),
        total_value=total.where(is_capped[measure]),
        members_sum=_members_sum(measures, frame, total_row),
    )


def completeness_frame(
    register: Register, submissions: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """One row per submission that is not refused and required measure of its form.

    `answer` is null where the cell is absent or empty. An observation that was kept out
    counts as an answer: it has a finding of its own. `submissions` keeps the labels by
    which `cells` name it.
    """
    measures = register.measures
    required = measures[measures["is_required"]]
    asked = [
        pd.DataFrame(
            {
                "submission": np.repeat(rows.index.to_numpy(), len(wanted)),
                "measure": np.tile(wanted.index.to_numpy(), len(rows)),
            }
        )
        for form, rows in submissions.groupby("form_code", sort=False)
        if len(wanted := required[required["form_code"].eq(form)])
    ]
    if not asked:
        return pd.DataFrame(columns=["submission", "measure", "answer"])
    frame = pd.concat(asked, ignore_index=True)
    key = frame["submission"].to_numpy() * len(measures) + frame["measure"].to_numpy()
    answers = cells["answer_key"].to_numpy()[cells["is_answer"].to_numpy()]
    known = answers[~np.isnan(answers)].astype("int64")
    return frame.assign(answer=np.where(np.isin(key, known), 1.0, np.nan))


def is_answer(observations: pd.DataFrame) -> pd.Series:
    """True where a cell says something: a number, a mark, or what could not be read."""
    return observations["observation_status"].ne("missing") | (
        observations["fault"].notna()
    )


class _Keys:
    """Finds rows by submission and measure."""

    def __init__(
        self, submission: np.ndarray, measures: int, measure: np.ndarray
    ) -> None:
        self._base = submission.astype("int64") * measures
        key = self._base + measure
        self._order = np.argsort(key, kind="stable")
        self._sorted = key[self._order]

    def find(self, measure: np.ndarray) -> np.ndarray:
        """Per row: the row of the same submission and that measure, else -1."""
        found = np.full(len(measure), -1, dtype="int64")
        asked = np.flatnonzero(measure >= 0)
        key = self._base[asked] + measure[asked]
        near = np.searchsorted(self._sorted, key)
        near[near == len(self._sorted)] = 0
        is_there = self._sorted[near] == key if len(key) else np.array([], dtype=bool)
        found[asked[is_there]] = self._order[near[is_there]]
        return found


def _registered(
    measures: pd.DataFrame,
    submissions: pd.DataFrame,
    observations: pd.DataFrame,
    submission: np.ndarray,
) -> np.ndarray:
    """Position of each row's form and measure in the register, -1 if it has none."""
    form, forms = pd.factorize(submissions["form_code"].astype("object"))
    code, codes = pd.factorize(observations["measure_code"])
    at = np.full((len(forms) + 1, len(codes) + 1), -1, dtype="int64")
    form_at = pd.Index(forms).get_indexer(pd.Index(measures["form_code"]))
    code_at = pd.Index(codes, dtype="object").get_indexer(
        pd.Index(measures["measure_code"], dtype="object")
    )
    is_here = (form_at >= 0) & (code_at >= 0)
    at[form_at[is_here], code_at[is_here]] = np.flatnonzero(is_here)
    found: np.ndarray = at[form[submission], code]  # -1, the last of each, is unknown
    return found


def _faults(
    submissions: pd.DataFrame, observations: pd.DataFrame, submission: np.ndarray
) -> pd.Series:
    """The fault per row as a category; three digits without a style are their own."""
    code, names = pd.factorize(observations["fault"])
    kinds = list(dict.fromkeys([*map(str, names), *READING_FAULTS]))
    style = submissions["number_style"]
    is_undeclared = (style.isna() | style.eq("")).to_numpy()[submission]
    is_ambiguous = (code >= 0) & (code == kinds.index("ambiguous_number"))
    code = np.where(
        is_ambiguous & is_undeclared, kinds.index("ambiguous_undeclared"), code
    )
    return pd.Series(pd.Categorical.from_codes(code, pd.Index(kinds)))


def _is_code_like(raw: pd.Series) -> np.ndarray:
    """True where the text is three or more digits with a zero in front."""
    code, texts = pd.factorize(raw)
    is_like = pd.Series(texts, dtype="str").str.strip().str.fullmatch(_CODE_LIKE)
    answers = np.append(is_like.to_numpy(dtype=bool), False)
    return np.asarray(answers[code])


def _measure_at(measures: pd.DataFrame, column: str) -> np.ndarray:
    """Per measure of the register: the one of the same form named there, else -1."""
    known = pd.MultiIndex.from_frame(measures[["form_code", "measure_code"]])
    asked = pd.MultiIndex.from_arrays([measures["form_code"], measures[column]])
    return np.where(measures[column].isna(), -1, known.get_indexer(asked))


def take(column: pd.Series, positions: np.ndarray) -> pd.Series:
    """Values at the positions, null where a position is -1."""
    values = column.to_numpy()
    null = np.array([np.nan if values.dtype == "float64" else None], values.dtype)
    taken = np.concatenate([values, null])[positions]
    return pd.Series(taken, dtype=values.dtype)


def _members_sum(
    measures: pd.DataFrame, frame: pd.DataFrame, total_row: np.ndarray
) -> pd.Series:
    """Sum of the members below each total of an exhaustive breakdown, else null."""
    measure = frame["measure"].to_numpy()
    is_added = measures["is_summand"].to_numpy()[measure] & (total_row >= 0)
    row = total_row[is_added]
    number = frame["number"]
    if len(row) == 0:
        return take(number, np.full(len(frame), -1))
    groups = number[is_added].groupby(row)
    sums, present = groups.sum(), groups.size()
    if sums.dtype == "float64":
        sums = sums.round(4)
    summands = measures[measures["is_summand"]]
    totals = pd.MultiIndex.from_frame(summands[["form_code", "total_code"]])
    own = pd.MultiIndex.from_frame(measures[["form_code", "measure_code"]])
    asked = totals.value_counts().reindex(own).fillna(0).to_numpy()
    open_totals = totals[summands["is_open"].to_numpy()]
    is_open = own.isin(open_totals)
    at = measure[sums.index.to_numpy()]
    is_whole = is_open[at] | (present.to_numpy() == asked[at])
    found = np.full(len(frame), -1, dtype="int64")
    found[sums.index.to_numpy()[is_whole]] = np.flatnonzero(is_whole)
    return take(sums, found)
