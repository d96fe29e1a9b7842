from __future__ import annotations

from sources.programme.findings import Severity, as_findings, make_finding
from sources.replies.remarks import remarks_of


def finding(severity: Severity, sha256: str, cell: str | None, **more: str) -> dict:
    return make_finding(
        programme_code="p",
        rule_code="R",
        severity=severity,
        scope="observation",
        delivery_sha256=sha256,
        sheet="Biểu" if cell else None,
        cell=cell,
        **{"message_vi": "sai", "message_en": "wrong", **more},  # type: ignore[arg-type]
    )


def test_remarks_stand_heaviest_first_and_in_the_order_of_the_sheet() -> None:
    rows = [
        finding(Severity.INFO, "a", "D2"),
        finding(Severity.ERROR, "a", "D10"),
        finding(Severity.ERROR, "a", "D9"),
        finding(Severity.BLOCKER, "a", None),
        finding(Severity.WARNING, "b", "D1"),
    ]
    found = remarks_of(as_findings(rows), {"a": "a.xlsx", "b": "b.xlsx"}, {})
    assert [(r.severity, r.cell) for r in found["a"]] == [
        ("BLOCKER", ""),
        ("ERROR", "D9"),
        ("ERROR", "D10"),
        ("INFO", "D2"),
    ]
    assert [r.cell for r in found["b"]] == ["D1"]


def test_a_remark_names_the_measure_and_leaves_the_place_to_its_cell() -> None:
    row = finding(
        Severity.ERROR,
        "a",
        "D9",
        indicator_code="m",
        message_vi="Tệp “a.xlsx”, trang “Biểu”, ô D9: m phải là số.",
        message_en="File “a.xlsx”, sheet “Biểu”, cell D9: m must be a number.",
        observed="abc",
    )
    (remark,) = remarks_of(as_findings([row]), {"a": "a.xlsx"}, {"m": "Số vụ"})["a"]
    assert remark == (
        *("ERROR", "Biểu", "D9", "Số vụ (m)"),
        *("m phải là số.", "m must be a number.", "abc", "", False),
    )
