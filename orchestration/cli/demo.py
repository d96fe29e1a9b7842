"""`nhiemky demo`: simulated submissions, through everything, to a scorecard."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli.console import ConsoleReporter, out
from orchestration.cli.options import HomeOption
from orchestration.progress import reporting_to, step
from orchestration.settings import SHIPPED_PROGRAMME, Settings, inbox_folder

SEED = 2020


def demo(
    home: HomeOption = None,
    seed: Annotated[int, typer.Option(help="Same seed, same figures.")] = SEED,
) -> None:
    """Simulate a term of workbooks, run the main job, print the term scorecard."""
    from orchestration.cli.look import scorecard
    from orchestration.cli.run import refresh
    from sources.programme.loader import load_programme
    from sources.simulator import simulate

    settings = Settings.resolve(SHIPPED_PROGRAMME, home)
    settings.home.create()
    inbox = inbox_folder(settings.home)
    programme = load_programme(settings.programme)
    if not any(inbox.glob("*")):
        with reporting_to(ConsoleReporter()), step("Mô phỏng · simulate") as progress:
            report = simulate(programme, inbox, seed, progress=progress.reach)
            progress.summary = f"{report.files} tệp SIMULATED · workbooks"
    code = refresh(settings)
    if code:
        raise typer.Exit(code)
    scorecard(SHIPPED_PROGRAMME, settings.home.path)
    reports = settings.home.reports
    out.print(
        f"\nTrang bảng điểm · page:   {reports / 'scorecard.html'}\n"
        f"Phát hiện · findings:     {reports / 'findings.html'}\n"
        f"Biểu trả lại · replies:   {settings.home.path / 'replies'}\n"
        f"Kho cho BI · warehouse:   {settings.home.published_db}\n"
        "Tiếp theo · next:         "
        "make bi · make dev · make docs · .venv/bin/nhiemky status",
        highlight=False,
    )
