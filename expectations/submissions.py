"""Submissions: the columns that the suites over submissions look at.

Grain of every frame: one row per submission, in the order given. States are words
(`alive`, `not_alive`); null means that an earlier rule already says what is wrong.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from expectations.register import Register

_KEY = ["form_code", "unit_code", "period_key"]


def structure_frame(
    register: Register, submissions: pd.DataFrame, expected: pd.DataFrame
) -> pd.DataFrame:
    """One row per submission: what it says, beside what the programme knows of it."""
    frame = submissions.reset_index(drop=True)
    text = [*_KEY, "programme_code", "template_version"]
    frame[text] = frame[text].astype("object").where(frame[text].notna(), None)
    frame["programme_ref"] = frame["programme_code"].fillna("")
    frame["programme_expected"] = register.programme_code
    frame["unit_ref"] = _found(frame["unit_code"], register.unit_words["unit_code"])
    frame["form_ref"] = _found(frame["form_code"], register.forms["form_code"])
    frame["period_ref"] = _found(frame["period_key"], register.periods["period_key"])
    frame = frame.merge(register.unit_words, on="unit_code", how="left")
    frame = frame.merge(register.periods, on="period_key", how="left")
    frame = _with_form(register, frame)
    frame = _with_unit(register, frame)
    frame["due_state"] = _due_state(register, frame, expected)
    given = frame["template_version"].where(frame["template_version"].notna(), "")
    # only our own workbook carries a version; other readers leave it empty
    is_template = frame["reader"].eq("template") | given.ne("")
    frame["template_ref"] = given.astype("object").where(is_template, None)
    return frame


def _found(codes: pd.Series, known: pd.Series) -> pd.Series:
    """The code where the programme knows it, else None."""
    return codes.where(codes.isin(known), None)


def _with_form(register: Register, frame: pd.DataFrame) -> pd.DataFrame:
    """Adds the form version that holds on the period's last day, or the newest one."""
    forms = register.forms.sort_values(["form_code", "form_from"])
    pairs = frame[["form_code", "period_last_day", "period_year"]].reset_index()
    pairs = pairs.merge(forms, on="form_code", how="inner")
    last_day = pairs["period_last_day"].where(
        pairs["period_last_day"].notna(), pairs["form_from"]
    )
    pairs["is_in_force"] = (
        (pairs["form_from"] <= last_day)
        & (last_day < pairs["form_to"])
        & ~(pairs["period_year"] < pairs["form_first_year"])
    )
    best = pairs.sort_values(["index", "is_in_force", "form_from"]).drop_duplicates(
        "index", keep="last"
    )
    added = best.set_index("index")[
        [
            "form_kind",
            "form_template_version",
            "form_dates_vi",
            "form_dates_en",
            "is_in_force",
        ]
    ]
    frame = frame.join(added)
    is_comparable = frame["period_kind"].notna() & frame["form_kind"].notna()
    is_comparable &= frame["period_kind"].eq(frame["form_kind"])
    state = np.where(frame["is_in_force"].eq(True), "in_force", "not_in_force")
    frame["form_state"] = pd.Series(state, index=frame.index, dtype="object").where(
        is_comparable, None
    )
    return frame


def _with_unit(register: Register, frame: pd.DataFrame) -> pd.DataFrame:
    """Adds the unit's level on the period's last day and whether it exists then."""
    pairs = frame.loc[
        frame["unit_ref"].notna() & frame["period_ref"].notna(),
        ["unit_code", "period_last_day"],
    ].reset_index()
    pairs = pairs.merge(register.units, on="unit_code", how="inner")
    holds = pairs[
        (pairs["unit_from"] <= pairs["period_last_day"])
        & (pairs["period_last_day"] < pairs["unit_to"])
    ].drop_duplicates("index")
    frame["level"] = holds.set_index("index")["level"].reindex(frame.index)
    is_judged = frame.index.isin(pairs["index"])
    state = np.where(frame["level"].notna(), "alive", "not_alive")
    frame["unit_state"] = pd.Series(state, index=frame.index, dtype="object").where(
        pd.Series(is_judged, index=frame.index), None
    )
    return frame


def _due_state(
    register: Register, frame: pd.DataFrame, expected: pd.DataFrame
) -> pd.Series:
    """due, control_total or not_due; None where form, unit or period is wrong."""
    due = pd.MultiIndex.from_frame(expected[_KEY].astype("object"))
    is_due = pd.MultiIndex.from_frame(frame[_KEY]).isin(due)
    levels = pd.MultiIndex.from_frame(register.control_levels)
    may_total = pd.MultiIndex.from_frame(frame[["form_code", "level"]]).isin(levels)
    may_total &= frame["is_control_total"].astype(bool).to_numpy()
    state = np.select([is_due, may_total], ["due", "control_total"], "not_due")
    is_sound = frame["unit_state"].eq("alive") & frame["form_state"].eq("in_force")
    return pd.Series(state, index=frame.index, dtype="object").where(is_sound, None)
