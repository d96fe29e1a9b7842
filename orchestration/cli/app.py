"""The command tree."""

from __future__ import annotations

import typer

from orchestration.cli import (
    access,
    alerts,
    close,
    deliveries,
    demo,
    dev,
    docs,
    doctor,
    export,
    extend,
    findings,
    look,
    moved,
    programme,
    publish,
    pull,
    rules,
    run,
    simulate,
    template,
    trace,
    units,
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Kho báo cáo nhiệm kỳ · a reporting warehouse for term programmes.",
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("pull")(pull.pull)
app.command("rebuild")(run.rebuild)
app.command("publish")(publish.publish_command)
app.command("close")(close.close)
app.command("editions")(close.editions)
app.command("extend")(extend.extend)
app.command("status")(look.status)
app.command("trace")(trace.trace)
app.command("scorecard")(look.scorecard)
app.command("export")(export.export)
app.command("diff")(moved.diff)
app.command("preview")(moved.preview)
app.command("simulate")(simulate.simulate)
app.command("template")(template.template)
app.add_typer(findings.app, name="findings")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(units.app, name="units")
app.add_typer(rules.app, name="rules")
app.add_typer(alerts.app, name="alerts")
app.add_typer(access.app, name="access")
app.add_typer(programme.app, name="programme")
app.command("dev")(dev.dev)
app.command("docs")(docs.docs)
app.command("doctor")(doctor.doctor)
