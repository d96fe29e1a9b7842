"""Who reads what of a publication: one loaded schema secured, one programme's readers.

Shape: `secure_schema` protects a schema of marts, `apply_access` brings the logins of
a programme in line with its access.yaml, and every schema that is there with both.
Readers wait for neither: no policy names a login, so that a change of access changes
rows of `unit_access` alone. Policies of another version of this product are changed in
place once; then readers may wait for a second.

A reader is what `current_user` says, which nobody can set: a login that may not be
another cannot become it. A login is a member of one role: `nhiemky_reader_suppressed`
where small counts are left out for it, else `nhiemky_reader_all` where it sees all of
every programme that has readers here, else `nhiemky_reader`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sources.programme.access import Access
from warehouse.errors import PostgresError
from warehouse.postgres.connection import server, shown
from warehouse.postgres.logins import make_logins, set_memberships, set_passwords
from warehouse.postgres.protection import protect
from warehouse.postgres.reach import fill_unit_access, make_unit_access
from warehouse.postgres.readers import lock_readers, write_readers
from warehouse.postgres.server import ROLES, prepare_server, roles_present

if TYPE_CHECKING:
    from psycopg import Connection

_MARTS = "marts"
_SUPPRESSED = "marts_suppressed"
_OTHERS = r"""
select nspname::text from pg_namespace as n
where
    nspname ~ '^marts_(next|old)_[0-9a-f]{12}$'
    and exists (
        select from pg_class as c
        where c.relnamespace = n.oid and c.relname = 'unit_access'
    )
"""
_OWNER = """
select
    pg_get_userbyid(nspowner)::text,
    nspowner = (select oid from pg_roles where rolname = current_user)
