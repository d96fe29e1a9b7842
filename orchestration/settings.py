"""Settings of one run, resolved when asked for and never at import.

Source: arguments first, then `NHIEMKY_*` variables, then defaults that are safe on a
laptop. Secrets have no default.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from sources.readers.limits import DEFAULT_LIMITS, MEBIBYTE, Limits
from warehouse.home import Home
from warehouse.postgres.connection import SCHEMES

ROOT = Path(__file__).resolve().parent.parent
DBT_PROJECT = ROOT / "dbt_project"
SHIPPED_PROGRAMME = ROOT / "sources" / "programmes" / "hai_duong_2020_2025"
PUBLISH_URL = "NHIEMKY_PUBLISH_URL"
LIMIT_VARIABLES = {
    "NHIEMKY_LIMIT_FILE_MB": ("file_bytes", MEBIBYTE),
    "NHIEMKY_LIMIT_INFLATED_MB": ("total_bytes", MEBIBYTE),
    "NHIEMKY_LIMIT_RATIO": ("ratio", 1),
    "NHIEMKY_LIMIT_CELLS": ("cells", 1),
    "NHIEMKY_LIMIT_ROWS": ("rows", 1),
    "NHIEMKY_LIMIT_SECONDS": ("cpu_seconds", 1),
    "NHIEMKY_LIMIT_MEMORY_MB": ("memory_bytes", MEBIBYTE),
}
"""Variables that change what one delivery may ask for: the limit each sets, and the
unit it is written in."""
_LEAST_MEMORY_MB = 256
_WALL_PER_CPU_SECOND = 1.5
DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]
"""How a day may be written: as programs do, and as people do."""


class SettingsError(ValueError):
    """A variable of the environment cannot be used; says which, why, and how to write
    it."""

    @classmethod
    def of(cls, name: str, text: str, why: str, example: str) -> SettingsError:
        """The error of one variable; `why` in both languages."""
        return cls(f"{name} = {text!r}: {why}. Viết như · write it like {example}")


def programme_folder(value: Path | str | None = None) -> Path:
    """The programme folder: `value`, else NHIEMKY_PROGRAMME, else the shipped one."""
    chosen = value or os.environ.get("NHIEMKY_PROGRAMME") or SHIPPED_PROGRAMME
    return Path(chosen).expanduser().resolve()


def inbox_folder(home: Home) -> Path:
    """Where units drop files: NHIEMKY_INBOX, else `inbox` in the home."""
    return Path(os.environ.get("NHIEMKY_INBOX") or home.path / "inbox")


def publish_url(given: str | None = None) -> str | None:
    """The Postgres server that the publication goes to as well; None for none.

    `given`, else NHIEMKY_PUBLISH_URL. It may hold a password: nothing shows it but
    `warehouse.postgres.publication.shown`, which leaves that out.

    Raises:
        SettingsError: it is no address of a Postgres database; does not quote it.
    """
    url = (given or os.environ.get(PUBLISH_URL) or "").strip()
    if url and not _is_server(url):
        why = (
            "không phải địa chỉ một cơ sở dữ liệu Postgres (ký tự đặc biệt trong mật"
            " khẩu viết %40) · no address of a Postgres database (signs in a password"
            " are written like %40)"
        )
        example = "postgresql://publisher@server:5432/bi"
        raise SettingsError.of("--to" if given else PUBLISH_URL, "…", why, example)
    return url or None


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - says when it is no number
    except ValueError:
        return False
    has_place = parts.path.strip("/") or parts.query
    return parts.scheme in SCHEMES and bool(has_place) and not parts.fragment


def reader_workers() -> int:
    """How many processes read workbooks (NHIEMKY_WORKERS, default 2).

    Raises:
        SettingsError: it is no whole number.
    """
    written = os.environ.get("NHIEMKY_WORKERS") or "2"
    if not written.strip().isdecimal():
        why = "không phải số nguyên · no whole number"
        raise SettingsError.of("NHIEMKY_WORKERS", written, why, "2")
    return max(1, int(written))


def reader_limits() -> Limits:
    """What one delivery may ask of the machine: the defaults, changed by variables.

    A part inflates to no more than all parts together; the area that a dense reader
    allocates is five times the cells; the clock allows half as much again as processor
    time, for a machine that does other things too.

    Raises:
        SettingsError: a variable is no whole number above zero, or too small to read
            any file with.
    """
    written = {
        name: os.environ[name].strip()
        for name in LIMIT_VARIABLES
        if os.environ.get(name, "").strip()
    }
    changes: dict[str, float] = {}
    for name, text in written.items():
        if not (text.isascii() and text.isdecimal() and 0 < int(text) < 10**9):
            why = "không phải số nguyên dương · no whole number above zero"
            raise SettingsError.of(name, text, why, _default_text(name))
        limit, unit = LIMIT_VARIABLES[name]
        changes[limit] = int(text) * unit
    memory = changes.get("memory_bytes", DEFAULT_LIMITS.memory_bytes)
    if memory < _LEAST_MEMORY_MB * MEBIBYTE:
        name = "NHIEMKY_LIMIT_MEMORY_MB"
        why = f"phải từ {_LEAST_MEMORY_MB} · at least {_LEAST_MEMORY_MB}"
        raise SettingsError.of(name, written[name], why, _default_text(name))
    if "total_bytes" in changes:
        changes["part_bytes"] = min(DEFAULT_LIMITS.part_bytes, changes["total_bytes"])
    if "cells" in changes:
        changes["area"] = 5 * changes["cells"]
    if "cpu_seconds" in changes:
        changes["wall_seconds"] = _WALL_PER_CPU_SECOND * changes["cpu_seconds"]
    return dataclasses.replace(DEFAULT_LIMITS, **changes)  # type: ignore[arg-type]


def _default_text(name: str) -> str:
    limit, unit = LIMIT_VARIABLES[name]
    return str(getattr(DEFAULT_LIMITS, limit) // unit)


def read_day(text: str) -> dt.date:
    """A day as people write it, 31/12/2026, or as programs do, 2026-12-31.

    Raises:
        ValueError: it is neither, or there is no such day.
    """
    for form in DAY_FORMATS:
        try:
            return dt.datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    raise ValueError(f"{text!r}: không phải ngày · no day")


@dataclass(frozen=True)
class Settings:
    """One programme, one home, the day that lateness and verdicts are judged on, and
    what one delivery may ask of the machine.
    """

    programme: Path = field(default_factory=programme_folder)
    home: Home = field(default_factory=lambda: Home.resolve(None))
    workers: int = field(default_factory=reader_workers)
    as_of: dt.date | None = None
    limits: Limits = field(default_factory=reader_limits)

    @classmethod
    def resolve(
        cls,
        programme: Path | str | None = None,
        home: Path | str | None = None,
        as_of: dt.date | None = None,
    ) -> Settings:
        """Settings from what a person typed, completed from the environment.

        Raises:
            SettingsError: a variable of the environment cannot be read.
        """
        return cls(
            programme=programme_folder(programme),
            home=Home.resolve(home),
            as_of=as_of or _as_of_written(),
        )


def _as_of_written() -> dt.date | None:
    written = os.environ.get("NHIEMKY_AS_OF")
    if not written:
        return None
    try:
        return read_day(written)
    except ValueError as error:
        why = "không phải ngày · no day"
        raise SettingsError.of("NHIEMKY_AS_OF", written, why, "2026-12-31") from error
