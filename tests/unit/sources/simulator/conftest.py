"""A small programme with every kind of measure, and the shipped one simulated once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sources.programme.loader import load_programme
from sources.programme.model import (
    Calendar,
    CodeList,
    CodeMember,
    Form,
    Level,
    Measure,
    Obligation,
    Programme,
    Source,
    Succession,
    Term,
    UnitVersion,
)
from sources.simulator import simulate

SHIPPED = Path(__file__).parents[4] / "sources/programmes/hai_duong_2020_2025"
REFORM = dt.date(2022, 7, 1)
START = dt.date(2021, 1, 1)


def unit(code, level, parent=None, valid_from=START, valid_to=None):
    return UnitVersion(
        unit_code=code,
        name_vi=f"Đơn vị {code}",
        name_en=code,
        unit_type=level,
        level=level,
        parent_unit_code=parent,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def measure(code, **options):
    defaults = {"kind": "flow", "unit_of_measure": "vụ"}
    return Measure(code=code, name_vi=code, name_en=code, **(defaults | options))


@pytest.fixture
def small(tmp_path) -> Programme:
    """One top unit, six below; two of them follow three older ones on 01/07/2022."""
    old = [unit(f"O{n}", "low", "TOP", valid_to=REFORM) for n in (1, 2, 3)]
    new = [unit(f"N{n}", "low", "TOP", valid_from=REFORM) for n in (1, 2)]
    kept = [unit(f"K{n}", "low", "TOP") for n in (1, 2, 3, 4)]
    links = [("O1", "N1", "1"), ("O2", "N1", "0.4"), ("O2", "N2", "0.6")]
    folder = tmp_path / "programme"
    folder.mkdir()
    codes = ["cases", "solved", "staff", "money", "spent", "ready"]
    return Programme(
        folder=folder,
        code="small",
        name_vi="Nhỏ",
        name_en="Small",
        root_unit="TOP",
        term=Term(calendar="civil", first_year=2021, last_year=2022),
        reporting_from_year=2021,
        levels=(
            Level(code="top", name_vi="Trên", name_en="Top"),
            Level(code="low", name_vi="Dưới", name_en="Low"),
        ),
        documents=(),
        calendars=(
            Calendar(
                code="civil",
                name_vi="Năm",
                name_en="Civil",
                start_month=1,
                start_day=1,
            ),
        ),
        units=(unit("TOP", "top"), *old, *new, *kept),
        successions=tuple(
            Succession(
                from_unit_code=a,
                to_unit_code=b,
                effective_date=REFORM,
                relation="split" if a == "O2" else "merge",
                share=share,
            )
            for a, b, share in [*links, ("O3", "N2", "1")]
        ),
        code_lists=(
            CodeList(
                code="kinds",
                is_exhaustive=True,
                members=(
                    CodeMember(code="a", name_vi="A", name_en="A"),
                    CodeMember(code="b", name_vi="B", name_en="B"),
                    CodeMember(code="b1", name_vi="B1", name_en="B1", parent_code="b"),
                    CodeMember(code="b2", name_vi="B2", name_en="B2", parent_code="b"),
                ),
            ),
        ),
        measures=(
            measure("cases", breakdown="kinds"),
            measure("solved", breakdown="kinds", part_of="cases"),
            measure("staff", kind="stock"),
            measure("money", value_type="money", decimals=1),
            measure("spent", value_type="money", decimals=1, part_of="money"),
            measure("ready", kind="stock", value_type="yes_no"),
        ),
        forms=(
            Form(
                code="F",
                name_vi="Biểu F",
                name_en="Form F",
                calendar="civil",
                frequency="quarter",
                measures=tuple(codes),
                due_from=(Obligation(levels=("low",)),),
                deadline_days={"low": 5, "top": 9},
                control_levels=("top",),
                valid_from=START,
            ),
        ),
        sources=(
            Source(
                code="inbox",
                name_vi="Hộp",
                name_en="Inbox",
                path="inbox",
                reader="template",
                number_style="vi",
            ),
        ),
    )


@pytest.fixture(scope="session")
def shipped() -> Programme:
    return load_programme(SHIPPED)


@pytest.fixture(scope="session")
def shipped_run(shipped, tmp_path_factory):
    """(inbox, report) of the shipped programme, seed 7."""
    inbox = tmp_path_factory.mktemp("shipped") / "inbox"
    return inbox, simulate(shipped, inbox, seed=7)
