"""The load: raw is what ledger and programme say, in one transaction, exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.helpers.warehouse_frames import (
    findings,
    no_findings,
    observations,
    origins,
    record,
    reference,
    submission,
)
from warehouse.errors import LoadError, WarehouseError
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.ledger.waivers import reopen, waive
from warehouse.load import LoadReport, sync, sync_findings
from warehouse.raw_schema import TABLES


@pytest.fixture
def home(tmp_path: Path) -> Home:
    created = Home(tmp_path / "home")
    created.create()
    return created


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = Ledger.open(home.ledger_url)
    yield opened
    opened.close()


def read(submissions: pd.DataFrame) -> pd.DataFrame:
    return observations(submissions)


def never(submissions: pd.DataFrame) -> pd.DataFrame:
    raise AssertionError(f"read again: {list(submissions.file_name)}")


def load(home: Home, ledger: Ledger, reader: Callable[..., Any] = read) -> LoadReport:
    return sync(home, "demo", reference(), ledger, reader)


def query(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def everything(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    return {t: query(home, f"from raw.{t} order by all") for t in TABLES}


def test_values_are_exact_decimals(home: Home, ledger: Ledger) -> None:
    batch = record(ledger, [(submission("one"), 0)])
    big = {batch.submission_id[0]: "12345678901234567890.1234"}
    load(home, ledger, lambda rows: observations(rows, big))
    ((value, kind),) = query(
        home, "select value, typeof(value) from raw.observation where value is not null"
    )
    assert value == Decimal("12345678901234567890.1234")
    assert kind == "DECIMAL(24,4)"


def test_only_accepted_and_superseded_values_enter_without_quarantined_ones(
    home: Home, ledger: Ledger
) -> None:
    batch = [
        (submission("old"), 0),
        (submission("new"), 1),
        (submission("bad", "B", "rejected"), 2),
        (submission("partly", "B"), 3),
    ]
    frame = record(ledger, batch, quarantined=(3,))
    load(home, ledger)
    old, new, _, partly = frame.submission_id
    assert set(query(home, "select submission_id, cell from raw.observation")) == {
        (old, "B2"),
        (old, "B3"),
        (new, "B2"),
        (new, "B3"),
        (partly, "B3"),
    }
    kept_out = query(home, "from raw.quarantined_value")
    assert kept_out == [(partly, "demo", "m", "Biểu", "B2")]
    assert query(home, "select count(*) from raw.submission") == [(4,)]
    assert query(home, "select count(*) from raw.finding") == [(4,)]


def test_a_second_load_reads_nothing_and_changes_nothing(
    home: Home, ledger: Ledger
) -> None:
    record(ledger, [(submission("one"), 0), (submission("two", "B"), 1)])
    assert load(home, ledger).is_changed
    before = everything(home)
    again = load(home, ledger, never)
    assert not again.is_changed
    assert (again.inserted, again.deleted) == (0, 0)
    assert everything(home) == before


def test_a_new_file_has_only_its_own_values_read(home: Home, ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0)])
    load(home, ledger)
    record(ledger, [(submission("two", "B"), 1)])
    seen: list[str] = []

    def reader(submissions: pd.DataFrame) -> pd.DataFrame:
        seen.extend(submissions.file_name)
        return observations(submissions)

    report = load(home, ledger, reader)
    assert seen == ["two.xlsx"]
    assert report.tables["observation"] == (2, 0)


def test_a_submission_that_was_withdrawn_leaves_raw(home: Home, ledger: Ledger) -> None:
    batch = record(ledger, [(submission("one"), 0)])
    load(home, ledger)
    values = observations(batch)
    ledger.record_judgement(
        "demo",
        batch.assign(status="rejected"),
        no_findings(),
        values,
        values.row_id[:0],
    )
    assert load(home, ledger, never).tables["observation"] == (0, 2)
    assert query(home, "select count(*) from raw.observation") == [(0,)]


def test_a_value_quarantined_later_leaves_raw(home: Home, ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0)])
    load(home, ledger)
    record(ledger, [(submission("one"), 0)], quarantined=(0,))
    assert load(home, ledger).tables["observation"] == (1, 2)
    assert query(home, "select cell from raw.observation") == [("B3",)]


def doubtful(ledger: Ledger, status: str, **words: Any) -> str:
    """Submission `one`, hour 1, with its value kept out; gives its finding's id."""
    batch = pd.DataFrame([submission("one", status=status)])
    ledger.record_deliveries(origins(("one", 1)), {}, "demo")
    found = findings(batch).assign(**words)
    values = observations(batch)
    is_out = values.cell.eq("B2") & (status == "accepted")
    ledger.record_judgement("demo", batch, found, values, values.row_id[is_out])
    return str(found.finding_id[0])


