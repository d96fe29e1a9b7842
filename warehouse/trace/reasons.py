"""What there is to say of a row beside its cells, in both languages.

Instants of the marts, naive UTC, are shown on the clock of the zone given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.trace.figures import Figure

Reason = dict[str, str]
_DELIVERY = "nhiemky deliveries show"


def published(
    row: Mapping[str, Any], state: Mapping[str, Any], zone: ZoneInfo
) -> Reason:
    """Which state a publication was made from."""
    reports, files = state["reports"], state["deliveries"]
    at, last = (
        _moment(moment, zone) for moment in (row["published_at"], state["received_at"])
    )
    day = f"{row['as_of_date']:%d/%m/%Y}"
    return {
        "vi": f"Công bố lúc {at} từ {reports} báo cáo đã nhận trong {files} tệp, báo"
        f" cáo mới nhất đến lúc {last}; xét theo ngày {day}.",
        "en": f"Published at {at} from {reports} accepted reports in {files}"
        f" deliveries, the newest received at {last}; judged as of {day}.",
    }


def of_cell(row: Mapping[str, Any]) -> list[Reason]:
    """What a row that names a cell says of it: a finding its message."""
    if row.get("message_vi"):
        return [{"vi": row["message_vi"], "en": row["message_en"]}]
    if row["source_cell"] is None:
        return [
            {
                "vi": "Báo cáo không ghi ô nào cho số này.",
                "en": "The report names no cell for it.",
            }
        ]
    return []


def of_report(row: Mapping[str, Any], has_cells: bool, zone: ZoneInfo) -> list[Reason]:
    """Why there is no report, or no cell of it in the marts."""
    due = _moment(row["due_at"], zone)
    longer = row.get("extension_reason")
    extended = {
        "vi": f"Đã gia hạn: {longer}." if longer else "",
        "en": f"Extended: {longer}." if longer else "",
    }
    if row["submission_id"] is None:
        late = row.get("days_late") or 0
        vi = f", quá {late} ngày" if late else ", chưa đến hạn"
        en = f", {late} days overdue" if late else ", not due yet"
        return [
            {
                "vi": f"Chưa có báo cáo: hạn {due}{vi}. {extended['vi']}".strip(),
                "en": f"No report came: due {due}{en}. {extended['en']}".strip(),
            }
        ]
    if has_cells:
        return [extended] if longer else []
    delivery = f"{_DELIVERY} {row['delivery_sha256'][:12]}"
    if row.get("is_control_total"):
        return [
            {
                "vi": "Báo cáo tổng hợp để đối chiếu: ô của nó không cộng vào số nào;"
                f" xem {delivery}.",
                "en": "A control total: compared with the sum of the units below and"
                f" never added, so no cell of it is in a mart; see {delivery}.",
            }
        ]
    return [
        {
            "vi": f"Trạng thái {row['status']}: không ô nào vào kho; xem {delivery}.",
            "en": f"Its status is {row['status']}: no cell of it entered; see"
            f" {delivery}.",
        }
    ]


def of_figures(
    row: Mapping[str, Any],
    figures: Sequence[Figure],
    has_cells: bool,
    zone: ZoneInfo,
) -> list[Reason]:
    """The words of a verdict, what was known when, and why there is no cell."""
    said: list[Reason] = []
    if row.get("verdict_reason_vi"):
        said.append({"vi": row["verdict_reason_vi"], "en": row["verdict_reason_en"]})
    if row.get("why_vi"):
        said.append({"vi": row["why_vi"], "en": row["why_en"]})
    if row.get("evidence_vi"):
        said.append(
            {
                "vi": f"Minh chứng: {row['evidence_vi']}",
                "en": f"Evidence: {row.get('evidence_en') or ''}",
            }
        )
    if any(figure.known_at for figure in figures):
        then = _moment(row["published_at"], zone)
        said.append(
            {
                "vi": f"Các ô như đã biết lúc công bố bản chốt {row['edition_code']},"
                f" {then}.",
                "en": f"Cells as known when edition {row['edition_code']} was"
                f" published, {then}.",
            }
        )
    if not has_cells:
        said.append(
            {
                "vi": "Không có ô nào: chưa có báo cáo nào được nhận có số này.",
                "en": "No cell: no accepted report has a figure for it.",
            }
            if figures
            else {
                "vi": "Dòng này không dựa trên số liệu nào.",
                "en": "The row rests on no figure.",
            }
        )
    return said


def _moment(value: dt.datetime | None, zone: ZoneInfo) -> str:
    if value is None:
        return "?"
    return f"{value.replace(tzinfo=dt.UTC).astimezone(zone):%d/%m/%Y %H:%M}"
