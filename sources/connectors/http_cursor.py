"""Cursors of interfaces: a small JSON text that knows which question it belongs to.

Besides how far the place was read it says what came of it so far, a `History`: the
number of deliveries, so that no two pulls that differ start from equal cursors, and the
latest time told, which later deliveries must pass.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from sources.programme.model import Source

OVERLAPS = {
    "dhis2": dt.timedelta(hours=1),
    "sdmx": dt.timedelta(minutes=15),
    "http": dt.timedelta(minutes=5),
}
"""How late a row may become visible after the time it bears, by connector."""

_QUESTION = {"connector", "url", "dhis2", "sdmx", "http"}


class History(NamedTuple):
    """What a source gave so far, whatever it was asked: the number of deliveries, and
    the latest time that one was given."""

    made: int = 0
    told: dt.datetime | None = None


def write_cursor(
    source: Source, content: Mapping[str, object], history: History
) -> str:
    """The text that `read_cursor` and `history_in` read; without secrets."""
    told = history.told.isoformat() if history.told else ""
    whole = {**content, "query": _fingerprint(source), "made": history.made}
    whole["told"] = told
    return _written(whole)


def read_cursor(source: Source, cursor: str | None) -> dict[str, Any] | None:
    """What was written; None where there is none, or the source asks otherwise now.

    Then everything is asked again: a unit added to a query has old values too.
    """
    content = _content(cursor)
    return content if content.get("query") == _fingerprint(source) else None


def history_in(cursor: str | None) -> History:
    """What the source gave before; also where it asks otherwise now."""
    content = _content(cursor)
    told = content.get("told")
    when = dt.datetime.fromisoformat(told) if told else None
    return History(content.get("made", 0), when)


def without_our_clock(cursor: str | None) -> str | None:
    """The cursor as a delivery names it: the same wherever and whenever it was made."""
    content = _content(cursor)
    if "told" not in content:
        return cursor
    del content["told"]
    return _written(content)


def _content(cursor: str | None) -> dict[str, Any]:
    try:
        content = json.loads(cursor or "")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _written(content: Mapping[str, object]) -> str:
    return json.dumps(content, separators=(",", ":"), sort_keys=True)


def _fingerprint(source: Source) -> str:
    # as written, with variables unfilled
    written = source.model_dump_json(include=_QUESTION)
    return hashlib.sha256(written.encode()).hexdigest()[:16]
