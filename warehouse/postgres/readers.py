"""The readers of a programme as rows of schema `nhiemky`.

Shape: `nhiemky.reader`, one row per login and programme, `nhiemky.reader_unit`, one row
per unit that access.yaml names. Rows of other programmes are left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sources.programme.access import Access

if TYPE_CHECKING:
    from psycopg import Connection

_READERS = "select login, sees_all, small_count from nhiemky.reader"
_UNITS = "select login, unit_code, extent from nhiemky.reader_unit"
_OF_PROGRAMME = " where programme_code = %s"
_DROP_READER = """
delete from nhiemky.reader
where programme_code = %s and login = %s and sees_all = %s
    and small_count is not distinct from %s
"""
_DROP_UNIT = """
delete from nhiemky.reader_unit
where programme_code = %s and login = %s and unit_code = %s and extent = %s
"""
_ADD_READER = """
insert into nhiemky.reader (programme_code, login, sees_all, small_count)
values (%s, %s, %s, %s)
"""
_ADD_UNIT = """
insert into nhiemky.reader_unit (programme_code, login, unit_code, extent)
values (%s, %s, %s, %s)
"""


def lock_readers(connection: Connection[Any]) -> None:
    """Until the transaction ends, nobody else changes readers or secures a schema."""
    connection.execute("lock table nhiemky.reader in share row exclusive mode")


def write_readers(
    connection: Connection[Any], access: Access, programme_code: str
) -> tuple[frozenset[str], int]:
    """Brings the rows in line; logins that were named before, and rows changed."""
    code = [programme_code]
    readers = {
        (
            reader.login,
            reader.sees == "all",
            access.small_count if reader.suppress_small_counts else None,
        )
        for reader in access.readers
    }
    units = {
        (reader.login, code, extent)
        for reader in access.readers
        for extent, codes in (("branch", reader.units), ("totals", reader.totals))
        for code in codes
    }
    had_readers = set(connection.execute(_READERS + _OF_PROGRAMME, code).fetchall())
    had_units = set(connection.execute(_UNITS + _OF_PROGRAMME, code).fetchall())
    changes = (
        (_DROP_READER, had_readers - readers),
        (_DROP_UNIT, had_units - units),
        (_ADD_READER, readers - had_readers),
        (_ADD_UNIT, units - had_units),
    )
    with connection.cursor() as cursor:
        for statement, rows in changes:
            if rows:
                cursor.executemany(
                    statement, [(*code, *row) for row in sorted(rows, key=str)]
                )
    return frozenset(login for login, *_ in had_readers), sum(
        len(r) for _, r in changes
    )
