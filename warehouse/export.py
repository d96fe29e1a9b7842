"""A published table as one file for people and tools: CSV, a workbook, or Parquet.

CSV is UTF-8 with a byte order mark, so that Excel knows it; instants are UTC. Texts
that a spreadsheet would take for formulas get an apostrophe in CSV, and are written as
texts into a workbook. Rows go through in batches, however many there are.
"""
# ruff: noqa: S608  - names are quoted, and are those that the catalogue has

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO, Literal

import duckdb
import pyarrow.parquet as pq
import xlsxwriter

from sources.programme.sheet_texts import ESCAPED_SIGNS
from warehouse.errors import ExportError
from warehouse.home import Home
from warehouse.published import open_published
from warehouse.trace.rows import Columns, columns_of

FileKind = Literal["csv", "xlsx", "parquet"]
Style = Literal["plain", "vi"]
MOST_SHEET_ROWS = 1_048_575
"""Rows of an Excel sheet below its header."""
_BOM = "\ufeff"
_BATCH = 50_000
_SHEET_NAME = 31
_SHEET_MOMENT = "dd/mm/yyyy hh:mm:ss"
_SEPARATORS = {"plain": ",", "vi": ";"}
_DATE = {"plain": "%Y-%m-%d", "vi": "%d/%m/%Y"}
_BINARY_TYPES = ("DOUBLE", "FLOAT")


def export_table(
    home: Home, table: str, kind: FileKind, file: BinaryIO, style: Style = "plain"
) -> int:
    """Writes all rows of one published mart; gives their number.

    `style` is of CSV alone: plain has commas and points; vi what a Vietnamese Excel
    opens right: semicolons, decimal commas, dd/mm/yyyy.

    Raises:
        ReadError: nothing is published, or no such table.
        ExportError: more rows or longer texts than a sheet of Excel can hold.
    """
    with open_published(home) as connection:
        columns = columns_of(connection, table)
        if kind == "csv":
            return _write_csv(connection, table, columns, file, style)
        if kind == "parquet":
            return _write_parquet(connection, table, columns, file)
        return _write_workbook(connection, table, columns, file)


def _write_csv(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Columns,
    file: BinaryIO,
    style: Style,
) -> int:
    """The lines are made in the database; nothing is empty, an empty text is quoted."""
    separator = _SEPARATORS[style]
    texts = ", ".join(
        f"{_as_text(_quoted(name), kind, style)} as {_quoted(name)}"
        for name, kind in columns.items()
    )
    line = f", '{separator}', ".join(
        _in_quotes(_quoted(name)) if kind == "VARCHAR" else _quoted(name)
        for name, kind in columns.items()
    )
    given = {"signs": f"^[{''.join(map(re.escape, ESCAPED_SIGNS))}]"}
    given["special"] = f'[{separator}"\\r\\n]|^$'
    statement = f"select concat({line}) as line from ({_select(texts, table, columns)})"
    file.write(f"{_BOM}{separator.join(columns)}\r\n".encode())
    count = 0
    for batch in connection.execute(statement, given).to_arrow_reader(_BATCH):
        lines = batch.column("line").to_pylist()
        file.write("".join(f"{text}\r\n" for text in lines).encode())
        count += len(lines)
    return count


def _write_parquet(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, file: BinaryIO
) -> int:
    result = connection.execute(_select("*", table, columns))
    reader = result.to_arrow_reader(_BATCH)
    count = 0
    with pq.ParquetWriter(file, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _write_workbook(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Columns, file: BinaryIO
) -> int:
    ((count,),) = connection.execute(
        f"select count(*) from marts.{_quoted(table)}"
    ).fetchall()
    if count > MOST_SHEET_ROWS:
        raise ExportError(
            f"marts.{table}: {count} dòng, một trang Excel chỉ chứa {MOST_SHEET_ROWS}"
            f" · has {count} rows and a sheet of Excel holds {MOST_SHEET_ROWS}. Xuất ra"
            " .csv hoặc .parquet · export to .csv or .parquet instead."
        )
    ((moment,),) = connection.execute(
        "select published_at from marts.publication"
    ).fetchall()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        # the same publication gives the same bytes
        book.set_properties({"title": f"marts.{table}", "created": moment})
        sheet = book.add_worksheet(table[:_SHEET_NAME])
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
        writers = _cell_writers(book, sheet, columns)
        for number, row in enumerate(_rows(connection, table, columns), start=1):
            for at, value in enumerate(row):
                if value is not None and writers[at](number, at, value) < 0:
                    name = list(columns)[at]
                    raise ExportError(
                        f"marts.{table}.{name}: chữ quá dài cho một ô Excel · a text"
                        " is too long for a cell of Excel. Xuất ra .csv hoặc .parquet"
                        " · export to .csv or .parquet instead."
                    )
    return int(count)


def _cell_writers(
    book: xlsxwriter.Workbook, sheet: Any, columns: Columns
) -> list[Callable[..., int]]:
    """Per column what writes a value of its type; it gives less than 0 on failure."""
    formats = {
        kind: book.add_format({"num_format": shown})
        for kind, shown in (("DATE", "dd/mm/yyyy"), ("TIMESTAMP", _SHEET_MOMENT))
    }
    writers = {
        "VARCHAR": sheet.write_string,
        "BOOLEAN": sheet.write_boolean,
        **{
            kind: partial(_write_moment, sheet, shown)
            for kind, shown in formats.items()
        },
    }
    return [writers.get(kind, sheet.write_number) for kind in columns.values()]


def _write_moment(sheet: Any, shown: Any, row: int, column: int, value: Any) -> int:
    return int(sheet.write_datetime(row, column, value, shown))


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Columns
) -> Iterator[tuple[object, ...]]:
    result = connection.execute(_select("*", table, columns))
    while rows := result.fetchmany(_BATCH):
        yield from rows


def _select(selected: str, table: str, columns: Columns) -> str:
    """Rows as published; where the table says in which order to show them, in that."""
    order = "order by t.programme_code, t.display_order"
    return (
        f"select {selected} from marts.{_quoted(table)} as t "
        f"{order if 'display_order' in columns else ''}"
    )


def _as_text(column: str, kind: str, style: Style) -> str:
    """A column as CSV says it: numbers without idle zeros, texts never a formula."""
    text = f"cast(t.{column} as varchar)"
    if kind == "VARCHAR":
        return (
            f"case when regexp_matches(t.{column}, $signs) "
            f"then concat(chr(39), t.{column}) else t.{column} end"
        )
    if kind.startswith("DECIMAL") or kind in _BINARY_TYPES:
        if not kind.endswith(",0)") and kind not in _BINARY_TYPES:
            text = f"rtrim(rtrim({text}, '0'), '.')"
        return f"replace({text}, '.', ',')" if style == "vi" else text
    if kind == "DATE":
        return f"strftime(t.{column}, '{_DATE[style]}')"
    if kind == "TIMESTAMP":
        return f"strftime(t.{column}, '{_DATE[style]} %H:%M:%S')"
    return text


def _in_quotes(column: str) -> str:
    return (
        f"case when regexp_matches({column}, $special) "
        f"then concat('\"', replace({column}, '\"', '\"\"'), '\"') else {column} end"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
