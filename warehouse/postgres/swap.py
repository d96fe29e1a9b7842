"""The moment of the swap: both schemas get their names, readers the old or the new.

A statement resolves its tables one after the other, so that a plain rename gave about
one statement in 5,000 an old table and a new one (8 readers, 3,000 swaps). Locking the
old tables first hardly ever succeeds: a reader that holds one of them waits for
another that we hold, until we give up. So we lock what nobody holds yet:

1. a second connection locks every new table and view: it waits for nobody;
2. the schemas are renamed. Who comes now waits for a new table, holding nothing; who
   took an old table and needs a further one waits too; who has all its tables goes on;
3. no reader holds an old table any more: nothing can be mixed, the lock is released.
   Somebody still does after `HOLD_SECONDS`: the names go back before the lock is
   released. Those who waited resolve their names again, and find the old tables.

Nobody waits for longer than the lock is held, no lock is waited for by us, so nothing
deadlocks; a publisher that is stopped or cut off loses the lock to the server after
`LOST_SECONDS`. Prepared statements resolve their names again after every rename.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from warehouse.postgres.connection import settle

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composable, Composed

SCHEMAS = ("marts", "marts_suppressed")
HOLD_SECONDS = 0.04
"""How long readers of one attempt may wait for those before them to finish."""
LOST_SECONDS = 0.09
"""When the server takes the lock from a publisher that does not answer."""
PATIENCE_SECONDS = 3.0
"""How long a moment without readers is sought; twice that, one without a torn one."""
PAUSE_SECONDS = (0.02, 0.2)
"""Readers go on undisturbed between attempts, for a random time in between."""
_POLL_SECONDS = 0.002
_DROP_WAIT = "500ms"
_LOCK_WAIT = "20s"
"""For access that is being applied, and for autovacuum, which gives way."""

_STATE = """
with relation_lock as (
    select relation, mode, pid, granted from pg_locks
    where locktype = 'relation'
        and database = (select oid from pg_database where datname = current_database())
),
reader as (
    select pid from relation_lock
    where granted and relation = any(%(old)s) and mode = 'AccessShareLock'
)
select
    exists (select from reader),
    exists (select from relation_lock where not granted and pid in (table reader)),
    exists (
        select from relation_lock
        where granted and pid = %(second)s and mode = 'AccessExclusiveLock'
    )
"""
"""Is somebody at the old tables? Does one of them wait? Are the new ones locked?"""

_OUTSIDE = """
select distinct
    format('%%I.%%I', outside.nspname, coalesce(v.relname, p.proname))
