"""`as_known_on(ts)`: the observations as they were known at a moment.

Its body names its table as readers do, in the schema that is in place: bound to the
table when made, it would be found by a statement before a swap and read after it, with
other tables of the new publication. So it takes part in what `swap` does for tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from warehouse.postgres.source import Table

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

OBSERVATIONS = "fct_observation"
HISTORY = "fct_observation_history"
KNOWN_ON = ("as_known_on", "ts timestamp with time zone")
"""The function's name and arguments."""

_COMMENT = (
    "Các số liệu như đã biết vào lúc ts: một dòng cho mỗi đơn vị, chỉ số và kỳ. · "
    "The observations as known at ts: one row per unit, indicator and period."
)


def add_known_on(
    connection: psycopg.Connection[Any], schema: str, tables: Mapping[str, Table]
) -> None:
    """Makes the function where both tables are there; it has its caller's rights."""
    if {OBSERVATIONS, HISTORY} <= tables.keys():
        columns = tables[OBSERVATIONS].column_names
        connection.execute(known_on(schema, "marts", columns))


def known_on(schema: str, in_place: str, columns: Iterable[str]) -> sql.Composed:
    """The statements that make the function in `schema`, to be called `in_place`."""
    from psycopg import sql

    body = sql.SQL(
        "select {columns} from {history} where recorded_from <= ts and recorded_to > ts"
    ).format(
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        history=sql.Identifier(in_place, HISTORY),
    )
    return sql.SQL(
        """
        set local check_function_bodies = off;
        create function {name}(ts timestamptz) returns setof {observations}
        language sql stable parallel safe security invoker as {body};
        comment on function {name}(timestamptz) is {comment}
        """
    ).format(
        name=sql.Identifier(schema, "as_known_on"),
        observations=sql.Identifier(schema, OBSERVATIONS),
        body=sql.Literal(body.as_string(None)),
        comment=sql.Literal(_COMMENT),
    )
