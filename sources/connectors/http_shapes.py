"""Shapes of answers: nothing is kept that is not the JSON or CSV that was asked for.

Shape: an answer -> its records, all texts; a SourceError for any other answer.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from sources.connectors.errors import SourceError
from sources.connectors.http_answer import Answer
from sources.json_paths import list_at

Complain = Callable[[str, str, str], SourceError]
"""Makes the error from address, reason and remedy, as `HttpClient.error` does."""

ACCEPT = {"json": "application/json", "csv": "text/csv, application/csv"}
_CSV_TYPES = frozenset(
    {
        "text/csv",
        "application/csv",
        "application/vnd.sdmx.data+csv",
        "text/tab-separated-values",
        "text/plain",
        "application/octet-stream",
    }
)
_CHECK_URL = "Check `url` and the query in sources.yaml, and what the server gives."


def _leads_on(found: Any) -> bool:
    """True for an address or a number, not for any word that goes by that name."""
    if isinstance(found, int):
        return found > 0
    return isinstance(found, str) and found.startswith(("http:", "https:", "/", "?"))


def _is_several(found: Any) -> bool:
    return isinstance(found, int) and found > 1


_MORE: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("next", "links/next", "_links/next", "paging/next"), _leads_on),
    **dict.fromkeys(("_links/next/href", "links/next/href"), _leads_on),
    **dict.fromkeys(("meta/next", "pagination/next", "pager/nextPage"), _leads_on),
    **dict.fromkeys(("nextPage", "next_page", "nextLink", "@odata.nextLink"), bool),
    **dict.fromkeys(("nextPageToken", "next_cursor", "hasMore", "has_more"), bool),
    **dict.fromkeys(("pager/pageCount", "pageCount", "totalPages"), _is_several),
}
"""Names by which interfaces say that this page is not all, and what says so there."""


def json_document(answer: Answer, complain: Complain) -> Any:
    """The JSON of an answer.

    Raises:
        SourceError: another content type, or no JSON.
    """
    kind = answer.content_type
    if kind != "application/json" and not kind.endswith("+json"):
        raise _wrong_type(answer, "JSON", complain)
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError) as error:
        reason = f"its JSON cannot be read ({type(error).__name__}: {error})"
        raise complain(answer.shown, reason, _CHECK_URL) from None


def json_records(
    answer: Answer, document: Any, path: str, complain: Complain
) -> list[dict[str, Any]]:
    """The records at `path` (names joined by points); "" is the document itself, or
    the only list in it.

    Raises:
        SourceError: there is no list of objects there.
    """
    found = list_at(document, path)
    if found is None or not set(map(type, found)) <= {dict}:
        where = f"at {path!r}" if path else "in the document"
        reason = f"there is no list of records {where}"
        raise complain(answer.shown, reason, "Correct `records` in sources.yaml.")
    return found


def more_at(document: Any) -> str:
    """Where a document says that there are more pages; empty where it does not."""
    for path, is_more in _MORE.items():
        found = document
        for name in path.split("/"):
            found = found.get(name) if isinstance(found, dict) else None
        if is_more(found):
            return path.replace("/", ".")
    return ""


def csv_table(
    answer: Answer, encoding: str, delimiter: str, complain: Complain
) -> pd.DataFrame:
    """The rows of a CSV answer, all texts, under the names of its first line.

    Raises:
        SourceError: another content type, no CSV, or no word on where it ends.
    """
    if answer.content_type not in _CSV_TYPES:
        raise _wrong_type(answer, "CSV", complain)
    if not answer.is_whole:
        reason = "it says neither length nor end, so that half a table looks whole"
        remedy = "The server must send Content-Length, chunks or gzip."
        raise complain(answer.shown, reason, remedy)
    start = answer.content.lstrip()[:1]
    if not start:
        return pd.DataFrame()
    if start == b"<":
        raise complain(answer.shown, "CSV was asked for, markup came", _CHECK_URL)
    try:
        return pd.read_csv(
            io.BytesIO(answer.content),
            sep=delimiter,
            encoding=encoding,
            dtype=str,
            keep_default_na=False,
            index_col=False,
        )
    except ValueError as error:
        reason = f"its CSV cannot be read ({error})"
        raise complain(answer.shown, reason, _CHECK_URL) from None


def column(table: pd.DataFrame, names: Iterable[str]) -> pd.Series | None:
    """The first column that goes by one of the names, small letters or capitals."""
    own = {str(name).strip().lower(): name for name in table.columns}
    return next((table[own[name]] for name in names if name in own), None)


def _wrong_type(answer: Answer, wanted: str, complain: Complain) -> SourceError:
    got = answer.content_type or "no content type"
    return complain(answer.shown, f"{wanted} was asked for, {got} came", _CHECK_URL)
