"""Left out: what a file held that was not read, said to whoever sent it."""

from __future__ import annotations

from collections.abc import Set

from sources.programme.findings import Severity, make_finding
from sources.programme.model import Programme
from sources.readers.assembly import Parts


def macros_left_out(
    programme: Programme, parts: Parts, deliveries: Set[str]
) -> list[dict[str, object]]:
    """A WARNING per submission read from a delivery with macros; they never run."""
    if not deliveries:
        return []
    found = [
        row
        for frame in parts.submissions
        for row in frame[frame.delivery_sha256.isin(deliveries)].to_dict("records")
    ]
    return [
        make_finding(
            programme_code=programme.code,
            rule_code="R_MACROS_LEFT_OUT",
            severity=Severity.WARNING,
            scope="submission",
            message_vi="Tệp chứa macro. Macro không được chạy, chỉ số liệu đã lưu được"
            " đọc. Kiểm tra số liệu; lần sau lưu tệp không kèm macro.",
            message_en="The file holds macros. They are not run, only the stored"
            " figures are read. Check the figures; save without macros next time.",
            submission_id=row["submission_id"],
            delivery_sha256=row["delivery_sha256"],
            form_code=row["form_code"],
            unit_code=row["unit_code"],
            period_key=row["period_key"],
        )
        for row in found
    ]
