"""Secrets: what came from variables into a source, hidden in texts about it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from sources.connectors.variables import values_in
from sources.programme.model import Source

HIDDEN = "***"
_SHORTEST = 4
_WITH_SECRETS = {"url", "auth", "options", "http"}
"""Fields of a source whose variables are secrets; those of a path are none."""


def secrets_of(
    source: Source, environment: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Values of the variables by which a source is entered, as far as they are set; not
    the shortest, which would be found everywhere."""
    given = os.environ if environment is None else environment
    written = source.model_dump_json(include=_WITH_SECRETS)
    return tuple(v for v in values_in(written, given) if len(v) >= _SHORTEST)


def hidden(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, however they are escaped."""
    spelt = {
        spelling
        for secret in filter(None, secrets)
        for spelling in (
            secret,
            quote(secret),
            quote(secret, safe=""),
            quote_plus(secret),
            repr(secret)[1:-1],
            json.dumps(secret)[1:-1],
        )
    }
    for spelling in sorted(spelt, key=len, reverse=True):
        text = text.replace(spelling, HIDDEN)
    return text
