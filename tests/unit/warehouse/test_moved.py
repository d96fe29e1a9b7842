"""What moved between two small sets of marts, worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from warehouse.errors import ReadError
from warehouse.moved import Moved, what_moved

SHAPE = """
create schema marts;
create table marts.dim_unit as
    select 'p' as programme_code, 'k' || unit_code as unit_key, unit_code,
        'Xã ' || unit_code as name_vi, 'Commune ' || unit_code as name_en, level,
        parent_unit_code, date '2024-01-01' as valid_from
    from (values ('R', 'top', null), ('A', 'commune', 'R'), ('B', 'commune', 'R'),
        ('C', 'commune', 'R')) as units (unit_code, level, parent_unit_code);
create table marts.dim_period as
    select 'y24' as period_key, 'year' as period_type, date '2024-01-01' as start_date,
        date '2025-01-01' as end_date;
create table marts.dim_indicator as
    select 'p' as programme_code, code as indicator_code, code as name_vi,
        code as name_en, direction
    from (values ('m', 'lower'), ('rate', 'higher'), ('free', 'higher'),
        ('flat', 'neutral')) as indicators (code, direction);
create table marts.dim_target as
    select 'p' as programme_code, 't' || code as target_key,
        'T-' || code as target_code, code as indicator_code,
        'Mục tiêu' as name_vi, 'Target' as name_en, comparator
    from (values ('m', '<='), ('rate', '>'), ('flat', '>='), ('free', 'none'))
        as targets (code, comparator);
create table marts.fct_observation (
    programme_code varchar default 'p', unit_code varchar, indicator_code varchar,
    period_key varchar default 'y24', form_code varchar default 'F',
    value decimal(24, 4), observation_status varchar default 'reported',
    source_file varchar, source_sheet varchar default 'Biểu', source_cell varchar,
    submission_id varchar, received_at timestamp default '2024-02-01');
create table marts.fct_indicator_value (
    programme_code varchar default 'p', unit_key varchar, unit_code varchar,
    indicator_code varchar, period_key varchar default 'y24',
    boundary varchar default 'as_reported', cumulation varchar default 'period',
    value decimal(30, 8), coverage decimal(9, 4) default 1);
create table marts.fct_target_progress (
    programme_code varchar default 'p', target_key varchar, target_code varchar,
    unit_code varchar, period_key varchar default 'y24', is_scope_unit boolean,
    verdict varchar, verdict_label_vi varchar, verdict_label_en varchar,
    actual decimal(30, 8), required decimal(30, 8), verdict_reason_vi varchar,
    verdict_reason_en varchar);
"""


def marts(
    path: Path,
    observations: tuple[tuple[str, str, str | None, str], ...] = (),
    figures: tuple[tuple[str, str, str | None], ...] = (),
    verdicts: tuple[tuple[str, str, bool, str], ...] = (),
    more: str = "",
) -> Path:
    """A file with (unit, measure, value, file), (unit, indicator, value) and (target,
    unit, is scope, verdict)."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(SHAPE)
        for unit, measure, value, file in observations:
            status = "missing" if value is None else "reported"
            connection.execute(
                "insert into marts.fct_observation (unit_code, indicator_code, value, "
                "observation_status, source_file, source_cell) "
                "values (?, ?, ?, ?, ?, ?)",
                [unit, measure, value, status, file, "D11"],
            )
        for unit, indicator, value in figures:
            connection.execute(
                "insert into marts.fct_indicator_value (unit_key, unit_code, "
                "indicator_code, value) values ('k' || $1, $1, $2, $3)",
                [unit, indicator, value],
            )
        for target, unit, is_scope, verdict in verdicts:
            connection.execute(
                "insert into marts.fct_target_progress (target_key, target_code, "
                "unit_code, is_scope_unit, verdict, verdict_label_vi, "
                "verdict_label_en) "
                "values ('t' || $1, 'T-' || $1, $2, $3, $4, $4, $4)",
                [target, unit, is_scope, verdict],
            )
        connection.execute(more or "select 1")
    return path


def rows(frame: pd.DataFrame, *names: str) -> list[tuple[object, ...]]:
    kept = frame[list(names)].astype(object).where(frame[list(names)].notna(), None)
    return list(kept.itertuples(index=False, name=None))


def moved(tmp_path: Path, before: dict[str, object], now: dict[str, object]) -> Moved:
    files = [
        marts(tmp_path / f"{name}.duckdb", **facts)  # type: ignore[arg-type]
        for name, facts in (("before", before), ("now", now))
    ]
    return what_moved(files[0], files[1], "p")


