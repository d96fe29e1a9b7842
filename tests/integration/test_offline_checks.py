"""The workbook's own checks and gate 1 say the same of the same file.

Workbooks are filled in at random, computed by LibreOffice as on an officer's machine,
and then read and judged as if they had been sent.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from expectations.gate1 import Judgement, judge
from expectations.rules import catalogue
from sources.programme.due import due_units
from sources.programme.expansion import expand_measures
from sources.programme.model import Programme
from sources.programme.periods import periods_of
from sources.readers import ReadJob, read_deliveries
from sources.template import layout
from sources.template.checks import SEVERITIES
from sources.template.writer import write_template

pytestmark = pytest.mark.slow
SOFFICE = shutil.which("soffice")
FORM, UNIT, PERIOD = "F", "U1", "civil-2024-M01"
FILLINGS, SEED, TIMEOUT_S = 40, 3, 120
MARKS = {
    layout.CHECK_ERROR: "ERROR",
    layout.CHECK_DOUBT: "WARNING",
    layout.CHECK_EMPTY: "WARNING",
}
Values = dict[str, object]


def measure(code: str, **more: object) -> Values:
    return {
        "code": code,
        "name_vi": f"Chỉ tiêu {code}",
        "name_en": f"Measure {code}",
        "kind": "flow",
        "unit_of_measure": "vụ",
        **more,
    }


def member(code: str, parent: str | None = None) -> Values:
    return {"code": code, "name_vi": code, "name_en": code, "parent_code": parent}


def rule(code: str, severity: str, **more: object) -> Values:
    name = {"name_vi": f"Quy tắc {code}", "name_en": f"Rule {code}"}
    return {"code": code, "form": FORM, "severity": severity, **name, **more}


MEASURES = [
    measure("cases", breakdown="kind"),
    measure("solved", breakdown="kind", part_of="cases", part_of_severity="WARNING"),
    measure("loss", value_type="money", unit_of_measure="đồng"),
    measure("rate", value_type="decimal", unit_of_measure="%", is_required=False),
    measure("change", may_be_negative=True),
    measure("staff", kind="stock"),
    measure("officers", kind="stock", part_of="staff"),
    measure("station", kind="stock", value_type="yes_no", unit_of_measure="có/không"),
    measure("places", breakdown="place"),
]
GOOD: Values = {
    "cases": 10,
    "cases.a": 6,
    "cases.a1": 2,
    "cases.a2": 4,
    "cases.b": 4,
    "solved": 7,
    "solved.a": 4,
    "solved.a1": 1,
    "solved.a2": 3,
    "solved.b": 3,
    "loss": 4_600_000,
    "rate": Decimal("5.5"),
    "change": -3,
    "staff": 20,
    "officers": 8,
    "station": "Có",
    "places": 5,
    "places.x": 2,
    "places.y": 3,
}
ODD: tuple[object, ...] = (
    *(None, None, "KAD", "-", 0, 0, 3, 11, 25, 500, -1, -7),
    *(Decimal("2.5"), Decimal("0.1"), "nhiều", "12 vụ", "x", "...", "?", "Không"),
)
"""What is put into boxes where it may or may not belong; no numbers typed as text."""


@pytest.fixture(scope="module")
def programme() -> Programme:
    """Breakdowns closed and open, two levels deep; parts strict and lenient; rules."""
    unit = {
        "name_vi": "Đơn vị",
        "name_en": "Unit",
        "unit_type": "commune",
        "valid_from": dt.date(2000, 1, 1),
    }
    name = {"name_vi": "Tên", "name_en": "Name"}
    return Programme.model_validate(
        {
            "folder": Path(),
            "code": "offline",
            **name,
            "root_unit": "P",
            "term": {"calendar": "civil", "first_year": 2021, "last_year": 2025},
            "reporting_from_year": 2021,
            "levels": [{"code": "province", **name}, {"code": "commune", **name}],
            "documents": [],
            "calendars": [{"code": "civil", **name, "start_month": 1, "start_day": 1}],
            "units": [
                {**unit, "unit_code": "P", "level": "province"},
                *(
                    {
                        **unit,
                        "unit_code": f"U{number}",
                        "level": "commune",
                        "parent_unit_code": "P",
                    }
                    for number in range(1, FILLINGS + 2)
                ),
            ],
            "code_lists": [
                {
                    "code": "kind",
                    "is_exhaustive": True,
                    "members": [
                        member("a"),
                        member("a1", "a"),
                        member("a2", "a"),
                        member("b"),
                    ],
                },
                {
                    "code": "place",
                    "is_open": True,
                    "is_exhaustive": True,
                    "members": [member("x"), member("y")],
                },
            ],
            "measures": MEASURES,
            "rules": [
                rule("STAFF_RANGE", "WARNING", kind="range", measure="staff", high=300),
                rule(
                    "SOLVED_OR_PLACES",
                    "WARNING",
                    kind="compare",
                    left=["places"],
                    comparator="<=",
                    right=["cases"],
                    tolerance=2,
                ),
            ],
            "rule_settings": [
                {"rule_code": "MEMBER_OVER_TOTAL", "severity": "WARNING"}
            ],
            "forms": [
                {
                    "code": FORM,
                    **name,
                    "calendar": "civil",
                    "frequency": "month",
                    "measures": [m["code"] for m in MEASURES],
                    "valid_from": dt.date(2000, 1, 1),
                    "due_from": [{"levels": ["commune"]}],
                    "deadline_days": {"commune": 5},
                }
            ],
            "sources": [
                {
                    "code": "inbox",
                    **name,
                    "path": ".",
                    "reader": "template",
                    "number_style": "vi",
                }
            ],
        }
    )


def fillings() -> list[tuple[Values, str]]:
    """Values and nil mark per workbook: a good one, an empty one, then odd ones."""
    rng = random.Random(SEED)
    found: list[tuple[Values, str]] = [
        *((GOOD, ""), ({}, ""), ({}, "x"), (GOOD, "x")),
        *(({"cases": -2}, "x"), ({**GOOD, "staff": 301}, "")),
    ]
    while len(found) < FILLINGS:
        values = dict(GOOD) if rng.random() < 0.8 else {}
        for code in rng.sample(list(GOOD), rng.randint(1, 4)):
            values[code] = rng.choice(ODD)
        found.append((values, "x" if rng.random() < 0.2 else ""))
    return found


@pytest.fixture(scope="module")
def computed(programme: Programme, tmp_path_factory) -> list[Path]:
    """Every filling as a workbook that LibreOffice opened, computed and saved."""
    if SOFFICE is None:
        pytest.skip("no LibreOffice (soffice) on this machine to compute the formulas")
    folder = tmp_path_factory.mktemp("offline")
    sent, saved = folder / "sent", folder / "saved"
    for number, (values, nil) in enumerate(fillings(), 1):
        path = sent / f"{number:02}.xlsx"
        write_template(path, programme, FORM, f"U{number}", PERIOD, values=values)
        if nil:
            mark_nil(path, nil)
    text = {**GOOD, "cases": "1.656", "cases.b": "4,6 nghìn"}
    number = FILLINGS + 1
    write_template(
        sent / f"{number:02}.xlsx", programme, FORM, f"U{number}", PERIOD, values=text
    )
    subprocess.run(
        [
            *(
                SOFFICE,
                "--headless",
                f"-env:UserInstallation={(folder / 'p').as_uri()}",
            ),
            *("--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(saved)),
            *map(str, sorted(sent.glob("*.xlsx"))),
        ],
        check=True,
        capture_output=True,
        timeout=TIMEOUT_S,
    )
    return sorted(saved.glob("*.xlsx"))


def mark_nil(path: Path, mark: str) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book[layout.SHEET_FORM]
    sheet.cell(layout.ROW_NIL + 1, layout.COLUMN_VALUE + 1).value = mark
    book.save(path)


@pytest.fixture(scope="module")
def judged(programme: Programme, computed: list[Path]) -> Judgement:
    now = dt.datetime(2024, 2, 1, tzinfo=dt.UTC)
    jobs = [ReadJob(p, p.stem, p.name, "inbox", now) for p in computed]
    read = read_deliveries(programme, jobs, None, workers=1)
    assert read.findings.empty, read.findings.message_vi.tolist()
    counts = ["form_code", "unit_code", "period_key", "observation_count"]
    return judge(
        programme,
        read.submissions,
        read.observations,
        read.findings,
        due_units(programme, programme.forms[0], periods_of(programme, 2025)),
        expand_measures(programme, None),
        pd.DataFrame(columns=counts),
    )


def said_offline(path: Path) -> tuple[str, dict[str, str]]:
    """The line that sums up, and the text beside each measure that shows one."""
    sheet = openpyxl.load_workbook(path, data_only=True)[layout.SHEET_FORM]
    rows = sheet.iter_rows(min_row=layout.ROW_FIRST_MEASURE + 1, values_only=True)
    texts = {
        str(row[layout.COLUMN_CODE]): str(row[layout.COLUMN_CHECK] or "")
        for row in rows
        if row[layout.COLUMN_CODE]
    }
    summary = sheet.cell(layout.ROW_NIL + 1, layout.COLUMN_CHECK + 1).value
    return str(summary), texts


def said_by_gate(judged: Judgement, path: Path) -> dict[str, str]:
    """The gravest severity per measure."""
    found = judged.findings[judged.findings.delivery_sha256.eq(path.stem)]
    found = found[found.indicator_code.notna() & found.severity.ne("INFO")]
    return found.groupby("indicator_code").severity.min().to_dict()


def test_every_measure_is_flagged_alike(
    computed: list[Path], judged: Judgement
) -> None:
    differing = {}
    flagged = {"ERROR": 0, "WARNING": 0}
    status = judged.submissions.set_index("delivery_sha256").status
    for path in computed[:FILLINGS]:
        _, texts = said_offline(path)
        offline = {c: MARKS[t[0]] for c, t in texts.items() if t[:1] in MARKS}
        gate = said_by_gate(judged, path)
        if status[path.stem] == "rejected":  # doubts of a refused one are not told
            offline = {c: s for c, s in offline.items() if s == "ERROR"}
        for severity in gate.values():
            flagged[severity] += 1
        for code in offline.keys() | gate.keys():
            if offline.get(code) != gate.get(code):
                told = (texts.get(code), gate.get(code))
                differing[path.name, code] = told
    assert not differing
    assert min(flagged.values()) > 20, "the fillings hold too few faults to compare"


def test_the_line_above_the_table_sums_up(
    computed: list[Path], judged: Judgement
) -> None:
    told = judged.findings.groupby("delivery_sha256").rule_code.agg(set)
    for path in computed[:FILLINGS]:
        summary, texts = said_offline(path)
        marks = [text[:1] for text in texts.values()]
        rules = told.get(path.stem, set())
        has_clash = "NIL_WITH_FIGURES" in rules
        assert ("EMPTY_SUBMISSION" in rules) == ("Chưa điền" in summary), path.name
        assert ("ALL_VALUES_REFUSED" in rules) == ("đều sai" in summary), path.name
        if not rules & {"EMPTY_SUBMISSION", "ALL_VALUES_REFUSED"}:
            is_good = not set(marks) & set(MARKS) and not has_clash
            assert is_good == (summary == "✓ Không thấy lỗi"), path.name
            assert is_good or f"Còn {marks.count('✗')} lỗi" in summary
            assert has_clash == ("mà vẫn có số liệu" in summary), path.name
    assert said_offline(computed[0])[0] == "✓ Không thấy lỗi"
    assert "không phát sinh mà vẫn có số liệu" in said_offline(computed[3])[0]


def test_a_number_typed_as_text_is_a_doubt_only_offline(
    computed: list[Path], judged: Judgement
) -> None:
    _, texts = said_offline(computed[-1])
    assert texts["cases"] == texts["cases.b"] == "⚠ chữ, hãy nhập thành số"
    found = judged.findings[judged.findings.delivery_sha256.eq(computed[-1].stem)]
    assert "NOT_A_NUMBER" not in set(found.rule_code)


def test_the_workbook_knows_the_weights_of_gate_one() -> None:
    weights = {rule.rule_code: str(rule.severity) for rule in catalogue()[1]}
    assert {code: weights.get(code) for code in SEVERITIES} == SEVERITIES
