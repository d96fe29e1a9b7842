"""Periods: how a calendar cuts its reporting years, as rows and as lookups.

Grain of the frames: one row per period. A period is half-open [start_date, end_date)
and named by the year in which it ends; `start_date` and `end_date` are columns of
`datetime.date`, which DuckDB and Arrow take as DATE. Keys: `police-2023-M03`, `-Q1`,
`-H1`, `-9M`, `-Y`; a term is `police-2021_2025-T`. Every column of a period depends on
its calendar and key alone, so `previous_period_key` and `same_period_last_year_key`
may name a period that lies before the frame's first year.
"""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd

from sources.programme.model import Calendar, PeriodType, Programme, Term

PERIOD_COLUMNS = (
    "period_key",
    "calendar_code",
    "period_type",
    "label_vi",
    "label_en",
    "start_date",
    "end_date",
    "year",
    "period_number",
    "year_period_key",
    "previous_period_key",
    "same_period_last_year_key",
)

_ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}
_KEY_END = re.compile(r"-(?:\d{4}_)?(\d{4})-(M\d\d|Q[1-4]|H[12]|9M|Y|T)$")

# Every period of a year: type, number, key suffix, first month, month after the last.
_CUTS: tuple[tuple[PeriodType, int, str, int, int], ...] = (
    *((PeriodType.MONTH, m, f"M{m:02d}", m, m + 1) for m in range(1, 13)),
    *((PeriodType.QUARTER, q, f"Q{q}", 3 * q - 2, 3 * q + 1) for q in range(1, 5)),
    *((PeriodType.HALF_YEAR, h, f"H{h}", 6 * h - 5, 6 * h + 1) for h in (1, 2)),
    (PeriodType.NINE_MONTHS, 1, "9M", 1, 10),
    (PeriodType.YEAR, 1, "Y", 1, 13),
)
_SUFFIX_END_MONTH = {suffix: after - 1 for _, _, suffix, _, after in _CUTS} | {"T": 12}
_TILING = {
    PeriodType.MONTH: 1,
    PeriodType.QUARTER: 3,
    PeriodType.HALF_YEAR: 6,
    PeriodType.YEAR: 12,
}


def year_start(calendar: Calendar, year: int) -> dt.date:
    """First day of the reporting year; the year ends where the next one starts."""
    return dt.date(
        year + calendar.year_offset, calendar.start_month, calendar.start_day
    )


def year_of(calendar: Calendar, day: dt.date) -> int:
    """The reporting year a day lies in: 15/12/2023 is in police year 2024."""
    year = day.year - calendar.year_offset
    while day < year_start(calendar, year):
        year -= 1
    return year


def period_on(calendar: Calendar, day: dt.date, period_type: PeriodType) -> str | None:
    """Key of the period of that type that holds the day; None outside nine months."""
    if period_type == PeriodType.TERM:
        raise ValueError("a term depends on the programme; use term_key")
    year = year_of(calendar, day)
    start = year_start(calendar, year)
    months = (day.year - start.year) * 12 + day.month - start.month
    month = months + (1 if day.day >= start.day else 0)
    for cut_type, _, suffix, first, after in _CUTS:
        if cut_type == period_type and first <= month < after:
            return f"{calendar.code}-{year}-{suffix}"
    return None


def term_key(term: Term) -> str:
    """Key of the term period."""
    return f"{term.calendar}-{term.first_year}_{term.last_year}-T"


def period_order(keys: pd.Series) -> pd.Series:
    """One Int64 per key that rises with the period's end; NA where it is no key."""
    parts = keys.astype("str").str.extract(_KEY_END)
    years = pd.to_numeric(parts[0]).astype("Int64")
    return years * 12 + parts[1].map(_SUFFIX_END_MONTH).astype("Int64")


