"""JSON paths: where a document holds its records, alike for who asks and who reads.

Shape: a parsed document and names joined by points -> what is there, or None.
"""

from __future__ import annotations

from typing import Any


def value_at(document: Any, path: str) -> Any:
    """What stands at the path; the document itself for none, None where nothing is."""
    found = document
    for name in path.split(".") if path else ():
        found = found.get(name) if isinstance(found, dict) else None
    return found


def list_at(document: Any, path: str) -> list[Any] | None:
    """The list at the path; without one the document itself, or its only list."""
    found = value_at(document, path)
    if not path and isinstance(found, dict):
        lists = [part for part in found.values() if isinstance(part, list)]
        found = lists[0] if len(lists) == 1 else None
    return found if isinstance(found, list) else None
