"""Registry: the connector that asks a source for news, loaded when it is needed."""

from __future__ import annotations

from importlib import import_module

from sources.connectors.fetched import Fetch
from sources.programme.model import Source
from sources.programme.tables import ASKED

_MODULES = {"http": "http_pages"}
"""Where a connector's module has another name than the connector."""


def is_asked(source: Source) -> bool:
    """True for an interface or a database; a drop folder is listed instead."""
    return source.connector in ASKED


def fetch_of(source: Source) -> Fetch:
    """The `fetch` of the source's connector; it must be one that is asked."""
    name = _MODULES.get(source.connector, source.connector)
    fetch: Fetch = import_module(f"sources.connectors.{name}").fetch
    return fetch
