"""Options that several commands share."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from orchestration.settings import DAY_FORMATS

ProgrammeOption = Annotated[
    Path | None,
    typer.Option(
        "--programme",
        "-p",
        help="Programme folder [NHIEMKY_PROGRAMME; the shipped one].",
    ),
]
HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Where everything is kept [NHIEMKY_HOME; .nhiemky]."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for scripts.")]
ServerOption = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="URL",
        help="Postgres server \\[NHIEMKY_PUBLISH_URL]. Others on this machine can read "
        "a password that is typed here; PGPASSWORD and ~/.pgpass work too.",
    ),
]
AsOfOption = Annotated[
    dt.datetime | None,
    typer.Option(
        "--as-of",
        formats=DAY_FORMATS,
        help="Judge lateness and verdicts as of this day \\[today].",
    ),
]


def logged_in_user() -> str:
    """Who is logged in; nobody where the system knows no name."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return ""


def write_new(path: Path, data: bytes, option: str) -> None:
    """Writes the file that an option names; one that is there stays as it is.

    Raises:
        typer.BadParameter: it is there already, or cannot be written.
    """
    with new_file(path, option) as file:
        file.write(data)


@contextmanager
def new_file(path: Path, option: str) -> Iterator[BinaryIO]:
    """The file that an option names, opened anew; removed again where writing fails.

    Raises:
        typer.BadParameter: it is there already, or cannot be written.
    """
    is_ours = False
    try:
        with path.open("xb") as file:
            is_ours = True
            yield file
        is_ours = False
    except FileExistsError as error:
        raise typer.BadParameter(
            f"{path}: đã có tệp này, không ghi đè · is there already and is never "
            "overwritten; name a new file",
            param_hint=option,
        ) from error
    except OSError as error:
        raise typer.BadParameter(
            f"{path}: {error.strerror}", param_hint=option
        ) from error
    finally:
        if is_ours:
            path.unlink()


def as_date(value: dt.datetime | None) -> dt.date | None:
    """The day that was typed, if one was."""
    return value.date() if value else None
