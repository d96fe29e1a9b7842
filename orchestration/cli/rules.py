"""`nhiemky rules list|show|backtest`: which rules judge, and what they would flag."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.cli.console import out, print_json
from orchestration.cli.options import (
    HomeOption,
    JsonOption,
    ProgrammeOption,
    as_date,
)
from orchestration.settings import DAY_FORMATS, Settings

if TYPE_CHECKING:
    import pandas as pd

    from expectations.backtest import Backtest
    from expectations.rulebook import RuleBook
    from expectations.rules import Rule

SHOWN = 10
EXAMPLES = 5

app = typer.Typer(no_args_is_help=True, help="The rules of the gates, and back-tests.")
RuleArgument = Annotated[str, typer.Argument(help="Rule code, e.g. PART_OVER_WHOLE.")]


@app.command("list")
def list_rules(
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Every rule: code, severity, owner, on or off, validity, description."""
    rules = _book(programme).rules
    if as_json:
        print_json([_facts(rule) for rule in rules])
        return
    table = Table(expand=True)
    table.add_column("Quy tắc · rule", no_wrap=True)
    table.add_column("Mức, ai sửa · severity, owner", max_width=12)
    table.add_column("Nội dung · what it holds", ratio=1)
    for rule in rules:
        state = "" if rule.is_enabled else "[yellow](tắt · off)[/]"
        days = _days(rule)
        name_vi, name_en = _names(rule)
        table.add_row(
            f"{rule.rule_code}\n[dim]{rule.suite}[/]",
            f"{rule.severity}\n[dim]{rule.owner}[/]",
            f"{escape(name_vi)}  {state}  {days}\n[dim]{escape(name_en)}[/]",
        )
    out.print(table)
    out.print(f"{len(rules)} quy tắc · rules")


@app.command()
def show(
    rule: RuleArgument,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """One rule: what it expects, what it weighs, and what it says."""
    facts = _facts(_book(programme).named(rule))
    if as_json:
        print_json(facts)
        return
    for name, value in facts.items():
        out.print(f"[bold]{name}[/]: {escape(str(value))}", highlight=False)


@app.command()
def backtest(
    rule: RuleArgument,
    unit: Annotated[
        list[str] | None, typer.Option("--unit", help="Only this unit; may repeat.")
    ] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(formats=DAY_FORMATS, help="Only periods that end since then."),
    ] = None,
    programme: ProgrammeOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a rule would have flagged in the reports accepted so far."""
    from expectations.backtest import backtest as run_backtest
    from orchestration.steps.context import open_run
    from orchestration.steps.judge import expected_reports
    from warehouse.history import accepted_submissions

    with open_run(Settings.resolve(programme, home)) as run:
        submissions, observations = accepted_submissions(run.home, run.programme.code)
        found = run_backtest(
            run.programme,
            rule,
            submissions,
            observations,
            expected=expected_reports(run),
            measures=run.measures,
            units=unit or (),
            since=as_date(since),
        )
    if as_json:
        print_json(_as_json(found))
        return
    for title, column in (
        ("Theo đơn vị · by unit", "unit_code"),
        ("Theo kỳ · by period", "period_key"),
    ):
        out.print(_rates(title, column, found.by(column)))
    for row in found.examples.head(EXAMPLES).to_dict("records"):
        out.print(escape(f"• {row['message_vi']}"), highlight=False)
        out.print(f"[dim]  {escape(str(row['message_en']))}[/]", highlight=False)
    out.print(_summary(found), highlight=False, soft_wrap=True)


def _book(programme: Path | None) -> RuleBook:
    from expectations.rulebook import rule_book
    from sources.programme.loader import load_programme

    return rule_book(load_programme(Settings.resolve(programme).programme))


def _facts(rule: Rule) -> dict[str, object]:
    name_vi, name_en = _names(rule)
    return {
        "rule_code": rule.rule_code,
        "suite": rule.suite,
        "severity": str(rule.severity),
        "owner": rule.owner,
        "is_enabled": rule.is_enabled,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "name_vi": name_vi,
        "name_en": name_en,
        "expect": rule.expect,
        "arguments": rule.arguments,
        "message_vi": rule.message_vi,
        "message_en": rule.message_en,
    }


def _names(rule: Rule) -> tuple[str, str]:
    """The rule's own name, or what its suite is about."""
    from expectations.rules import suite_named

    suite = suite_named(rule.suite)
    return rule.name_vi or suite.description_vi, rule.name_en or suite.description_en


def _days(rule: Rule) -> str:
    if rule.valid_from is None and rule.valid_to is None:
        return ""
    return f"{rule.valid_from or '…'} → {rule.valid_to or '…'}"


def _rates(title: str, column: str, rates: pd.DataFrame) -> Table:
    flagged = rates[rates.flagged.gt(0)]
    table = Table(
        column,
        "Báo cáo · reports",
        "Bị nêu · flagged",
        "Tỷ lệ · rate",
        title=f"{title}: {len(flagged)}/{len(rates)}",
        title_justify="left",
    )
    for row in flagged.head(SHOWN).to_dict("records"):
        table.add_row(
            row[column],
            str(row["submissions"]),
            str(row["flagged"]),
            _share(row["rate"]),
        )
    return table


def _summary(found: Backtest) -> str:
    submissions, flagged, findings = (
        int(found.flags[name].sum()) for name in ("submissions", "flagged", "findings")
    )
    rate = _share(flagged / submissions) if submissions else "0 %"
    return (
        f"{found.rule.rule_code} ({found.rule.severity}): {findings} phát hiện · "
        f"findings, {flagged}/{submissions} báo cáo · reports ({rate}), "
        f"{found.checked} lần xét · checks"
    )


def _share(rate: float) -> str:
    return f"{rate * 100:.1f} %"


def _as_json(found: Backtest) -> dict[str, object]:
    names = ["unit_code", "form_code", "period_key", "indicator_code", "sheet", "cell"]
    names += ["observed", "expected", "message_vi", "message_en"]
    return {
        "rule": _facts(found.rule),
        "checked": found.checked,
        "flags": found.flags[found.flags.flagged.gt(0)].to_dict("records"),
        "submissions": int(found.flags.submissions.sum()),
        "flagged": int(found.flags.flagged.sum()),
        "findings": int(found.flags.findings.sum()),
        "examples": found.examples[names].head(EXAMPLES).to_dict("records"),
    }