from pg_depend d
join pg_class t on d.refclassid = 'pg_class'::regclass and t.oid = d.refobjid
join pg_namespace home on home.oid = t.relnamespace
left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
left join pg_class v on v.oid = r.ev_class
left join pg_proc p on d.classid = 'pg_proc'::regclass and p.oid = d.objid
join pg_namespace outside on outside.oid = coalesce(v.relnamespace, p.pronamespace)
where home.nspname = any(%(schemas)s) and outside.nspname <> all(%(schemas)s)
order by 1
"""
"""What outside the schemas would fall with them, by name."""
_READERS = "lock table nhiemky.reader in share row exclusive mode"
"""Whoever applies access goes by names of schemas, and waits until they have settled.
"""


@dataclass(frozen=True)
class SwapReport:
    """How one swap went.

    Attributes:
        seconds: The longest that a reader can have waited, by the server's clock.
        is_quiet: Nobody was at the old tables when the new ones opened, so nobody can
            have seen both. Otherwise a transaction that was open all the while may.
        attempts: How often it was tried.
    """

    seconds: float
    is_quiet: bool
    attempts: int


def swap(connection: Connection[Any], number: str) -> SwapReport:
    """Puts `marts_next_<number>` and `marts_suppressed_next_<number>` in place.

    What was in place is called `marts_old_<12 hex>` and `marts_suppressed_old_<same>`
    afterwards. The connection must be outside a transaction. The rename reaches the
    server's disk with the publisher's next commit, so that readers do not wait for it.

    Raises:
        psycopg.Error: there is no such schema, or no right to rename or to lock;
            the names are as they were.
    """
    with _each_at_once(connection):
        renames = _Renames(connection, number)
        if renames.old:
            return _tried(connection, renames)
        renames.there()
        return SwapReport(0.0, is_quiet=True, attempts=1)


def drop_old(connection: Connection[Any]) -> list[str]:
    """Drops former publications; gives the schemas that are still in use.

    In use are tables that somebody is reading, and those that a view or function
    outside the publication was built on: other people's objects are never dropped.
    """
    return _drop(connection, "old")


def sweep(connection: Connection[Any]) -> list[str]:
    """Drops what killed publications left beside; gives what could not be dropped."""
    return _drop(connection, "next")


def built_on(connection: Connection[Any], schemas: list[str]) -> list[str]:
    """Views and functions outside the schemas that would fall with them, by name."""
    rows = connection.execute(_OUTSIDE, {"schemas": schemas}).fetchall()
    return [name for (name,) in rows]


class _State(NamedTuple):
    """Who is at the tables while the new ones are locked."""

    is_read: bool
    """Somebody holds an old table: runs a statement, or has a transaction open."""
    is_torn: bool
    """One of those waits, so it would get a new table beside the old one."""
    is_locked: bool


class _Renames:
    """The names of one swap, there and back, and the relations they are about."""

    def __init__(self, connection: Connection[Any], number: str) -> None:
        self._connection = connection
        number_of_old = secrets.token_hex(6)
        present = _schemas(connection)
        pairs = [(f"{name}_next_{number}", name) for name in SCHEMAS]
        away = [(name, f"{name}_old_{number_of_old}") for name in SCHEMAS]
        self._away = [pair for pair in away if pair[0] in present]
        # the first is named even when absent: the server then says what is missing
        self._in = [pairs[0], *(pair for pair in pairs[1:] if pair[0] in present)]
        old = _relations(connection, [name for name, _ in self._away])
        self.old = [oid for *_, oid in old]
        self.new = _relations(connection, [name for name, _ in self._in])

    def there(self) -> dt.datetime:
        """The new names, all in one transaction; gives the server's time of it."""
        return self._rename([*self._away, *self._in])

    def back(self) -> None:
        """Undoes `there`."""
        both = [*self._away, *self._in]
        self._rename([(after, before) for before, after in reversed(both)])

    def _rename(self, pairs: list[tuple[str, str]]) -> dt.datetime:
        from psycopg.sql import SQL, Identifier

        statements = [
            SQL("alter schema {} rename to {}").format(Identifier(a), Identifier(b))
            for a, b in pairs
        ]
        # sent as one text, the statements are one transaction and one way there
        off = SQL("set local synchronous_commit = off")
        return _moment(self._connection, SQL("; ").join([off, *statements]))

    def locks(self) -> Composed:
        """One statement text that locks every new relation against readers.

        LOCK TABLE on a view would lock all that the view reads, tables outside the
        publication too; to give it the owner it has locks the view alone.
        """
        from psycopg.sql import SQL, Identifier

        lock_of = {
            "r": SQL("lock table only {} in access exclusive mode"),
            "v": SQL("alter view {} owner to current_user"),
        }
        return SQL("; ").join(
            lock_of[kind].format(Identifier(schema, name))
            for schema, name, kind, _ in self.new
        )


def _tried(connection: Connection[Any], renames: _Renames) -> SwapReport:
    """Tries until a moment is good enough, less choosy as time goes by."""
    started = time.monotonic()
    attempts, longest = 0, 0.0
    is_quiet: bool | None = None
    while is_quiet is None:
        if attempts:
            time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - no secret
        attempts += 1
        patience_spent = (time.monotonic() - started) / PATIENCE_SECONDS
        seconds, is_quiet = _attempt(connection, renames, patience_spent)
        longest = max(longest, seconds)
    return SwapReport(longest, is_quiet, attempts)


def _attempt(
    connection: Connection[Any], renames: _Renames, patience_spent: float
) -> tuple[float, bool | None]:
    """Seconds that readers can have waited; whether it was quiet, None if undone."""
    from psycopg import Error
    from psycopg.sql import SQL

    with _locking(connection, renames.locks()) as second:
        renamed_at = renames.there()
        state = _watch(connection, second, renames)
        is_undone = state.is_locked and (
            (state.is_read and patience_spent < 1)
            or (state.is_torn and patience_spent < 2)
        )
        if is_undone:
            renames.back()
        is_quiet = state.is_locked and not state.is_read
        try:
            seconds = (_moment(second, SQL("rollback")) - renamed_at).total_seconds()
        except Error:  # the server took the lock, and has ended the session
            seconds, is_quiet = LOST_SECONDS, False
    return seconds, None if is_undone else is_quiet


