"""Frozen rows of editions: taken from the publication, kept in landing, loaded back.

One Parquet file per edition with the rows of marts.fct_target_progress of its period
and the names that they were shown under, in the order of their keys.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import LandingError, LoadError
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger.editions import Frozen
from warehouse.published import open_published
from warehouse.raw_schema import EDITION
from warehouse.raw_tables import RawTables
from warehouse.read import publication

_ROWS = """
select
    p.*, t.name_vi as target_name_vi, t.name_en as target_name_en,
    t.requirement_vi, t.requirement_en,
    u.name_vi as unit_name_vi, u.name_en as unit_name_en,
    d.label_vi as period_label_vi, d.label_en as period_label_en
from marts.fct_target_progress p
left join marts.dim_target t using (target_key)
left join marts.dim_unit u using (unit_key)
left join marts.dim_period d using (period_key)
where p.programme_code = $programme and p.period_key = $period
order by p.target_key, p.unit_key
"""


@dataclass(frozen=True)
class PublishedRows:
    """The rows of one period in the publication in place, and which one that is."""

    rows: pa.Table
    publication: dict[str, Any]


def published_periods(home: Home, programme_code: str) -> list[str]:
    """Keys of the periods on which the publication in place judges targets, in order.

    Raises:
        ReadError: nothing is published.
    """
    with open_published(home) as connection:
        rows = connection.execute(
            "select distinct p.period_key, d.end_date "
            "from marts.fct_target_progress p join marts.dim_period d using "
            "(period_key) where p.programme_code = ? order by d.end_date, 1",
            [programme_code],
        ).fetchall()
    return [row[0] for row in rows]


def published_editions(home: Home, programme_code: str) -> set[str]:
    """Codes of the programme's editions in the publication in place.

    Raises:
        ReadError: nothing is published.
    """
    with open_published(home) as connection:
        rows = connection.execute(
            "select distinct edition_code from marts.fct_edition "
            "where programme_code = ?",
            [programme_code],
        ).fetchall()
    return {row[0] for row in rows}


def published_rows(home: Home, programme_code: str, period_key: str) -> PublishedRows:
    """The rows to freeze; none where the publication does not judge the period.

    Call it under the home's run lock, so that no publication comes in between.

    Raises:
        ReadError: nothing is published.
    """
    values = {"programme": programme_code, "period": period_key}
    with open_published(home) as connection:
        rows = connection.execute(_ROWS, values).to_arrow_table()
    return PublishedRows(rows, publication(home))


def freeze(landing: Landing, published: PublishedRows) -> Frozen:
    """Keeps the rows in landing; the same rows are kept once."""
    sink = io.BytesIO()
    pq.write_table(published.rows, sink, compression="zstd")
    sha256, _ = landing.put(sink.getvalue())
    facts = published.publication
    return Frozen(rows_sha256=sha256, row_count=len(published.rows), **facts)


def thaw(landing: Landing, edition_code: str, rows_sha256: str) -> pa.Table:
    """The frozen rows of an edition, verified, under its code.

    Raises:
        LoadError: the file is absent or damaged; says which and what to do.
    """
    try:
        rows = pq.read_table(io.BytesIO(landing.get(rows_sha256)))
    except LandingError as error:
        raise LoadError(
            f"The frozen rows of edition {edition_code} cannot be read: "
            f"{landing.path(rows_sha256)} is absent or damaged. Nothing was loaded, "
            "because an edition must never vanish. Restore that file from a backup of "
            "the landing folder, then run again."
        ) from error
    codes = pa.array([edition_code] * len(rows), pa.string())
    return rows.add_column(0, "edition_code", codes)


def load_editions(raw: RawTables, landing: Landing, editions: pd.DataFrame) -> None:
    """Makes raw.edition and raw.edition_row those of the ledger; reads only new ones.

    Raises:
        LoadError: frozen rows are absent, damaged, or of types that do not fit.
    """
    loaded = raw.connection.execute(
        "select edition_code, rows_sha256 from raw.edition where programme_code = ?",
        [raw.programme_code],
    ).fetchall()
    names = ["edition_code", "rows_sha256"]
    wanted = set(editions[names].itertuples(index=False, name=None))
    if set(loaded) == wanted:
        return
    gone = sorted(code for code, _ in set(loaded) - wanted)
    deleted = raw.delete_editions(gone)
    inserted = 0
    for code, sha256 in sorted(wanted - set(loaded)):
        rows = thaw(landing, code, sha256)
        try:
            inserted += raw.insert_by_name("edition_row", rows)
        except duckdb.ConversionException as error:
            raise LoadError(
                f"The frozen rows of edition {code} do not fit raw.edition_row: "
                f"{error}. Nothing was loaded. A column of fct_target_progress changed "
                "its type since: give it a type that holds the older figures too."
            ) from error
    raw.replace("edition", editions[list(EDITION["edition"])])
    raw.changes["edition_row"] = (inserted, deleted)
