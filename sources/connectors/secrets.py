"""Secrets: what nobody may read later, hidden in messages, addresses and answers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from sources.connectors.variables import values_in
from sources.programme.model import Source

HIDDEN = "***"
SHORTEST = 4
"""Letters of a variable's value that is hidden; less would be found everywhere."""
_SHORTEST_SOUGHT = 8
_WITH_SECRETS = {"url", "auth", "options", "http"}
"""Fields of a source whose variables are secrets; those of a path are none."""


def secrets_of(
    source: Source, environment: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Values of the variables by which a source is entered, as far as they are set; not
    the shortest."""
    given = os.environ if environment is None else environment
    written = source.model_dump_json(include=_WITH_SECRETS)
    return tuple(v for v in values_in(written, given) if len(v) >= SHORTEST)


def spellings(secret: str) -> set[str]:
    """A secret in each way that an address, a message or JSON writes it; none of an
    empty one."""
    if not secret:
        return set()
    in_addresses = {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    return {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], *in_addresses}


def hidden(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, however they are written."""
    found = set().union(*map(spellings, secrets))
    for spelling in sorted(found, key=len, reverse=True):
        text = text.replace(spelling, HIDDEN)
    return text


class Secrets:
    """Every text of one pull that nobody may read later."""

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def add(self, *texts: str) -> None:
        """Takes texts in; empty ones are none."""
        self._texts |= set(texts)

    def scrub(self, text: str) -> str:
        """The text with every secret hidden."""
        return hidden(text, self._texts)

    def are_in(self, content: bytes) -> bool:
        """True where an answer repeats one; too short ones are not looked for."""
        found = set().union(*map(spellings, self._texts))
        sought = (text for text in found if len(text) >= _SHORTEST_SOUGHT)
        return any(text.encode() in content for text in sought)
