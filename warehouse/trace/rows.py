"""Which rows of a published mart a person means by COLUMN=VALUE."""
# ruff: noqa: S608  - names are quoted, and are those that the catalogue has

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from warehouse.errors import ReadError
from warehouse.trace.figures import dicts

MOST_ROWS = 10
"""Rows that one trace answers for; more must be told apart by further columns."""
_NEAR = 3
_TELLING = 6
_HASH = 32
_TYPED = ("VARCHAR", "DATE", "BOOLEAN", "INTEGER")

Columns = dict[str, str]


def table_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, Columns]:
    """Every published mart: its columns in order, with their types."""
    found: dict[str, Columns] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = 'marts' order by table_name, column_index"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> Columns:
    """The columns of one mart, with their types.

    Raises:
        ReadError: no such table is published; names near ones.
    """
    tables = table_columns(connection)
    if table not in tables:
        raise ReadError(
            f"Không có bảng này · no table marts.{table} is published. "
            f"Gần nhất · near ones: {near_ones(table, tables)}."
        )
    return tables[table]


def rows_of(
    connection: duckdb.DuckDBPyConnection, table: str, asked: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The rows whose columns hold the texts given; an empty text is nothing there.

    Raises:
        ReadError: the table, a column or a value does not exist (names near ones), no
            row has all of them, or more rows than `MOST_ROWS` do (names the columns
            that tell them apart).
    """
    columns = columns_of(connection, table)
    for name, value in asked.items():
        if name not in columns:
            raise ReadError(
                f"Không có cột này · marts.{table} has no column {name!r}. "
                f"Gần nhất · near ones: {near_ones(name, columns)}."
            )
        _refuse_untyped(connection, table, name, value, columns[name])
    where, values = _where(columns, asked)
    statement = f"select * from marts.{_quoted(table)} {where} limit {MOST_ROWS + 1}"
    found = dicts(connection.execute(statement, values))
    if not found:
        raise ReadError(_nothing(connection, table, columns, asked))
    if len(found) > MOST_ROWS:
        raise ReadError(_too_many(connection, table, columns, asked))
    return found


def _refuse_untyped(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, value: str, kind: str
) -> None:
    statement = f"select try_cast(? as {kind}) is null"
    if value and connection.execute(statement, [value]).fetchall()[0][0]:
        raise ReadError(
            f"{name}={value}: cột này là kiểu {kind} · marts.{table}.{name} is of type "
            f"{kind} and cannot hold that."
        )


def _where(columns: Columns, asked: Mapping[str, str]) -> tuple[str, list[str]]:
    tests = [
        f"{_quoted(name)} = cast(? as {columns[name]})"
        if value
        else f"coalesce(cast({_quoted(name)} as varchar), '') = ''"
        for name, value in asked.items()
    ]
    text = f"where {' and '.join(tests)}" if tests else ""
    return text, [value for value in asked.values() if value]


def _nothing(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Columns,
    asked: Mapping[str, str],
) -> str:
    """Says which value is unknown, else which one does not go with the others."""
    if not asked:
        return f"Bảng trống · marts.{table} has no rows."
    for others_too in (False, True):
        for name, value in reversed(list(asked.items())):
            others = {n: v for n, v in asked.items() if others_too and n != name}
            alone = others if others_too else {name: value}
            where, values = _where(columns, alone)
            if _count(connection, table, where, values) != others_too:
                continue
            where, values = _where(columns, others)
            near = connection.execute(
                f"select distinct cast({_quoted(name)} as varchar) as value "
                f"from marts.{_quoted(table)} {where} "
                f"order by jaro_winkler_similarity(value, ?) desc nulls last, value "
                f"limit {_NEAR}",
                [*values, value],
            ).fetchall()
            said = ", ".join(f"{name}={text or ''}" for (text,) in near)
            beside = " ".join(f"{n}={v}" for n, v in others.items())
            return (
                f"Không có dòng nào · no row of marts.{table} has {name}={value}"
                f"{f' beside {beside}' if beside else ''}. "
                f"Gần nhất · near ones: {said}."
            )
    together = " ".join(f"{name}={value}" for name, value in asked.items())
    return f"Không có dòng nào · no row of marts.{table} has all of {together}."


def _count(
    connection: duckdb.DuckDBPyConnection, table: str, where: str, values: list[str]
) -> bool:
    statement = f"select 1 from marts.{_quoted(table)} {where} limit 1"
    return bool(connection.execute(statement, values).fetchall())


def _too_many(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Columns,
    asked: Mapping[str, str],
) -> str:
    where, values = _where(columns, asked)
    source = f"from marts.{_quoted(table)} {where}"
    ((count,),) = connection.execute(f"select count(*) {source}", values).fetchall()
    told: dict[str, list[str]] = {}
    reached = 1
    for name in _codes(connection, source, values, columns, asked):
        listed = ", ".join(map(_quoted, [*told, name]))
        ((apart,),) = connection.execute(
            f"select count(*) from (select distinct {listed} {source})", values
        ).fetchall()
        if apart > reached:
            reached = apart
            told[name] = [
                str(value or "")
                for (value,) in connection.execute(
                    f"select distinct {_quoted(name)} as value {source} "
                    f"order by value limit {_NEAR}",
                    values,
                ).fetchall()
            ]
        if reached == count or len(told) == _TELLING:
            break
    add = "; ".join(
        f"{name}= ({', '.join(some)}{', …' if len(some) == _NEAR else ''})"
        for name, some in told.items()
    )
    return (
        f"{count} dòng khớp, nhiều nhất {MOST_ROWS} · {count} rows of marts.{table} "
        f"match, at most {MOST_ROWS} are traced at a time. Thêm · add: {add}."
    )


def _codes(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    values: list[str],
    columns: Columns,
    asked: Mapping[str, str],
) -> list[str]:
    """Columns that differ and that a person can type, those that tell most first.

    No words, no hashes, no sums; codes before days and numbers.
    """
    names = [
        name
        for kind in _TYPED
        for name, its in columns.items()
        if its == kind and name not in asked
    ]
    tests = ", ".join(
        f"case when coalesce(bool_or(contains(cast({_quoted(name)} as varchar), ' ') "
        f"or length(cast({_quoted(name)} as varchar)) >= {_HASH}), false) then 0 "
        f"else count(distinct {_quoted(name)}) end"
        for name in names
    )
    row = connection.execute(f"select {tests} {source}", values).fetchall()[0]
    told = dict(zip(names, row, strict=True))
    telling = [name for name in names if told[name] > 1]
    return sorted(telling, key=lambda name: (_TYPED.index(columns[name]), -told[name]))


def near_ones(word: str, known: Iterable[str]) -> str:
    """The known words most like one, the first ones where none is like it."""
    listed = list(known)
    close = difflib.get_close_matches(word, listed, n=_NEAR, cutoff=0.4)
    return ", ".join(close or listed[:_NEAR])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
