"""What the ledger and the gates give to tell: findings, refusals, turns.

Shape: pure functions, a frame in, a list of notices out, one per subject; many alike
become one entry of the message (`message`). Values of cells are left out on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from orchestration.alerts.words import one_line
from orchestration.unplaced import FILES, ROWS
from sources.programme.findings import Severity
from warehouse.ledger.notice import Notice
from warehouse.ledger.rows import digest

PERSONAL_DATA = "PERSONAL_DATA"
SHORT_ID = 10
"""Digits of a finding's id that a command needs: unique among millions."""
_BAD = ("not_met", "off_track", "cannot_judge")


def finding_notices(findings: pd.DataFrame, deliveries: pd.DataFrame) -> list[Notice]:
    """One notice per open BLOCKER and subject; what was seen before is no news.

    Rows whose unit or period nobody knows are no BLOCKER, and yet they are out until a
    person decides: one notice per delivery that holds some.

    Takes `Ledger.findings` and `Ledger.deliveries`. Refusals of personal data are a
    kind of their own, without the file's name, which may itself name a person; so are
    versions that are held until a person decides, each of which is a new question.
    """
    is_out = findings.rule_code.isin(list(ROWS))
    is_told = findings.severity.eq(Severity.BLOCKER) | is_out
    found = findings[findings.status.eq("open") & is_told]
    is_more = found.rule_code.isin(list(ROWS))
    is_more &= found.duplicated(["delivery_sha256", "rule_code"])
    found = found[~is_more].sort_values("is_repeat", ascending=False)
    about = deliveries.set_index("delivery_sha256")[["source_code", "file_name"]]
    names = {
        str(sha256): (str(source), str(name))
        for sha256, source, name in about.itertuples(name=None)
    }
    texts = found.astype(object).where(found.notna(), None)
    return [_finding(row, names) for row in texts.to_dict("records")]


def _finding(
    row: Mapping[Hashable, Any], names: Mapping[str, tuple[str, str]]
) -> Notice:
    kind = _kind(row)
    sha256 = str(row["delivery_sha256"] or "")
    source, name = names.get(sha256, ("", sha256[:12]))
    source = f"{source}:" if source else ""
    if kind == "personal_data":
        parts = [source, sha256[:12]]
    else:
        parts = [source, name, row["sheet"], row["cell"]]
    rule = str(row["rule_code"])
    about = {"held": row["finding_id"], "unmatched": f"{sha256}|{rule}"}
    told = {name: t.format(rule=rule) for name, t in _FINDING_WORDS[kind].items()}
    return Notice(
        key=f"{kind}|{about.get(kind, row['subject_key'])}",
        kind=kind,
        severity=str(row["severity"]),
        unit_code=_code(row["unit_code"]),
        form_code=_code(row["form_code"]),
        period_key=_code(row["period_key"]),
        rule_code=rule,
        place=" ".join(one_line(part) for part in parts if part) or None,
        message_vi=told["message_vi"],
        message_en=told["message_en"],
        remedy_vi=told["remedy_vi"],
        remedy_en=told["remedy_en"],
        command=(
            f"nhiemky deliveries show {sha256[:12]}"
            if kind == "unmatched"
            else f"nhiemky findings show {row['finding_id'][:SHORT_ID]}"
        ),
        is_news=kind == "held" or row["life"] != "seen",
    )


def _kind(row: Mapping[Hashable, Any]) -> str:
    if row["is_hold"]:
        return "held"
    if row["rule_code"] in (*FILES, *ROWS):
        return "unmatched"
    return "personal_data" if row["rule_code"] == PERSONAL_DATA else "finding"


