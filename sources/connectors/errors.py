"""Errors: what a connector says when a place cannot be reached."""

from __future__ import annotations


class SourceError(Exception):
    """A source cannot be reached or listed; says which one, why, and what to do."""


class UnreadableFile(SourceError):
    """One file of a source cannot be read; the others can."""
