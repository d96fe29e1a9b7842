"""Refusals: what a person asked for and cannot have, said so that it can be mended."""

from __future__ import annotations


class AskedAmiss(Exception):
    """What was asked cannot be done as it was asked; nothing was recorded.

    A fault of use: the text says what to ask instead, and needs no further word.
    """
