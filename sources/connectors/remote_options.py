"""Options: what a source says to its file system, and what of it must never be told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sources.connectors.secrets import SHORTEST, hidden
from sources.connectors.variables import fill
from sources.programme.model import Source

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_WORDS = {"true": True, "false": False, "": None}
_SECRET = re.compile(r"password|passphrase|secret|token")


@dataclass(frozen=True)
class Options:
    """Keyword arguments for a file system; `secrets` are the values of variables."""

    values: dict[str, Any]
    secrets: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Options({', '.join(self.values)})"

    def without_secrets(self, text: str) -> str:
        """The text with every secret in it made unreadable."""
        return hidden(text, self.secrets)


def options_of(source: Source, environment: Mapping[str, str] | None = None) -> Options:
    """The options of a source, variables filled, `a.b` put as `b` into `a`.

    What comes from a variable stays a text; `true`, `false` and whole numbers that are
    written out become such, and an empty text means none.

    Raises:
        SourceError: a variable is not set.
    """
    values: dict[str, Any] = {}
    secrets: set[str] = set()
    for name, written in source.options.items():
        is_secret = bool(_SECRET.search(name.lower()))
        filled = fill(source.code, written, environment, is_secret=is_secret)
        variables = _VARIABLE.findall(written)
        secrets |= {fill(source.code, text, environment) for text in variables}
        if is_secret:
            secrets.add(filled)
        *folders, key = name.split(".")
        inside = values
        for folder in folders:
            inside = inside.setdefault(folder, {})
        inside[key] = filled if variables else _plain(written)
    told = [text for text in secrets if len(text) >= SHORTEST]
    return Options(values, tuple(told))


def _plain(text: str) -> str | bool | int | None:
    if text.isdecimal() and text.isascii():
        return int(text)
    return _WORDS.get(text.lower(), text)
