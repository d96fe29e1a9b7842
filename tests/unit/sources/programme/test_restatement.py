from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.programme.check_units import check_successions, check_units
from sources.programme.lineage import unit_ancestors
from sources.programme.model import OPEN_END, Succession
from sources.programme.problems import ProblemList
from sources.programme.reference import unit_frame
from sources.programme.restatement import exact_shares, restatement
from sources.programme.unit_steps import is_estimated
from tests.helpers.reorganised import DAYS, START, histories, programme_of, unit
from tests.helpers.territory import ONE_DAY, Territory

STEP = Decimal("0.00000001")
few = settings(max_examples=25, deadline=None)
DAY, LATER = dt.date(2021, 1, 1), dt.date(2022, 1, 1)
HALF, WHOLE = Decimal("0.5"), Decimal(1)


def root():
    return unit("ROOT", None, level="province")


def restated(units, links):
    programme = programme_of(units, links)
    frame = unit_frame(programme)
    return restatement(programme, frame, unit_ancestors(frame))


def on(rows, boundary, reported=None):
    """Share and mark by unit and unit of the boundary's day."""
    listed = rows.itertuples() if isinstance(rows, pd.DataFrame) else rows
    return {
        (row.unit_code, row.to_unit_code): (row.share, row.is_estimated)
        for row in listed
        if row.boundary_from <= boundary < row.boundary_to
        and (reported is None or row.valid_from <= reported < row.valid_to)
    }


def link(old, new, day, share=None, basis=None, relation="split", **more):
    words = {"share": share, "share_basis": basis, **more}
    return Succession(
        from_unit_code=old,
        to_unit_code=new,
        effective_date=day,
        relation=relation,
        **{name: value for name, value in words.items() if value is not None},
    )


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=9).filter(any))
@few
def test_rounded_shares_add_to_exactly_one(weights):
    total = sum(weights)
    state = pd.DataFrame(
        {
            "unit_code": "A",
            "to_unit_code": [f"T{n}" for n in range(len(weights))],
            "share": [Decimal(weight) / total for weight in weights],
        }
    )
    shares = exact_shares(state)
    assert sum(shares) == 1
    assert all(share == share.quantize(STEP) >= 0 for share in shares)
    moved = [abs(s - w) for s, w in zip(shares, state["share"], strict=True)]
    assert max(moved) <= STEP * len(weights)


@given(histories())
@settings(max_examples=15, deadline=None)
def test_every_figure_has_one_place_on_the_units_of_any_day(history):
    """The shares of every unit and day add to 1, as walked one unit at a time."""
    programme = programme_of(history.units, history.links)
    found = ProblemList()
    check_units(programme, found)
    check_successions(programme, found)
    assert found.problems == []
    territory = Territory(programme)
    units = unit_frame(programme)
    frame = restatement(programme, units, unit_ancestors(units))
    rows = list(frame.itertuples())
    days = [START, *DAYS, dt.date(2025, 12, 31)]
    for reported in days:
        alive = {c for c in territory.versions if territory.is_alive(c, reported)}
        for boundary in days:
            places = on(rows, boundary, reported)
            shares = pd.Series({pair: share for pair, (share, _) in places.items()})
            assert set(shares.index.get_level_values(0)) == alive
            assert shares.groupby(level=0).sum().eq(1).all()
            for code in alive:
                expected = territory.stands_for(code, reported, boundary)
                for to, share in expected.items():
                    found_share, _ = places.get((code, to), (Decimal(0), False))
                    assert abs(Fraction(found_share) - share) < 20 * Fraction(STEP)
            for (code, to), (share, is_guess) in places.items():
                assert territory.is_alive(to, boundary)
                assert share > 0
                assert not (share == 1 and is_guess), (code, to)
    same = ["unit_code", "to_unit_code", "valid_from", "boundary_from"]
    assert not frame.duplicated(same).any()


def test_mergers_splits_and_ends_are_followed_to_today():
    units = [
        root(),
        unit("D", "ROOT", START, LATER, level="district"),
        unit("A", "D", START, DAY),
        unit("B", "D", DAY, LATER),
        unit("C", "ROOT", DAY),
        unit("E", "ROOT", LATER),
        unit("TEAM", "D", START, LATER),
    ]
    links = [
        link("A", "B", DAY, "0.25", "area"),
        link("A", "C", DAY, "0.75", "area"),
        link("B", "E", LATER, relation="merge"),
    ]
    found = on(restated(units, links), LATER)
    assert found["A", "E"] == (Decimal("0.25"), True)
    assert found["A", "C"] == (Decimal("0.75"), True)
    assert found["B", "E"] == (WHOLE, False)
    assert found["TEAM", "ROOT"] == (WHOLE, False)  # over the ended district
    assert found["D", "ROOT"] == (WHOLE, False)
    assert found["C", "C"] == (WHOLE, False)
    assert found["E", "E"] == (WHOLE, False)
    assert len(found) == 8


