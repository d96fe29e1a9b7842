"""Secrets of one pull: known to be kept out of messages and of what is stored."""

from __future__ import annotations

import json
from urllib.parse import quote, quote_plus

HIDDEN = "***"
_SHORTEST_SOUGHT = 8


class Secrets:
    """Every text of one pull that nobody may read later, in each way it is written."""

    def __init__(self) -> None:
        self._texts: set[str] = set()

    def add(self, *texts: str) -> None:
        """Takes texts in; empty ones are none."""
        for text in filter(None, texts):
            in_json = json.dumps(text)[1:-1]
            self._texts |= {text, quote(text, safe=""), quote_plus(text), in_json}

    def scrub(self, text: str) -> str:
        """The text with every secret hidden."""
        for secret in sorted(self._texts, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def are_in(self, content: bytes) -> bool:
        """True where an answer repeats one; too short ones are not looked for."""
        sought = (text for text in self._texts if len(text) >= _SHORTEST_SOUGHT)
        return any(secret.encode() in content for secret in sought)