_FINDING_WORDS = {
    "finding": {
        "message_vi": "Báo cáo không được nhận vì lỗi {rule}.",
        "message_en": "The submission is not accepted because of {rule}.",
        "remedy_vi": "Chuyển tệp trả lời đã đánh dấu cho đơn vị, đề nghị sửa, gửi lại.",
        "remedy_en": "Pass the marked reply on; ask the unit to mend and send again.",
    },
    "held": {
        "message_vi": "Bản mới bị giữ lại vì {rule}; bản trước vẫn có hiệu lực.",
        "message_en": "A new version is held because of {rule}; the old one stays.",
        "remedy_vi": "Hỏi đơn vị: nhầm thì gửi lại bản đầy đủ, đúng thì cho qua"
        " (findings waive).",
        "remedy_en": "Ask the unit: a slip is sent again in full, the truth is let in"
        " (findings waive).",
    },
    "unmatched": {
        "message_vi": "Không biết tệp, hoặc dòng trong tệp, là của ai ({rule}).",
        "message_en": "Nobody could place the delivery, or rows of it ({rule}).",
        "remedy_vi": "Xem tệp, rồi ghi biểu, đơn vị, kỳ (deliveries assign) hoặc tên"
        " là đơn vị nào (units match); không thì trả lại nơi gửi.",
        "remedy_en": "Look at it, then say what it is (deliveries assign) or which"
        " units the names are (units match), or send it back.",
    },
    "personal_data": {
        "message_vi": "Tệp có dữ liệu cá nhân: bị từ chối, chuyển vào khu cách ly.",
        "message_en": "The file holds personal data: refused and quarantined.",
        "remedy_vi": "Yêu cầu nơi gửi xóa dữ liệu cá nhân, chỉ gửi số liệu tổng hợp.",
        "remedy_en": "Ask the sender to remove it and to send aggregate figures only.",
    },
}


def refusal_notices(reasons: str | None) -> list[Notice]:
    """At most one notice: gate 2 refused the build, and why.

    The same reasons with other figures are the same refusal.
    """
    if reasons is None:
        return []
    lines = [one_line(line, 300) for line in reasons.splitlines() if line.strip()]
    half = (len(lines) + 1) // 2  # first all in Vietnamese, then the same in English
    sort = digest(re.sub(r"\d+", "#", reasons))
    return [
        Notice(
            key=f"gate_refused|{sort}",
            kind="gate_refused",
            severity=str(Severity.BLOCKER),
            message_vi="Không công bố: " + " ".join(lines[:half]),
            message_en="Not published: " + " ".join(lines[half:] or lines),
            remedy_vi="Bản công bố trước vẫn giữ nguyên. Sửa số liệu, hoặc chấp nhận "
            "có lý do.",
            remedy_en="The previous publication stays. Mend the figures, or accept "
            "with a reason.",
            command='nhiemky publish --accept "lý do · reason"',
            repeats=True,
        )
    ]


def verdict_notices(changes: pd.DataFrame) -> list[Notice]:
    """One notice per target, unit and period whose verdict turned.

    Takes target_code, unit_code, period_key, verdict_before, verdict_now. A turn to the
    worse is a WARNING, to the better an INFO.
    """
    texts = changes.astype(object).where(changes.notna(), None)
    return [_turn(row) for row in texts.to_dict("records")]


def _turn(row: Mapping[Hashable, Any]) -> Notice:
    before, now = row["verdict_before"] or "—", row["verdict_now"] or "—"
    severity = Severity.WARNING if now in _BAD else Severity.INFO
    return Notice(
        key=f"verdict|{row['target_code']}|{row['unit_code']}|{row['period_key']}"
        f"|{before}|{now}",
        kind="verdict",
        severity=str(severity),
        unit_code=_code(row["unit_code"]),
        period_key=_code(row["period_key"]),
        rule_code=str(row["target_code"]),
        message_vi=f"Kết luận chỉ tiêu {row['target_code']}: {before} → {now}.",
        message_en=f"The verdict on target {row['target_code']}: {before} → {now}.",
        remedy_vi="Xem bằng chứng trước khi báo cáo lãnh đạo.",
        remedy_en="Look at the evidence before it is reported.",
        command="nhiemky scorecard",
        repeats=True,
    )


def _code(value: object) -> str | None:
    """A code as found in a file: foreign text, or nothing."""
    return None if value is None or value != value else one_line(value, 60)