def test_whole_moves_are_never_estimated_and_stated_parts_neither():
    units = [
        root(),
        *(unit(code, "ROOT", START, DAY) for code in "AB"),
        *(unit(code, "ROOT", DAY) for code in "XY"),
    ]
    links = [
        link("A", "X", DAY, "1", "population"),
        link("A", "Y", DAY, "0", "population"),
        link("B", "X", DAY, "0.5", "stated"),
        link("B", "Y", DAY, "0.5", "stated"),
    ]
    found = on(restated(units, links), DAY)
    assert ("A", "Y") not in found
    assert found["A", "X"] == (WHOLE, False)
    assert found["B", "Y"] == (HALF, False)
    assert not any(is_estimated(each) for each in links)


def test_parts_that_meet_again_are_whole_and_certain():
    """A is guessed into B and C, which become D: all of A is in D, and D is stated."""
    units = [
        root(),
        unit("A", "ROOT", START, DAY),
        *(unit(code, "ROOT", DAY, LATER) for code in "BC"),
        unit("D", "ROOT", LATER, dt.date(2023, 1, 1)),
        *(unit(code, "ROOT", dt.date(2023, 1, 1)) for code in "EF"),
    ]
    links = [
        *(link("A", code, DAY) for code in "BC"),
        *(link(code, "D", LATER, relation="merge") for code in "BC"),
        link("D", "E", dt.date(2023, 1, 1), "0.3"),
        link("D", "F", dt.date(2023, 1, 1), "0.7"),
    ]
    rows = restated(units, links)
    assert on(rows, DAY)["A", "B"] == (HALF, True)
    assert on(rows, LATER)["A", "D"] == (WHOLE, False)
    assert on(rows, OPEN_END - ONE_DAY)["A", "F"] == (Decimal("0.7"), False)


@pytest.mark.parametrize(
    ("figures", "of_a"),
    [
        ({}, "0.5"),
        ({"population": (300, 100)}, "0.75"),
        ({"area_km2": (1, 3)}, "0.25"),
        ({"population": (0, 0), "area_km2": (1, 3)}, "0.25"),
    ],
)
def test_born_of_a_merger_goes_back_by_what_it_came_from(figures, of_a):
    units = [
        root(),
        *(unit(code, "ROOT", START, DAY) for code in "AB"),
        unit("M", "ROOT", DAY),
    ]
    links = [
        link(
            code,
            "M",
            DAY,
            relation="merge",
            **{column: pair[place] for column, pair in figures.items()},
        )
        for place, code in enumerate("AB")
    ]
    found = on(restated(units, links), START)
    assert found["M", "A"] == (Decimal(of_a), True)
    assert found["M", "B"] == (1 - Decimal(of_a), True)


def test_renamed_and_split_off_units_go_back_whole():
    units = [
        root(),
        *(unit(code, "ROOT", START, DAY) for code in "AB"),
        *(unit(code, "ROOT", DAY) for code in ("A2", "B1", "B2")),
        unit("NEW", "ROOT", DAY),
    ]
    links = [
        link("A", "A2", DAY, relation="rename"),
        link("B", "B1", DAY),
        link("B", "B2", DAY),
    ]
    found = on(restated(units, links), START)
    assert found["A2", "A"] == (WHOLE, False)
    assert found["B1", "B"] == found["B2", "B"] == (WHOLE, False)
    assert found["NEW", "ROOT"] == (WHOLE, False)  # came from nowhere: its parent


def test_a_unit_that_took_over_others_twice():
    """X took over Y in 2021 and Z in 2022: three territories, one unit."""
    units = [
        root(),
        unit("X", "ROOT"),
        unit("Y", "ROOT", START, DAY),
        unit("Z", "ROOT", START, LATER),
    ]
    links = [
        link("Y", "X", DAY, relation="merge"),
        link("Z", "X", LATER, relation="merge"),
    ]
    rows = restated(units, links)
    today = OPEN_END - ONE_DAY
    own = rows[rows["unit_code"].eq("X")]
    assert sorted(set(own["valid_from"])) == [START, DAY, LATER]
    assert on(rows, START, START)["X", "X"] == (WHOLE, False)
    assert on(rows, START, DAY)["X", "Y"] == (HALF, True)
    assert on(rows, START, today)["X", "Z"] == (HALF, True)
    assert on(rows, START, today)["X", "X"] == (Decimal("0.25"), True)
    assert on(rows, DAY, today)["X", "X"] == (HALF, True)
    assert on(rows, today, START)["Y", "X"] == (WHOLE, False)


def test_a_unit_that_took_over_what_lay_below_it_is_what_it_was():
    """As the districts that ended on 01/03/2025 did into the province."""
    units = [root(), unit("D", "ROOT", START, DAY, level="district")]
    rows = restated(units, [link("D", "ROOT", DAY, relation="end")])
    assert on(rows, START) == {
        ("D", "D"): (WHOLE, False),
        ("ROOT", "ROOT"): (WHOLE, False),
    }
    assert on(rows, DAY)["D", "ROOT"] == (WHOLE, False)
