from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.programme.model import Calendar, PeriodType, Term
from sources.programme.periods import (
    PERIOD_COLUMNS,
    build_periods,
    period_on,
    period_order,
    period_parts,
    periods_of,
    until_year,
    year_of,
    year_start,
)

ONE_DAY = dt.timedelta(days=1)


def calendar(month: int, day: int, code: str = "police") -> Calendar:
    offset = 0 if (month, day) == (1, 1) else -1
    return Calendar(
        code=code,
        name_vi="Lịch",
        name_en="Calendar",
        start_month=month,
        start_day=day,
        year_offset=offset,
    )


POLICE = calendar(12, 15)
calendars = st.builds(calendar, st.integers(1, 12), st.integers(1, 28))
years = st.integers(1950, 2150)
few = settings(max_examples=20, deadline=None)


def of_type(periods: pd.DataFrame, kind: PeriodType) -> pd.DataFrame:
    return periods[periods["period_type"] == kind].reset_index(drop=True)


@few
@given(calendars, years)
def test_each_length_tiles_the_years_without_gap_or_overlap(cal, year):
    periods = build_periods(cal, year, year + 1)
    for kind, count in {
        PeriodType.MONTH: 24,
        PeriodType.QUARTER: 8,
        PeriodType.HALF_YEAR: 4,
        PeriodType.YEAR: 2,
    }.items():
        rows = of_type(periods, kind).sort_values("start_date")
        assert len(rows) == count
        assert list(rows["end_date"][:-1]) == list(rows["start_date"][1:])
        assert rows["start_date"].iloc[0] == year_start(cal, year)
        assert rows["end_date"].iloc[-1] == year_start(cal, year + 2)


@few
@given(calendars, years)
def test_years_months_and_names(cal, year):
    periods = build_periods(cal, year, year)
    lengths = (periods["end_date"] - periods["start_date"]).map(lambda d: d.days)
    by_type = lengths.groupby(periods["period_type"])
    assert set(by_type.get_group("year")) <= {365, 366}
    assert by_type.get_group("month").between(28, 31).all()
    whole = of_type(periods, PeriodType.YEAR)
    assert (whole["end_date"].iloc[0] - ONE_DAY).year == year  # named by its end
    assert periods["period_key"].is_unique


@few
@given(calendars, years)
def test_parts_fill_exactly_what_they_are_parts_of(cal, year):
    periods = build_periods(cal, year, year + 1)
    spans = periods.set_index("period_key")
    parts = period_parts(periods)
    for (key, _), rows in parts.groupby(["period_key", "part_period_type"]):
        pieces = spans.loc[rows["part_period_key"]].sort_values("start_date")
        assert pieces["start_date"].iloc[0] == spans.loc[key, "start_date"]
        assert pieces["end_date"].iloc[-1] == spans.loc[key, "end_date"]
        assert list(pieces["end_date"][:-1]) == list(pieces["start_date"][1:])
    count = parts.groupby(["period_key", "part_period_type"]).size()
    assert count[f"police-{year}-Q2", "month"] == 3
    assert count[f"police-{year}-9M", "quarter"] == 3
    assert (f"police-{year}-9M", "half_year") not in count.index
    assert count[f"police-{year}-Y", "half_year"] == 2


@few
@given(calendars, st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1)))
def test_lookup_finds_the_row_that_holds_the_day(cal, day):
    periods = build_periods(cal, year_of(cal, day), year_of(cal, day))
    for kind in (PeriodType.MONTH, PeriodType.QUARTER, PeriodType.YEAR):
        rows = of_type(periods, kind)
        holds = rows[(rows["start_date"] <= day) & (day < rows["end_date"])]
        assert list(holds["period_key"]) == [period_on(cal, day, kind)]


@few
@given(calendars, years)
def test_previous_and_last_year_lead_back(cal, year):
    periods = build_periods(cal, year - 1, year).set_index("period_key")
    for key, row in periods[periods["year"] == year].iterrows():
        before = periods.loc[row["previous_period_key"]]
        last_year = periods.loc[row["same_period_last_year_key"]]
        assert before["period_type"] == last_year["period_type"] == row["period_type"]
        assert (last_year["year"], last_year["period_number"]) == (
            year - 1,
            row["period_number"],
        )
        if row["period_type"] != "nine_months":
            assert before["end_date"] == row["start_date"], key
        assert row["year_period_key"] == f"police-{year}-Y"


