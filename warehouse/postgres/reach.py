"""Which unit versions each login reaches: the rows of `unit_access`.

Shape: one row per login and visible unit version, extent `branch` or `totals`.

A login that access.yaml maps to a unit reaches, as its branch:

- all versions of that unit;
- the versions of other units that were ever below it, and only those: a commune that
  moved away is foreign from the day it moved, one that moved in is foreign before;
- units that ended and went into the branch whole, with all their versions and all that
  was below them: every part with a share above 0 went to a unit whose version of that
  day is in the branch. So a merged commune brings its history along, a commune of which
  half went elsewhere stays foreign, and its figures are seen only as restated;
- and the same again for the units that went into those.

Totals are all versions of the units named, nothing below them. Who sees a whole
programme reaches all its versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psycopg import Connection

_MAKE = """
create table if not exists {marts}.unit_access (
    login text not null,
    unit_key text not null,
    extent text not null check (extent in ('branch', 'totals')),
    primary key (login, unit_key)
)
"""
_COMMENT = """
comment on table {marts}.unit_access is
'Mỗi dòng là một phiên bản đơn vị mà một tài khoản được xem. · One row per login and '
'unit version that it may see.'
"""
_SCRATCH = """
create table {marts}.reached (
    login text, unit_key text, extent text, primary key (login, unit_key)
);
create table {marts}.reached_whole (
    login text, programme_code text, unit_code text,
    primary key (login, programme_code, unit_code)
);
insert into {marts}.reached_whole
select login, programme_code, unit_code
from nhiemky.reader_unit where extent = 'branch';
insert into {marts}.reached
select r.login, u.unit_key, 'branch'
from nhiemky.reader as r
inner join {marts}.dim_unit as u on r.programme_code = u.programme_code
where r.sees_all
"""
_DOWN = """
insert into {marts}.reached
select w.login, u.unit_key, 'branch'
from {marts}.reached_whole as w
inner join {marts}.dim_unit as u
    on w.programme_code = u.programme_code and w.unit_code = u.unit_code
union
select w.login, b.unit_key, 'branch'
from {marts}.reached_whole as w
inner join {marts}.bridge_unit_ancestor as b
    on w.programme_code = b.programme_code and w.unit_code = b.ancestor_unit_code
on conflict do nothing
"""
_BACK = """
with heir as (
    select s.programme_code, s.from_unit_code, u.unit_key
    from {marts}.bridge_unit_succession as s
    left join {marts}.dim_unit as u
        on
            s.programme_code = u.programme_code
            and s.to_unit_code = u.unit_code
            and u.valid_from <= s.effective_date
            and s.effective_date < u.valid_to
    where s.share > 0 or s.to_unit_code is null
),
parts as (
    select programme_code, from_unit_code, count(*) as parts
    from heir
    group by programme_code, from_unit_code
)
insert into {marts}.reached_whole
select r.login, h.programme_code, h.from_unit_code
from heir as h
inner join {marts}.reached as r on h.unit_key = r.unit_key
inner join parts as p
    on h.programme_code = p.programme_code and h.from_unit_code = p.from_unit_code
group by r.login, h.programme_code, h.from_unit_code, p.parts
having count(*) = p.parts
on conflict do nothing
"""
_TOTALS = """
insert into {marts}.reached
select r.login, u.unit_key, 'totals'
from nhiemky.reader_unit as r
inner join {marts}.dim_unit as u
    on r.programme_code = u.programme_code and r.unit_code = u.unit_code
where r.extent = 'totals'
on conflict do nothing
"""
_REMOVE = """
delete from {marts}.unit_access as a
where not exists (
    select from {marts}.reached as r
    where r.login = a.login and r.unit_key = a.unit_key and r.extent = a.extent
)
"""
_ADD = """
insert into {marts}.unit_access (login, unit_key, extent)
select login, unit_key, extent from {marts}.reached
on conflict do nothing
"""
_CLEAR = "drop table {marts}.reached, {marts}.reached_whole"
_OUT = """
copy (select login, unit_key, extent from {marts}.reached) to stdout (format binary)
"""
_IN = """
copy {marts}.unit_access (login, unit_key, extent) from stdin (format binary, freeze)
"""


def make_unit_access(connection: Connection[Any], marts: str) -> bool:
    """Makes the empty table where it is absent; True where it was."""
    row = connection.execute(
        "select to_regclass(quote_ident(%s) || '.unit_access') is null", [marts]
    ).fetchone()
    _run(connection, _MAKE, marts)
    _run(connection, _COMMENT, marts)
    return row == (True,)


def fill_unit_access(
    connection: Connection[Any], marts: str, is_made: bool = False
) -> tuple[int, int]:
    """Brings the rows in line with `nhiemky.reader`; how many came and went.

    Runs inside the caller's transaction; readers see the rows before or after. A table
    that this transaction made (`is_made`) has them frozen: a snapshot that a reader
    took before the load would otherwise see none of them, and so no row of any mart.
    """
    _run(connection, _SCRATCH, marts)
    found = 1
    while found:
        _run(connection, _DOWN, marts)
        found = _run(connection, _BACK, marts)
    _run(connection, _TOTALS, marts)
    if is_made:
        removed, added = 0, _copy_frozen(connection, marts)
    else:
        removed = _run(connection, _REMOVE, marts)
        added = _run(connection, _ADD, marts)
    _run(connection, _CLEAR, marts)
    return added, removed


def _copy_frozen(connection: Connection[Any], marts: str) -> int:
    """All rows reached, by way of here: only COPY can freeze."""
    from psycopg import sql

    outward, inward = (
        sql.SQL(statement).format(marts=sql.Identifier(marts))
        for statement in (_OUT, _IN)
    )
    with connection.cursor() as cursor:
        with cursor.copy(outward) as copy:
            rows = b"".join(copy)
        with cursor.copy(inward) as copy:
            copy.write(rows)
        return cursor.rowcount


def _run(connection: Connection[Any], statement: str, marts: str) -> int:
    from psycopg import sql

    query = sql.SQL(statement).format(marts=sql.Identifier(marts))
    return connection.execute(query).rowcount
