"""Keys of the star, as the dbt project states them by its tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ForeignKey:
    """One column of a table that names a row of another."""

    table: str
    column: str
    to_table: str
    to_column: str


@dataclass(frozen=True)
class StarKeys:
    """The grain of each mart (columns by table), and which columns refer where."""

    primary: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    foreign: tuple[ForeignKey, ...] = ()
