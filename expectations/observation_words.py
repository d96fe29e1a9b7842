"""Observation words: what messages about observations ask for, for the rows that fail.

Grain: one row per failing row given, which names its `submission` (a row of the frame
of submissions), its `measure` (a row of the register's measures, or -1) and its `place`
among the cells.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from expectations.observations import take
from expectations.register import Register

_OF_SUBMISSION = (
    "programme_code",
    "delivery_sha256",
    "file_name",
    "form_code",
    "unit_code",
    "period_key",
)
_OF_CELL = ("submission_id", "measure_code", "raw_text", "sheet", "cell", "value")
_OF_MEASURE = (
    "measure_name_vi",
    "measure_name_en",
    "value_type",
    "may_be_negative",
    "whole_code",
    "total_code",
    "part_of_severity",
    "is_summand",
    "is_open",
)
_ADVICE = {
    "vi": {
        "flow": "Điền số, ghi 0 nếu không phát sinh, rồi gửi lại bản bổ sung.",
        "stock": "Đây là số có đến cuối kỳ: “không phát sinh” không thay được. Điền số "
        "đang có, ghi 0 nếu không có, rồi gửi lại bản bổ sung.",
        "yes_no": "Trả lời “có” hoặc “không” (báo cáo “không phát sinh” cũng phải trả "
        "lời), rồi gửi lại bản bổ sung.",
    },
    "en": {
        "flow": "Enter the figure, or 0 if there was none, and send a completed "
        "version.",
        "stock": "It is what there is at the end of the period: a nil report does not "
        "say it. Enter the number there is, or 0, and send a completed version.",
        "yes_no": "Answer yes or no (a nil report does not answer it) and send a "
        "completed version.",
    },
}


def worded(
    register: Register,
    submissions: pd.DataFrame,
    cells: pd.DataFrame,
    rows: pd.DataFrame,
) -> pd.DataFrame:
    """The rows given with everything that a message may ask for."""
    at = rows["submission"].to_numpy()
    own = submissions[list(_OF_SUBMISSION)].iloc[at].reset_index(drop=True)
    known = _measure_words(register, rows["measure"].to_numpy())
    frame = rows.reset_index(drop=True).join(own).join(known)
    place = rows["place"].to_numpy()
    for name in (*_OF_CELL, "fault"):
        frame[name] = cells[name].iloc[place].astype("object").to_numpy()
    for language in ("vi", "en"):
        names = dict(
            zip(
                register.measures["measure_code"],
                register.measures[f"measure_name_{language}"],
                strict=True,
            )
        )
        for role in ("whole", "total"):
            frame[f"{role}_name_{language}"] = frame[f"{role}_code"].map(names)
    return frame


def absence_worded(
    register: Register,
    submissions: pd.DataFrame,
    cells: pd.DataFrame,
    rows: pd.DataFrame,
) -> pd.DataFrame:
    """Rows of the completeness frame with their words: the empty cell, what to do."""
    at = rows["submission"].to_numpy()
    own = submissions[["submission_id", *_OF_SUBMISSION, "sheet"]].iloc[at]
    measure = rows["measure"].to_numpy()
    frame = _measure_words(register, measure)
    frame = frame.join(own.reset_index(drop=True))
    frame["measure_code"] = register.measures["measure_code"].to_numpy()[measure]
    keys = at * len(register.measures) + measure
    empty = cells[cells["answer_key"].isin(keys)].drop_duplicates("answer_key")
    place = pd.Index(empty["answer_key"]).get_indexer(pd.Index(keys.astype("float64")))
    sheet, frame["cell"], frame["row_id"] = (
        take(empty[name].astype("object"), place)
        for name in ("sheet", "cell", "row_id")
    )
    frame["sheet"] = sheet.where(sheet.notna(), frame["sheet"])
    kinds = register.measures["kind"].to_numpy()[measure]
    is_yes_no = frame["value_type"].eq("yes_no").to_numpy()
    case = np.select([is_yes_no, kinds == "stock"], ["yes_no", "stock"], "flow")
    for language, advice in _ADVICE.items():
        frame[f"advice_{language}"] = pd.Series(case).map(advice)
    return frame


def context_frame(
    register: Register, submissions: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """One row per cell, with the columns of its submission and measure beside it."""
    rows = cells.reset_index(drop=True).drop(columns="measure_ref")
    own = submissions[list(_OF_SUBMISSION)].iloc[cells["submission"].to_numpy()]
    measure = cells["measure"].to_numpy()
    frame = rows.join(own.reset_index(drop=True)).join(
        _measure_words(register, measure)
    )
    frame["fault"] = frame["fault"].astype("object")
    code = frame["measure_code"].astype("object")
    frame["measure_ref"] = code.where(measure >= 0, None)
    return frame


def _measure_words(register: Register, measure: np.ndarray) -> pd.DataFrame:
    """One row per position in the register, all None or False where it is -1."""
    words = {}
    for name in _OF_MEASURE:
        column = take(register.measures[name].astype("object"), measure)
        is_flag = name in ("is_summand", "is_open")
        words[name] = column.eq(True) if is_flag else column
    return pd.DataFrame(words)
