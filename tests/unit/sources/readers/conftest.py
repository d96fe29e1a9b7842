"""A small programme, workbooks of it, and workbooks with parts changed by hand."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import xlsxwriter

from sources.programme.model import Programme
from sources.readers import ReadJob
from sources.template.writer import write_template

WHEN = dt.datetime(2024, 2, 1, 8, 0, tzinfo=dt.UTC)

TABLE_MAP = {
    "file": r"table(?P<year>[0-9]{4})\.(xlsx|csv)",
    "form": "Y",
    "unit_column": {"header": ["Đơn vị", "Land"]},
    "units": {"Xã Một": "U1", "Xã Hai": "U2", "Cả tỉnh": "P"},
    "ignore_units": ["Nguồn"],
    "member_column": {"header": ["Mã tội( danh)?"]},
    "member_label_column": {"header": ["Tên"]},
    "member_total": "------",
    "code_list": "offence",
    "absent_members_are_zero": True,
    "measures": [{"measure": "cases", "header": ["Số vụ"]}],
}


def _source(code: str, reader: str, **more: object) -> dict[str, object]:
    return {
        "code": code,
        "name_vi": code,
        "name_en": code,
        "path": ".",
        "reader": reader,
        "number_style": "vi",
        **more,
    }


def _measure(code: str, **more: object) -> dict[str, object]:
    return {
        "code": code,
        "name_vi": f"Chỉ tiêu {code}",
        "name_en": f"Measure {code}",
        "kind": "flow",
        "unit_of_measure": "vụ",
        **more,
    }


def _unit(code: str, name: str, level: str, parent: str | None) -> dict[str, object]:
    return {
        "unit_code": code,
        "name_vi": name,
        "name_en": name,
        "unit_type": level,
        "level": level,
        "parent_unit_code": parent,
        "valid_from": dt.date(2000, 1, 1),
    }


def _form(code: str, frequency: str, measures: list[str]) -> dict[str, object]:
    return {
        "code": code,
        "name_vi": f"Biểu {code}",
        "name_en": f"Form {code}",
        "calendar": "civil",
        "frequency": frequency,
        "measures": measures,
        "valid_from": dt.date(2000, 1, 1),
        "due_from": [{"levels": ["commune"]}],
        "deadline_days": {"commune": 5, "province": 5},
        "control_levels": ["province"],
    }


@pytest.fixture(scope="session")
def programme() -> Programme:
    """Two communes under a province; a monthly template, a yearly foreign table."""
    return Programme.model_validate(
        {
            "folder": Path(),
            "code": "tiny",
            "name_vi": "Thử",
            "name_en": "Tiny",
            "root_unit": "P",
            "term": {"calendar": "civil", "first_year": 2021, "last_year": 2025},
            "reporting_from_year": 2021,
            "levels": [
                {"code": "province", "name_vi": "Tỉnh", "name_en": "Province"},
                {"code": "commune", "name_vi": "Xã", "name_en": "Commune"},
            ],
            "documents": [],
            "calendars": [
                {
                    "code": "civil",
                    "name_vi": "Dương lịch",
                    "name_en": "Civil",
                    "start_month": 1,
                    "start_day": 1,
                }
            ],
            "units": [
                _unit("P", "Tỉnh", "province", None),
                _unit("U1", "Xã Một", "commune", "P"),
                _unit("U2", "Xã Hai", "commune", "P"),
            ],
            "code_lists": [{"code": "offence", "is_open": True}],
            "measures": [
                _measure("offences"),
                _measure("loss", value_type="money", unit_of_measure="đồng"),
                _measure("rate", value_type="decimal", unit_of_measure="%", decimals=2),
                _measure("staff", kind="stock"),
                _measure("station", kind="stock", value_type="yes_no"),
                _measure("cases", breakdown="offence"),
            ],
            "forms": [
                _form("M", "month", ["offences", "loss", "rate", "staff", "station"]),
                _form("Y", "year", ["cases"]),
            ],
            "sources": [
                _source("inbox", "template"),
                _source("tables", "mapped", maps=[TABLE_MAP]),
                _source("long", "csv", delimiter=";"),
            ],
        }
    )


@pytest.fixture
def job() -> Callable[..., ReadJob]:
    """Makes the job that reads one file."""

    def make(path: Path, source: str = "inbox", name: str | None = None) -> ReadJob:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return ReadJob(path, sha256, name or path.name, source, WHEN)

    return make


@pytest.fixture
def template(tmp_path: Path, programme: Programme) -> Callable[..., Path]:
    """Writes one filled template workbook and returns its path."""

    def make(name: str = "m.xlsx", unit: str = "U1", **more: object) -> Path:
        path = tmp_path / name
        period = more.pop("period", "civil-2024-M01")
        write_template(path, programme, "M", unit, str(period), **more)  # type: ignore[arg-type]
        return path

    return make


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Writes a plain workbook: sheet name to rows of cells."""

    def make(sheets: Mapping[str, list[list[object]]], name: str = "w.xlsx") -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
            for title, rows in sheets.items():
                sheet = book.add_worksheet(title)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
        return path

    return make


@pytest.fixture
def change_part(tmp_path: Path) -> Callable[..., Path]:
    """Copies a workbook with one part replaced (or added) and returns the copy."""

    def make(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
        found = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
        copy = tmp_path / f"changed-{path.name}"
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as out:
            for name in found.namelist():
                data = found.read(name)
                out.writestr(name, change(data) if name == part else data)
            if part not in found.namelist():
                out.writestr(part, change(b""))
        return copy

    return make
