"""`nhiemky doctor`: is everything here that the product needs?"""

from __future__ import annotations

import importlib.metadata as metadata
import os
import sys
from typing import Annotated

import typer
from rich.table import Table

from orchestration.cli.console import out, print_json
from orchestration.cli.options import HomeOption, JsonOption, ProgrammeOption
from orchestration.settings import PUBLISH_URL, Settings

DISTRIBUTIONS = (
    "dagster",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "pandas",
)


def doctor(
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Also parse the dbt project.")
    ] = False,
) -> None:
    """Check versions, programme, home, ledger, server; exit 1 when one is wrong."""
    settings = Settings.resolve(programme, home)
    facts: list[tuple[str, bool, str]] = [
        ("python", sys.version_info[:2] in ((3, 11), (3, 12)), sys.version.split()[0]),
        *((name, True, metadata.version(name)) for name in DISTRIBUTIONS),
        _attempt("programme", lambda: _programme(settings)),
    ]
    if prepare:
        facts.append(_attempt("dbt project", _dbt))
    else:
        facts.append(_attempt("home", lambda: _home(settings)))
        facts.append(_attempt("ledger", lambda: _ledger(settings)))
        facts.append(_attempt("alerts", _alerts))
        if os.environ.get(PUBLISH_URL):
            facts.append(_attempt("server", _server))
    if as_json:
        print_json([{"what": w, "ok": ok, "detail": d} for w, ok, d in facts])
    else:
        table = Table("", "", "", show_header=False, box=None)
        for what, ok, detail in facts:
            table.add_row("[green]✓[/]" if ok else "[bold red]✗[/]", what, detail)
        out.print(table)
    raise typer.Exit(0 if all(ok for _, ok, _ in facts) else 1)


def _attempt(what, check) -> tuple[str, bool, str]:  # type: ignore[no-untyped-def]
    try:
        return what, True, check()
    except Exception as error:  # a doctor reports every illness
        return what, False, f"{type(error).__name__}: {error}"


def _programme(settings: Settings) -> str:
    from sources.programme.loader import load_programme

    return load_programme(settings.programme).code


def _home(settings: Settings) -> str:
    settings.home.create()
    if not os.access(settings.home.path, os.W_OK):
        raise PermissionError(f"{settings.home.path} is not writable; choose --home")
    return str(settings.home.path)


def _ledger(settings: Settings) -> str:
    from warehouse.ledger import Ledger

    Ledger.open(settings.home.ledger_url).close()
    return (
        "PostgreSQL" if settings.home.ledger_url.startswith("postgresql") else "SQLite"
    )


def _dbt() -> str:
    from orchestration.dbt import manifest_path

    return manifest_path().name


def _server() -> str:
    from orchestration.steps.server import examined

    return examined()


def _alerts() -> str:
    """Which channels alerts have; none is no illness, a wrong address is."""
    from orchestration.alerts.channels import describe
    from orchestration.alerts.settings import AlertSettings

    settings = AlertSettings.resolve()
    is_ready, words = describe(settings)
    if settings.urls and not is_ready:
        raise ValueError(words)
    return words
