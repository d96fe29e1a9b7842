"""`nhiemky docs`: what the tables, columns and metrics mean, in the browser."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from orchestration.cli.console import out
from orchestration.cli.options import HomeOption
from orchestration.settings import Settings


def docs(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port on loopback.")] = 8090,
    is_served: Annotated[
        bool,
        typer.Option("--serve/--no-serve", help="Serve the page, or only write it."),
    ] = True,
) -> None:
    """Write the documentation of tables, columns, tests, metrics and dashboards, and
    show it in the browser.

    One page, reports/docs/index.html in the home, that needs no network.
    """
    from orchestration.steps.docs import HOST, docs_server, documentation

    settings = Settings.resolve(home=home)
    out.print("Viết tài liệu · writing: dbt docs generate …", highlight=False)
    page = documentation(settings.home, settings.as_of or dt.date.today())
    out.print(str(page), highlight=False, soft_wrap=True)
    if not is_served:
        return
    with docs_server(page, port) as server:
        out.print(f"Tài liệu · docs: http://{HOST}:{server.server_port}  (Ctrl+C)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            out.print("Đã dừng · stopped")
