"""The command tree."""

from __future__ import annotations

import typer

from orchestration.cli import demo, dev, doctor, look, programme, run, simulate

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Kho báo cáo nhiệm kỳ · a reporting warehouse for term programmes.",
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("rebuild")(run.rebuild)
app.command("status")(look.status)
app.command("trace")(look.trace)
app.command("scorecard")(look.scorecard)
app.command("simulate")(simulate.simulate)
app.command("template")(simulate.template)
app.add_typer(programme.app, name="programme")
app.command("dev")(dev.dev)
app.command("doctor")(doctor.doctor)
