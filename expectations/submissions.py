"""Submissions: the columns that the suites over submissions look at.

Grain of every frame: one row per submission, in the order given. States are words
(`alive`, `not_alive`); null means that an earlier rule already says what is wrong.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from expectations.identity import unit_said
from expectations.register import Register

_KEY = ["form_code", "unit_code", "period_key"]

OTHER_PROGRAMME = "X_PROGRAMME"
"""What a reader says of a workbook of another programme."""
_JUDGED = (
    "begun_state",
    "form_state",
    "unit_state",
    "due_state",
    "unit_said",
    "period_kind",
    "template_ref",
)


def structure_frame(
    register: Register,
    submissions: pd.DataFrame,
    expected: pd.DataFrame,
    as_of: dt.date | None = None,
) -> pd.DataFrame:
    """One row per submission: what it says, beside what the programme knows of it."""
    frame = submissions.reset_index(drop=True)
    text = [*_KEY, "programme_code", "template_version"]
    frame[text] = frame[text].astype("object").where(frame[text].notna(), None)
    frame["programme_ref"] = frame["programme_code"].fillna("")
    frame["programme_expected"] = register.programme_code
    frame["unit_ref"] = _found(frame["unit_code"], register.units["unit_code"])
    frame["form_ref"] = _found(frame["form_code"], register.forms["form_code"])
    frame["period_ref"] = _found(frame["period_key"], register.periods["period_key"])
    frame = frame.merge(register.periods, on="period_key", how="left")
    frame = _with_form(register, frame)
    frame = _with_unit(register, frame)
    frame = _with_due(register, frame, expected)
    frame["begun_state"] = _begun_state(frame, as_of)
    frame["unit_said"] = unit_said(register, frame)
    given = frame["template_version"].where(frame["template_version"].notna(), "")
    # only our own workbook carries a version; other readers leave it empty
    is_template = frame["reader"].eq("template") | given.ne("")
    frame["template_ref"] = given.astype("object").where(is_template, None)
    return frame


def without_foreign(frame: pd.DataFrame, read_findings: pd.DataFrame) -> pd.DataFrame:
    """The frame in which reports of another programme are asked for nothing else.

    Their codes are right where they belong: that they are unknown here is no news.
    """
    is_said = read_findings["rule_code"].eq(OTHER_PROGRAMME)
    is_foreign = frame["submission_id"].isin(read_findings["submission_id"][is_said])
    is_foreign |= frame["programme_ref"].ne(frame["programme_expected"])
    if not is_foreign.any():
        return frame
    frame = frame.copy()
    for column in ("form_ref", "unit_ref", "period_ref"):
        frame[column] = frame[column].mask(is_foreign, frame["programme_expected"])
    for column in _JUDGED:
        frame[column] = frame[column].astype("object").mask(is_foreign, None)
    return frame


def worded(register: Register, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a frame over submissions with what their messages ask for."""
    return rows.merge(register.unit_words, on="unit_code", how="left")


def late_frame(
    register: Register,
    submissions: pd.DataFrame,
    versions: pd.DataFrame,
    as_of: dt.date | None = None,
) -> pd.DataFrame:
    """One row per submission: the day received, and the days by which it is off.

    `days_late` is null where no due date is known, and for a new version of a report
    that was there before. `days_early` counts up to the period's last day; it is null
    where the form is due before that day, and everywhere without a day judged on. A day
    is a day where the programme reports.
    """
    received = pd.to_datetime(submissions["received_at"], utc=True)
    here = received.dt.tz_convert(register.programme.timezone).dt.tz_localize(None)
    day, due = here.dt.normalize(), pd.to_datetime(submissions["due_date"])
    last = pd.to_datetime(submissions["period_last_day"])
    is_judged = ~(due < last) & (as_of is not None)
    return submissions.assign(
        received_date=here.dt.date,
        days_late=(day - due).dt.days.where(versions["previous_count"].isna()),
        days_early=(last - day).dt.days.where(is_judged),
    )


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


def _with_due(
    register: Register, frame: pd.DataFrame, expected: pd.DataFrame
) -> pd.DataFrame:
    """Adds the due date, and due, control_total or not_due.

    None where form, unit or period is wrong.
    """
    # a term of a country has 200,000 duties and a batch those of a few periods
    asked = expected[expected["period_key"].isin(frame["period_key"].unique())]
    columns = [*_KEY, *(name for name in ("due_date",) if name in asked)]
    due = asked[columns].astype("object").drop_duplicates(_KEY)
    if "due_date" not in due:
        due = due.assign(due_date=None)
    found = frame[_KEY].merge(due.assign(is_due=True), on=_KEY, how="left")
    levels = pd.MultiIndex.from_frame(register.control_levels)
    may_total = pd.MultiIndex.from_frame(frame[["form_code", "level"]]).isin(levels)
    may_total &= frame["is_control_total"].astype(bool).to_numpy()
    is_due = found["is_due"].notna()
    state = np.select([is_due, may_total], ["due", "control_total"], "not_due")
    is_sound = frame["unit_state"].eq("alive") & frame["form_state"].eq("in_force")
    frame["due_state"] = pd.Series(state, index=frame.index, dtype="object").where(
        is_sound, None
    )
    frame["due_date"] = found["due_date"]
    return frame


def _begun_state(frame: pd.DataFrame, as_of: dt.date | None) -> pd.Series:
    """begun or not_begun on the day; None where the day or the period is unknown."""
    states: dict[dt.date, str] = {}
    if as_of is not None:
        days: list[dt.date] = frame["period_first_day"].dropna().unique().tolist()
        states = {day: "begun" if day <= as_of else "not_begun" for day in days}
    state = frame["period_first_day"].map(states).astype("object")
    return state.where(state.notna() & frame["form_state"].notna(), None)
