"""Variables: texts of sources.yaml with the environment's values filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from sources.connectors.errors import SourceError

_VARIABLE = re.compile(
    r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}"
)


def fill(code: str, written: str, environment: Mapping[str, str] | None = None) -> str:
    """One text with its variables filled, for the source `code`.

    `${VAR}` must be set and not empty; `${VAR:-default}` falls back, as in a shell.

    Raises:
        SourceError: a variable is not set.
    """
    given = os.environ if environment is None else environment

    def value_of(match: re.Match[str]) -> str:
        value = given.get(match["name"]) or match["default"]
        if not value:
            raise SourceError(
                f"source {code}: {written!r} needs the environment variable"
                f" {match['name']}, which is not set. Set it, or write"
                f" ${{{match['name']}:-value}} in sources.yaml."
            )
        return value

    return _VARIABLE.sub(value_of, written)


def values_in(written: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The value of each variable that a text names and that is set."""
    for match in _VARIABLE.finditer(written):
        if value := environment.get(match["name"]):
            yield value