@contextmanager
def _locking(connection: Connection[Any], locks: Composed) -> Iterator[Connection[Any]]:
    """A second connection in whose transaction the locks are held."""
    import psycopg
    from psycopg.sql import SQL, Literal

    info = connection.info
    second = psycopg.connect(info.dsn, password=info.password, autocommit=True)
    with closing(second):
        settle(second)
        limit = Literal(f"{LOST_SECONDS * 1000:.0f}ms")
        bound = SQL("set local idle_in_transaction_session_timeout = {}").format(limit)
        settled = _readers_held(connection)
        patience = SQL("set local lock_timeout = {}").format(_LOCK_WAIT)
        begin = [SQL("begin"), patience, *settled, bound, locks]
        second.execute(SQL("; ").join(begin))
        yield second


def _watch(
    connection: Connection[Any], second: Connection[Any], renames: _Renames
) -> _State:
    """Waits until the readers have left the old tables, for `HOLD_SECONDS` at most."""
    started = time.perf_counter()
    parameters = {"old": renames.old, "second": second.info.backend_pid}
    while True:
        state = _State(*connection.execute(_STATE, parameters).fetchall()[0])
        is_late = time.perf_counter() - started > HOLD_SECONDS
        if is_late or not (state.is_read and state.is_locked):
            return state
        time.sleep(_POLL_SECONDS)


def _readers_held(connection: Connection[Any]) -> list[Composable]:
    """Keeps those who apply access waiting, where access was ever applied."""
    from psycopg.sql import SQL

    there = connection.execute("select to_regclass('nhiemky.reader')").fetchone()
    return [] if there == (None,) else [SQL(_READERS)]


def _drop(connection: Connection[Any], kind: str) -> list[str]:
    """Drops the schemas of each publication of the kind at once, or leaves them."""
    from psycopg.errors import LockNotAvailable
    from psycopg.sql import SQL, Identifier

    pattern = re.compile(f"(?:{'|'.join(SCHEMAS)})_{kind}_([0-9a-f]{{12}})")
    left: list[str] = []
    with _each_at_once(connection):
        publications: dict[str, list[str]] = {}
        for name in sorted(_schemas(connection)):
            if found := pattern.fullmatch(name):
                publications.setdefault(found[1], []).append(name)
        for names in publications.values():
            drop = SQL("; ").join(
                [
                    SQL("set local lock_timeout = {}").format(_DROP_WAIT),
                    *_readers_held(connection),
                    SQL("drop schema {} cascade").format(
                        SQL(", ").join(map(Identifier, names))
                    ),
                ]
            )
            try:
                if built_on(connection, names):
                    left += names
                else:
                    connection.execute(drop)
            except LockNotAvailable:
                left += names
    return left


@contextmanager
def _each_at_once(connection: Connection[Any]) -> Iterator[None]:
    """Every statement commits by itself; the connection must be outside of any."""
    before = connection.autocommit
    connection.autocommit = True
    try:
        yield
    finally:
        connection.autocommit = before


def _moment(connection: Connection[Any], statements: Composable) -> dt.datetime:
    """Executes; gives the server's time right after, whenever the answer gets here."""
    from psycopg.sql import SQL

    asked = SQL("{}; select clock_timestamp()").format(statements)
    cursor = connection.execute(asked)
    while cursor.nextset():
        pass
    (moment,) = cursor.fetchall()[0]
    assert isinstance(moment, dt.datetime)
    return moment


def _schemas(connection: Connection[Any]) -> set[str]:
    rows = connection.execute("select nspname from pg_namespace").fetchall()
    return {name for (name,) in rows}


def _relations(
    connection: Connection[Any], schemas: list[str]
) -> list[tuple[str, str, str, int]]:
    """Schema, name, kind (r, v) and oid of every table and view of the schemas."""
    return connection.execute(
        "select n.nspname, c.relname, c.relkind, c.oid "
        "from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = any(%s) and c.relkind in ('r', 'v') order by 1, 2",
        [schemas],
    ).fetchall()