def test_a_waived_error_is_in_raw_from_the_next_load_to_the_end_of_the_waiver(
    home: Home,
) -> None:
    now = [dt.datetime(2024, 6, 1, tzinfo=dt.UTC)]
    ledger = Ledger.open(home.ledger_url, lambda: now[0])
    error = doubtful(ledger, "accepted", severity="ERROR", is_quarantining=True)
    load(home, ledger)
    assert query(home, "select cell from raw.observation") == [("B3",)]
    waive(ledger, error, "Lan", "đúng", dt.date(2024, 6, 30))
    assert load(home, ledger).tables["observation"] == (2, 1)
    cells = "select cell from raw.observation order by all"
    assert query(home, cells) == [("B2",), ("B3",)]
    shown = (
        "select status, life, waived_by, waived_reason, waived_until from raw.finding"
    )
    midnight = dt.datetime(2024, 6, 30, 17)
    assert query(home, shown) == [("waived", "waived", "Lan", "đúng", midnight)]
    assert not load(home, ledger, never).is_changed
    now[0] = midnight.replace(tzinfo=dt.UTC)
    assert load(home, ledger).tables["observation"] == (1, 2)
    assert query(home, cells) == [("B3",)]
    assert query(home, shown) == [("open", "reopened", None, None, None)]
    ledger.close()


def test_a_released_submission_replaces_the_one_before_in_raw(
    home: Home, ledger: Ledger
) -> None:
    record(ledger, [(submission("before"), 0)])
    hold = doubtful(ledger, "held", severity="BLOCKER", is_blocking=True)
    load(home, ledger)
    statuses = "select version, status from raw.submission order by all"
    assert query(home, statuses) == [(1, "accepted"), (2, "held")]
    waive(ledger, hold, "Lan", "đúng")
    assert load(home, ledger).tables["observation"] == (2, 0)
    assert query(home, statuses) == [(1, "superseded"), (2, "accepted")]
    reopen(ledger, hold, "Lan", "nhầm")
    assert load(home, ledger, never).tables["observation"] == (0, 2)
    assert query(home, statuses) == [(1, "accepted"), (2, "held")]


def test_findings_over_several_submissions_reach_raw_without_a_delivery(
    home: Home, ledger: Ledger
) -> None:
    record(ledger, [(submission("one"), 0)])
    load(home, ledger)
    series = findings(pd.DataFrame([submission("one")])).assign(
        delivery_sha256=None, submission_id=None, scope="series", rule_code="hole"
    )
    ledger.record_standing("demo", series)
    assert sync_findings(home, "demo", ledger).tables == {"finding": (2, 1)}
    assert not load(home, ledger, never).is_changed
    standing = "select rule_code, delivery_sha256, scope from raw.finding"
    assert query(home, f"{standing} where origin = 'standing'") == [
        ("hole", None, "series")
    ]


def test_a_submission_without_values_is_read_once(home: Home, ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0)], quarantined=(0, 1))
    load(home, ledger)
    assert not load(home, ledger, never).is_changed


def test_another_reading_version_reads_everything_again(
    home: Home, ledger: Ledger
) -> None:
    batch = record(ledger, [(submission("one"), 0)])
    load(home, ledger)
    other = {batch.submission_id[0]: "8"}
    report = sync(
        home, "demo", reference(), ledger, lambda s: observations(s, other), "v2"
    )
    assert report.tables["observation"] == (2, 2)
    assert query(home, "select max(value) from raw.observation") == [(8,)]


def test_reading_otherwise_than_judged_loads_nothing(
    home: Home, ledger: Ledger
) -> None:
    load(home, ledger)
    before = everything(home)
    record(ledger, [(submission("one"), 0)])
    with pytest.raises(LoadError, match=r"one\.xlsx: the ledger knows 1 .* gave 0"):
        load(home, ledger, lambda rows: observations(rows).iloc[:0])
    assert everything(home) == before


