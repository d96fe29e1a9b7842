"""`nhiemky rules`: what a person reads and a script gets; no process is started."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from expectations.backtest import Backtest
from expectations.errors import UnknownRule
from expectations.rulebook import rule_book
from orchestration.cli.rules import app
from sources.programme.findings import as_findings
from sources.programme.loader import load_programme
from sources.programme.scaffold import init_programme

RULES = """\
rules:
  - code: CRIMES_CAP
    kind: range
    form: ANTT-T
    severity: WARNING
    name_vi: Số vụ trong khoảng
    name_en: Crimes within a range
    measure: crimes
    high: 500
    is_enabled: false
    valid_from: 2026-01-01
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init_programme(tmp_path / "programme")
    (tmp_path / "programme" / "rules.yaml").write_text(RULES, encoding="utf-8")
    return tmp_path / "programme"


def told(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(
        app,
        [*arguments, "-p", str(folder), "--home", str(folder.parent / "home")],
        env={"COLUMNS": "160"},
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def test_list_shows_rules_of_every_programme_and_of_this_one(folder):
    rules = json.loads(told(folder, "list", "--json"))
    by_code = {rule["rule_code"]: rule for rule in rules}
    assert len(by_code) == len(rules) > 30
    own = by_code["CRIMES_CAP"]
    assert (own["suite"], own["is_enabled"]) == ("declared", False)
    assert own["valid_from"] == "2026-01-01"
    assert all(rule["name_vi"] and rule["name_en"] for rule in rules)
    text = told(folder, "list")
    assert "tắt · off" in text
    assert "2026-01-01 → …" in text
    assert f"{len(rules)} quy tắc" in text


def test_show_tells_what_a_rule_says(folder):
    text = told(folder, "show", "CRIMES_CAP")
    assert "{left_text} là {left}, phải {right_text}" in text
    assert "'max_value': '500'" in text


def test_show_of_an_unknown_rule_suggests(folder):
    with pytest.raises(UnknownRule, match="CRIMES_CAP"):
        told(folder, "show", "CRIMES_CAPS")


def test_backtest_of_no_history_is_a_summary_line(folder):
    text = told(folder, "backtest", "CRIMES_CAP")
    assert "0 phát hiện" in text
    assert "0/0 báo cáo" in text


def test_backtest_shows_rates_examples_and_cells(folder, monkeypatch):
    flags = pd.DataFrame(
        [
            ("A", "police-2025-M01", 1, 1, 2, 1.0),
            ("B", "police-2025-M01", 3, 0, 0, 0.0),
        ],
        columns=[
            *("unit_code", "period_key", "submissions", "flagged", "findings", "rate")
        ],
    )
    example = {
        "programme_code": "p",
        "rule_code": "CRIMES_CAP",
        "severity": "WARNING",
        "scope": "observation",
        "message_vi": "Tệp “a.xlsx”, ô D5: quá",
        "message_en": "File a.xlsx, cell D5: too many",
    }
    rule = rule_book(load_programme(folder)).named("CRIMES_CAP")
    found = Backtest(rule, flags, as_findings([example]), checked=4)
    asked: dict[str, object] = {}

    def fake(*_: object, **given: object) -> Backtest:
        asked.update(given)
        return found

    monkeypatch.setattr("expectations.backtest.backtest", fake)
    text = told(
        folder, "backtest", "CRIMES_CAP", "--unit", "A", "--since", "2025-01-01"
    )
    assert asked["units"] == ["A"]
    assert str(asked["since"]) == "2025-01-01"
    assert "100.0 %" in text
    assert "ô D5" in text
    assert "1/4 báo cáo · reports (25.0 %), 4 lần xét" in text
    facts = json.loads(told(folder, "backtest", "CRIMES_CAP", "--json"))
    assert (facts["flagged"], facts["submissions"], facts["checked"]) == (1, 4, 4)
    assert [row["unit_code"] for row in facts["flags"]] == ["A"]
