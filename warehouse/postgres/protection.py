"""Policies, grants and views of one schema of marts, made in one go.

Shape: a schema is secured when the comment of its suppressed schema carries the mark of
what would be made today: tables, columns, rules, roles. Then nothing is done, so that
securing a schema that is being read waits for nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from warehouse.postgres.known_on import (
    HISTORY,
    KNOWN_ON,
    OBSERVATIONS,
    known_on,
)
from warehouse.postgres.policies import Rule, rule_of
from warehouse.postgres.policies import condition as condition_of
from warehouse.postgres.server import (
    READER,
    READER_ALL,
    READER_SUPPRESSED,
    roles_present,
)
from warehouse.postgres.suppressed_views import IS_SUPPRESSED, Columns, view_of
from warehouse.postgres.suppression import is_offered

if TYPE_CHECKING:
    from psycopg import Connection, sql

_COLUMNS = """
select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod)
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid
where
    c.relnamespace = to_regnamespace(quote_ident(%s)) and c.relkind in ('r', 'p')
    and a.attnum > 0 and not a.attisdropped
order by c.relname, a.attnum
"""
_POLICIES = """
select tablename::text, policyname::text from pg_policies where schemaname = %s
"""
_UNINDEXED = """
select c.relname::text
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attname = 'unit_key'
where
    c.relnamespace = to_regnamespace(quote_ident(%s)) and c.relkind in ('r', 'p')
    and not exists (
        select from pg_index as i
        where i.indrelid = c.oid and i.indkey[0] = a.attnum and i.indpred is null
    )
order by 1
"""
_FUNCTIONS = """
select proname::text, pg_get_function_identity_arguments(oid)
from pg_proc
where pronamespace = to_regnamespace(quote_ident(%s)) and not prosecdef
order by 1, 2
"""
_COMMENTS = """
select c.relname::text, a.attname::text, d.description
from pg_class as c
inner join pg_description as d on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
left join pg_attribute as a on c.oid = a.attrelid and d.objsubid = a.attnum
where
    c.relnamespace = to_regnamespace(quote_ident(%s)) and c.relkind in ('r', 'p')
    and (d.objsubid = 0 or a.attnum > 0)
order by c.relname, d.objsubid
"""
_MARK = "Số nhỏ bị ẩn. · Small counts are left out. · "


def tables_of(connection: Connection[Any], schema: str) -> dict[str, Columns]:
    """Columns with their types by table; views and other relations are none."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, type_name in connection.execute(_COLUMNS, [schema]):
        tables.setdefault(table, {})[column] = type_name
    return dict(tables)


def protect(connection: Connection[Any], marts: str, suppressed: str) -> bool:
    """Makes policies, grants and views anew unless they stand; True where it did.

    The roles that are absent are granted nothing; the tables are closed all the same.
    """
    from psycopg import sql

    tables = tables_of(connection, marts)
    roles = set(roles_present(connection))
    known_on_views = _known_on(suppressed, tables)
    wanted = sql.SQL(";\n").join(
        [
            *_grants(
                marts,
                tables,
                connection.execute(_FUNCTIONS, [marts]),
                roles & {READER, READER_ALL},
            ),
            *_policies(connection, marts, tables, roles),
            *_views(connection, marts, suppressed, tables),
            *([known_on_views] if known_on_views else []),
            *_grants(
                suppressed,
                filter(is_offered, tables),
                [KNOWN_ON] if known_on_views else [],
                roles & {READER_SUPPRESSED},
            ),
        ]
    )
    mark = _MARK + _digest(wanted.as_string(connection), marts, suppressed)
    if _comment_of(connection, suppressed) == mark:
        return False
    names = {"marts": sql.Identifier(marts), "suppressed": sql.Identifier(suppressed)}
    for table, policy in connection.execute(_POLICIES, [marts]).fetchall():
        connection.execute(
            sql.SQL("drop policy {} on {}").format(
                sql.Identifier(policy), sql.Identifier(marts, table)
            )
        )
    for (table,) in connection.execute(_UNINDEXED, [marts]).fetchall():
        if rule_of(table, tables[table]).filters_by_unit_key:
            on = sql.Identifier(marts, table)
            connection.execute(sql.SQL("create index on {} (unit_key)").format(on))
    connection.execute(
        sql.SQL("drop schema if exists {suppressed} cascade").format(**names)
    )
    connection.execute(sql.SQL("create schema {suppressed}").format(**names))
    connection.execute(wanted)
    connection.execute(
        sql.SQL("comment on schema {suppressed} is {mark}").format(
            mark=sql.Literal(mark), **names
        )
    )
    return True


