"""Scratch builds: schema raw of the build file in another file, to try things out on.

They live in the work folder, one comparison at a time, and are gone afterwards: what a
killed one left behind is swept by the next.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.build_file import OFFLINE
from warehouse.errors import ReadError, WarehouseError
from warehouse.files import file_lock
from warehouse.home import Home
from warehouse.raw_tables import RawTables

_FOLDER = "scratch"
_LOCK_SECONDS = 30.0


@contextmanager
def scratch_home(home: Home) -> Iterator[Home]:
    """A home inside the work folder for the block; nothing of it stays.

    Raises:
        RunLocked: another comparison is under way in this home.
    """
    home.work.mkdir(parents=True, exist_ok=True)
    lock = home.work / f".{_FOLDER}.lock"
    with file_lock(lock, "One comparison at a time", _LOCK_SECONDS):
        folder = home.work / _FOLDER
        shutil.rmtree(folder, ignore_errors=True)
        try:
            yield Home(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def copy_raw(home: Home, target: Path) -> None:
    """Makes the new file `target` with schema raw of the home's build file in it.

    Raises:
        ReadError: nothing was loaded yet.
        LoadError: it was loaded by another version of this program.
        WarehouseError: a run has the build file, or it is damaged, or the disk is full.
    """
    if not home.build_db.exists():
        raise ReadError(
            f"There is nothing to compare yet: {home.build_db} does not exist. Run "
            "`nhiemky run` first."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with duckdb.connect(str(target), config=dict(OFFLINE)) as connection:
            place = str(home.build_db).replace("'", "''")
            connection.execute(f"attach '{place}' as origin (read_only)")
            tables = connection.execute(
                "select table_name from duckdb_tables() "
                "where database_name = 'origin' and schema_name = 'raw' order by 1"
            ).fetchall()
            connection.execute("create schema raw")
            for (table,) in tables:
                connection.execute(
                    f'create table raw."{table}" as from origin.raw."{table}"'
                )
            connection.execute("detach origin")
            RawTables(connection, programme_code="").create()
    except duckdb.Error as error:
        raise WarehouseError(
            f"{home.build_db} could not be copied to compare with: {error}. Wait for "
            "the run that has it open, or free some disk, then ask again."
        ) from error