@pytest.mark.parametrize(
    ("day", "kind", "key"),
    [
        (dt.date(2023, 12, 15), PeriodType.YEAR, "police-2024-Y"),
        (dt.date(2023, 12, 14), PeriodType.YEAR, "police-2023-Y"),
        (dt.date(2025, 3, 1), PeriodType.MONTH, "police-2025-M03"),
        (dt.date(2025, 7, 1), PeriodType.MONTH, "police-2025-M07"),
        (dt.date(2025, 7, 1), PeriodType.QUARTER, "police-2025-Q3"),
        (dt.date(2025, 6, 14), PeriodType.HALF_YEAR, "police-2025-H1"),
        (dt.date(2025, 6, 15), PeriodType.HALF_YEAR, "police-2025-H2"),
        (dt.date(2021, 9, 14), PeriodType.NINE_MONTHS, "police-2021-9M"),
        (dt.date(2021, 9, 15), PeriodType.NINE_MONTHS, None),
    ],
)
def test_days_of_the_police_calendar(day, kind, key):
    assert period_on(POLICE, day, kind) == key


@pytest.mark.parametrize(
    ("key", "first", "last", "label_vi", "label_en"),
    [
        (
            "police-2023-M03",
            dt.date(2023, 2, 15),
            dt.date(2023, 3, 14),
            "Tháng 3/2023 (15/02–14/03)",
            "Month 3/2023 (15/02–14/03)",
        ),
        (
            "police-2023-Q1",
            dt.date(2022, 12, 15),
            dt.date(2023, 3, 14),
            "Quý I/2023",
            "Q1 2023",
        ),
        (
            "police-2023-H1",
            dt.date(2022, 12, 15),
            dt.date(2023, 6, 14),
            "6 tháng đầu năm 2023",
            "First half of 2023",
        ),
        (
            "police-2023-H2",
            dt.date(2023, 6, 15),
            dt.date(2023, 12, 14),
            "6 tháng cuối năm 2023",
            "Second half of 2023",
        ),
        (
            "police-2021-9M",
            dt.date(2020, 12, 15),
            dt.date(2021, 9, 14),
            "9 tháng năm 2021",
            "Nine months of 2021",
        ),
        (
            "police-2022-Y",
            dt.date(2021, 12, 15),
            dt.date(2022, 12, 14),
            "Năm 2022",
            "Year 2022",
        ),
        (
            "police-2021_2025-T",
            dt.date(2020, 12, 15),
            dt.date(2025, 12, 14),
            "Nhiệm kỳ 2021–2025",
            "Term 2021–2025",
        ),
    ],
)
def test_known_periods(key, first, last, label_vi, label_en):
    term = Term(calendar="police", first_year=2021, last_year=2025)
    row = build_periods(POLICE, 2021, 2025, term).set_index("period_key").loc[key]
    assert (row["start_date"], row["end_date"] - ONE_DAY) == (first, last)
    assert (row["label_vi"], row["label_en"]) == (label_vi, label_en)


def test_other_calendars_of_the_neighbours():
    procuracy = build_periods(calendar(12, 1, "procuracy"), 2017, 2017)
    year = of_type(procuracy, PeriodType.YEAR).iloc[0]
    assert year["start_date"] == dt.date(2016, 12, 1)
    assert year["end_date"] == dt.date(2017, 12, 1)
    civil = build_periods(calendar(1, 1, "civil"), 2024, 2024)
    assert of_type(civil, PeriodType.MONTH)["label_vi"].iloc[1] == "Tháng 2/2024"
    leap = of_type(civil, PeriodType.YEAR).iloc[0]
    assert (leap["end_date"] - leap["start_date"]).days == 366


def test_term_holds_its_years_and_has_no_year_of_its_own():
    term = Term(calendar="police", first_year=2021, last_year=2025)
    periods = build_periods(POLICE, 2020, 2023, term)
    row = periods.iloc[-1]
    assert row["year"] == 2025
    assert row["year_period_key"] is row["previous_period_key"] is None
    parts = period_parts(periods)
    years = parts[
        parts["period_key"].eq("police-2021_2025-T")
        & parts["part_period_type"].eq("year")
    ]
    assert list(years["part_period_key"]) == [
        f"police-{year}-Y" for year in (2021, 2022, 2023)
    ]


def test_columns_and_dtypes_do_not_move():
    periods = build_periods(POLICE, 2021, 2021)
    assert tuple(periods.columns) == PERIOD_COLUMNS
    assert type(periods["start_date"].iloc[0]) is dt.date
    assert periods["year"].dtype == periods["period_number"].dtype == "int64"


def test_order_follows_the_end_of_the_period():
    keys = pd.Series(
        ["p-2024-M02", "p-2024-Q1", "p-2023-Y", "p-2021_2025-T", "odd", None]
    )
    order = period_order(keys)
    assert order.iloc[2] < order.iloc[0] < order.iloc[1] < order.iloc[3]
    assert order.iloc[4:].isna().all()


def test_periods_of_a_programme(programme):
    periods = periods_of(programme, 2027)
    assert periods["year"].min() == programme.reporting_from_year
    assert periods[periods["period_type"] == "year"]["year"].max() == 2027
    assert "police-2026_2030-T" in set(periods["period_key"])
    assert until_year(programme, dt.date(2026, 12, 15)) == 2027