def _grants(
    schema: str,
    relations: Iterable[str],
    functions: Iterable[tuple[str, str]],
    roles: Iterable[str],
) -> Iterator[sql.Composed]:
    """Nothing to everybody; reading the named relations and functions to the roles."""
    from psycopg import sql

    names = [sql.Identifier(schema, name) for name in relations]
    calls = [
        sql.SQL("{}({})").format(sql.Identifier(schema, name), sql.SQL(arguments))
        for name, arguments in functions
    ]
    lists = (
        ("schema", [sql.Identifier(schema)], "usage"),
        ("table", names, "select"),
        ("function", calls, "execute"),
    )
    for kind, things, right in lists:
        for thing in things:
            parts = {"kind": sql.SQL(kind), "thing": thing}
            yield sql.SQL("revoke all on {kind} {thing} from public").format(**parts)
            for role in sorted(roles):
                yield sql.SQL(f"grant {right} on {{kind}} {{thing}} to {role}").format(
                    **parts
                )


def _policies(
    connection: Connection[Any],
    marts: str,
    tables: Mapping[str, Columns],
    roles: Container[str],
) -> Iterator[sql.Composed]:
    """Row security for every table, its owner in."""
    from psycopg import sql

    for table, columns in tables.items():
        rule = rule_of(table, columns)
        every = Rule.KNOWN if rule is not Rule.OWN_LOGIN else rule
        names = {"table": sql.Identifier(marts, table)}
        for change in ("enable", "force"):
            yield sql.SQL(f"alter table {{table}} {change} row level security").format(
                **names
            )
        yield sql.SQL(
            "create policy publisher on {table} to current_user using (true)"
        ).format(**names)
        for name, role, applied in (
            ("reader", READER, rule),
            ("reader_all", READER_ALL, every),
        ):
            if role in roles:
                yield sql.SQL(
                    f"create policy {name} on {{table}} for select to {role} using "
                    "({condition})"
                ).format(condition=condition_of(applied, marts), **names)


def _views(
    connection: Connection[Any],
    marts: str,
    suppressed: str,
    tables: Mapping[str, Columns],
) -> Iterator[sql.Composable]:
    """The view of every offered table, with the comments of the table."""
    from psycopg import sql

    for table, columns in tables.items():
        if is_offered(table):
            yield view_of(table, columns, marts, suppressed)
    for table, column, text in connection.execute(_COMMENTS, [marts]):
        if is_offered(table):
            path = (
                (suppressed, table) if column is None else (suppressed, table, column)
            )
            yield sql.SQL("comment on {} {} is {}").format(
                sql.SQL("view" if column is None else "column"),
                sql.Identifier(*path),
                sql.Literal(text),
            )


def _known_on(suppressed: str, tables: Mapping[str, Columns]) -> sql.Composed | None:
    """`as_known_on` over the views, where both of its tables are there."""
    if not {OBSERVATIONS, HISTORY} <= tables.keys():
        return None
    return known_on(
        suppressed, "marts_suppressed", [*tables[OBSERVATIONS], IS_SUPPRESSED]
    )


def _digest(script: str, marts: str, suppressed: str) -> str:
    """Of what is made, whatever the schemas are called."""
    for name, constant in ((suppressed, '"s"'), (marts, '"m"')):
        script = script.replace(f'"{name}"', constant)
    return hashlib.sha256(script.encode()).hexdigest()[:12]


def _comment_of(connection: Connection[Any], schema: str) -> str | None:
    row = connection.execute(
        "select obj_description(to_regnamespace(quote_ident(%s)), 'pg_namespace')",
        [schema],
    ).fetchone()
    return row[0] if row else None
