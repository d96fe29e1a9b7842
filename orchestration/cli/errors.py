"""Errors as a person should read them, and the exit code a script should get."""

from __future__ import annotations

import os

from orchestration.cli.console import err
from orchestration.settings import SettingsError
from orchestration.steps.refusals import AskedAmiss
from sources.connectors.errors import SourceError
from sources.programme.loader import ProgrammeError

EXIT_ERROR = 1
EXIT_PROGRAMME = 2
EXIT_SETTINGS = 2
EXIT_USAGE = 2
EXIT_REFUSED = 3


def explain(error: Exception) -> int:
    """Prints what went wrong and what to do; returns the exit code.

    NHIEMKY_DEBUG=1 raises it again with its traceback.
    """
    if os.environ.get("NHIEMKY_DEBUG"):
        raise error
    if isinstance(error, ProgrammeError):
        err.print("[bold red]Chương trình có lỗi · the programme is wrong[/]")
        err.print(str(error), markup=False, highlight=False)
        return EXIT_PROGRAMME
    if isinstance(error, SettingsError):
        err.print("[bold red]Cài đặt sai · a setting is wrong[/]")
        err.print(str(error), markup=False, highlight=False)
        return EXIT_SETTINGS
    if isinstance(error, AskedAmiss):
        err.print(str(error), markup=False, highlight=False)
        return EXIT_USAGE
    title = "Nguồn" if isinstance(error, SourceError) else "Lỗi"
    err.print(f"[bold red]{title} · error[/]", end=" ")
    err.print(f"{type(error).__name__}: {error}", markup=False, highlight=False)
    err.print("NHIEMKY_DEBUG=1 shows where; `nhiemky doctor` checks the set-up.")
    return EXIT_ERROR
