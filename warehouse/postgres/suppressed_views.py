"""The views of `marts_suppressed`: rows by login, small counts left out.

Shape: one security_barrier view per offered table, under its name. A view reads the
table as its owner, whom no policy stops: so the row condition stands in it once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from warehouse.postgres.policies import condition, rule_of
from warehouse.postgres.suppression import (
    COUNTS,
    COUNTS_BUT_RATIOS,
    NO_COUNT_KINDS,
    NO_COUNT_TYPES,
    WITH_COUNTS,
    Part,
    part_of,
)

if TYPE_CHECKING:
    from psycopg import sql

Columns = Mapping[str, str]
"""Types by column, in the order of the table."""

_PLAIN = """
create view {suppressed}.{table} with (security_barrier = true) as
select {columns} from {marts}.{table} as t where {condition}
"""
_FIGURES = """
create view {suppressed}.{table} with (security_barrier = true) as
select {columns}, s.is_suppressed
from (select * from {marts}.{table} where {condition}) as t
left join {marts}.dim_indicator as i
    on t.programme_code = i.programme_code and t.indicator_code = i.indicator_code
cross join lateral (
    select
        t.indicator_code is not null
        and not coalesce(i.kind = any ({kinds}) or i.value_type = any ({types}), false)
            as is_counted,
        coalesce(i.kind = 'ratio', false) as is_ratio,
        (
            select coalesce(max(r.small_count), 2147483647)
            from nhiemky.reader as r where r.login = current_user::text
        ) as small_count
) as k
cross join lateral (select k.is_counted and ({is_small}) as is_suppressed) as s
"""
# a reader of whom no threshold is known: every count is small

_LEFT_OUT_WHERE = {
    Part.FIGURE: "s.is_suppressed",
    Part.RATIO_ELSEWHERE: "s.is_suppressed or k.is_counted and k.is_ratio",
    Part.COUNT_ELSEWHERE: "s.is_suppressed or k.is_counted and not k.is_ratio",
    Part.ELSEWHERE: "k.is_counted",
    Part.NEVER: "true",
}
_SMALL = "coalesce({column} <> 0 and abs({column}) < k.small_count, false)"
IS_SUPPRESSED = "is_suppressed"
_IS_SUPPRESSED = (
    "Có số bị ẩn vì là số nhỏ. · True where figures of the row are left out because a "
    "count in it is small."
)


def view_of(table: str, columns: Columns, marts: str, suppressed: str) -> sql.Composed:
    """The statements that make the view of one table, with a comment of its own."""
    from psycopg import sql

    names = {
        "suppressed": sql.Identifier(suppressed),
        "marts": sql.Identifier(marts),
        "table": sql.Identifier(table),
        "condition": condition(rule_of(table, columns), marts),
    }
    if table not in WITH_COUNTS:
        shown = sql.SQL(", ").join(sql.Identifier("t", name) for name in columns)
        return sql.SQL(_PLAIN).format(columns=shown, **names)
    view = sql.SQL(_FIGURES).format(
        columns=sql.SQL(", ").join(_shown(table, *item) for item in columns.items()),
        kinds=sql.Literal(list(NO_COUNT_KINDS)),
        types=sql.Literal(list(NO_COUNT_TYPES)),
        is_small=_is_small(table, columns),
        **names,
    )
    note = sql.SQL("comment on column {}.is_suppressed is {}").format(
        sql.Identifier(suppressed, table), sql.Literal(_IS_SUPPRESSED)
    )
    return view + sql.SQL(";") + note


def _shown(table: str, column: str, type_name: str) -> sql.Composable:
    from psycopg import sql

    part = part_of(table, column, type_name)
    if part is Part.OPEN:
        return sql.Identifier("t", column)
    return sql.SQL("cast(case when {} then null else {} end as {}) as {}").format(
        sql.SQL(_LEFT_OUT_WHERE[part]),
        sql.Identifier("t", column),
        sql.SQL(type_name),
        sql.Identifier(column),
    )


def _is_small(table: str, columns: Columns) -> sql.Composable:
    """True where a count is small, or where there are figures and no count to tell."""
    from psycopg import sql

    def names(some: Iterable[str]) -> sql.Composed:
        return sql.SQL(", ").join(sql.Identifier("t", name) for name in some)

    counts = [name for name in columns if name in COUNTS]
    values = [name for name in columns if name in COUNTS_BUT_RATIOS]
    figures = [
        name
        for name, kind in columns.items()
        if part_of(table, name, kind) is Part.FIGURE and kind.startswith("numeric")
    ]
    tests = [sql.SQL(_SMALL).format(column=names([name])) for name in counts]
    tests += [
        sql.SQL("not k.is_ratio and " + _SMALL).format(column=names([name]))
        for name in values
    ]
    if figures:
        tests.append(
            sql.SQL("num_nonnulls({}) = 0 and num_nonnulls({}) > 0").format(
                names([*counts, *values]), names(figures)
            )
        )
    return sql.SQL(" or ").join(tests) if tests else sql.SQL("false")
