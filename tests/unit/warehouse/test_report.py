"""Pages: escaped, self-contained, open findings only, and marked when simulated."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from warehouse.report import render_findings
from warehouse.report.page import vietnamese_number

PUBLICATION = {
    "publication_id": "p1",
    "published_at": dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    "as_of_date": dt.date(2026, 11, 22),
}
FINDING: dict[str, object] = {
    "finding_id": "0123456789abcdef0123456789abcdef",
    "severity": "ERROR",
    "status": "open",
    "life": "new",
    "waived_by": None,
    "waived_reason": None,
    "waived_until": None,
    "rule_code": "NOT_A_NUMBER",
    "unit_code": "U1",
    "unit_code_found": None,
    "form_code": "F",
    "form_code_found": None,
    "period_key": "police-2023-M01",
    "period_key_found": None,
    "source_file": "<script>alert(1)</script>.xlsx",
    "source_sheet": "Biểu",
    "source_cell": "D11",
    "message_vi": "Ô D11 <b>không</b> là số",
    "message_en": "cell D11 is no number",
    "is_simulated": True,
}


def page(*findings: dict[str, object]) -> str:
    return render_findings("Tên", "Name", pd.DataFrame(findings), PUBLICATION)


def test_what_units_type_is_escaped() -> None:
    html = page(FINDING)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;.xlsx" in html
    assert "&lt;b&gt;không" in html


def test_resolved_findings_are_counted_apart_and_not_listed() -> None:
    html = page(FINDING, {**FINDING, "status": "resolved", "rule_code": "OLD_ONE"})
    assert "OLD_ONE" not in html
    assert "<b>1</b>ERROR" in html


def test_waived_findings_say_by_whom_why_and_until_which_day() -> None:
    waived = {
        **FINDING,
        "status": "waived",
        "life": "waived",
        "waived_by": "Lan",
        "waived_reason": "<i>đã hỏi</i>",
        # midnight of 11/06/2024 in Hà Nội, late evening of the 10th in UTC
        "waived_until": dt.datetime(2024, 6, 10, 17),
    }
    html = page(FINDING, waived)
    assert "Lan: &lt;i&gt;đã hỏi&lt;/i&gt;; đến hết · until 10/06/2024" in html
    assert "<b>1</b>ERROR" in html
    assert "waived: 1" in html
    assert html.count('class="r-ERROR r-waived"') == 1
    assert "until" not in page({**waived, "waived_until": None})


def test_the_life_of_an_open_finding_is_told() -> None:
    assert "mở lại" in page({**FINDING, "life": "reopened"})
    assert "seen before" in page({**FINDING, "life": "seen"})


def test_marks_that_turn_the_direction_are_not_shown() -> None:
    html = page(
        {**FINDING, "source_file": "báo\u202exslx.gpj\x07", "source_cell": None}
    )
    assert "<bdi>báo xslx.gpj </bdi>" in html
    assert "\u202e" not in html


def test_thousands_of_findings_are_one_row_each_and_the_rest_is_counted() -> None:
    html = render_findings("Tên", "Name", pd.DataFrame([FINDING] * 5_003), PUBLICATION)
    assert html.count("<tr class=") == 5_000
    assert "… 3 nữa" in html


def test_simulated_is_said_even_when_nothing_is_open() -> None:
    assert "SIMULATED" in page({**FINDING, "status": "resolved"})
    assert "SIMULATED" not in page({**FINDING, "is_simulated": False})


def test_pages_need_no_network() -> None:
    html = page(FINDING)
    assert "default-src 'none'" in html
    assert "http://" not in html
    assert "https://" not in html


@pytest.mark.parametrize(
    ("value", "text"),
    [(1656.5, "1.656,5"), (7173, "7.173"), (0.46, "0,46"), (None, ""), (100.0, "100")],
)
def test_figures_are_written_the_vietnamese_way(value: object, text: str) -> None:
    assert vietnamese_number(value) == text
