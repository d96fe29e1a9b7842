"""Mapped doubts: findings about rows of a foreign table that could not be placed."""

from __future__ import annotations

import pandas as pd

from sources.programme.findings import Severity, make_finding
from sources.programme.model import Programme
from sources.readers.assembly import ReadJob
from sources.readers.mapped_table import Table
from sources.readers.mapped_units import UNKNOWN_UNIT_NAME
from sources.readers.rejections import printable
from sources.readers.unit_proposals import propose_units

_MOST_NAMES = 50
_MOST_NEAREST = 3


def unknown_units(
    programme: Programme,
    job: ReadJob,
    table: Table,
    rows: pd.DataFrame,
) -> list[dict[str, object]]:
    """One ERROR per unit name that nobody decided on; its rows are not read."""
    findings = []
    groups = list(rows.groupby("unit_text", sort=False))[:_MOST_NAMES]
    names: dict[str, tuple[()]] = {str(name): () for name, _ in groups}
    proposed = propose_units(programme, names) if names else {}
    for name, group in groups:
        shown = printable(str(name), 80)
        nearest = proposed[str(name)][:_MOST_NEAREST] if name else []
        advice = ", ".join(f"{unit.name_vi!r} ({unit.unit_code})" for unit in nearest)
        findings.append(
            _finding(
                programme,
                job,
                table,
                UNKNOWN_UNIT_NAME,
                int(group.row.iloc[0]),
                f"chưa ai quyết định tên {shown!r} là đơn vị nào; {len(group)} dòng"
                f" không được đọc. Gần nhất: {advice or 'không có'}. Quyết định bằng"
                f" lệnh `nhiemky units match {job.read_as}`.",
                f"nobody has decided which unit {shown!r} is; {len(group)} rows were"
                f" not read. Nearest: {advice or 'none'}. Decide with"
                f" `nhiemky units match {job.read_as}`.",
                observed=shown,
                expected=", ".join(unit.name_vi for unit in nearest) or None,
            )
        )
    return findings


def rows_without_member(
    programme: Programme, job: ReadJob, table: Table, rows: pd.DataFrame
) -> list[dict[str, object]]:
    """One ERROR for all rows whose code of the breakdown is empty."""
    if rows.empty:
        return []
    shown = ", ".join(str(row + 1) for row in rows.row.head(10))
    return [
        _finding(
            programme,
            job,
            table,
            "R_ROW_WITHOUT_MEMBER",
            int(rows.row.iloc[0]),
            f"{len(rows)} dòng không có mã phân tổ (dòng {shown}) nên không được đọc."
            " Điền mã rồi gửi lại.",
            f"{len(rows)} rows have no breakdown code (rows {shown}) and were not read."
            " Fill in the codes and send it again.",
            observed=str(len(rows)),
            expected=None,
        )
    ]


def _finding(
    programme: Programme,
    job: ReadJob,
    table: Table,
    rule_code: str,
    row: int,
    message_vi: str,
    message_en: str,
    observed: str,
    expected: str | None,
) -> dict[str, object]:
    name = printable(job.file_name)
    return make_finding(
        programme_code=programme.code,
        rule_code=rule_code,
        severity=Severity.ERROR,
        scope="delivery",
        message_vi=f"{name}: {message_vi}",
        message_en=f"{name}: {message_en}",
        delivery_sha256=job.delivery_sha256,
        sheet=table.sheet,
        cell=f"{table.role_letters['unit']}{row + 1}",
        observed=observed,
        expected=expected,
    )