def test_an_error_midway_leaves_the_old_state(home: Home, ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0)])
    load(home, ledger)
    before = everything(home)
    record(ledger, [(submission("two"), 1)])
    with pytest.raises(AssertionError, match="read again"):
        load(home, ledger, never)
    assert everything(home) == before
    load(home, ledger)
    assert query(home, "select count(*) from raw.observation") == [(4,)]


def test_a_binary_float_is_refused_by_table_and_column(
    home: Home, ledger: Ledger
) -> None:
    record(ledger, [(submission("one"), 0)])
    with pytest.raises(LoadError, match=r"raw\.observation\.value.*binary floats"):
        load(home, ledger, lambda rows: observations(rows).assign(value=0.1))


def test_more_than_four_places_are_refused_not_rounded(
    home: Home, ledger: Ledger
) -> None:
    record(ledger, [(submission("one"), 0)])
    fine = Decimal("0.00001")
    with pytest.raises(LoadError, match=r"raw\.observation\.value"):
        load(home, ledger, lambda rows: observations(rows).assign(value=fine))


def test_reference_columns_are_checked_by_name_and_order(
    home: Home, ledger: Ledger
) -> None:
    frames = reference()
    frames["ref_level"] = frames["ref_level"][["level_code", "programme_code"]]
    with pytest.raises(LoadError, match=r"raw\.ref_level: .*absent: level_rank"):
        sync(home, "demo", frames, ledger, read)
    del frames["ref_level"]
    with pytest.raises(LoadError, match=r"absent: \['ref_level'\]"):
        sync(home, "demo", frames, ledger, read)


def test_programmes_share_a_warehouse_but_no_codes(home: Home, ledger: Ledger) -> None:
    load(home, ledger)
    with pytest.raises(LoadError, match=r"same unit_code .* A \(demo, other\)"):
        sync(home, "other", reference("other"), ledger, read)
    assert query(home, "select distinct programme_code from raw.ref_unit") == [
        ("demo",)
    ]
    sync(home, "other", reference("other", "X"), ledger, read)
    assert query(home, "select count(*) from raw.ref_unit") == [(6,)]
    assert not load(home, ledger).is_changed


def test_shared_periods_are_the_union_whoever_loads_last(
    home: Home, ledger: Ledger
) -> None:
    longer = reference("other", "X")
    shorter = reference()
    for table in ("ref_period", "ref_period_part"):
        shorter[table] = shorter[table].iloc[1:].reset_index(drop=True)
    shorter["ref_period"]["previous_period_key"] = None
    sync(home, "other", longer, ledger, read)
    sync(home, "demo", shorter, ledger, read)
    periods = "select period_key, previous_period_key from raw.ref_period order by 1"
    assert query(home, periods) == [
        ("civil-2023-Y", None),
        ("civil-2024-Y", "civil-2023-Y"),
    ]
    assert query(home, "select count(*) from raw.ref_period_part") == [(2,)]


def test_one_calendar_code_is_cut_one_way(home: Home, ledger: Ledger) -> None:
    load(home, ledger)
    other = reference("other", "X")
    other["ref_period"]["start_date"] = other["ref_period"].end_date
    with pytest.raises(LoadError, match="has other dates in two programmes"):
        sync(home, "other", other, ledger, read)


def test_a_file_of_another_version_asks_for_a_rebuild(
    home: Home, ledger: Ledger
) -> None:
    load(home, ledger)
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute("alter table raw.ref_form add column extra int")
    with pytest.raises(LoadError, match=r"raw\.ref_form .*`nhiemky rebuild`"):
        load(home, ledger)


def test_a_damaged_file_asks_for_a_rebuild(home: Home, ledger: Ledger) -> None:
    home.build_db.write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match="nhiemky rebuild"):
        load(home, ledger)


def test_the_build_is_the_same_from_nothing(home: Home, ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0), (submission("two"), 1)])
    load(home, ledger)
    record(ledger, [(submission("three", "B"), 2)], quarantined=(0,))
    load(home, ledger)
    before = everything(home)
    home.build_db.unlink()
    load(home, ledger)
    assert everything(home) == before
