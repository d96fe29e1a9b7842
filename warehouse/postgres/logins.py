"""Logins on the server: made where absent, members of exactly one role, passwords.

Shape: no login is ever dropped. One that is no longer named loses its role and with it
every right that was given here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from warehouse.errors import PostgresError
from warehouse.postgres.server import (
    READER,
    READER_ALL,
    READER_SUPPRESSED,
    ROLES,
)

if TYPE_CHECKING:
    from psycopg import Connection

_PROBE_SECONDS = 5
_ROLE_OF = """
select
    login,
    case
        when bool_or(small_count is not null) then %(suppressed)s
        when
            bool_and(sees_all)
            and count(*) = (
                select count(distinct r.programme_code) from nhiemky.reader as r
            )
            then %(all)s
        else %(reader)s
    end
from nhiemky.reader
group by login
"""
_MEMBERS = """
select m.rolname::text, r.rolname::text
from pg_auth_members as am
inner join pg_roles as m on am.member = m.oid
inner join pg_roles as r on am.roleid = r.oid
where r.rolname = any (%s) and m.oid <> current_user::regrole
"""
_MIGHTY = """
select
    rolname::text,
    exists (
        select from pg_roles as r
        where
            pg_has_role(l.oid, r.oid, 'member')
            and (
                r.rolsuper or r.rolbypassrls
                or r.rolname ~ '^pg_(read_server_files|write_server_files'
                '|execute_server_program)$'
            )
    ),
    pg_has_role(l.oid, current_user, 'member')
from pg_roles as l
where l.rolname = any (%s)
"""


def make_logins(connection: Connection[Any], logins: Iterable[str]) -> tuple[str, ...]:
    """Makes the logins that the server has not; their names.

    Raises:
        PostgresError: one is there and no policy would stop it.
    """
    from psycopg import sql

    wanted = sorted(set(logins))
    found = connection.execute(_MIGHTY, [wanted]).fetchall()
    for login, is_unbound, is_publisher in found:
        if is_unbound or is_publisher:
            why = "is the publisher" if is_publisher else "bypasses row security"
            raise PostgresError(
                f"The login {login} {why}, so it would see every row. Give the reader "
                "another login in access.yaml."
            )
    absent = [name for name in wanted if name not in {row[0] for row in found}]
    for login in absent:
        connection.execute(
            sql.SQL("create role {} login").format(sql.Identifier(login))
        )
    return tuple(absent)


def set_memberships(
    connection: Connection[Any], formerly: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Gives every reader its one role; "login: role" given, taken, and unknown ones.

    Args:
        connection: with `nhiemky.reader` as it shall be.
        formerly: logins that were named before; what others have is left to them.
    """
    from psycopg import sql

    names = {"suppressed": READER_SUPPRESSED, "all": READER_ALL, "reader": READER}
    wanted = {(a, b) for a, b in connection.execute(_ROLE_OF, names)}
    present = {(a, b) for a, b in connection.execute(_MEMBERS, [list(ROLES)])}
    known = {login for login, _ in wanted} | set(formerly)
    ours = {pair for pair in present if pair[0] in known}
    for verb, preposition, pairs in (
        ("revoke", "from", ours - wanted),
        ("grant", "to", wanted - present),
    ):
        for login, role in sorted(pairs):
            connection.execute(
                sql.SQL(f"{verb} {role} {preposition} {{}}").format(
                    sql.Identifier(login)
                )
            )
    return _told(wanted - present), _told(ours - wanted), _told(present - ours)


def set_passwords(
    connection: Connection[Any], passwords: Mapping[str, str]
) -> tuple[str, ...]:
    """Sets the passwords, by login, that do not open the door yet; whose were set.

    The server is sent the hash that it would store, so that no log holds a password.
    """
    from psycopg import sql

    changed = []
    for login, password in sorted(passwords.items()):
        if _opens(connection, login, password):
            continue
        hashed = connection.pgconn.encrypt_password(
            password.encode(), login.encode(), b"scram-sha-256"
        )
        connection.execute(
            sql.SQL("alter role {} password {}").format(
                sql.Identifier(login), sql.Literal(hashed.decode())
            )
        )
        changed.append(login)
    return tuple(changed)


def _opens(connection: Connection[Any], login: str, password: str) -> bool:
    """True where the server lets this login in by this password."""
    import psycopg

    given: dict[str, Any] = {
        **connection.info.get_parameters(),
        "user": login,
        "password": password,
        "connect_timeout": _PROBE_SECONDS,
    }
    try:
        with psycopg.connect(**given) as probe:
            return bool(probe.pgconn.used_password)
    except psycopg.OperationalError:
        return False


def _told(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(sorted(f"{login}: {role}" for login, role in pairs))
