"""Bounds hold whatever the missing reports say, and no verdict goes against them.

Each example is asked twice: as the reports came in, and again with all that was missing
filled in, anywhere between nought and the upper end that the models gave it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.helpers.compiled_models import CompiledModels
from tests.helpers.random_reports import Worlds, filled_in, make_worlds

# about two seconds for an example of three worlds; shrinking would take minutes, and a
# seed is no smaller than another
EXAMPLES = settings(max_examples=6, phases=(Phase.explicit, Phase.generate))
WORLDS = 3
DAYS = st.sampled_from([dt.date(2025, 2, 1), dt.date(2024, 8, 20)])
SHARES = st.sampled_from([0.1, 0.4, 0.0])
SEEDS = st.integers(0, 2**32 - 1)
MISSING = """
    select programme_code, form_code, unit_code, period_key,
        indicator_code as measure_code, missing_high as high
    from intermediate.int_cell
    where is_due = 1 and is_received = 0 and counted_units is null
"""
FIGURE_KEYS = "boundary, unit_code, period_key, cumulation, indicator_code"
# exact: whole numbers and tenths, multiplied across
FIGURES = """
    select *, cast(coalesce(numerator, 0) as decimal(18, 2)) as part,
        case when kind in ('ratio', 'unit_share')
            then cast(denominator as decimal(18, 2)) else 1 end as whole,
        cast(low_numerator as decimal(18, 2)) as low_part,
        cast(low_denominator as decimal(18, 2)) as low_whole,
        cast(high_numerator as decimal(18, 2)) as high_part,
        cast(high_denominator as decimal(18, 2)) as high_whole
    from intermediate.int_indicator_value
"""
OUT_OF_BOUNDS = f"""
    select {FIGURE_KEYS}, now.low_part, now.low_whole, later.part, later.whole,
        now.high_part, now.high_whole
    from ({FIGURES}) as later left join early as now using ({FIGURE_KEYS})
    where later.whole > 0 and (
        now.kind is null and later.part > 0
        or later.part * now.low_whole < now.low_part * later.whole
        or later.part * now.high_whole > now.high_part * later.whole
    )
"""
PASSED, FAILED = "('met', 'on_track')", "('not_met', 'off_track')"
VERDICT_KEYS = "target_key, unit_code, period_key"
TURNED = f"""
    select {VERDICT_KEYS}, now.target_code, now.verdict, now.value_if_missing_low,
        now.value_if_missing_high, later.verdict, later.actual, later.required
    from marts.fct_target_progress as later
    inner join early as now using ({VERDICT_KEYS})
    where now.verdict in {PASSED} and later.verdict in {FAILED}
        or now.verdict in {FAILED} and later.verdict in {PASSED}
"""
CONTRADICTED = f"""
    select {VERDICT_KEYS}, target_code, verdict, comparator, required,
        value_if_missing_low, actual, value_if_missing_high
    from marts.fct_target_progress
    where verdict in {PASSED} and not coalesce(case
            when comparator in ('>=', '>') then value_if_missing_low >= required
            when comparator in ('<=', '<', '=') then value_if_missing_high <= required
            else value_if_missing_low >= target_low
                and value_if_missing_high <= target_high
        end, false)
        -- a rise from nothing has no per cent
        or verdict in {FAILED} and not (previous_value = 0 and value > 0)
        and not coalesce(case
            when comparator in ('>=', '>') then value_if_missing_high <= required
            when comparator in ('<=', '<', '=') then value_if_missing_low >= required
            else value_if_missing_low >= target_high
                or value_if_missing_high <= target_low
        end, false)
"""


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    return make_worlds(WORLDS)


@contextlib.contextmanager
def asked_twice(
    worlds: Worlds,
    compiled: CompiledModels,
    model: str,
    day: dt.date,
    seed: int,
    unsent: float,
    odd: float,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]]:
    """The model over the reports as they came, and over the same ones filled in."""
    rng = np.random.default_rng(seed)
    came = worlds.reports(rng, day, unsent, odd)
    with compiled.run(worlds.raw(came), [model], day) as early:
        missing = early.execute(MISSING).df()
        full = filled_in(came, missing, rng)
        with compiled.run(worlds.raw(full), [model], day) as late:
            yield early, late


@EXAMPLES
@given(day=DAYS, seed=SEEDS, unsent=SHARES, odd=SHARES)
def test_bounds_hold_the_figure_of_the_full_reports(
    worlds: Worlds,
    compiled: CompiledModels,
    day: dt.date,
    seed: int,
    unsent: float,
    odd: float,
) -> None:
    model = "fct_indicator_value"
    with asked_twice(worlds, compiled, model, day, seed, unsent, odd) as (early, late):
        late.register("early", early.execute(FIGURES).to_arrow_table())
        assert late.execute(OUT_OF_BOUNDS).fetchall() == []
        coverages = early.execute(
            "select min(coverage), max(coverage), max(reports_received - reports_due) "
            "from marts.fct_indicator_value"
        ).fetchone()
        assert coverages is not None
        lowest, highest, beyond = coverages
        assert 0 <= lowest <= highest <= 1
        assert beyond <= 0


@EXAMPLES
@given(day=DAYS, seed=SEEDS, unsent=SHARES, odd=SHARES)
def test_no_verdict_is_turned_by_the_full_reports(
    worlds: Worlds,
    compiled: CompiledModels,
    day: dt.date,
    seed: int,
    unsent: float,
    odd: float,
) -> None:
    model = "fct_target_progress"
    with asked_twice(worlds, compiled, model, day, seed, unsent, odd) as (early, late):
        progress = early.execute("from marts.fct_target_progress").to_arrow_table()
        late.register("early", progress)
        assert late.execute(TURNED).fetchall() == []
        assert early.execute(CONTRADICTED).fetchall() == []
        assert late.execute(CONTRADICTED).fetchall() == []
