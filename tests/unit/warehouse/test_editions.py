"""Editions and deadline extensions: on record for good, and back from a rebuild."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.warehouse_frames import observations, reference
from warehouse.edition_rows import PublishedRows, freeze
from warehouse.errors import LedgerError, LoadError
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger
from warehouse.ledger.editions import FINAL, PROVISIONAL, Editions, Frozen
from warehouse.ledger.extensions import Extensions
from warehouse.load import LoadReport, sync

NOW = dt.datetime(2025, 1, 10, 3, tzinfo=dt.UTC)
PERIOD = "civil-2024-Y"
ZONE = "Asia/Ho_Chi_Minh"
FROZEN = Frozen("a" * 64, 7, "pub1", NOW, dt.date(2025, 1, 9))


class Clock:
    """Stands still until it is set."""

    now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.create()
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(home: Home, clock: Clock) -> Iterator[Ledger]:
    opened = Ledger.open(home.ledger_url, clock)
    yield opened
    opened.close()


def close(ledger: Ledger, kind: str = PROVISIONAL, reason: str = "") -> str:
    code: str = Editions(ledger).add("demo", PERIOD, kind, FROZEN, "Lan", reason)[
        "edition_code"
    ]
    return code


def test_numbers_run_on_over_both_kinds_and_periods_have_their_own(
    ledger: Ledger,
) -> None:
    made = [close(ledger), close(ledger), close(ledger, FINAL)]
    made.append(close(ledger, FINAL, "đính chính toàn tỉnh"))
    assert made == [f"{PERIOD}.{tail}" for tail in ("1p", "2p", "3f", "4f")]
    other = Editions(ledger).add("demo", "civil-2023-Y", FINAL, FROZEN, "Lan")
    assert other["edition_code"] == "civil-2023-Y.1f"
    assert Editions(ledger).add("else", PERIOD, FINAL, FROZEN, "Lan")["number"] == 1
    assert Editions(ledger).list("demo", PERIOD)["edition_code"].tolist() == made
    assert len(Editions(ledger).list()) == 6


def test_what_was_frozen_and_by_whom_is_kept(ledger: Ledger) -> None:
    assert Editions(ledger).latest("demo", PERIOD) is None
    close(ledger)
    row = Editions(ledger).latest("demo", PERIOD)
    assert row is not None
    assert (row["rows_sha256"], row["row_count"]) == ("a" * 64, 7)
    assert (row["publication_id"], row["published_at"]) == ("pub1", NOW)
    assert (row["as_of_date"], row["closed_by"]) == (dt.date(2025, 1, 9), "Lan")


@pytest.mark.parametrize(
    ("kind", "by", "reason", "told"),
    [
        (PROVISIONAL, "Lan", "vì sao", "--final and --reason"),
        (FINAL, "Lan", "  ", "needs a reason"),
        (FINAL, " ", "vì sao", "--by"),
    ],
)
def test_what_was_closed_for_good_stays_closed(
    ledger: Ledger, kind: str, by: str, reason: str, told: str
) -> None:
    close(ledger, FINAL)
    token = ledger.state_token()
    with pytest.raises(LedgerError, match=told):
        Editions(ledger).add("demo", PERIOD, kind, FROZEN, by, reason)
    with pytest.raises(LedgerError, match=told):
        Editions(ledger).refuse("demo", PERIOD, kind, by, reason)
    assert len(Editions(ledger).list("demo")) == 1
    assert ledger.state_token() == token


def test_an_edition_changes_the_state_and_comes_after_the_one_before(
    ledger: Ledger, clock: Clock
) -> None:
    before = ledger.state_token()
    close(ledger)
    assert ledger.state_token() != before
    clock.now = NOW - dt.timedelta(days=1)
    close(ledger)
    moments = Editions(ledger).list("demo")["closed_at"]
    assert moments.is_monotonic_increasing
    assert moments.is_unique


def test_an_extension_holds_until_its_own_day_is_over(ledger: Ledger) -> None:
    granted = Extensions(ledger, ZONE)
    before = ledger.state_token()
    report = ("F", "A", PERIOD, dt.date(2025, 1, 5))
    granted.grant("demo", *report, dt.date(2025, 1, 20), "Lan", "mất điện")
    assert ledger.state_token() != before
    granted.grant("demo", *report, dt.date(2025, 1, 12), "Lan", "đã có điện")
    (first, second) = granted.history("demo").to_dict("records")
    assert (first["due_date"], first["reason"]) == (dt.date(2025, 1, 20), "mất điện")
    (held,) = granted.current("demo").to_dict("records")
    assert held == second
    about = [held[name] for name in ("form_code", "unit_code", "period_key")]
    assert about == ["F", "A", PERIOD]
    assert (held["due_date"], held["decided_by"]) == (dt.date(2025, 1, 12), "Lan")


@pytest.mark.parametrize(
    ("until", "by", "reason", "told"),
    [
        (dt.date(2025, 1, 5), "Lan", "bão", "2025-01-05"),  # the ordinary day itself
        (dt.date(2024, 12, 1), "Lan", "bão", "2025-01-05"),
        (dt.date(2026, 1, 6), "Lan", "bão", "365 days"),  # a year and a day
        (dt.date(2025, 1, 6), "Lan", " ", "--reason"),
        (dt.date(2025, 1, 6), "", "bão", "--by"),
    ],
)
def test_what_is_no_extension_is_not_recorded(
    ledger: Ledger, until: dt.date, by: str, reason: str, told: str
) -> None:
    granted = Extensions(ledger, ZONE)
    with pytest.raises(LedgerError, match=told):
        granted.grant("demo", "F", "A", PERIOD, dt.date(2025, 1, 5), until, by, reason)
    assert granted.current("demo").empty


def rows(**more: pa.Array) -> pa.Table:
    """Two frozen rows, with a figure that only a decimal holds."""
    figures = [Decimal("99.96000001"), None]
    return pa.table(
        {
            "target_key": ["t1", "t2"],
            "unit_key": ["kA", "kA"],
            "period_key": [PERIOD] * 2,
            "programme_code": ["demo"] * 2,
            "actual": pa.array(figures, pa.decimal128(30, 8)),
            "verdict": ["not_met", "cannot_judge"],
            "unit_name_vi": ["Xã A"] * 2,
            **more,
        }
    )


def frozen(home: Home, table: pa.Table) -> Frozen:
    facts = {
        "publication_id": "pub1",
        "published_at": NOW,
        "as_of_date": dt.date(2025, 1, 9),
    }
    return freeze(Landing(home), PublishedRows(table, facts))


def load(home: Home, ledger: Ledger) -> LoadReport:
    return sync(home, "demo", reference(), ledger, observations)


def query(home: Home, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        return connection.execute(sql).fetchall()


LOADED = "select edition_code, target_key, actual, verdict, required, unit_name_vi "
LOADED += "from raw.edition_row order by all"


def test_the_same_rows_are_the_same_bytes_and_no_delivery(
    home: Home, ledger: Ledger
) -> None:
    assert frozen(home, rows()) == frozen(home, rows())
    assert ledger.deliveries().empty


def test_editions_are_loaded_once_and_a_rebuild_gives_them_back(
    home: Home, ledger: Ledger
) -> None:
    kept = frozen(home, rows())
    Editions(ledger).add("demo", PERIOD, PROVISIONAL, kept, "Lan")
    report = load(home, ledger)
    assert report.tables["edition_row"] == (2, 0)
    first = query(home, LOADED)
    code = f"{PERIOD}.1p"
    figure = Decimal("99.96000001")
    assert first == [
        (code, "t1", figure, "not_met", None, "Xã A"),
        (code, "t2", None, "cannot_judge", None, "Xã A"),
    ]
    assert not load(home, ledger).is_changed
    Editions(ledger).add("demo", PERIOD, FINAL, kept, "Lan")
    assert load(home, ledger).tables["edition_row"] == (2, 0)
    before = query(home, LOADED), query(home, "from raw.edition order by all")
    home.build_db.unlink()
    load(home, ledger)
    assert (query(home, LOADED), query(home, "from raw.edition order by all")) == before


def test_a_column_that_is_no_more_is_dropped_and_a_new_one_is_null(
    home: Home, ledger: Ledger
) -> None:
    old = rows(mood=pa.array(["good", "bad"])).drop_columns(["verdict"])
    Editions(ledger).add("demo", PERIOD, FINAL, frozen(home, old), "Lan")
    load(home, ledger)
    assert [row[3] for row in query(home, LOADED)] == [None, None]


def test_a_figure_that_no_longer_fits_is_told_and_loads_nothing(
    home: Home, ledger: Ledger
) -> None:
    worded = rows().set_column(4, "actual", pa.array(["nhiều", "ít"]))
    Editions(ledger).add("demo", PERIOD, FINAL, frozen(home, worded), "Lan")
    with pytest.raises(LoadError, match=r"civil-2024-Y\.1f do not fit"):
        load(home, ledger)


def test_frozen_rows_that_vanished_stop_the_load_and_say_where_they_belong(
    home: Home, ledger: Ledger
) -> None:
    kept = frozen(home, rows())
    Editions(ledger).add("demo", PERIOD, FINAL, kept, "Lan")
    path = Landing(home).path(kept.rows_sha256)
    bytes_kept = path.read_bytes()
    path.unlink()
    with pytest.raises(LoadError, match="Restore that file from a backup") as told:
        load(home, ledger)
    assert str(path) in str(told.value)
    path.write_bytes(bytes_kept)
    load(home, ledger)
    assert len(query(home, LOADED)) == 2
    assert pq.read_table(io.BytesIO(bytes_kept)).equals(rows())


def test_extensions_are_loaded_in_the_programme_s_own_days(
    home: Home, ledger: Ledger
) -> None:
    frames = reference()
    frames["ref_programme"].loc[0] = None
    frames["ref_programme"]["programme_code"] = "demo"
    frames["ref_programme"]["timezone"] = ZONE
    granted = Extensions(ledger, ZONE)
    until = dt.date(2025, 1, 20)
    granted.grant("demo", "F", "A", PERIOD, dt.date(2025, 1, 5), until, "Lan", "bão")
    sync(home, "demo", frames, ledger, observations)
    assert query(home, "from raw.deadline_extension") == [
        ("demo", "F", "A", PERIOD, until, "bão", "Lan", NOW.replace(tzinfo=None))
    ]
