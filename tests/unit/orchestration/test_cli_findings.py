"""`nhiemky findings`: what a person sees and decides, and what scripts get."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from orchestration.cli.findings import app
from orchestration.settings import Settings
from orchestration.steps.context import open_run
from sources.programme.scaffold import init_programme
from tests.helpers.warehouse_frames import findings, observations, origins, submission
from warehouse.errors import LedgerError

Cli = Callable[..., Result]
TRICK = "báo\u202ecáo\x1b[31m.xlsx"


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs the sub-app over a ledger with a doubt of unit A and an error of unit B."""
    monkeypatch.setenv("COLUMNS", "240")
    folder, home = tmp_path / "programme", tmp_path / "home"
    init_programme(folder)
    with open_run(Settings.resolve(folder, home)) as run:
        code = run.programme.code
        rows = [submission("one", programme=code), submission("two", "B")]
        batch = pd.DataFrame(rows).assign(programme_code=code)
        found = findings(batch)
        found.loc[1, ["unit_code", "severity", "rule_code"]] = ["B", "ERROR", "strict"]
        found.loc[1, "message_vi"] = f"{TRICK}: [bold]sửa[/bold]"
        run.ledger.record_deliveries(
            origins(("one", 0), ("two", 1)).assign(programme_code=code), {}, code
        )
        values = observations(batch)
        run.ledger.record_judgement(code, batch, found, values, values.row_id[:0])

    def invoke(*arguments: str) -> Result:
        where = ["--programme", str(folder), "--home", str(home)]
        return CliRunner().invoke(app, [*arguments, *where])

    return invoke


def listed(cli: Cli, *arguments: str) -> list[dict[str, object]]:
    done = cli("list", *arguments, "--json")
    assert done.exit_code == 0, done.output
    rows: list[dict[str, object]] = json.loads(done.stdout)
    return rows


def test_the_heaviest_comes_first_and_filters_choose(cli: Cli) -> None:
    assert [row["rule_code"] for row in listed(cli)] == ["strict", "whole"]
    assert [row["unit_code"] for row in listed(cli, "--unit", "A")] == ["A"]
    assert [row["unit_code"] for row in listed(cli, "--severity", "error")] == ["B"]
    assert listed(cli, "--rule", "whole", "--period", "civil-2023-Y") == []
    assert listed(cli, "--status", "waived") == []
    assert len(listed(cli, "--form", "F", "--status", "all")) == 2


@pytest.mark.parametrize("option", ["--status", "--severity"])
def test_an_unknown_choice_is_a_usage_error(cli: Cli, option: str) -> None:
    assert cli("list", option, "closed").exit_code == 2


def test_the_table_shows_place_and_words_without_tricks(cli: Cli) -> None:
    shown = cli("list", "--limit", "1").output
    assert "Biểu B2" in shown
    assert "[bold]sửa[/bold]" in shown
    assert "\u202e" not in shown
    assert "\x1b" not in shown
    assert "1 nữa · more" in shown


def test_waiving_says_what_it_does_and_show_tells_the_life(cli: Cli) -> None:
    (doubt,) = listed(cli, "--unit", "A")
    name = str(doubt["finding_id"])
    done = cli("waive", name[:8], "--reason", "đã hỏi", "--by", "Lan")
    assert done.exit_code == 0, done.output
    assert "silenced" in done.output
    assert "nhiemky run" in done.output
    (waived,) = listed(cli, "--status", "waived")
    assert (waived["finding_id"], waived["waived_by"]) == (name, "Lan")
    facts = json.loads(cli("show", name[:8], "--json").stdout)
    assert facts["finding"]["waived_reason"] == "đã hỏi"
    assert [d["kind"] for d in facts["decisions"]] == ["waive"]
    assert [v["file_name"] for v in facts["versions"]] == ["one.xlsx"]
    assert [s["finding_id"] for s in facts["sightings"]] == [name]
    text = cli("show", name[:8]).output
    assert "one.xlsx" in text
    assert "Lan" in text
    assert cli("reopen", name[:8], "--reason", "nhầm").exit_code == 0
    assert listed(cli, "--unit", "A")[0]["life"] == "reopened"


def test_a_forgotten_programme_is_pointed_out(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = Console(width=200, stderr=True)
    monkeypatch.setattr("orchestration.cli.findings.err", wide)
    assert "the home also holds" not in cli("list").output
    done = CliRunner().invoke(app, ["list", "--home", str(tmp_path / "home")])
    assert "findings: 0" in done.output
    assert re.search(r"the home also holds: \w+ \(--programme\)", done.output)


def test_a_list_reads_well_in_80_columns(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("orchestration.cli.findings.out", Console(width=80))
    lines = cli("list", "--unit", "A").output.splitlines()
    assert max(map(len, lines)) <= 80
    (about,) = [line for line in lines if "civil-2024-Y" in line]
    assert "A · F · civil-2024-Y · Biểu B2" in about, "in one line"
    shown = cli("show", str(listed(cli, "--unit", "A")[0]["finding_id"])).output
    assert "• version: 1 · status: accepted · file_name: one.xlsx" in shown


def test_only_what_stops_a_submission_is_closed(cli: Cli) -> None:
    (doubt,) = listed(cli, "--unit", "A")
    done = cli("close", str(doubt["finding_id"])[:8], "--reason", "đã hủy")
    assert isinstance(done.exception, LedgerError)
    assert "findings waive" in str(done.exception)
    assert cli("close", "abc").exit_code == 2


def test_choosing_by_rule_needs_a_yes(cli: Cli) -> None:
    arguments = ("waive", "--rule", "whole", "--reason", "cả loạt", "--by", "Lan")
    asked = cli(*arguments)
    assert asked.exit_code == 1
    assert "nothing recorded" in asked.output
    assert len(listed(cli)) == 2
    assert cli(*arguments, "--yes").exit_code == 0
    assert [row["rule_code"] for row in listed(cli)] == ["strict"]


def test_a_bare_yes_waives_nothing(cli: Cli) -> None:
    done = cli("waive", "--reason", "tất cả", "--yes")
    assert done.exit_code == 1
    assert len(listed(cli)) == 2


def test_a_reason_is_asked_for_and_an_unknown_id_explained(cli: Cli) -> None:
    assert cli("waive", "abc").exit_code == 2
    done = cli("show", "zzz")
    assert isinstance(done.exception, LedgerError)
    assert "nearest" in str(done.exception)


def test_a_day_may_be_typed_as_people_write_it(cli: Cli) -> None:
    (doubt,) = listed(cli, "--unit", "A")
    day = dt.date.today() + dt.timedelta(days=20)
    until = ("--until", f"{day:%d/%m/%Y}")
    done = cli("waive", str(doubt["finding_id"]), "--reason", "đúng", *until)
    assert done.exit_code == 0, done.output
    assert f"{day:%d/%m/%Y}" in done.output


def test_a_day_too_far_is_refused(cli: Cli) -> None:
    (doubt,) = listed(cli, "--unit", "A")
    arguments = ("--reason", "đúng", "--until", "2999-01-01")
    done = cli("waive", str(doubt["finding_id"]), *arguments)
    assert isinstance(done.exception, LedgerError)
    assert "365 days" in str(done.exception)
