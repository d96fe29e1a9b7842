"""Hostile: files that nobody should send, each with what must be said of it.

One function per file, named after what is wrong with it. `cases()` gives them all; each
makes its bytes from an honest filled template (`Base`), always the same ones.
"""

from __future__ import annotations

import importlib

from tests.helpers.hostile.base import CASES, Base, Case

MODULES = (
    "active",
    "bombs",
    "cells",
    "containers",
    "old_workbooks",
    "pages",
    "personal",
    "spellings",
    "tables",
    "texts",
    "xml_tricks",
)

__all__ = ["Base", "Case", "cases"]


def cases() -> list[Case]:
    """Every hostile file, in the order of the modules."""
    for module in MODULES:
        importlib.import_module(f"{__name__}.{module}")
    return list(CASES)
