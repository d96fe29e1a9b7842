from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.programme.model import Succession
from sources.programme.reference import reference_frames
from sources.programme.shares import parts_of_one, with_shares
from tests.helpers.reorganised import START, programme_of, unit

DAY = dt.date(2025, 7, 1)


def parts(*rows, old="A"):
    return tuple(
        Succession(
            from_unit_code=old,
            to_unit_code=f"P{n}",
            effective_date=DAY,
            relation="split",
            **row,
        )
        for n, row in enumerate(rows)
    )


def shared(*rows):
    return [(str(part.share), part.share_basis) for part in with_shares(parts(*rows))]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{}], [("1", "stated")]),
        ([{"share": "0.4"}, {"share": "0.6"}], [("0.4", "stated"), ("0.6", "stated")]),
        (
            [{"population": 1, "area_km2": 9}, {"population": 3, "area_km2": 1}],
            [("0.25000000", "population"), ("0.75000000", "population")],
        ),
        (
            [{"population": 0, "area_km2": "0.2"}, {"population": 0, "area_km2": 0.6}],
            [("0.25000000", "area"), ("0.75000000", "area")],
        ),
        (
            [{"population": 1, "area_km2": 9}, {"population": 3, "area_km2": 1}],
            [("0.25000000", "population"), ("0.75000000", "population")],
        ),
        (
            [{"population": 1, "area_km2": 9, "share_basis": "area"}, {"area_km2": 1}],
            [("0.90000000", "area"), ("0.10000000", "area")],
        ),
        (
            [{}, {}, {}],
            [("0.33333334", "estimated"), *[("0.33333333", "estimated")] * 2],
        ),
        (
            [{"population": 5}, {"population": 0}],
            [("1.00000000", "population"), ("0E-8", "population")],
        ),
    ],
)
def test_stated_else_population_else_area_else_equal(rows, expected):
    assert shared(*rows) == expected


def test_units_and_days_are_shared_out_apart():
    links = (*parts({}, {}), *parts({}, old="B"))
    assert [str(link.share) for link in with_shares(links)] == [
        "0.50000000",
        "0.50000000",
        "1",
    ]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any))
def test_parts_add_to_exactly_one_at_eight_decimals(weights):
    shares = parts_of_one([Decimal(weight) for weight in weights])
    assert sum(shares) == 1
    for weight, share in zip(weights, shares, strict=True):
        assert share == share.quantize(Decimal("1e-8")) >= 0
        exact = Decimal(weight) / sum(weights)
        assert abs(share - exact) <= Decimal("1e-8") * len(weights)


def test_both_tables_show_the_share_and_what_it_rests_on():
    units = [
        unit("ROOT", None, level="province"),
        unit("A", "ROOT", START, DAY),
        unit("P0", "ROOT", DAY),
        unit("P1", "ROOT", DAY),
    ]
    programme = programme_of(units, parts({"population": 1}, {"population": 3}))
    frames = reference_frames(programme, None, 2025)
    links = frames["ref_unit_succession"]
    assert list(links["share"]) == [Decimal("0.25"), Decimal("0.75")]
    assert list(links["share_basis"]) == ["population"] * 2
    assert links["is_estimated"].all()
    rows = frames["ref_unit_restatement"]
    today = rows[rows["unit_code"].eq("A") & rows["boundary_to"].eq(dt.date.max)]
    assert list(today["share"]) == [Decimal("0.25"), Decimal("0.75")]
    assert today["is_estimated"].all()
