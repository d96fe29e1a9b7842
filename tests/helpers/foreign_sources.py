"""The sample programme with three sources: its workbooks, foreign tables, long CSV.

Communes MAU.A1, A2 (An Hòa), B1 and B2 (Bình Sơn) owe form ANTT-T each month; January
2025 is 15/12/2024 to 14/01/2025. Judged on 10/03/2025.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.settings import Settings
from orchestration.steps.context import RunContext, open_run
from orchestration.steps.judge import judge_batch
from orchestration.steps.pull import pull
from orchestration.steps.read import read_pending
from sources.programme.scaffold import init_programme
from warehouse.home import Home

FORM, JANUARY = "ANTT-T", "police-2025-M01"
MEASURES = ("crimes", "crimes_solved", "security_hotspots", "security_teams")
HEAD = ",".join(("unit", "period", *MEASURES))
FIGURES = "9,4,1,2"

_SOURCES = """
sources:
  - code: inbox
    name_vi: Thư mục nhận
    name_en: Inbox
    path: ${NHIEMKY_INBOX}
    pattern: "*.xlsx"
    reader: template
    number_style: vi
  - code: long
    name_vi: Tệp dài
    name_en: Long files
    path: ${NHIEMKY_INBOX}/long
    pattern: "*.csv"
    reader: csv
    number_style: plain
  - code: tables
    name_vi: Bảng nơi khác
    name_en: Foreign tables
    path: ${NHIEMKY_INBOX}/tables
    pattern: "*.csv"
    reader: mapped
    number_style: plain
    maps:
      - file: 'crimes.*\\.csv'
        form: ANTT-T
        unit_column: {header: [unit]}
        units: {Toàn tỉnh: MAU}
        ignore_units: [Nguồn]
        period_column: {header: [period]}
        period_type: month
        measures:
"""
_MEASURE = "          - {measure: %s, header: [%s]}\n"


def make_programme(folder: Path) -> None:
    """Writes the programme's folder."""
    init_programme(folder)
    measures = "".join(_MEASURE % (name, name) for name in MEASURES)
    (folder / "sources.yaml").write_text(_SOURCES + measures, encoding="utf-8")


@contextmanager
def opened(folder: Path) -> Iterator[RunContext]:
    """A run over `programme` and `home` in `folder`, made at the first time."""
    if not (folder / "programme").exists():
        make_programme(folder / "programme")
    day = dt.date(2025, 3, 10)
    with open_run(Settings(folder / "programme", Home(folder / "home"), 1, day)) as run:
        for name in ("long", "tables"):
            (run.home.path / "inbox" / name).mkdir(parents=True, exist_ok=True)
        yield run


def send(run: RunContext, name: str, *lines: str) -> Path:
    """Drops a text file into the inbox."""
    path = run.home.path / "inbox" / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def send_long(run: RunContext, name: str, unit: str, period: str = JANUARY) -> Path:
    """Drops a long CSV of one unit."""
    values = zip(MEASURES, FIGURES.split(","), strict=True)
    rows = [f"{FORM},{unit},{period},{code},{value}" for code, value in values]
    return send(
        run, f"long/{name}", "form_code,unit_code,period_key,measure_code,value", *rows
    )


def receive(run: RunContext) -> None:
    """Pulls and reads; judges with gate 1."""
    pull(run)
    read_pending(run)
    judge_batch(run)


def sha_of(run: RunContext, name: str) -> str:
    """The delivery that came under this name."""
    deliveries = run.ledger.deliveries(run.programme.code)
    (sha256,) = deliveries.delivery_sha256[deliveries.file_name.eq(name)]
    return str(sha256)
