"""`nhiemky.publication_log`: one row per publication that was loaded here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from warehouse.postgres.source import Source

if TYPE_CHECKING:
    import psycopg

_TABLE = """
create table if not exists nhiemky.publication_log (
    publication_id text not null,
    published_at timestamptz not null,
    as_of_date date not null,
    loaded_at timestamptz not null,
    swapped_at timestamptz not null,
    load_seconds double precision not null,
    swap_seconds double precision not null,
    is_quiet boolean not null,
    tables integer not null,
    rows bigint not null,
    primary key (publication_id, swapped_at)
)
"""

_COMMENT = """
comment on table nhiemky.publication_log is
'Mỗi lần công bố lên máy chủ này một dòng; is_quiet: lúc đổi không ai đang đọc. · One row per publication put in place on this server; is_quiet: nobody was reading when it was swapped in.'
"""  # noqa: E501

_ROW = """
insert into nhiemky.publication_log values (
    %(publication_id)s, %(published_at)s, %(as_of_date)s, %(loaded_at)s,
    clock_timestamp(), %(load_seconds)s, %(swap_seconds)s, %(is_quiet)s, %(tables)s,
    %(rows)s
)
"""


def make_log(connection: psycopg.Connection[Any]) -> None:
    """Makes the table in schema nhiemky, where it is absent."""
    found = connection.execute("select to_regclass('nhiemky.publication_log')")
    if found.fetchone() == (None,):
        with connection.transaction():
            connection.execute(_TABLE)
            connection.execute(_COMMENT)


def log_publication(
    connection: psycopg.Connection[Any],
    source: Source,
    tables: Mapping[str, int],
    loaded_at: dt.datetime,
    load_seconds: float,
    swap_seconds: float,
    is_quiet: bool,
) -> None:
    """Adds one row: this publication is in place since now."""
    connection.execute(
        _ROW,
        {
            "publication_id": source.publication_id,
            "published_at": source.published_at,
            "as_of_date": source.as_of_date,
            "loaded_at": loaded_at,
            "load_seconds": load_seconds,
            "swap_seconds": swap_seconds,
            "is_quiet": is_quiet,
            "tables": len(tables),
            "rows": sum(tables.values()),
        },
    )
