"""Variables: texts of sources.yaml with the environment's values filled in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from sources.connectors.errors import SourceError

_VARIABLE = re.compile(
    r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}"
)


def fill(
    code: str,
    written: str,
    environment: Mapping[str, str] | None = None,
    *,
    is_secret: bool = False,
) -> str:
    """One text with its variables filled, for the source `code`.

    `${VAR}` must be set and not empty; `${VAR:-default}` falls back, as in a shell. For
    what `is_secret` nobody is advised to write a default into a file.

    Raises:
        SourceError: a variable is not set.
    """
    given = os.environ if environment is None else environment

    def value_of(match: re.Match[str]) -> str:
        value = given.get(match["name"]) or match["default"]
        if not value:
            remedy = f"Set it, or write ${{{match['name']}:-value}} in sources.yaml."
            if is_secret:
                remedy = "Set it where the program runs, never in sources.yaml."
            raise SourceError(
                f"source {code}: {written!r} needs the environment variable"
                f" {match['name']}, which is not set. {remedy}"
            )
        return value

    return _VARIABLE.sub(value_of, written)


def values_in(written: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The value of each variable that a text names and that is set."""
    for match in _VARIABLE.finditer(written):
        if value := environment.get(match["name"]):
            yield value
