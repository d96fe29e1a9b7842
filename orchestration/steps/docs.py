"""Documentation of the data: one page of what was built, served on loopback."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from orchestration.dbt import write_docs
from orchestration.steps.refusals import AskedAmiss
from warehouse.build_file import open_build
from warehouse.errors import WarehouseError
from warehouse.files import READABLE, write_durably
from warehouse.home import Home

HOST = "127.0.0.1"
WHOLE_WORDS = (
    b'<style>.column-row td[style*="ellipsis"] {white-space: normal !important; '
    b"max-width: none !important; width: 60%}</style></head>"
)
"""dbt's page cuts the description of a column off after some words until one clicks."""


def documentation(
    home: Home,
    as_of: dt.date,
    write: Callable[[Path, Path, dt.date], Path] = write_docs,
) -> Path:
    """Writes `reports/docs/index.html` of what the home has built; gives its path.

    The page is whole in itself: it can be opened, copied or mailed as a file. It is
    written while no run works in the home, and put in place at once.

    Args:
        write: What makes the page from a build file.

    Raises:
        WarehouseError: nothing was built in this home yet, or a run is at work.
        BuildFailed: dbt could not read the project or the build.
    """
    nothing = WarehouseError(
        f"{home.path}: chưa dựng kho dữ liệu nên không có gì để mô tả; chạy "
        "`nhiemky run` hoặc `make demo` trước · nothing was built here yet, so there "
        "is nothing to document: `nhiemky run` or `make demo` first"
    )
    if not home.build_db.exists():
        raise nothing
    with home.run_lock():
        if not _has_marts(home):
            raise nothing
        made = write(home.build_db, home.work / "docs", as_of)
        page = home.reports / "docs" / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        content = made.read_bytes().replace(b"</head>", WHOLE_WORDS, 1)
        write_durably(page, content, page.parent, READABLE)
    return page


def docs_server(page: Path, port: int) -> ThreadingHTTPServer:
    """A server of the page's folder on loopback; port 0 is any that is free.

    Raises:
        AskedAmiss: the port is taken or may not be used.
    """
    handler = partial(_Quiet, directory=str(page.parent))
    try:
        return ThreadingHTTPServer((HOST, port), handler)
    except (OSError, OverflowError) as error:
        raise AskedAmiss(
            f"Cổng {port} không dùng được · port {port} cannot be used: {error}. "
            "Chọn cổng khác · choose another: nhiemky docs --port"
        ) from error


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the terminal shows the address."""


def _has_marts(home: Home) -> bool:
    with open_build(home, is_read_only=True) as connection:
        found = connection.sql(
            "select count(*) from duckdb_tables() where schema_name = 'marts'"
        ).fetchone()
    return bool(found and found[0])
