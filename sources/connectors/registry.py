"""Registry: the connector that asks a source for news, loaded when it is needed."""

from __future__ import annotations

from importlib import import_module

from sources.connectors.fetched import Fetch
from sources.programme.model import Source

_MODULES = {
    "dhis2": "sources.connectors.dhis2",
    "sdmx": "sources.connectors.sdmx",
    "http": "sources.connectors.http_pages",
    "sql": "sources.connectors.sql",
}


def is_asked(source: Source) -> bool:
    """True for an interface or a database; a drop folder is listed instead."""
    return source.connector in _MODULES


def fetch_of(source: Source) -> Fetch:
    """The `fetch` of the source's connector; it must be one that is asked."""
    fetch: Fetch = import_module(_MODULES[source.connector]).fetch
    return fetch
