"""Small programmes, batches and builds for the warehouse's tests, without its friends.

One programme `demo`: a root, two communes, one yearly form with one flow. Reference
frames not named are empty; columns come from warehouse.raw_schema.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal

import pandas as pd

from warehouse.ledger import Ledger
from warehouse.raw_schema import REFERENCE, SHARED

START = dt.datetime(2024, 1, 5, 8, tzinfo=dt.UTC)
FOREVER = dt.date(9999, 12, 31)
EARLY = dt.date(2000, 1, 1)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def moment(hours: int) -> dt.datetime:
    return START + dt.timedelta(hours=hours)


def origins(*rows: tuple[str, int], programme: str = "demo") -> pd.DataFrame:
    """One row per (content, hours): a file with that content, written then."""
    return pd.DataFrame(
        {
            "programme_code": programme,
            "source_code": "inbox",
            "origin": f"file:///in/{content}-{hours}.xlsx",
            "file_name": f"{content}.xlsx",
            "size_bytes": len(content),
            "modified_at": moment(hours),
            "delivery_sha256": sha(content),
        }
        for content, hours in rows
    )


def submission(
    content: str,
    unit: str | None = "A",
    status: str = "accepted",
    form: str | None = "F",
    period: str | None = "civil-2024-Y",
    programme: str = "demo",
    **other: object,
) -> dict[str, object]:
    return {
        "submission_id": sha(f"{programme}{content}{form}{unit}{period}")[:32],
        "programme_code": programme,
        "delivery_sha256": sha(content),
        "file_name": f"{content}.xlsx",
        "sheet": "Biểu",
        "form_code": form,
        "unit_code": unit,
        "period_key": period,
        "template_version": "1",
        "number_style": "vi",
        "declared_version": pd.NA,
        "is_nil_report": False,
        "is_simulated": True,
        "is_control_total": False,
        "reader": "template",
        "status": status,
        **other,
    }


def observations(
    submissions: pd.DataFrame, values: dict[str, str] | None = None
) -> pd.DataFrame:
    """One value of measure `m` in B2 per submission, and a missing `x` in B3."""
    chosen = values or {}
    ids = submissions.submission_id
    reported = pd.DataFrame(
        {
            "submission_id": ids,
            "measure_code": "m",
            "value": [Decimal(chosen.get(i, "7")) for i in ids],
            "observation_status": "reported",
            "raw_text": [chosen.get(i, "7") for i in ids],
            "sheet": "Biểu",
            "cell": "B2",
            "qualifier": None,
        }
    )
    missing = reported.assign(
        measure_code="x", value=None, observation_status="missing", cell="B3"
    )
    frame = pd.concat([reported, missing], ignore_index=True)
    return frame.assign(row_id=range(len(frame)))


FINDING = {
    "unit_code": "A",
    "form_code": "F",
    "period_key": "civil-2024-Y",
    "indicator_code": "m",
    "rule_code": "whole",
    "severity": "WARNING",
    "scope": "observation",
    "is_blocking": False,
    "is_quarantining": False,
    "message_vi": "Kiểm tra lại",
    "message_en": "Check again",
    "sheet": "Biểu",
    "cell": "B2",
    "observed": "7",
    "expected": None,
}
FINDING_COLUMNS = (
    "finding_id",
    "programme_code",
    "delivery_sha256",
    "submission_id",
    *FINDING,
)


def findings(submissions: pd.DataFrame) -> pd.DataFrame:
    """One warning per submission."""
    frame = submissions[["programme_code", "delivery_sha256", "submission_id"]].copy()
    frame.insert(0, "finding_id", [sha(i)[:32] for i in frame.submission_id])
    return frame.assign(**FINDING)


def no_findings() -> pd.DataFrame:
    return pd.DataFrame(columns=list(FINDING_COLUMNS))


def record(
    ledger: Ledger,
    rows: list[tuple[dict[str, object], int]],
    quarantined: tuple[int, ...] = (),
    programme: str = "demo",
) -> pd.DataFrame:
    """Receives and judges submissions, each with its hour; gives the batch."""
    batch = pd.DataFrame([row for row, _ in rows])
    arrivals = [(str(row["file_name"])[:-5], hours) for row, hours in rows]
    ledger.record_deliveries(origins(*arrivals, programme=programme), {}, programme)
    ledger.record_judgement(
        programme,
        batch,
        findings(batch),
        observations(batch),
        pd.Series(quarantined, dtype="int64"),
    )
    return batch


def reference(
    programme: str = "demo", prefix: str = "", calendar: str = "civil"
) -> dict[str, pd.DataFrame]:
    """Reference frames: root R, communes A and B, form F, measure m, two years."""
    codes = {name: prefix + name for name in ("R", "A", "B", "F", "m")}
    units = [codes["R"], codes["A"], codes["B"]]
    rows: dict[str, list[dict[str, object]]] = {
        "ref_unit": [
            {
                "unit_key": f"k{code}",
                "unit_code": code,
                "name_vi": f"Đơn vị {code}",
                "level": "top" if code == codes["R"] else "commune",
                "parent_unit_code": None if code == codes["R"] else codes["R"],
                "valid_from": EARLY,
                "valid_to": FOREVER,
                "is_current": True,
            }
            for code in units
        ],
        "ref_unit_ancestor": [
            _ancestor(code, above, depth)
            for code in units
            for above, depth in ((code, 0), (codes["R"], 1))
            if depth == 0 or code != above
        ],
        "ref_measure": [
            {
                "indicator_code": codes["m"],
                "kind": "flow",
                "value_type": "count",
                "unit_aggregation": "sum",
                "decimals": 0,
                "form_code": codes["F"],
                "is_required": True,
            }
        ],
        "ref_indicator": [
            {
                "indicator_code": codes["m"],
                "kind": "flow",
                "scale": Decimal(1),
                "time_aggregation": "sum",
                "unit_aggregation": "sum",
                "decimals": 0,
            }
        ],
        "ref_form": [
            {
                "form_code": codes["F"],
                "frequency": "year",
                "calendar_code": calendar,
                "first_year": 2023,
                "valid_from": EARLY,
                "valid_to": FOREVER,
            }
        ],
        "ref_form_due": [
            {
                "form_code": codes["F"],
                "level": "commune",
                "since": dt.date(1, 1, 1),
                "until": FOREVER,
            }
        ],
        "ref_period": [_year(calendar, 2023, None), _year(calendar, 2024, 2023)],
        "ref_period_part": [
            {
                "period_key": f"{calendar}-{year}-Y",
                "part_period_key": f"{calendar}-{year}-Y",
                "part_period_type": "year",
            }
            for year in (2023, 2024)
        ],
    }
    return {
        table: _frame(table, columns, rows.get(table, []), programme)
        for table, columns in {**REFERENCE, **SHARED}.items()
    }


def _frame(
    table: str,
    columns: dict[str, str],
    rows: list[dict[str, object]],
    programme: str,
) -> pd.DataFrame:
    full = [{"programme_code": programme, **row} for row in rows]
    return pd.DataFrame(full, columns=list(columns), dtype=object)


def _ancestor(code: str, above: str, depth: int) -> dict[str, object]:
    return {
        "unit_key": f"k{code}",
        "ancestor_unit_key": f"k{above}",
        "unit_code": code,
        "ancestor_unit_code": above,
        "depth": depth,
        "valid_from": EARLY,
        "valid_to": FOREVER,
    }


def _year(calendar: str, year: int, previous: int | None) -> dict[str, object]:
    before = None if previous is None else f"{calendar}-{previous}-Y"
    return {
        "period_key": f"{calendar}-{year}-Y",
        "calendar_code": calendar,
        "period_type": "year",
        "label_vi": f"Năm {year}",
        "label_en": f"Year {year}",
        "start_date": dt.date(year, 1, 1),
        "end_date": dt.date(year + 1, 1, 1),
        "year": year,
        "period_number": 1,
        "year_period_key": f"{calendar}-{year}-Y",
        "previous_period_key": before,
        "same_period_last_year_key": before,
    }
