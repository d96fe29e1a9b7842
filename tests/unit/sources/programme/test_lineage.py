from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.programme.lineage import unit_ancestors
from sources.programme.model import Succession, UnitVersion
from sources.programme.reference import unit_frame, unit_key
from sources.programme.restatement import exact_shares, restatement
from sources.programme.unit_steps import is_estimated

START = dt.date(2020, 1, 1)
STEP = Decimal("0.00000001")
few = settings(max_examples=25, deadline=None)


def unit(code, parent, start=START, end=None, level="commune"):
    return UnitVersion(
        unit_code=code,
        name_vi=code,
        name_en=code,
        unit_type=level,
        level=level,
        parent_unit_code=parent,
        valid_from=start,
        valid_to=end,
    )


def root(**dates):
    return unit("ROOT", None, level="province", **dates)


def changed(programme, units, successions=()):
    update = {
        "units": tuple(units),
        "successions": tuple(successions),
        "root_unit": "ROOT",
    }
    return programme.model_copy(update=update)


def restatement_of(programme, units, links):
    """Who stands for whom on the units of today."""
    one = changed(programme, units, links)
    frame = unit_frame(one)
    rows = restatement(one, frame, unit_ancestors(frame))
    return rows[rows["boundary_to"].eq(dt.date(9999, 12, 31))]


def ancestors_of(programme, units):
    return unit_ancestors(unit_frame(changed(programme, units)))


def link(old, new, day, share="1", basis="stated", relation="split"):
    return Succession(
        from_unit_code=old,
        to_unit_code=new,
        effective_date=day,
        relation=relation,
        share=Decimal(share),
        share_basis=basis,
    )


def restated(rows):
    return {
        (row.unit_code, row.to_unit_code): (row.share, row.is_estimated)
        for row in rows.itertuples()
    }


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


@st.composite
def histories(draw):
    """Three generations of communes; every old one is split among the next."""
    days = [START, dt.date(2021, 1, 1), dt.date(2022, 1, 1), None]
    sizes = [draw(st.integers(1, 4)) for _ in range(3)]
    units, links = [root()], []
    for age, size in enumerate(sizes):
        for n in range(size):
            units.append(unit(f"U{age}.{n}", "ROOT", days[age], days[age + 1]))
            if age == 2:
                continue
            weights = draw(
                st.lists(
                    st.integers(0, 99), min_size=sizes[age + 1], max_size=sizes[age + 1]
                ).filter(any)
            )
            parts = [(Decimal(w) / sum(weights)).quantize(STEP) for w in weights]
            parts[weights.index(max(weights))] += 1 - sum(parts)
            links += [
                link(f"U{age}.{n}", f"U{age + 1}.{m}", days[age + 1], str(part))
                for m, part in enumerate(parts)
            ]
    return units, links


@given(histories(), st.data())
@few
def test_restatement_conserves_every_total_exactly(programme, history, data):
    units, links = history
    rows = restatement_of(programme, units, links)
    codes = sorted({u.unit_code for u in units})
    assert set(rows["unit_code"]) == set(codes)
    per_unit = rows.groupby("unit_code")["share"].sum()
    assert all(total == 1 for total in per_unit)
    amounts = st.decimals(-(10**9), 10**9, places=4)
    values = {code: data.draw(amounts) for code in codes}
    carried = sum(row.share * values[row.unit_code] for row in rows.itertuples())
    assert carried == sum(values.values())
    current = {u.unit_code for u in units if u.valid_to is None}
    assert set(rows["to_unit_code"]) <= current
    assert not rows.duplicated(["unit_code", "to_unit_code"]).any()
    # the shares are those of walking the successions by hand
    steps = {}
    for each in links:
        steps.setdefault(each.from_unit_code, []).append(each)

    def walk(code, share):
        if code not in steps:
            return {code: share}
        found = {}
        for each in steps[code]:
            for to, part in walk(each.to_unit_code, share * each.share).items():
                found[to] = found.get(to, Decimal(0)) + part
        return found

    for code in codes:
        own = rows[rows["unit_code"].eq(code)].set_index("to_unit_code")["share"]
        for to, share in walk(code, Decimal(1)).items():
            assert abs(own.get(to, Decimal(0)) - share) <= STEP * 5


