"""Opening the published file, locked against everything but reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.build_file import OFFLINE
from warehouse.errors import ReadError
from warehouse.home import Home

_LOCKED = {
    **OFFLINE,
    "enable_external_access": "false",
    "lock_configuration": "true",
    "memory_limit": "2GB",
    "threads": "2",
}
"""A reader can read no file, load nothing, change no setting."""


@contextmanager
def open_published(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked read-only connection on the published file, for the block.

    Keep the block short: while a connection of this process is open, further ones in
    it see the same publication even after a new one was put in place.

    Raises:
        ReadError: nothing is published, or the file cannot be read.
    """
    if not home.published_db.exists():
        raise ReadError(
            f"Chưa công bố gì · Nothing is published yet: {home.published_db} does not "
            "exist. Run `nhiemky run` (or `nhiemky demo`) first."
        )
    try:
        connection = duckdb.connect(
            str(home.published_db), read_only=True, config=dict(_LOCKED)
        )
    except duckdb.Error as error:
        raise ReadError(
            f"{home.published_db} cannot be read: {error}. Run `nhiemky run` again to "
            "publish it anew; if another program opened it for writing, close that."
        ) from error
    with connection:
        yield connection
