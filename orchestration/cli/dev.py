"""`nhiemky dev`: the Dagster UI on loopback with everything working."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from orchestration.cli.console import out
from orchestration.cli.options import HomeOption, ProgrammeOption
from orchestration.settings import ROOT, Settings

HOST = "127.0.0.1"
SUPERSEDED = "ignore:Function `dev_command` is superseded"
"""`dg dev`, which the warning advertises, starts the same and is one package more."""


def dev(
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port on loopback.")] = 3000,
) -> None:
    """Open the Dagster UI: assets, checks, schedules and the drop-folder sensor."""
    from orchestration.instance import fail_dead_runs, prepare

    settings = Settings.resolve(programme, home)
    settings.home.create()
    fail_dead_runs(settings.home)
    environment = {
        **os.environ,
        "DAGSTER_HOME": str(prepare(settings.home).resolve()),
        "NHIEMKY_HOME": str(settings.home.path.resolve()),
        "NHIEMKY_PROGRAMME": str(settings.programme),
        "NHIEMKY_INBOX": os.environ.get(
            "NHIEMKY_INBOX", str(settings.home.path.resolve() / "inbox")
        ),
    }
    os.chdir(ROOT)
    out.print(f"Dagster: http://{HOST}:{port}", highlight=False)
    arguments = ["-W", SUPERSEDED, "-m", "dagster", "dev"]
    arguments += ["-m", "orchestration.definitions"]
    os.execve(  # noqa: S606 - fixed arguments, our own interpreter
        sys.executable,
        [sys.executable, *arguments, "-h", HOST, "-p", str(port)],
        environment,
    )
