"""Settings of one run, resolved when asked for and never at import.

Source: arguments first, then `NHIEMKY_*` variables, then defaults that are safe on a
laptop. Secrets have no default.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.home import Home

ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = ROOT / "dbt_project"
SHIPPED_PROGRAMME = ROOT / "sources" / "programmes" / "hai_duong_2020_2025"


def programme_folder(value: Path | str | None = None) -> Path:
    """The programme folder: `value`, else NHIEMKY_PROGRAMME, else the shipped one."""
    chosen = value or os.environ.get("NHIEMKY_PROGRAMME") or SHIPPED_PROGRAMME
    return Path(chosen).expanduser().resolve()


def inbox_folder(home: Home) -> Path:
    """Where units drop files: NHIEMKY_INBOX, else `inbox` in the home."""
    return Path(os.environ.get("NHIEMKY_INBOX") or home.path / "inbox")


def reader_workers() -> int:
    """How many processes read workbooks (NHIEMKY_WORKERS, default 2)."""
    return max(1, int(os.environ.get("NHIEMKY_WORKERS", "2")))


@dataclass(frozen=True)
class Settings:
    """One programme, one home, and the day that lateness and verdicts are judged on."""

    programme: Path = field(default_factory=programme_folder)
    home: Home = field(default_factory=lambda: Home.resolve(None))
    workers: int = field(default_factory=reader_workers)
    as_of: dt.date | None = None

    @classmethod
    def resolve(
        cls,
        programme: Path | str | None = None,
        home: Path | str | None = None,
        as_of: dt.date | None = None,
    ) -> Settings:
        """Settings from what a person typed, completed from the environment.

        Raises:
            ValueError: NHIEMKY_AS_OF is not a date written YYYY-MM-DD.
        """
        written = os.environ.get("NHIEMKY_AS_OF")
        return cls(
            programme=programme_folder(programme),
            home=Home.resolve(home),
            as_of=as_of or (dt.date.fromisoformat(written) if written else None),
        )
