"""The whole build over the small programme of conftest.py, figures worked by hand."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from sources.programme.model import Programme
from sources.programme.periods import periods_of
from sources.programme.places import places_of
from sources.programme.reference import due_units
from tests.helpers.compiled_models import CompiledModels
from warehouse.errors import ReadError
from warehouse.home import Home
from warehouse.publish import publish
from warehouse.published import open_published
from warehouse.raw_schema import TABLES
from warehouse.read import trace_rows
from warehouse.trace import Figure, cells_of
from warehouse.trace.rows import table_columns

Connection = duckdb.DuckDBPyConnection
D = Decimal


def value(connection: Connection, unit: str, period: str, boundary: str) -> tuple:
    row = connection.execute(
        "select value, coverage, is_estimated from marts.fct_indicator_value "
        "where unit_code = ? and period_key = 'police-' || ? and boundary = ? "
        "and indicator_code = 'offences' and cumulation = 'period'",
        [unit, period, boundary],
    ).fetchone()
    assert row is not None
    return row


def test_models_tests_and_unit_tests_pass(built: tuple[Path, list[str]]) -> None:
    _, failed = built
    assert failed == []


def test_the_database_carries_every_description(
    built: tuple[Path, list[str]], marts: Connection
) -> None:
    path, _ = built
    text = (path.parent / "target_build" / "manifest.json").read_text(encoding="utf-8")
    written = {
        (node["name"], column): words["description"]
        for key, node in json.loads(text)["nodes"].items()
        if key.startswith("model.") and node["schema"] == "marts"
        for column, words in [("", node), *node["columns"].items()]
    }
    found = marts.execute(
        "select table_name, '', comment from duckdb_tables() "
        "where schema_name = 'marts' union all "
        "select table_name, column_name, comment from duckdb_columns() "
        "where schema_name = 'marts'"
    ).fetchall()
    assert {(table, column): comment for table, column, comment in found} == written


def test_totals_are_the_same_on_both_boundaries(marts: Connection) -> None:
    rows = marts.execute(
        "select a.period_key, a.cumulation, a.value, b.value "
        "from marts.fct_indicator_value a "
        "join marts.fct_indicator_value b using (unit_code, period_key, cumulation, "
        "indicator_code) where a.boundary = 'as_reported' and b.boundary = 'current' "
        "and unit_code = 'P' and indicator_code = 'offences'"
    ).fetchall()
    assert len(rows) > 20
    assert [row for row in rows if row[2] != row[3]] == []


def test_restated_communes_add_up_to_the_communes_of_then(marts: Connection) -> None:
    now = marts.execute(
        "select sum(value) from marts.fct_indicator_value where boundary = 'current' "
        "and unit_code in ('C1', 'C3') and period_key = 'police-2025-Q2' "
        "and indicator_code = 'offences' and cumulation = 'period'"
    ).fetchone()
    assert now == (D(45),)
    # 10 of its own and 0.6 x 15 of the commune that was split
    assert value(marts, "C1", "2025-Q2", "current") == (D(19), D(1), True)
    assert value(marts, "C1", "2025-Q2", "as_reported") == (D(10), D(1), False)


def test_year_sums_quarters_of_whoever_reported(marts: Connection) -> None:
    assert value(marts, "P", "2023-Y", "as_reported") == (D(400), D(1), False)
    # seven of eight reports
    assert value(marts, "P", "2024-Y", "as_reported") == (D(320), D("0.875"), False)
    # not_applicable is a report, and no figure
    assert value(marts, "P", "2025-Y", "as_reported") == (D(130), D(1), False)


def test_coverage_never_exceeds_one(marts: Connection) -> None:
    worst = marts.execute("select max(coverage) from marts.fct_indicator_value")
    assert worst.fetchone() == (D(1),)


def test_a_share_counts_the_units_of_the_day(marts: Connection) -> None:
    rows = marts.execute(
        "select period_key, numerator, denominator, value "
        "from marts.fct_indicator_value where indicator_code = 'hq_share' "
        "and unit_code = 'P' and boundary = 'as_reported' and cumulation = 'period' "
        "and period_key like '%-Y' order by 1"
    ).fetchall()
    assert rows == [
        ("police-2023-Y", D(0), D(3), D(0)),
        ("police-2024-Y", D(1), D(3), D("33.33333333")),
        ("police-2025-Y", D(2), D(2), D(100)),
    ]


def test_missing_reports_are_missing(marts: Connection) -> None:
    rows = marts.execute(
        "select unit_code, period_key, status, is_on_time, days_late "
        "from marts.fct_submission where version = 0"
    ).fetchall()
    # the deadline was 17/12/2024, judged on 20/12/2025
    assert rows == [("B", "police-2024-Q4", "missing", False, 368)]


def test_due_list_agrees_with_the_programme(
    marts: Connection, programme: Programme
) -> None:
    """dbt and sources.programme each derive what is due; they must not drift apart."""
    periods = periods_of(programme, 2025)
    theirs = pd.concat(due_units(programme, form, periods) for form in programme.forms)
    ours = marts.execute(
        "select form_code, unit_code, period_key, "
        "cast(due_at + interval 7 hours - interval 1 day as date) from "
        "marts.fct_submission where is_expected"
    ).fetchall()
    columns = ["form_code", "unit_code", "period_key", "due_date"]
    assert sorted(ours) == sorted(theirs[columns].itertuples(index=False, name=None))


def test_verdicts(marts: Connection) -> None:
    rows = marts.execute(
        "select target_code, unit_code, period_key, verdict, verdict_reason_code, "
        "years_met, years_judged from marts.fct_target_progress "
        "join marts.dim_period using (period_key) where period_type <> 'month' "
        "order by all"
    ).fetchall()
    assert rows == [
        # 240 to 200 is -16.7 %; B's last quarter could be 40: no cut at all
        ("CUT", "A", "police-2024-Y", "met", "threshold_kept", 1, 1),
        ("CUT", "B", "police-2024-Y", "cannot_judge", "reports_missing", 0, 0),
        # 320 to 360 after 400 is a cut of at least 10 %
        ("CUT", "P", "police-2024-Y", "met", "threshold_kept", 1, 1),
        ("CUT", "P", "police-2025-Y", "met", "threshold_kept", 2, 2),
        # 33.3 % against 35 % after the first of two years
        ("HQ", "P", "police-2024-Y", "off_track", "threshold_missed", 0, 0),
        ("HQ", "P", "police-2024_2025-T", "met", "threshold_kept", 1, 1),
        ("HQ", "P", "police-2025-Y", "met", "threshold_kept", 1, 1),
        ("NONE", "P", "police-2024-Y", "not_met", "breach", 0, 1),
        ("NONE", "P", "police-2024_2025-T", "not_met", "breach", 0, 2),
        ("NONE", "P", "police-2025-Y", "not_met", "breach", 0, 2),
    ]


def test_month_ends_stand_on_the_last_quarter_that_had_ended(marts: Connection) -> None:
    rows = marts.execute(
        "select period_key, figure_period_key, verdict, actual, needed_rest, "
        "projected_end, projected_low, projected_high, projection_basis "
        "from marts.fct_target_progress join marts.dim_period using (period_key) "
        "where target_code = 'CUT' and unit_code = 'P' and period_type = 'month' "
        "and year = 2025 order by period_key"
    ).fetchall()
    # months 1 and 2 had no figure of the year yet
    assert [row[0][-3:] for row in rows] == [f"M{month:02}" for month in range(3, 13)]
    assert "".join(row[1][-1] for row in rows) == "1112223334"
    assert {row[2] for row in rows} == {"on_track"}
    # 45 after 90; 5 % off the 320 of 2024 is 304, less 45. In quarter 1 had come
    # 100 of 400 in 2023 and 90 of 320 in 2024: 45 x 720 / 190 = 170.53, from 160 to 180
    assert rows[0][3:] == (
        *(D(50), D(259), D("46.71052632"), D("43.75000000"), D(50)),
        "seasonal",
    )


def test_verdicts_never_contradict_their_bounds(marts: Connection) -> None:
    rows = marts.execute(
        "select target_code, unit_code, period_key from marts.fct_target_progress "
        "where comparator = '>=' and (verdict = 'met' and value_if_missing_low < "
        "required or verdict = 'not_met' and value_if_missing_high >= required)"
    ).fetchall()
    assert rows == []


def test_scorecard_has_one_row_per_target_and_unit(marts: Connection) -> None:
    rows = marts.execute(
        "select target_code, unit_code, period_key, verdict, yearly_values, "
        "is_simulated from marts.rpt_term_scorecard order by display_order"
    ).fetchall()
    year, term = "police-2025-Y", "police-2024_2025-T"
    assert rows == [
        ("CUT", "P", year, "met", "2024:20.0000;2025:59.3750", True),
        ("CUT", "A", "police-2024-Y", "met", "2024:16.6667", True),
        ("CUT", "B", "police-2024-Y", "cannot_judge", "2024:25.0000", True),
        ("HQ", "P", term, "met", "2024:33.3333;2025:100.0000", True),
        ("NONE", "P", term, "not_met", "2024:320.0000;2025:130.0000", True),
        ("WORD", "P", None, "no_case", None, False),
    ]


def test_labels_speak_both_languages(marts: Connection) -> None:
    row = marts.execute(
        "select requirement_vi, requirement_en, verdict_label_vi, verdict_label_en, "
        "verdict_reason_vi from marts.rpt_term_scorecard "
        "where target_code = 'CUT' and unit_code = 'A'"
    ).fetchone()
    assert row == (
        "giảm ≥ 5 % mỗi năm",
        "cut by ≥ 5 % every year",
        "Đạt",
        "Met",
        "Giảm 16,67 %; yêu cầu giảm ≥ 5 % mỗi năm. "
        "Đơn vị kết thúc hoạt động từ 01/03/2025.",
    )


def test_history_reaches_from_receipt_to_the_far_end(marts: Connection) -> None:
    row = marts.execute(
        "select min(recorded_from), max(recorded_to), count(*) "
        "from marts.fct_observation_history"
    ).fetchone()
    assert row == (dt.datetime(2023, 3, 15), dt.datetime(9999, 12, 31), 33)


def test_a_run_in_memory_gives_what_dbt_builds(
    marts: Connection, compiled: CompiledModels
) -> None:
    """What tests ask of the models without dbt, they would get from dbt."""
    raw = {
        table: pd.DataFrame(
            marts.execute(f"from raw.{table}").fetchall(),
            columns=list(columns),
            dtype=object,
        )
        for table, columns in TABLES.items()
    }
    tables = ["fct_indicator_value", "fct_submission", "rpt_term_scorecard"]
    with compiled.run(raw, tables, dt.date(2025, 12, 20)) as fast:
        for table in tables:
            # by name: a contract puts columns in its own order
            names = marts.execute(f"from marts.{table} limit 0").description
            columns = ", ".join(sorted(name for name, *_ in names or ()))
            query = f"select {columns} from marts.{table} order by all"
            expected = marts.execute(query).fetchall()
            assert len(expected) > 5
            assert fast.execute(query).fetchall() == expected


EDITION = dt.datetime(2024, 7, 1)


@pytest.fixture(scope="module")
def home(
    built: tuple[Path, list[str]],
    marts: Connection,
    tmp_path_factory: pytest.TempPathFactory,
) -> Home:
    """The build, published, with one edition of 2024 known by July of that year."""
    path, _ = built
    made = Home(tmp_path_factory.mktemp("traced"))
    made.create()
    marts.execute("checkpoint")
    shutil.copy(path, made.build_db)
    with duckdb.connect(str(made.build_db)) as connection:
        connection.execute(
            "insert into marts.fct_edition by name select *, 'E1' as edition_code, "
            "? as published_at from marts.fct_target_progress "
            "where target_code = 'CUT' and unit_code = 'P' "
            "and period_key = 'police-2024-Y'",
            [EDITION],
        )
        connection.execute(
            "insert into marts.rpt_edition_revision by name select edition_code, "
            "published_at, target_key, unit_key, period_key, programme_code, "
            "target_code, unit_code, indicator_code, 'met' as verdict_now "
            "from marts.fct_edition"
        )
    publish(made, "p1", EDITION.replace(tzinfo=dt.UTC), dt.date(2025, 12, 20))
    return made


def traced(home: Home, table: str, **asked: str) -> dict:
    (row,) = trace_rows(home, table, asked)
    return row


def cells(row: dict, purpose: str | None = None) -> list[tuple]:
    """Unit, last part of the period, value and share of each cell."""
    return sorted(
        (c["unit_code"], c["period_key"][-2:], c["value"], c["share"])
        for c in row["cells"]
        if purpose is None or c["for"] == purpose
    )


def test_every_mart_leads_to_cells_lines_or_a_reason(
    home: Home, programme: Programme
) -> None:
    with open_published(home) as connection:
        samples = {
            table: connection.execute(f"from marts.{table} limit 1").to_arrow_table()
            for table, columns in table_columns(connection).items()
        }
    kinds = {}
    for table, sample in samples.items():
        if not sample.num_rows:
            assert table in ("bridge_unit_group", "fct_finding")
            continue
        row = sample.to_pylist()[0]
        asked = {
            name: str(v) for name, v in row.items() if isinstance(v, str | dt.date)
        }
        got = traced(home, table, **asked)
        lines = places_of(programme, got["row"])
        assert got["cells"] or got["reasons"] or lines, table
        assert got["kind"] != "programme" or lines or table == "dim_period", table
        kinds[table] = got["kind"]
    assert kinds["dim_unit"] == kinds["bridge_unit_ancestor"] == "programme"
    assert kinds["fct_observation"] == kinds["fct_observation_history"] == "cell"
    assert kinds["rpt_term_scorecard"] == kinds["rpt_edition_revision"] == "judgement"
    assert kinds["fct_submission"] == "report"


def test_cells_by_share_add_up_to_every_figure(marts: Connection) -> None:
    rows = marts.execute(
        "select v.unit_code, v.indicator_code, v.period_key, v.boundary, v.cumulation, "
        "v.programme_code, v.numerator, i.kind from marts.fct_indicator_value v "
        "join marts.dim_indicator i using (indicator_code)"
    ).fetchall()
    assert len(rows) > 100
    found = cells_of(marts, [Figure(*row[:6]) for row in rows])
    for row, own in zip(rows, found, strict=True):
        counts = [
            min(c["value"], 1) if row[7] == "unit_share" else c["value"] for c in own
        ]
        total = sum(n * c["share"] for n, c in zip(counts, own, strict=True))
        assert (total if own else None) == row[6], row


def test_a_restated_figure_says_which_share_of_a_cell_counts(home: Home) -> None:
    asked = {
        "unit_code": "C1",
        "period_key": "police-2025-Q2",
        "indicator_code": "offences",
        "boundary": "current",
        "cumulation": "period",
    }
    row = traced(home, "fct_indicator_value", **asked)
    assert cells(row) == [("C1", "Q2", 10, 1), ("C2", "Q2", 15, D("0.6"))]
    then = traced(home, "fct_indicator_value", **{**asked, "boundary": "as_reported"})
    assert cells(then) == [("C1", "Q2", 10, 1)]
    whole = traced(
        home, "fct_indicator_value", **asked | {"cumulation": "year_to_date"}
    )
    assert [cell[:2] for cell in cells(whole)] == [
        ("C1", "Q1"), ("C1", "Q2"), ("C2", "Q1"), ("C2", "Q2"),
    ]  # fmt: skip


def test_a_change_leads_to_both_years_and_to_what_is_missing(home: Home) -> None:
    row = traced(home, "rpt_term_scorecard", target_code="CUT", unit_code="P")
    assert row["row"]["trace_command"] == (
        "nhiemky trace rpt_term_scorecard programme_code=small target_code=CUT "
        "unit_code=P"
    )
    sums = {
        purpose: (len(own), sum(value for _, _, value, _ in own))
        for purpose in (
            "the period assessed",
            "the period compared with",
            "the base year",
        )
        if (own := cells(row, purpose))
    }
    assert sums == {
        "the period assessed": (9, 130),
        "the period compared with": (7, 320),
        "the base year": (8, 400),
    }
    assert [(m["unit_code"], m["period_key"], m["for"]) for m in row["missing"]] == [
        ("B", "police-2024-Q4", "the period compared with")
    ]
    first = row["cells"][0]
    assert (first["sheet"], first["cell"]) == ("S", "B2")
    assert first["delivery_sha256"] == first["submission"]


def test_an_edition_leads_to_what_was_known_when_it_was_published(home: Home) -> None:
    for table in ("fct_edition", "rpt_edition_revision"):
        row = traced(home, table, edition_code="E1")
        assert cells(row, "the period assessed") == [
            ("A", "Q1", 50, 1), ("A", "Q2", 50, 1),
            ("B", "Q1", 40, 1), ("B", "Q2", 40, 1),
        ]  # fmt: skip
        assert "known when edition E1 was published, 01/07/2024" in str(row["reasons"])


def test_what_has_no_cell_says_why(home: Home) -> None:
    word = traced(home, "rpt_term_scorecard", target_code="WORD")
    assert not word["cells"]
    assert word["reasons"][0]["en"].startswith("A commitment without a number")
    absent = traced(home, "fct_submission", unit_code="B", status="missing")
    assert absent["reasons"][0]["en"].startswith("No report came: due 17/12/2024")
    sent = traced(home, "fct_submission", unit_code="B", period_key="police-2024-Q3")
    assert [(c["cell"], c["value"]) for c in sent["cells"]] == [("B2", 40)]
    # C1 answered that the question does not apply
    none = traced(
        home,
        "fct_indicator_value",
        unit_code="C1",
        period_key="police-2025-Q4",
        indicator_code="offences",
        boundary="as_reported",
        cumulation="period",
    )
    assert [c["observation_status"] for c in none["cells"]] == ["not_applicable"]


@pytest.mark.parametrize(
    ("table", "asked", "message"),
    [
        ("dim_units", {}, "no table marts.dim_units .*near ones: dim_unit"),
        ("dim_unit", {"unit": "A"}, "no column 'unit'.*unit_"),
        ("dim_unit", {"unit_code": "C9"}, r"has unit_code=C9.*unit_code=C\d"),
        ("dim_unit", {"valid_from": "xx"}, "of type DATE"),
        ("dim_unit", {"unit_code": "A", "level": "commune"}, "level=district"),
        ("fct_observation", {"unit_code": "A", "value": "'; drop"}, "of type DECIMAL"),
        ("fct_observation", {}, "33 rows of .*period_key= "),
    ],
)
def test_a_row_that_is_not_there_is_answered_with_what_is(
    home: Home, table: str, asked: dict[str, str], message: str
) -> None:
    with pytest.raises(ReadError, match=message):
        trace_rows(home, table, asked)
