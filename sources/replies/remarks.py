"""Remarks: findings in the words and the order of the replies that tell of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from sources.replies.model import SEVERITIES, Remark
from sources.replies.texts import without_place
from sources.replies.wording import WAITING

_COLUMNS = (
    "delivery_sha256",
    "rule_code",
    "severity",
    "sheet",
    "cell",
    "indicator_code",
    "message_vi",
    "message_en",
    "observed",
    "expected",
)


def remarks_of(
    findings: pd.DataFrame,
    file_names: Mapping[str, str],
    measure_names: Mapping[str, str],
    ours: Collection[str] = (),
) -> dict[str, list[Remark]]:
    """Per delivery one remark per finding, heaviest first, then by sheet and cell.

    Takes findings of the deliveries in `file_names` (by SHA-256). Messages come without
    the file, sheet and cell that they begin with. Rules that are `ours` tell a
    maintainer what to do: the sender reads only that it waits for one.
    """
    frame = findings[list(_COLUMNS)].astype("object")
    frame = frame.where(frame.notna(), "")
    remarks: dict[str, list[Remark]] = {sha256: [] for sha256 in file_names}
    for row in frame.to_dict("records"):
        name = file_names[row["delivery_sha256"]]
        remark = Remark(
            severity=row["severity"],
            sheet=row["sheet"],
            cell=row["cell"],
            measure=_measure(row["indicator_code"], measure_names),
            message_vi=without_place(row["message_vi"], name),
            message_en=without_place(row["message_en"], name),
            observed=row["observed"],
            expected=row["expected"],
        )
        if row["rule_code"] in ours and row["severity"] != "INFO":
            vi, en = WAITING
            remark = remark._replace(
                message_vi=vi, message_en=en, expected="", is_ours=True
            )
        remarks[row["delivery_sha256"]].append(remark)
    return {sha256: sorted(said, key=_order) for sha256, said in remarks.items()}


def _measure(code: str, names: Mapping[str, str]) -> str:
    return f"{names[code]} ({code})" if code in names else code


def _order(remark: Remark) -> tuple[int, str, int, str]:
    severity = SEVERITIES.index(remark.severity)
    return severity, remark.sheet, len(remark.cell), remark.cell