from pg_namespace where nspname = %s
"""
_EVERYBODY = """
select right_name from (values
    ('CREATE on schema public', exists (
        select from pg_namespace as n, aclexplode(n.nspacl) as a
        where n.nspname = 'public' and a.grantee = 0 and a.privilege_type = 'CREATE'
    )),
    ('TEMPORARY on this database', exists (
        select
        from pg_database as d,
            aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
        where
            d.datname = current_database()
            and a.grantee = 0 and a.privilege_type = 'TEMPORARY'
    ))
) as every (right_name, is_there)
where is_there
"""
_LOCK_TIMEOUT = "set local lock_timeout = '20s'"
_IN_PLACE_TIMEOUT = "set local lock_timeout = '1s'"
"""Where policies change (another version of this product), whoever comes to read waits
behind us, who wait for those who are reading."""


@dataclass(frozen=True)
class AccessReport:
    """What applying access changed on the server; empty where all was in line."""

    logins: tuple[str, ...]
    """Every login that access.yaml names."""
    created: tuple[str, ...]
    given: tuple[str, ...]
    """New memberships, as "login: role"."""
    taken: tuple[str, ...]
    passwords_set: tuple[str, ...]
    without_password: tuple[str, ...]
    """Logins whose variable is not set, or that name none."""
    readers_changed: int
    """Rows of `nhiemky.reader` and `nhiemky.reader_unit` that came or went."""
    rows_added: int
    rows_removed: int
    """Rows of `marts.unit_access`."""
    unknown_members: tuple[str, ...]
    """Members of the roles that no access.yaml made, as "login: role"."""
    is_published: bool
    """False where there are no marts yet; the first publication will be secured."""
    may_create: tuple[str, ...]
    """Rights to make things here that everybody has and the publisher cannot take."""

    @property
    def is_changed(self) -> bool:
        """True where anything on the server is other than before."""
        changed = (self.created, self.given, self.taken, self.passwords_set)
        counts = (self.readers_changed, self.rows_added, self.rows_removed)
        return any(changed) or any(counts)


def secure_schema(connection: Connection[Any], marts: str, suppressed: str) -> None:
    """Row security, grants and `unit_access` on `marts`; views of it in `suppressed`.

    The server must be prepared (`prepare_server`). All or nothing, in a transaction of
    its own or inside the caller's. The caller must own the schema.
    """
    with connection.transaction():
        connection.execute(_LOCK_TIMEOUT)
        lock_readers(connection)
        _secure(connection, marts, suppressed)


def apply_access(
    url: str, access: Access, programme_code: str, passwords: Mapping[str, str]
) -> AccessReport:
    """Brings logins, roles and rows in line with access.yaml; twice is as once.

    Args:
        url: the server's address, with a user that may make roles.
        access: the programme's access.yaml.
        programme_code: whose readers these are; those of others are left alone.
        passwords: values by NAME of environment variable, such as `os.environ`.

    Raises:
        PostgresError: the server is down or too old, a right is missing, or a login
            is one that row security does not bind.
    """
    import psycopg

    with server(url) as connection:
        prepare_server(connection)
        try:
            with connection.transaction():
                return _apply(connection, access, programme_code, passwords)
        except psycopg.errors.InsufficientPrivilege as error:
            raise PostgresError(
                f"{shown(url)}: {error.diag.message_primary}. Apply access as the "
                "owner of the publication with the right CREATEROLE, or as the "
                "administrator of the server; nothing was changed."
            ) from None
        except psycopg.errors.LockNotAvailable:
            raise PostgresError(
                f"{shown(url)}: a publication or a long query holds the tables. Try "
                "again in a minute; nothing was changed."
            ) from None


def _apply(
    connection: Connection[Any],
    access: Access,
    programme_code: str,
    passwords: Mapping[str, str],
) -> AccessReport:
    connection.execute(_LOCK_TIMEOUT)
    if set(roles_present(connection)) != set(ROLES):
        raise PostgresError(
            "The roles " + ", ".join(ROLES) + " are not all on the server, and this "
            "user may make none. Apply access as a user with the right CREATEROLE."
        )
    lock_readers(connection)
    formerly, changed = write_readers(connection, access, programme_code)
    logins = tuple(reader.login for reader in access.readers)
    created = make_logins(connection, logins)
    given, taken, unknown = set_memberships(connection, formerly)
    given_passwords = {
        reader.login: passwords[reader.password]
        for reader in access.readers
        if reader.password and passwords.get(reader.password)
    }
    may_create = _take_from_everybody(connection)
    is_published, added, removed = _secure_all(connection)
    return AccessReport(
        logins=logins,
        created=created,
        given=given,
        taken=taken,
        passwords_set=set_passwords(connection, given_passwords),
        without_password=tuple(name for name in logins if name not in given_passwords),
        readers_changed=changed,
        rows_added=added,
        rows_removed=removed,
        unknown_members=unknown,
        is_published=is_published,
        may_create=may_create,
    )


def _secure(
    connection: Connection[Any], marts: str, suppressed: str
) -> tuple[int, int]:
    is_made = make_unit_access(connection, marts)
    # first, since COPY takes no rows into a table that row security protects
    counts = fill_unit_access(connection, marts, is_made)
    protect(connection, marts, suppressed)
    return counts


def _secure_all(connection: Connection[Any]) -> tuple[bool, int, int]:
    """The marts in place, rows of those being loaded or left; counts of the first."""
    others = connection.execute(_OTHERS).fetchall()
    for (schema,) in others:
        with _as_owner(connection, schema):
            fill_unit_access(connection, schema)
    if connection.execute(_OWNER, [_MARTS]).fetchone() is None:
        return False, 0, 0
    with _as_owner(connection, _MARTS):
        connection.execute(_IN_PLACE_TIMEOUT)
        return True, *_secure(connection, _MARTS, _SUPPRESSED)


def _take_from_everybody(connection: Connection[Any]) -> tuple[str, ...]:
    """Takes from readers the making of functions and tables; what stayed, by name.

    Row security holds against functions of readers too: this is the second lock.
    """
    import psycopg
    from psycopg import sql

    if not connection.execute(_EVERYBODY).fetchall():
        return ()
    database = sql.Identifier(connection.info.dbname)
    for statement in (
        sql.SQL("grant temporary on database {} to current_user").format(database),
        sql.SQL("revoke temporary on database {} from public").format(database),
        sql.SQL("revoke create on schema public from public"),
    ):
        with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(statement)
    return tuple(name for (name,) in connection.execute(_EVERYBODY))


@contextmanager
def _as_owner(connection: Connection[Any], schema: str) -> Iterator[None]:
    """What is made in the block belongs to the owner of the schema."""
    from psycopg import sql

    row = connection.execute(_OWNER, [schema]).fetchone()
    assert row is not None, schema
    owner, is_own = row
    if is_own:
        yield
        return
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(owner)))
    yield
    connection.execute("reset role")
