"""Status, trace and the facts of gate 2, on a small programme loaded for real."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.helpers.marts_build import build_from_raw, publish_now
from tests.helpers.warehouse_frames import (
    observations,
    record,
    reference,
    submission,
)
from warehouse.errors import ReadError, WarehouseError
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.load import sync
from warehouse.read import (
    findings,
    gate2_facts,
    scorecard,
    status,
    trace,
    trace_absence,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    created = Home(tmp_path)
    created.create()
    return created


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger.open(home.ledger_url)
    yield opened
    opened.close()


@pytest.fixture
def built(home: Home, ledger: Ledger) -> Home:
    """A and B report 2024, A also 2023 twice; R sends a total that is one too many."""
    batch = [
        (submission("a23", period="civil-2023-Y"), 0),
        (submission("a23b", period="civil-2023-Y"), 1),
        (submission("a24"), 2),
        (submission("b24", "B"), 3),
        (submission("r24", "R", is_control_total=True), 4),
        (submission("r23", "R", period="civil-2023-Y", is_control_total=True), 5),
        (submission("bad", "B", "rejected"), 6),
    ]
    values = {"a23b": "10", "a24": "20", "b24": "30", "r24": "51", "r23": "10"}
    frame = record(ledger, batch)
    by_id = {
        row.submission_id: values.get(row.file_name[:-5], "7")
        for row in frame.itertuples()
    }
    sync(home, "demo", reference(), ledger, lambda s: observations(s, by_id))
    build_from_raw(home)
    return home


def execute(home: Home, sql: str) -> None:
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute(sql)


def test_status_before_the_first_publication(home: Home, ledger: Ledger) -> None:
    assert status(home, ledger) == {
        "published_at": None,
        "as_of_date": None,
        "publication_id": None,
        "programmes": [],
        "submissions": {},
        "findings": {},
        "open_findings": {},
        "missing": [],
    }


def test_status_counts_and_lists_what_is_missing(built: Home, ledger: Ledger) -> None:
    publish_now(built)
    facts = json.loads(json.dumps(status(built, ledger)))
    assert facts == {
        "published_at": "2025-03-01T07:00:00+00:00",
        "as_of_date": "2025-02-28",
        "publication_id": "p1",
        "programmes": ["demo"],
        "submissions": {"accepted": 5, "rejected": 1, "superseded": 1},
        "findings": {"WARNING": 7},
        "open_findings": {"WARNING": 6},
        "missing": [{"unit_code": "B", "form_code": "F", "period_key": "civil-2023-Y"}],
    }


def test_a_units_own_figure_is_one_cell(built: Home) -> None:
    publish_now(built)
    (row,) = trace(built, "A", "m", "civil-2024-Y")
    assert row == {
        "submission": submission("a24")["submission_id"],
        "file": "a24.xlsx",
        "sheet": "Biểu",
        "cell": "B2",
        "raw_text": "20",
        "value": Decimal("20.0000"),
        "measure_code": "m",
        "unit_code": "A",
        "period_key": "civil-2024-Y",
        "role": "numerator",
        "boundary": "as_reported",
        "share": 1,
        "observation_status": "reported",
        "programme_code": "demo",
        "delivery_sha256": submission("a24")["delivery_sha256"],
        "received_at": dt.datetime(2024, 1, 5, 10),
        "waived": [],
    }


def test_an_aggregate_descends_to_the_units_below(built: Home) -> None:
    publish_now(built)
    rows = trace(built, "R", "m", "civil-2024-Y")
    assert [(r["unit_code"], r["value"]) for r in rows] == [("A", 20), ("B", 30)]


def test_a_ratio_names_both_of_its_sums_and_a_stock_its_last_period(
    built: Home,
) -> None:
    execute(
        built,
        """
        insert into marts.dim_indicator
            (indicator_code, kind, numerator, denominator, unit_aggregation) values
            ('rate', 'ratio', 'm', 'n, o', 'none'), ('n', 'flow', null, null, 'sum'),
            ('o', 'stock', null, null, 'none'),
            ('share', 'unit_share', 'o', null, 'none'),
            ('promise', 'commitment', null, null, 'none');
        insert into marts.dim_period
            (period_key, calendar_code, start_date, end_date) values
            ('term', 'civil', date '2023-01-01', date '2025-01-01'),
            ('other', 'police', date '2023-01-01', date '2025-01-01');
        insert into marts.fct_observation
            select * replace ('n' as indicator_code, value * 2 as value)
            from marts.fct_observation where indicator_code = 'm'
            union all by name
            select * replace ('o' as indicator_code) from marts.fct_observation
            where indicator_code = 'm';
        """,
    )
    publish_now(built)

    def values(unit: str, indicator: str, period: str) -> list[tuple[object, ...]]:
        names = ("role", "measure_code", "unit_code", "period_key", "value")
        rows = trace(built, unit, indicator, period)
        return sorted(tuple(row[name] for name in names) for row in rows)

    assert values("R", "rate", "term") == [
        ("denominator", "n", "A", "civil-2023-Y", 20),
        ("denominator", "n", "A", "civil-2024-Y", 40),
        ("denominator", "n", "B", "civil-2024-Y", 60),
        ("numerator", "m", "A", "civil-2023-Y", 10),
        ("numerator", "m", "A", "civil-2024-Y", 20),
        ("numerator", "m", "B", "civil-2024-Y", 30),
    ]
    # "o" does not add over units: the root has none of its own
    assert ("denominator", "o", "A", "civil-2024-Y", 20) in values("A", "rate", "term")
    assert values("A", "o", "term") == [("numerator", "o", "A", "civil-2024-Y", 20)]
    assert [row[2] for row in values("R", "share", "term")] == ["A", "B"]
    assert values("R", "promise", "term") == values("R", "m", "other") == []
    execute(
        built,
        "update marts.fct_observation set observation_status = 'missing', value = null "
        "where unit_code = 'A' and period_key = 'civil-2024-Y'",
    )
    publish_now(built)
    assert values("A", "m", "civil-2024-Y") == []
    assert trace_absence(built, "A", "m", "civil-2024-Y") == ["missing"]
    assert trace_absence(built, "B", "m", "civil-2023-Y") == []


def test_a_unit_that_ended_is_not_below_afterwards(built: Home) -> None:
    execute(
        built,
        "update marts.bridge_unit_ancestor set valid_to = date '2024-12-31' "
        "where unit_key = 'kA'",
    )
    publish_now(built)
    below = [r["unit_code"] for r in trace(built, "R", "m", "civil-2024-Y")]
    assert below == ["B"]
    assert [r["unit_code"] for r in trace(built, "R", "m", "civil-2023-Y")] == ["A"]


def test_a_new_unit_is_traced_to_the_units_that_went_into_it(built: Home) -> None:
    execute(
        built,
        """
        insert into marts.dim_unit values
            ('kC', 'C', 'Mới', 'commune', date '2025-01-01', date '9999-12-31', true,
             'demo', 'R');
        insert into marts.bridge_unit_ancestor values
            ('kC', 'kC', 0, date '2025-01-01', date '9999-12-31', 'demo', 'C', 'C');
        insert into marts.bridge_unit_succession values
            ('A', 'C', 1, date '2025-01-01', 'demo'),
            ('B', 'C', 0.5, date '2025-01-01', 'demo');
        """,
    )
    publish_now(built)
    rows = trace(built, "C", "m", "civil-2024-Y")
    assert [(r["unit_code"], r["boundary"]) for r in rows] == [
        ("A", "current"),
        ("B", "current"),
    ]
    assert [r["share"] for r in rows] == [1, Decimal("0.5")]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("AA", "m", "civil-2024-Y"), r"no unit 'AA' .*near ones: A"),
        (("A", "mm", "civil-2024-Y"), r"no indicator 'mm' .*near ones: m"),
        (("A", "m", "civil-2024"), r"no period 'civil-2024' .*civil-2024-Y"),
        (("'; drop table x; --", "m", "civil-2024-Y"), "no unit"),
    ],
)
def test_an_unknown_code_is_answered_with_near_ones(
    built: Home, asked: tuple[str, str, str], message: str
) -> None:
    publish_now(built)
    with pytest.raises(ReadError, match=message):
        trace(built, *asked)


def test_scorecard_and_findings_are_of_one_programme_and_exact(built: Home) -> None:
    publish_now(built)
    assert list(scorecard(built, "demo").actual) == [Decimal("54.5050")]
    assert scorecard(built, "other").empty
    assert len(scorecard(built)) == 1
    assert len(findings(built, "demo")) == 7
    assert findings(built, "other").empty


def test_totals_agree_without_control_totals(built: Home) -> None:
    (row,) = gate2_facts(built)["totals"].to_dict("records")
    assert row == {
        "programme_code": "demo",
        "indicator_code": "m",
        "raw_sum": Decimal("60.0000"),
        "raw_count": 3,
        "mart_sum": Decimal("60.0000"),
        "mart_count": 3,
    }


def test_totals_show_what_the_build_lost_or_made_up(built: Home) -> None:
    execute(
        built,
        "update marts.fct_observation set indicator_code = 'zz' where value = 30",
    )
    totals = gate2_facts(built)["totals"].set_index("indicator_code")
    assert totals.raw_sum["m"] == 60
    assert totals.mart_sum["m"] == 30
    assert totals.raw_count["zz"] == 0
    assert totals.mart_count["zz"] == 1


def test_control_totals_are_compared_with_the_units_below(built: Home) -> None:
    facts = gate2_facts(built)["control_totals"].sort_values("period_key")
    names = ["unit_code", "period_key", "measure_code", "control", "children_sum"]
    rows = facts[[*names, "children_missing"]].itertuples(index=False, name=None)
    assert list(rows) == [
        ("R", "civil-2023-Y", "m", 10, 10, 1),  # B did not report 2023
        ("R", "civil-2024-Y", "m", 51, 50, 0),
    ]


def test_rows_are_counted_now_and_as_published(built: Home) -> None:
    counts = gate2_facts(built)["row_counts"].set_index("table")
    assert counts.rows_published.isna().all()
    publish_now(built)
    execute(built, "delete from marts.fct_observation; drop table marts.fct_finding")
    counts = gate2_facts(built)["row_counts"].set_index("table")
    assert tuple(counts.loc["fct_observation"]) == (0, 6)
    assert tuple(counts.loc["fct_finding"]) == (0, 7)
    assert "publication" not in counts.index


def test_duplicates_are_counted_on_each_grain(built: Home) -> None:
    facts = gate2_facts(built)["duplicates"].set_index("table").duplicates
    assert (facts == 0).all()
    execute(
        built, "insert into marts.fct_finding select * from marts.fct_finding limit 2"
    )
    facts = gate2_facts(built)["duplicates"].set_index("table")
    assert facts.duplicates["fct_finding"] == 2
    assert facts.grain["fct_finding"] == "finding_id"


def test_facts_of_no_build_say_what_to_do(home: Home) -> None:
    with pytest.raises(WarehouseError, match=r"Nothing was built yet.*nhiemky run"):
        gate2_facts(home)


def test_a_build_that_another_process_writes_is_named(built: Home) -> None:
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); "
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(built.build_db)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        with pytest.raises(WarehouseError, match=rf"PID {writer.pid}.*Another process"):
            gate2_facts(built)
        writer.kill()