def test_values_say_why_they_moved(tmp_path: Path) -> None:
    """A corrected m, added n, withdrew o; B reported first; a blank cell is nothing."""
    found = moved(
        tmp_path,
        {
            "observations": (
                ("A", "m", "5", "a1.xlsx"),
                ("A", "o", "2", "a1.xlsx"),
                ("A", "same", "7", "a1.xlsx"),
                ("C", "m", None, "c1.xlsx"),
            )
        },
        {
            "observations": (
                ("A", "m", "6", "a2.xlsx"),
                ("A", "n", "1", "a2.xlsx"),
                ("A", "o", None, "a2.xlsx"),
                ("A", "same", "7", "a2.xlsx"),
                ("B", "m", "0", "b1.xlsx"),
            )
        },
    )
    names = ("unit_code", "indicator_code", "value_before", "value_now", "reason")
    assert rows(found.observations, *names, "source_file", "source_cell") == [
        ("A", "m", Decimal(5), Decimal(6), "correction", "a2.xlsx", "D11"),
        ("A", "n", None, Decimal(1), "correction", "a2.xlsx", "D11"),
        ("A", "o", Decimal(2), None, "withdrawn", "a1.xlsx", "D11"),
        ("B", "m", None, Decimal(0), "first_report", "b1.xlsx", "D11"),
    ]
    assert found.observations.unit_name_vi[0] == "Xã A"


def test_ranks_follow_the_direction_and_ties_share(tmp_path: Path) -> None:
    """m, less is better: B catches up with A, so both are first and C stays third.
    rate, more is better: A passes B, C joins. Nothing is ranked without a target or a
    direction."""
    before = [("A", "m", "1"), ("B", "m", "2"), ("C", "m", "3")]
    before += [("A", "rate", "80"), ("B", "rate", "90")]
    unranked = [("A", "free", "1"), ("B", "free", "2"), ("A", "flat", "1")]
    now = [("A", "m", "2"), ("B", "m", "2"), ("C", "m", "3")]
    now += [("A", "rate", "95"), ("B", "rate", "90"), ("C", "rate", "85")]
    swapped = [("A", "free", "2"), ("B", "free", "1"), ("A", "flat", "3")]
    found = moved(
        tmp_path,
        {"figures": (*before, *unranked, ("B", "flat", "2"), ("R", "m", "6"))},
        {"figures": (*now, *swapped, ("B", "flat", "2"), ("R", "m", "7"))},
    )
    names = ("indicator_code", "unit_code", "rank_before", "ranked_before")
    assert rows(found.ranks, *names, "rank_now", "ranked_now") == [
        ("m", "B", 2, 3, 1, 3),
        ("rate", "A", 2, 2, 1, 3),
        ("rate", "B", 1, 2, 2, 3),
        ("rate", "C", None, 2, 3, 3),
    ]
    assert [type(rank) for rank in found.ranks.rank_now] == [int] * 4


def test_a_tie_that_breaks_moves_the_one_behind(tmp_path: Path) -> None:
    """Both first; then A is worse: B stays first, A comes second."""
    found = moved(
        tmp_path,
        {"figures": (("A", "m", "2"), ("B", "m", "2"))},
        {"figures": (("A", "m", "5"), ("B", "m", "2"))},
    )
    assert rows(found.ranks, "unit_code", "rank_before", "rank_now") == [("A", 1, 2)]


def test_totals_are_those_of_units_above_others(tmp_path: Path) -> None:
    """R is above; A is not, but a target is about it. What has a target comes first;
    free is only a commitment."""
    scope = (("m", "A", True, "met"), ("m", "R", False, "met"))
    found = moved(
        tmp_path,
        {
            "figures": (("R", "m", "10"), ("A", "m", "4"), ("B", "m", "6")),
            "verdicts": scope,
        },
        {
            "figures": (
                *(("R", "m", "11"), ("A", "m", "4"), ("B", "m", "7")),
                *(("R", "free", "1"), ("A", "free", "2")),
            ),
            "verdicts": scope,
        },
    )
    names = ("unit_code", "indicator_code", "has_target", "is_scope_unit", "change")
    assert rows(found.totals, *names) == [
        ("R", "m", True, False, Decimal(1)),
        ("A", "free", False, True, None),
        ("R", "free", False, False, None),
    ]


def test_verdicts_of_the_scope_come_first_and_new_ones_last(tmp_path: Path) -> None:
    found = moved(
        tmp_path,
        {"verdicts": (("m", "A", False, "met"), ("m", "R", True, "on_track"))},
        {
            "verdicts": (
                *(("m", "A", False, "not_met"), ("m", "R", True, "off_track")),
                *(("rate", "R", True, "met"), ("m", "B", False, "met")),
            )
        },
    )
    names = ("target_code", "unit_code", "verdict_before", "verdict_now")
    assert rows(found.verdicts, *names) == [
        ("T-m", "R", "on_track", "off_track"),
        ("T-m", "A", "met", "not_met"),
        ("T-rate", "R", None, "met"),
        ("T-m", "B", None, "met"),
    ]


def test_another_programme_of_the_home_is_left_alone(tmp_path: Path) -> None:
    other = "update marts.fct_observation set programme_code = 'q'"
    found = moved(
        tmp_path,
        {},
        {"observations": (("A", "m", "5", "a.xlsx"),), "more": other},
    )
    assert found.observations.empty


def test_a_file_without_marts_says_what_to_do(tmp_path: Path) -> None:
    whole = marts(tmp_path / "whole.duckdb")
    with duckdb.connect(str(tmp_path / "empty.duckdb")):
        pass
    with pytest.raises(ReadError, match=r"(?s)cannot be compared.*nhiemky run"):
        what_moved(whole, tmp_path / "empty.duckdb", "p")
