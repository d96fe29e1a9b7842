"""Rows of the ledger: from frames to plain values, and writing only what changed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import pandas as pd
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection

from warehouse.errors import LedgerError
from warehouse.ledger.base import Base, UtcDateTime

Row = dict[str, Any]

_CHUNK = 5_000
"""Values per IN list; SQLite takes 32,766 parameters, Postgres 65,535."""


def digest(*parts: object) -> str:
    """32 hex digits over the parts; None and empty text differ."""
    text = "\x1f".join("\x00" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def subject_key(row: Mapping[str, Any]) -> str:
    """What a finding is about, the same in every version of its submission.

    Programme, form, unit, period, rule and measure; where no submission was made out,
    the delivery and the place in it instead.
    """
    about = [row["form_code"], row["unit_code"], row["period_key"]]
    if row["submission_id"] is None and row["delivery_sha256"] is not None:
        about += [row["delivery_sha256"], row["sheet"], row["cell"]]
    return digest(
        row["programme_code"], *about, row["rule_code"], row["indicator_code"]
    )


def to_rows(
    frame: pd.DataFrame, model: type[Base], names: Sequence[str], what: str
) -> list[Row]:
    """One dict per row of `frame` with `names`, as plain Python values.

    Raises:
        LedgerError: a column is absent, or a value has the wrong type.
    """
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise LedgerError(
            f"{what}: the frame lacks the columns {', '.join(absent)}; it has "
            f"{', '.join(map(str, frame.columns))}. Hand over every column of the "
            "contract."
        )
    try:
        columns = [_plain(frame[name], _table(model).c[name]) for name in names]
    except (ValueError, TypeError) as error:
        raise LedgerError(f"{what}: a value has the wrong type: {error}") from error
    return [
        dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)
    ]


def to_frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """One row per row of the query; instants in UTC, whole numbers as integers."""
    result = connection.execute(query)
    names = list(result.keys())
    types = {column.name: column.type for column in query.selected_columns}
    rows = [tuple(row) for row in result.all()]  # pandas asks each Row what it is
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    for name in names:
        if isinstance(types[name], UtcDateTime):
            frame[name] = pd.to_datetime(frame[name], utc=True).astype(
                "datetime64[us, UTC]"
            )
        elif isinstance(types[name], Boolean):
            frame[name] = frame[name].astype(bool)
        elif isinstance(types[name], Integer):
            has_gaps = frame[name].isna().any()
            frame[name] = frame[name].astype("Int64" if has_gaps else "int64")
    return frame


def fetch(
    connection: Connection,
    model: type[Base],
    column: str,
    values: Iterable[Any],
    where: ColumnElement[bool] | None = None,
) -> list[Row]:
    """Rows of `model` whose `column` is one of `values`, in few round trips."""
    table = model.__table__
    wanted = sorted(set(values))
    rows: list[Row] = []
    for start in range(0, len(wanted), _CHUNK):
        some = wanted[start : start + _CHUNK]
        query = select(table).where(table.c[column].in_(some))
        if where is not None:
            query = query.where(where)
        rows += [dict(row) for row in connection.execute(query).mappings()]
    return rows


def apply_difference(
    connection: Connection,
    model: type[Base],
    existing: Iterable[Row],
    wanted: Iterable[Row],
    keep: Sequence[str] = (),
) -> int:
    """Makes `existing` rows into `wanted` ones, by primary key; gives the rows changed.

    Columns in `keep` are written once and never changed. Of wanted rows with the same
    key the first stays.
    """
    table = _table(model)
    keys = [column.name for column in table.primary_key]
    old = {tuple(row[key] for key in keys): row for row in existing}
    new: dict[tuple[Any, ...], Row] = {}
    for row in wanted:
        new.setdefault(tuple(row[key] for key in keys), row)
    gone = [dict(zip(keys, key, strict=True)) for key in old.keys() - new.keys()]
    fresh = [row for key, row in new.items() if key not in old]
    changed = [
        {name: value for name, value in row.items() if name not in keep}
        for key, row in new.items()
        if key in old and _differs(old[key], row, keep)
    ]
    if gone:
        connection.execute(delete(table).where(_by_key(table)), _marked(gone, keys))
    if fresh:
        connection.execute(insert(table), fresh)
    update_rows(connection, model, changed)
    return len(gone) + len(fresh) + len(changed)


def update_rows(connection: Connection, model: type[Base], rows: Sequence[Row]) -> None:
    """Writes the given columns of rows that are there already, by primary key."""
    if not rows:
        return
    table = _table(model)
    keys = [column.name for column in table.primary_key]
    values: Row = {name: bindparam(name) for name in rows[0] if name not in keys}
    connection.execute(
        update(table).where(_by_key(table)).values(values), _marked(rows, keys)
    )


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def _by_key(table: Table) -> ColumnElement[bool]:
    return and_(*(c == bindparam(f"key_{c.name}") for c in table.primary_key))


def _marked(rows: Sequence[Row], keys: Sequence[str]) -> list[Row]:
    return [
        {(f"key_{name}" if name in keys else name): row[name] for name in row}
        for row in rows
    ]


def _differs(old: Mapping[str, Any], new: Row, keep: Sequence[str]) -> bool:
    return any(old[name] != new[name] for name in new if name not in keep)


def _plain(series: pd.Series, column: Column[Any]) -> list[Any]:
    convert: Callable[[Any], Any] | None = None
    if isinstance(column.type, UtcDateTime):
        convert = _instant
    elif isinstance(column.type, Boolean):
        convert = bool
    elif isinstance(column.type, Integer):
        convert = int
    elif isinstance(column.type, String):
        convert = _text
    assert convert is not None, f"no frame fills {column}"
    pairs = zip(series.tolist(), series.notna().tolist(), strict=True)
    return [convert(value) if is_there else None for value, is_there in pairs]


def _instant(value: Any) -> dt.datetime:
    stamp = pd.Timestamp(value)
    if stamp.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone; give an aware datetime")
    return stamp.floor("us").to_pydatetime(warn=False).astimezone(dt.UTC)


def _text(value: Any) -> str:
    """Text that both databases take: no NUL, no lone surrogates."""
    text = str(value).replace("\x00", "\ufffd")
    return text.encode("utf-8", "replace").decode("utf-8")