def build_periods(
    calendar: Calendar, first_year: int, last_year: int, term: Term | None = None
) -> pd.DataFrame:
    """One row per period of the years given (both in), and the term if there is one."""
    years = np.arange(first_year, last_year + 1)
    cuts = pd.DataFrame(
        _CUTS, columns=["period_type", "period_number", "suffix", "first", "after"]
    )
    frame = pd.DataFrame({"year": years}).merge(cuts, how="cross")
    code = calendar.code
    year = frame["year"].astype("str")
    frame["calendar_code"] = code
    frame["period_key"] = f"{code}-" + year + "-" + frame["suffix"]
    frame["year_period_key"] = f"{code}-" + year + "-Y"
    last_year_text = (frame["year"] - 1).astype("str")
    frame["same_period_last_year_key"] = (
        f"{code}-" + last_year_text + "-" + frame["suffix"]
    )
    # the one before of the same type, across the year's edge
    before = frame.groupby(["year", "period_type"], sort=False)["suffix"].shift()
    last = frame.groupby(["year", "period_type"], sort=False)["suffix"].transform(
        "last"
    )
    frame["previous_period_key"] = (
        f"{code}-" + year.where(before.notna(), last_year_text) + "-"
    ) + before.where(before.notna(), last)
    starts = _month_starts(calendar, frame["year"], frame["first"])
    ends = _month_starts(calendar, frame["year"], frame["after"])
    frame["start_date"], frame["end_date"] = _dates(starts), _dates(ends)
    frame["label_vi"], frame["label_en"] = _labels(calendar, frame, starts, ends)
    frame["period_type"] = frame["period_type"].map(str)
    if term is not None:
        frame = pd.concat(
            [frame, pd.DataFrame([_term_row(calendar, term)])], ignore_index=True
        )
    return _finish(frame)


def periods_of(programme: Programme, until_year: int) -> pd.DataFrame:
    """One row per period of every calendar, reporting_from_year to until_year.

    The term's own calendar has the term too, whether or not it is over.
    """
    frames = [
        build_periods(
            calendar,
            programme.reporting_from_year,
            until_year,
            programme.term if programme.term.calendar == calendar.code else None,
        )
        for calendar in programme.calendars
    ]
    return pd.concat(frames, ignore_index=True)


def until_year(programme: Programme, day: dt.date) -> int:
    """The latest reporting year any calendar of the programme has begun by that day."""
    return max(year_of(calendar, day) for calendar in programme.calendars)


def period_parts(periods: pd.DataFrame) -> pd.DataFrame:
    """One row per period and shorter period (or itself) that tiles it.

    Months, quarters, half-years and years are parts where a whole number of them fills
    the period: nine months hold months and quarters, a term holds all four.
    """
    pairs = pd.DataFrame(
        [
            (whole[2], part[2], str(part[0]))
            for whole in _CUTS
            for part in _CUTS
            if part == whole
            or (
                part[0] in _TILING
                and part[0] != whole[0]
                and whole[3] <= part[3]
                and part[4] <= whole[4]
                and (whole[4] - whole[3]) % _TILING[part[0]] == 0
            )
        ],
        columns=["suffix", "part_suffix", "part_period_type"],
    )
    is_term = periods["period_type"].eq(PeriodType.TERM)
    prefix = periods["period_key"].str.replace(r"[^-]+$", "", regex=True)
    suffix = periods["period_key"].str.replace(r"^.*-", "", regex=True)
    within = (
        periods[~is_term]
        .assign(prefix=prefix, suffix=suffix)
        .merge(pairs, on="suffix", how="inner")
    )
    within["part_period_key"] = within["prefix"] + within["part_suffix"]
    terms = periods.loc[is_term, ["period_key", "calendar_code", "start_date"]].assign(
        term_end=periods["end_date"]
    )
    tiles = periods.loc[
        periods["period_type"].isin([str(t) for t in _TILING]) | is_term,
        ["period_key", "calendar_code", "period_type", "start_date", "end_date"],
    ].rename(
        columns={
            "period_key": "part_period_key",
            "period_type": "part_period_type",
            "start_date": "part_start",
        }
    )
    inside = terms.merge(tiles, on="calendar_code")
    inside = inside[
        (inside["part_start"] >= inside["start_date"])
        & (inside["end_date"] <= inside["term_end"])
    ]
    columns = ["period_key", "part_period_key", "part_period_type"]
    parts = pd.concat([within[columns], inside[columns]], ignore_index=True)
    return parts.astype("object")


