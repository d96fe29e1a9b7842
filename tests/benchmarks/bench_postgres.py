"""Publishing ten million facts to Postgres against a bare COPY of the same rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from tests.benchmarks.conftest import Demo, Tell
from tests.benchmarks.measure import cost, ratio_line
from warehouse.home import Home
from warehouse.postgres.keys import ForeignKey, StarKeys
from warehouse.postgres.publication import ServerReport, publish_to_postgres

ROWS = 10_000_000
MOST = 1.5
MOST_SWAP_SECONDS = 0.1
FACT = "fct_observation"
GRAIN = ("unit_key", "period_key", "indicator_code")
KEYS = StarKeys(
    primary={FACT: GRAIN},
    foreign=tuple(ForeignKey(FACT, column, "dim", column) for column in GRAIN),
)
_CHUNK = 1 << 18


def test_publishing_to_postgres(
    demo: Demo, tmp_path: Path, postgres_url: str, tell: Tell
) -> None:
    home = Home(tmp_path / "home")
    home.create()
    csv = tmp_path / "rows.csv"
    grow(demo.home / "published" / "warehouse.duckdb", home.published_db, ROWS, csv)
    bound, taken = cost(lambda: bare_copy(postgres_url, home, csv))
    assert taken == ROWS
    spent, report = cost(lambda: publish_to_postgres(home, postgres_url, KEYS))
    assert report.is_new and report.tables[FACT] == ROWS
    what = f"publish {ROWS:,} facts to Postgres, keys and all / bare COPY"
    tell(ratio_line(what, spent, bound))
    tell(f"swap held readers for at most {report.swap_seconds * 1000:.0f} ms")
    assert spent.wall <= MOST * bound.wall
    again, report = cost(lambda: publish_anew(home, postgres_url))
    tell(f"again over it: {again.wall:.0f} s, swap {report.swap_seconds * 1000:.0f} ms")
    assert report.swap_seconds < MOST_SWAP_SECONDS


def publish_anew(home: Home, url: str) -> ServerReport:
    """The same rows as another publication, in place of the one that is there."""
    with duckdb.connect(str(home.published_db)) as connection:
        connection.execute("update marts.publication set publication_id = 'another'")
    return publish_to_postgres(home, url, KEYS)


def grow(published: Path, target: Path, rows: int, csv: Path) -> None:
    """Copies the published file with `rows` observations, which also become a CSV."""
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"attach '{published}' as small (read_only)")
        connection.execute(f"attach '{target}' as large")
        connection.execute("copy from database small to large")
        connection.execute("create table few as from small.marts.fct_observation")
        connection.execute("delete from large.marts.fct_observation")
        # the same figures under further indicators, in no order of the key
        connection.execute(
            "insert into large.marts.fct_observation select few.* replace "
            "(indicator_code || '.' || i as indicator_code) from few, "
            "range(cast(ceil(? / (select count(*) from few)) as bigint)) t(i) "
            "order by hash(few.submission_id, i) limit ?",
            [rows, rows],
        )
        connection.execute(
            "copy large.marts.fct_observation to ? (format csv, header false)",
            [str(csv)],
        )


def bare_copy(url: str, home: Home, csv: Path) -> int:
    """Sends the CSV into a table without index, made in the same transaction."""
    kinds = {"VARCHAR": "text", "TIMESTAMP": "timestamptz"}
    with duckdb.connect(str(home.published_db), read_only=True) as connection:
        columns = connection.execute(
            "select column_name, data_type from duckdb_columns() "
            "where table_name = ? order by column_index",
            [FACT],
        ).fetchall()
    defined = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kinds.get(kind, kind)))
        for name, kind in columns
    ]
    with psycopg.connect(url) as connection, csv.open("rb") as file:
        connection.execute("set timezone = 'UTC'")
        table = sql.SQL("create table bare ({})").format(sql.SQL(", ").join(defined))
        connection.execute(table)
        with connection.cursor() as cursor:
            with cursor.copy("copy bare from stdin (format csv)") as copy:
                while chunk := file.read(_CHUNK):
                    copy.write(chunk)
            taken = cursor.rowcount
    with psycopg.connect(url) as connection:
        connection.execute("drop table bare")
    return taken
