"""Cursors of interfaces: a small JSON text that knows which question it belongs to."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sources.programme.model import Source

OVERLAPS = {
    "dhis2": dt.timedelta(hours=1),
    "sdmx": dt.timedelta(minutes=15),
    "http": dt.timedelta(minutes=5),
}
"""How late a row may become visible after the time it bears, by connector."""

_QUESTION = {"connector", "url", "dhis2", "sdmx", "http"}


def write_cursor(source: Source, content: Mapping[str, object]) -> str:
    """The text that `read_cursor` reads; without secrets."""
    whole = {**content, "query": _fingerprint(source)}
    return json.dumps(whole, separators=(",", ":"), sort_keys=True)


def read_cursor(source: Source, cursor: str | None) -> dict[str, Any] | None:
    """What was written; None where there is none, or the source asks otherwise now.

    Then everything is asked again: a unit added to a query has old values too.
    """
    try:
        content = json.loads(cursor or "")
    except ValueError:
        return None
    if not isinstance(content, dict) or content.get("query") != _fingerprint(source):
        return None
    return content


def _fingerprint(source: Source) -> str:
    # as written, with variables unfilled
    written = source.model_dump_json(include=_QUESTION)
    return hashlib.sha256(written.encode()).hexdigest()[:16]