def _month_starts(
    calendar: Calendar, years: pd.Series, months: pd.Series
) -> np.ndarray:
    """First day of reporting month m (13 is the next year's first), as datetime64."""
    index = (
        (years.to_numpy() + calendar.year_offset - 1970) * 12
        + (calendar.start_month - 1)
        + (months.to_numpy() - 1)
    )
    first_of_month = index.astype("datetime64[M]").astype("datetime64[D]")
    return first_of_month + np.timedelta64(calendar.start_day - 1, "D")


def _labels(
    calendar: Calendar, frame: pd.DataFrame, starts: np.ndarray, ends: np.ndarray
) -> tuple[pd.Series, pd.Series]:
    """Labels in both languages; months of a shifted calendar show their days."""
    number = frame["period_number"].astype("str")
    year = frame["year"].astype("str")
    if (calendar.start_month, calendar.start_day) == (1, 1):
        days: pd.Series | str = ""
    else:
        first = pd.Series(starts.astype("datetime64[s]")).dt.strftime("%d/%m")
        last = (ends - np.timedelta64(1, "D")).astype("datetime64[s]")
        days = " (" + first + "–" + pd.Series(last).dt.strftime("%d/%m") + ")"
    roman = frame["period_number"].map(_ROMAN).astype("str")
    is_first = frame["period_number"].eq(1)
    half_vi = is_first.map({True: "đầu", False: "cuối"}).astype("str")
    half_en = is_first.map({True: "First", False: "Second"}).astype("str")
    labels_vi = {
        PeriodType.MONTH: "Tháng " + number + "/" + year + days,
        PeriodType.QUARTER: "Quý " + roman + "/" + year,
        PeriodType.HALF_YEAR: "6 tháng " + half_vi + " năm " + year,
        PeriodType.NINE_MONTHS: "9 tháng năm " + year,
        PeriodType.YEAR: "Năm " + year,
    }
    labels_en = {
        PeriodType.MONTH: "Month " + number + "/" + year + days,
        PeriodType.QUARTER: "Q" + number + " " + year,
        PeriodType.HALF_YEAR: half_en + " half of " + year,
        PeriodType.NINE_MONTHS: "Nine months of " + year,
        PeriodType.YEAR: "Year " + year,
    }
    return _pick(frame, labels_vi), _pick(frame, labels_en)


def _pick(frame: pd.DataFrame, labels: dict[PeriodType, pd.Series]) -> pd.Series:
    chosen = pd.Series(None, index=frame.index, dtype="object")
    for period_type, label in labels.items():
        chosen = chosen.where(frame["period_type"].ne(period_type), label)
    return chosen


def _term_row(calendar: Calendar, term: Term) -> dict[str, object]:
    span = f"{term.first_year}–{term.last_year}"
    return {
        "period_key": term_key(term),
        "calendar_code": calendar.code,
        "period_type": str(PeriodType.TERM),
        "label_vi": f"Nhiệm kỳ {span}",
        "label_en": f"Term {span}",
        "start_date": year_start(calendar, term.first_year),
        "end_date": year_start(calendar, term.last_year + 1),
        "year": term.last_year,
        "period_number": 1,
        "year_period_key": None,
        "previous_period_key": None,
        "same_period_last_year_key": None,
    }


def _dates(days: np.ndarray) -> np.ndarray:
    """Days as datetime.date objects."""
    return days.astype("datetime64[D]").astype(object)


def _finish(frame: pd.DataFrame) -> pd.DataFrame:
    """Column order and dtypes of raw.ref_period: object, int64 for the two numbers."""
    frame = frame[list(PERIOD_COLUMNS)].astype("object")
    frame = frame.where(frame.notna(), None)
    return frame.astype({"year": "int64", "period_number": "int64"})
