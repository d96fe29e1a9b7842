"""Who gets a workbook, where it goes, what stands beside the boxes."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from orchestration.cli.template import template
from orchestration.settings import SHIPPED_PROGRAMME, Settings
from orchestration.steps.template import make_templates
from sources.template import layout
from sources.template.writer import TemplateError
from warehouse.home import Home

FORM, BEFORE, PERIOD = "HS-Q", "police-2024-Q4", "police-2025-Q1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(SHIPPED_PROGRAMME, Home(tmp_path / "home"))


def test_every_unit_that_owes_the_form_gets_one(settings, tmp_path) -> None:
    paths = make_templates(settings, "ANTT-T", "police-2023-M05", folder=tmp_path / "o")
    assert [path.name for path in paths] == [
        "ANTT-T_HD.PC01_police-2023-M05.xlsx",
        "ANTT-T_HD.PV01_police-2023-M05.xlsx",
    ]
    assert sorted((tmp_path / "o").iterdir()) == sorted(paths)
    assert not settings.home.path.exists()


def test_a_level_that_may_send_a_total_is_written_when_asked_for(settings) -> None:
    (path,) = make_templates(settings, FORM, PERIOD, level="province")
    assert path.parent == settings.home.path / "templates"
    districts = make_templates(settings, FORM, "police-2024-Q1", level="district")
    everyone = make_templates(settings, FORM, "police-2024-Q1")
    assert len(districts) == len(everyone) == 12


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("HS-X", PERIOD), "HS-Q"),
        ((FORM, "police-2025-M01"), "police-20"),
        ((FORM, PERIOD, ["HD.PV01"]), "HD."),
        ((FORM, PERIOD, (), "village"), "commune"),
        ((FORM, PERIOD, (), "department"), "commune"),
    ],
)
def test_what_cannot_be_says_what_can(settings, arguments, named) -> None:
    with pytest.raises(TemplateError, match=named):
        make_templates(settings, *arguments)
    assert not settings.home.path.exists()


def test_accepted_figures_of_the_period_before_stand_beside(
    settings, monkeypatch
) -> None:
    import warehouse.history

    unit = "HD.H288"
    rows = [
        (FORM, unit, "police-2023-Q4", "offences", 118.0, "s1"),
        (FORM, unit, "police-2023-Q3", "offences", 7.0, "s0"),
        (FORM, "HD.H290", "police-2023-Q4", "offences", 5.0, "s2"),
        (FORM, unit, "police-2023-Q4", "offences.theft", float("nan"), "s1"),
    ]
    names = ["form_code", "unit_code", "period_key", "measure_code", "value"]
    earlier = pd.DataFrame(rows, columns=[*names, "submission_id"])
    monkeypatch.setattr(warehouse.history, "earlier_figures", lambda *_: earlier)
    settings.home.create()
    settings.home.build_db.touch()
    (path,) = make_templates(settings, FORM, "police-2024-Q1", units=[unit])
    page = openpyxl.load_workbook(path)[layout.SHEET_FORM]
    found = {
        row[layout.COLUMN_CODE]: row[layout.COLUMN_PREVIOUS]
        for row in page.iter_rows(min_row=11, values_only=True)
    }
    assert {code: v for code, v in found.items() if v is not None} == {"offences": 118}


def test_the_command_says_where(tmp_path) -> None:
    app = typer.Typer()
    app.command()(template)
    asked = ["ANTT-T", "police-2023-M05", "--home", str(tmp_path / "h")]
    done = CliRunner().invoke(
        app, [*asked, "--unit", "HD.PC01", "--out", str(tmp_path / "o"), "--json"]
    )
    assert done.exit_code == 0, done.output
    (path,) = json.loads(done.stdout)
    assert Path(path) == tmp_path / "o" / "ANTT-T_HD.PC01_police-2023-M05.xlsx"
    assert Path(path).is_file()
