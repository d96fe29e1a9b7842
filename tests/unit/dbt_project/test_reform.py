"""The reform of 2025 through the project's own models, with random figures.

Provinces: all 63 and the 34 they became, whose official codes partly changed their
meaning. Communes: the shipped programme's 207 that became 64.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from sources.programme.loader import load_programme
from sources.programme.model import PeriodType, Programme, Succession
from sources.programme.reference import reference_frames
from tests.helpers.compiled_models import CompiledModels
from tests.helpers.reorganised import (
    START,
    boundary_units,
    forms_and_figures,
    programme_of,
    raw_reports,
    reported,
    unit,
)

REFORM = dt.date(2025, 7, 1)
BEFORE = dt.date(2025, 1, 1)
AS_OF = dt.date(2026, 1, 10)
CHANGED_CODES = {"15", "24", "44", "52", "80", "82", "91"}
SHIPPED = Path(__file__).parents[3] / "sources/programmes/hai_duong_2020_2025"
FIGURES = (
    "select boundary, unit_code, period_key, indicator_code, {} "
    "from intermediate.{} where cumulation = 'period'"
)
Rows = dict[tuple[str, ...], tuple[object, ...]]


class Built:
    """A programme, what its units reported, and the models over it."""

    def __init__(self, compiled: CompiledModels, programme: Programme) -> None:
        self.programme = programme
        frames = reference_frames(programme, None, 2025)
        self.periods = frames["ref_period"].set_index("period_key")
        self.sent = reported(programme, frames, seed=20250701)
        self.marts: duckdb.DuckDBPyConnection = compiled.run(
            {**frames, **raw_reports(programme, self.sent)},
            ["int_indicator_value"],
            AS_OF,
            given={"int_boundary_unit": boundary_units(frames["ref_unit"], BEFORE)},
        )

    def figures(self, columns: str, table: str = "int_measure_value") -> Rows:
        """Rows by boundary, unit, period and figure; of every length of period."""
        found = self.marts.execute(FIGURES.format(columns, table)).fetchall()
        return {row[:4]: row[4:] for row in found}

    def of(self, measure: str) -> dict[tuple[str, str], Decimal]:
        """What was reported, by unit and base period."""
        rows = self.sent[self.sent["measure_code"].eq(measure)]
        keys = zip(rows["unit_code"], rows["period_key"], strict=True)
        return dict(zip(keys, map(Decimal, map(int, rows["value"])), strict=True))

    def bases(self, period: str) -> list[str]:
        """The base periods inside a period, in order of time."""
        asked = self.periods.loc[period]
        frequency = str(self.programme.forms[0].frequency)
        inside = self.periods[
            self.periods["period_type"].eq(frequency)
            & self.periods["start_date"].ge(asked["start_date"])
            & self.periods["end_date"].le(asked["end_date"])
        ]
        return list(inside.sort_values("start_date").index)


# provinces


@pytest.fixture(scope="module")
def province_map(shared_data: Path) -> list[dict[str, str]]:
    path = shared_data / "reform" / "province_map_63_to_34.csv"
    if not path.is_file():
        pytest.skip(f"the conversion table of provinces is not there ({path})")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def provinces(compiled: CompiledModels, province_map: list[dict[str, str]]) -> Built:
    """Units old.NN until the reform and new.NN after it, NN the code of their day."""
    new_codes = sorted({row["new_code"] for row in province_map})
    units = [unit("ROOT", None, level="province")]
    for row in province_map:
        code = row["old_code"]
        units.append(unit(f"old.{code}", "ROOT", START, REFORM, official_code=code))
    units += [
        unit(f"new.{code}", "ROOT", REFORM, official_code=code) for code in new_codes
    ]
    links = [
        Succession(
            from_unit_code=f"old.{row['old_code']}",
            to_unit_code=f"new.{row['new_code']}",
            effective_date=REFORM,
            relation="merge",
        )
        for row in province_map
    ]
    return Built(compiled, programme_of(units, links, first_year=2024))


def heirs(province_map: list[dict[str, str]]) -> dict[str, list[str]]:
    """Old codes by new code."""
    found = defaultdict(list)
    for row in province_map:
        found[row["new_code"]].append(row["old_code"])
    return found


def test_the_map_is_the_one_of_the_reform(province_map: list[dict[str, str]]) -> None:
    assert (len(province_map), len(heirs(province_map))) == (63, 34)
    flagged = {r["new_code"] for r in province_map if r["code_changed_meaning"]}
    assert flagged == CHANGED_CODES


@pytest.mark.parametrize("code", sorted(CHANGED_CODES))
def test_holders_of_a_reused_code_never_mix(
    provinces: Built, province_map: list[dict[str, str]], code: str
) -> None:
    """Each holder has what it reported itself, in the periods in which it lived."""
    figures = provinces.figures("value, is_estimated")
    cases = provinces.of("cases")
    for holder in (f"old.{code}", f"new.{code}"):
        own = {p: value for (u, p), value in cases.items() if u == holder}
        shown = {
            period: value[0]
            for (boundary, u, period, figure), value in figures.items()
            if (boundary, u, figure) == ("as_reported", holder, "cases")
            and period in {p for _, p in cases}
        }
        assert shown == own
        assert len(own) == (6 if holder.startswith("old") else 2)
    # restated, the new holder has all its territory, whatever code it had before
    olds = heirs(province_map)[code]
    quarters = sorted({p for u, p in cases if u == f"old.{code}"})
    for period in quarters:
        expected = sum(cases[f"old.{old}", period] for old in olds)
        shown = figures["current", f"new.{code}", period, "cases"]
        assert shown == (expected, 0)
        assert expected != cases[f"old.{code}", period]
        assert ("current", f"old.{code}", period, "cases") not in figures
    after = sorted({p for u, p in cases if u == f"new.{code}"})
    for period in after:
        reported_now = cases[f"new.{code}", period]
        assert figures["current", f"new.{code}", period, "cases"] == (reported_now, 0)
        assert ("as_reported", f"old.{code}", period, "cases") not in figures


def test_kien_giang_and_an_giang_become_an_giang(provinces: Built) -> None:
    """Old Kiên Giang (91) and old An Giang (89) are the new An Giang (91)."""
    figures = provinces.figures("value, is_estimated")
    cases = provinces.of("cases")
    period = "civil-2025-Q2"
    both = cases["old.91", period] + cases["old.89", period]
    assert figures["current", "new.91", period, "cases"] == (both, 0)
    assert ("current", "new.89", period, "cases") not in figures
    # on the units of before, what the new one reports is divided, and says so
    after = cases["new.91", "civil-2025-Q3"]
    parts = [figures["fixed", f"old.{n}", "civil-2025-Q3", "cases"] for n in (89, 91)]
    assert parts == [(after / 2, 1), (after / 2, 1)]
    # Hà Nội (01) had one predecessor, so nothing of it is a guess
    whole = cases["new.01", "civil-2025-Q3"]
    assert figures["fixed", "old.01", "civil-2025-Q3", "cases"] == (whole, 0)


def test_the_nation_is_the_same_on_every_boundary(provinces: Built) -> None:
    assert_root_totals(provinces, "ROOT", ("as_reported", "current", "fixed"))


def test_units_that_ended_owe_nothing_after(provinces: Built) -> None:
    due = provinces.marts.execute(
        "select period_key, split_part(unit_code, '.', 1) as age, count(*) "
        "from intermediate.int_due group by all order by all"
    ).fetchall()
    assert due == [
        *((f"civil-2024-Q{n}", "old", 63) for n in (1, 2, 3, 4)),
        *((f"civil-2025-Q{n}", "old", 63) for n in (1, 2)),
        *((f"civil-2025-Q{n}", "new", 34) for n in (3, 4)),
    ]


def assert_root_totals(built: Built, root: str, boundaries: tuple[str, ...]) -> None:
    """Exactly the sum of what was reported, for every period and additive figure."""
    figures = built.figures("value, counted_units, is_estimated")
    lines = built.figures("numerator, denominator", "int_indicator_value")
    periods = {period for _, unit_code, period, _ in figures if unit_code == root}
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    units: dict[str, int] = defaultdict(int)
    for measure in ("cases", "cleared", "posts", "done"):
        for (_, base), value in built.of(measure).items():
            sums[measure, base] += value
            units[base] += measure == "done"
    assert len(periods) > 8
    for period in periods:
        bases = [base for base in built.bases(period) if units[base]]
        cases, cleared = (
            sum(sums[measure, base] for base in bases)
            for measure in ("cases", "cleared")
        )
        last = bases[-1]
        for boundary in boundaries:
            place = (boundary, root, period)
            assert figures[*place, "cases"] == (cases, None, 0)
            assert figures[*place, "posts"] == (sums["posts", last], None, 0)
            done = (sums["done", last], units[last])
            assert figures[*place, "done_share"] == (*done, 0)
            assert lines[*place, "rate"] == (cleared, cases)
            assert lines[*place, "done_share"] == done
            assert (*place, "suspects") not in figures


# communes


@pytest.fixture(scope="module")
def communes(compiled: CompiledModels) -> Built:
    """Hải Dương as shipped, every commune reporting every month of the year 2025."""
    shipped = load_programme(SHIPPED)
    update = forms_and_figures(
        "police", PeriodType.MONTH, ("commune",), dt.date(2019, 12, 15)
    )
    return Built(
        compiled,
        shipped.model_copy(update={**update, "reporting_from_year": 2025}),
    )


def test_province_totals_are_the_same_on_every_boundary(communes: Built) -> None:
    months = {period for _, period in communes.of("cases")}
    assert len(months) == 12
    assert_root_totals(communes, "HD", ("as_reported", "current", "fixed"))
    units = pd.Series([u for u, period in communes.of("cases") if period[-3:] == "M01"])
    assert units.nunique() == 207


def parts_of(communes: Built) -> dict[str, list[tuple[str, Decimal]]]:
    """Old communes and their shares by new commune, from the shipped table."""
    found = defaultdict(list)
    with (SHIPPED / "successions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["effective_date"] == "2025-07-01" and Decimal(row["share"]) > 0:
                part = (row["from_unit_code"], Decimal(row["share"]))
                found[row["to_unit_code"]].append(part)
    return found


def test_new_communes_have_their_parts_and_say_which_are_estimated(
    communes: Built,
) -> None:
    figures = communes.figures("value, counted_units, is_estimated")
    lines = communes.figures("numerator, denominator", "int_indicator_value")
    parts = parts_of(communes)
    assert len(parts) == 64
    assert len({old for olds in parts.values() for old, _ in olds}) == 207
    last = "police-2025-M06"  # to 14/06/2025
    for measure in ("cases", "posts"):
        values = communes.of(measure)
        for month in ("police-2025-M01", last):
            for new, olds in parts.items():
                expected = sum(values[old, month] * share for old, share in olds)
                guessed = any(share != 1 for _, share in olds)
                shown = figures["current", new, month, measure]
                assert shown == (expected, None, int(guessed))
    guessed = {new for new, olds in parts.items() if any(s != 1 for _, s in olds)}
    assert 0 < len(guessed) < 64
    cleared, cases, done = map(communes.of, ("cleared", "cases", "done"))
    for new, olds in parts.items():
        above, below, yes = (
            sum(values[old, last] * share for old, share in olds)
            for values in (cleared, cases, done)
        )
        assert lines["current", new, last, "rate"] == (above, below)
        counted = sum(share for _, share in olds)
        place = ("current", new, last, "done_share")
        assert figures[place] == (yes, counted, int(new in guessed))
    # after the reform nothing is restated to the units of today
    after = "police-2025-M09"
    for new in parts:
        assert figures["current", new, after, "cases"] == (cases[new, after], None, 0)


def test_new_communes_go_back_to_the_old_ones_with_a_mark(communes: Built) -> None:
    figures = communes.figures("value, is_estimated")
    month = "police-2025-M09"
    shown = {
        place[1]: row
        for place, row in figures.items()
        if place[0] == "fixed" and place[2:] == (month, "cases")
    }
    olds = {old for parts in parts_of(communes).values() for old, _ in parts}
    total = sum(value for (_, p), value in communes.of("cases").items() if p == month)
    assert olds <= set(shown)
    assert sum(Decimal(str(shown[old][0])) for old in olds) == total
    # every new commune came of several
    assert {shown[old][1] for old in olds} == {1}
    assert shown["HD"] == (total, 0)
    # a district of before has what lay in it, though it had ended by then
    districts = [code for code in shown if code.startswith("HD.H")]
    assert len(districts) == 12
    assert sum(Decimal(str(shown[code][0])) for code in districts) == total
