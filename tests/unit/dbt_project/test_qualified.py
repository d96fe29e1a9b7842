"""A figure's qualifier reaches every figure it is in, and no other."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from sources.programme.reference import reference_frames
from tests.helpers.compiled_models import CompiledModels
from tests.helpers.reorganised import START, programme_of, raw_reports, reported, unit

UNITS = {"ROOT": None, "D1": "ROOT", "A": "D1", "B": "D1", "D2": "ROOT", "C": "D2"}
FIGURES = """
    select unit_code, period_key, indicator_code, is_provisional, is_estimated
    from marts.fct_indicator_value
    where boundary = 'as_reported' and cumulation = 'period'
        and (is_provisional or is_estimated)
"""
BOTH_LENGTHS = ("civil-2023-Q1", "civil-2023-H1", "civil-2023-9M", "civil-2023-Y")


def run(compiled: CompiledModels, marks: dict[tuple[str, str, str], str]):
    """The marts over complete reports, some figures of which say more than a value."""
    units = [
        unit(code, parent, START).model_copy(
            update={"level": level, "unit_type": level}
        )
        for (code, parent), level in zip(
            UNITS.items(),
            ("province", "district", "commune", "commune", "district", "commune"),
            strict=True,
        )
    ]
    programme = programme_of(units, [])
    frames = reference_frames(programme, None, 2025)
    raw = raw_reports(programme, reported(programme, frames, 1))
    values = raw["observation"]
    keys = zip(
        values["submission_id"].str.split("|").str[0],
        values["submission_id"].str.split("|").str[1],
        values["measure_code"],
        strict=True,
    )
    said = pd.Series([marks.get(key) for key in keys], dtype="object")
    raw["observation"] = values.assign(qualifier=said.to_numpy())
    models = ["fct_indicator_value", "fct_observation"]
    return compiled.run({**frames, **raw}, models, dt.date(2026, 6, 1))


def test_nothing_is_marked_where_nothing_is_said(compiled: CompiledModels) -> None:
    with run(compiled, {}) as models:
        assert models.execute(FIGURES).fetchall() == []


@pytest.mark.parametrize(
    ("qualifier", "provisional", "estimated"),
    [
        ("provisional", True, False),
        ("estimated", False, True),
        ("about", False, True),
        ("more_than", False, True),
        ("break", False, False),
    ],
)
def test_a_qualified_figure_marks_what_it_is_in(
    compiled: CompiledModels, qualifier: str, provisional: bool, estimated: bool
) -> None:
    marks = {("A", "civil-2023-Q1", "cleared"): qualifier}
    with run(compiled, marks) as models:
        found = models.execute(FIGURES).fetchall()
        kept = models.execute(
            "select unit_code, period_key, indicator_code, qualifier"
            " from marts.fct_observation where qualifier is not null"
        ).fetchall()
    assert kept == [("A", "civil-2023-Q1", "cleared", qualifier)]
    flags = (provisional, estimated)
    if not any(flags):
        assert found == []
        return
    assert {row[3:] for row in found} == {flags}
    marked = {row[:3] for row in found}
    assert {key for key in marked if key[2] == "cleared"} == {
        (code, period, "cleared")
        for code in ("A", "D1", "ROOT")
        for period in (*BOTH_LENGTHS, "civil-2023_2025-T")
    }
    # the ratio it stands above the line of, and no other indicator
    assert {key[2] for key in marked} == {"cleared", "rate"}
