"""Opening the private build file, and saying plainly why it cannot be opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.errors import WarehouseError
from warehouse.home import Home

OFFLINE = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}
"""Nothing is ever fetched from the network."""


@contextmanager
def open_build(
    home: Home, is_read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on the build file for the block; the file is closed after it.

    Raises:
        WarehouseError: another process has the file, or it is damaged or full.
    """
    home.build_db.parent.mkdir(parents=True, exist_ok=True)
    try:
        with duckdb.connect(
            str(home.build_db), read_only=is_read_only, config=dict(OFFLINE)
        ) as connection:
            yield connection
    except duckdb.Error as error:
        raise WarehouseError(_explain(home, error)) from error


def _explain(home: Home, error: duckdb.Error) -> str:
    text = str(error)
    if "lock" in text:
        remedy = (
            "Another process has it open: wait for the run that builds, and let BI "
            f"tools open {home.published_db} instead."
        )
    elif "No space left" in text or "out of disk" in text.lower():
        remedy = "The disk is full: free some space and run again."
    elif "does not exist" in text and not home.build_db.exists():
        remedy = "Nothing was built yet: run `nhiemky run` first."
    else:
        remedy = (
            "What was under way was undone. If the file is damaged, `nhiemky rebuild` "
            "makes it anew from landing and ledger."
        )
    return f"{home.build_db}: {text} {remedy}"
