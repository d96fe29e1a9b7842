from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from sources.programme.lineage import unit_ancestors
from sources.programme.reference import unit_frame, unit_key
from tests.helpers.reorganised import START, unit

few = settings(max_examples=25, deadline=None)


def root(**dates):
    return unit("ROOT", None, level="province", **dates)


def ancestors_of(programme, units):
    update = {"units": tuple(units), "root_unit": "ROOT"}
    return unit_ancestors(unit_frame(programme.model_copy(update=update)))


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
