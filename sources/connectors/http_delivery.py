"""Deliveries of interfaces: answers put into one bundle, ready to be kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from sources.connectors.fetched import Fetched, bundled
from sources.connectors.http_address import Address
from sources.connectors.http_answer import Answer
from sources.programme.model import Source

LESS_AT_ONCE = (
    "Ask for less in sources.yaml: a narrower key, fewer units, a shorter time; make"
    " several sources of it where all is needed."
)

_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


def delivery(
    source: Source,
    what: str,
    asked: Address,
    pages: Iterable[Answer],
    kind: str,
    cursor: str | None,
    told: dt.datetime | None,
    now: dt.datetime,
) -> Fetched:
    """The bundle of some pages, `kind` json or csv, with the question they answer.

    The cursor that the pull started from is part of it, so that figures which changed
    and changed back are not taken for bytes already had. The time that the place told
    counts for the very first pull alone: versions of a report are ranked by this time,
    and a deletion or a row committed late would rank before what it replaces.

    Raises:
        SourceError: it is a larger file than a reader takes.
    """
    request = {
        "connector": source.connector,
        "address": asked.url,
        "parameters": [[one.name, one.shown] for one in asked.parameters],
        "cursor": cursor,
    }
    named = [
        (f"{number:05d}.{kind}", page.content)
        for number, page in enumerate(pages, start=1)
    ]
    name = f"{source.code}-{_NOT_IN_NAMES.sub('_', what)}"
    when = min(told or now, now) if cursor is None else now
    return bundled(name, asked.shown, (request, named), when, LESS_AT_ONCE)