def test_mergers_splits_and_ends_are_followed_to_today(programme):
    day, later = dt.date(2021, 1, 1), dt.date(2022, 1, 1)
    units = [
        root(),
        unit("D", "ROOT", START, later, level="district"),
        unit("A", "D", START, day),
        unit("B", "D", day, later),
        unit("C", "ROOT", day),
        unit("E", "ROOT", later),
        unit("TEAM", "D", START, later),
    ]
    links = [
        link("A", "B", day, "0.25", "area"),
        link("A", "C", day, "0.75", "area"),
        link("B", "E", later, relation="merge"),
    ]
    found = restated(restatement_of(programme, units, links))
    assert found["A", "E"] == (Decimal("0.25"), True)
    assert found["A", "C"] == (Decimal("0.75"), True)
    assert found["B", "E"] == (Decimal(1), False)
    assert found["TEAM", "ROOT"] == (Decimal(1), False)  # over the ended district
    assert found["D", "ROOT"] == (Decimal(1), False)
    assert found["C", "C"] == (Decimal(1), False)
    assert len(found) == 8


def test_whole_moves_are_never_estimated_and_stated_parts_neither(programme):
    day = dt.date(2021, 1, 1)
    units = [
        root(),
        *(unit(code, "ROOT", START, day) for code in "AB"),
        *(unit(code, "ROOT", day) for code in "XY"),
    ]
    links = [
        link("A", "X", day, "1", "population"),
        link("A", "Y", day, "0", "population"),
        link("B", "X", day, "0.5", "stated"),
        link("B", "Y", day, "0.5", "stated"),
    ]
    found = restated(restatement_of(programme, units, links))
    assert ("A", "Y") not in found
    assert found["A", "X"] == (Decimal(1), False)
    assert found["B", "Y"] == (Decimal("0.5"), False)
    assert not any(is_estimated(each) for each in links)


dates = st.dates(dt.date(2020, 1, 1), dt.date(2024, 12, 31))


@st.composite
def trees(draw):
    """A root, two districts and communes that change their parent now and then."""

    def versions(code, parents, level):
        cuts = sorted(draw(st.sets(dates, max_size=3)) - {START})
        starts = [START, *cuts]
        return [
            unit(code, draw(st.sampled_from(parents)), start, end, level)
            for start, end in zip(starts, [*cuts, None], strict=True)
        ]

    units = [root()]
    for code in ("D1", "D2"):
        units += versions(code, ["ROOT"], "district")
    for code in ("C1", "C2"):
        units += versions(code, ["D1", "D2", "ROOT"], "commune")
    return units


@given(trees(), dates)
@few
def test_closure_holds_within_both_and_names_every_ancestor_of_a_day(
    programme, units, day
):
    rows = ancestors_of(programme, units)
    spans = {
        unit_key(programme.code, u.unit_code, u.valid_from): (
            u.valid_from,
            u.valid_to or dt.date(9999, 12, 31),
        )
        for u in units
    }
    for row in rows.itertuples():
        assert row.valid_from < row.valid_to
        for key in (row.unit_key, row.ancestor_unit_key):
            start, end = spans[key]
            assert start <= row.valid_from
            assert row.valid_to <= end
    alive = {u.unit_code: u for u in units if u.holds_on(day)}
    for code in alive:
        chain, step = [], code
        while step is not None:
            chain.append((step, len(chain)))
            step = alive[step].parent_unit_code
        found = rows[
            rows["unit_code"].eq(code)
            & rows["valid_from"].le(day)
            & rows["valid_to"].gt(day)
        ]
        pairs = zip(found["ancestor_unit_code"], found["depth"], strict=True)
        assert sorted(pairs) == sorted(chain)


def test_stretches_through_versions_in_between_are_joined(programme):
    renamed = dt.date(2021, 1, 1)
    units = [
        root(),
        unit("D", "ROOT", START, renamed, level="district"),
        unit("D", "ROOT", renamed, level="district"),
        unit("C", "D"),
    ]
    rows = ancestors_of(programme, units)
    up = rows[rows["unit_code"].eq("C") & rows["ancestor_unit_code"].eq("ROOT")]
    assert list(up["valid_from"]) == [START]
    assert list(up["valid_to"]) == [dt.date(9999, 12, 31)]
    assert not rows.duplicated(["unit_key", "ancestor_unit_key"]).any()
