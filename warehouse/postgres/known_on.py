"""`as_known_on(ts)`: the observations as they were known at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from warehouse.postgres.source import Table
from warehouse.postgres.star import comment

if TYPE_CHECKING:
    import psycopg

OBSERVATIONS = "fct_observation"
HISTORY = "fct_observation_history"

_COMMENT = (
    "Các số liệu như đã biết vào lúc ts: một dòng cho mỗi đơn vị, chỉ số và kỳ. · "
    "The observations as known at ts: one row per unit, indicator and period."
)


def add_known_on(
    connection: psycopg.Connection[Any], schema: str, tables: Mapping[str, Table]
) -> None:
    """Makes the function where both tables are there; it has its caller's rights.

    Its body is bound to the tables when made, so it follows them through the swap.
    """
    from psycopg import sql

    if not {OBSERVATIONS, HISTORY} <= tables.keys():
        return
    name = sql.Identifier(schema, "as_known_on")
    statement = sql.SQL(
        """
        create function {name}(ts timestamptz) returns setof {observations}
        language sql stable parallel safe security invoker
        begin atomic
            select {columns}
            from {history}
            where recorded_from <= ts and recorded_to > ts;
        end
        """
    ).format(
        name=name,
        observations=sql.Identifier(schema, OBSERVATIONS),
        history=sql.Identifier(schema, HISTORY),
        columns=sql.SQL(", ").join(
            map(sql.Identifier, tables[OBSERVATIONS].column_names)
        ),
    )
    connection.execute(statement)
    comment(connection, "function", name, _COMMENT)
