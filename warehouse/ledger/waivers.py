"""Waiving, closing and reopening findings: what people may decide, what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pandas as pd

from warehouse.errors import LedgerError
from warehouse.ledger.decisions import add_decision
from warehouse.ledger.findings import PLACE, read_findings, waived_values
from warehouse.ledger.models import Submission
from warehouse.ledger.queries import CLOSE, REOPEN, WAIVE
from warehouse.ledger.rows import fetch
from warehouse.ledger.store import Ledger
from warehouse.ledger.write import Write

DEFAULT_DAYS = 90
MAX_DAYS = 365
TIMEZONE = "Asia/Ho_Chi_Minh"
_NEAREST = 5


def waive(
    ledger: Ledger,
    findings: str | Sequence[str],
    by: str,
    reason: str,
    until: dt.date | None = None,
    *,
    programme_code: str | None = None,
    measures: pd.DataFrame | None = None,
    timezone: str = TIMEZONE,
) -> pd.DataFrame:
    """Waives findings, all of them or none; gives their rows as they are now.

    The waiver is about what each finding is about and the figure it saw, in whatever
    version; another figure opens it again. It silences a doubt, lets a quarantined
    value in, releases a held submission (this one only, until a person reopens it).
    The next run shows it.

    Args:
        ledger: Where the findings and decisions are.
        findings: Ids, or beginnings of ids that only one finding has.
        by: Who decides.
        reason: Why, for the auditor.
        until: Last day on which it holds; 90 days from today if none is given, at most
            a year. The release of a held submission ignores it.
        programme_code: Looks among this programme's findings only.
        measures: Measures by form (columns form_code and indicator_code); a value of
            none of them has no place to enter and cannot be waived.
        timezone: Whose midnight ends the last day.

    Raises:
        LedgerError: an id that is unknown, ambiguous or resolved, a fault that no
            waiver mends, no reason, or a day that will not do; nothing was recorded.
    """
    with ledger.writing() as write:
        rows = _pick(write, programme_code, findings)
        _refuse(rows, rows.is_resolved, "resolved")
        _refuse(rows, rows.is_blocking & ~rows.is_hold, "blocking")
        _refuse(rows, _has_no_place(rows, measures), "placeless")
        end = _end(write.now, until, timezone)
        _decide(write, rows, WAIVE, by, reason, end)
        return _afterwards(write, programme_code, rows)


def reopen(
    ledger: Ledger,
    findings: str | Sequence[str],
    by: str,
    reason: str,
    *,
    programme_code: str | None = None,
) -> pd.DataFrame:
    """Ends waivers and closures, all or none; gives their rows as they are now.

    A value that was let in is kept out again, a released submission is held again,
    from the next run on.

    Raises:
        LedgerError: an id that is unknown or ambiguous, a finding that is neither
            waived nor closed, or no reason; nothing was recorded.
    """
    with ledger.writing() as write:
        rows = _pick(write, programme_code, findings)
        _refuse(rows, rows.is_resolved & ~rows.is_closed, "resolved")
        _refuse(rows, rows.status.ne("waived") & ~rows.is_closed, "not_waived")
        _decide(write, rows[rows.is_closed].pipe(_alone), REOPEN, by, reason)
        _decide(write, rows[~rows.is_closed], REOPEN, by, reason)
        return _afterwards(write, programme_code, rows)


def close(
    ledger: Ledger,
    findings: str | Sequence[str],
    by: str,
    reason: str,
    *,
    programme_code: str | None = None,
) -> pd.DataFrame:
    """Closes findings that stop a submission; gives their rows as they are now.

    For what was settled another way: sent from another place, or sent by mistake. Each
    finding is closed alone, without an end; the same fault found again is a new one.
    The submission stays out.

    Raises:
        LedgerError: an id that is unknown, ambiguous or resolved, a finding that a
            waiver is for, or no reason; nothing was recorded.
    """
    with ledger.writing() as write:
        rows = _pick(write, programme_code, findings)
        _refuse(rows, rows.is_resolved, "resolved")
        _refuse(rows, ~rows.is_blocking | rows.is_hold, "not_blocking")
        _decide(write, _alone(rows), CLOSE, by, reason)
        return _afterwards(write, programme_code, rows)


def find(found: pd.DataFrame, findings: str | Sequence[str]) -> pd.DataFrame:
    """The rows of `Ledger.findings` that ids or beginnings of ids name, in order.

    Raises:
        LedgerError: one of them names no finding, or several; says which are near.
    """
    wanted = [findings] if isinstance(findings, str) else list(findings)
    texts = [text.strip().lower() for text in wanted]
    whole = dict(zip(found.finding_id, found.index, strict=True))
    return found.loc[
        [whole[text] if text in whole else _position(found, text) for text in texts]
    ]


def _position(found: pd.DataFrame, text: str) -> int:
    ids = found.finding_id.astype(str)
    hits = found[ids.str.startswith(text)] if text else found.iloc[:0]
    if len(hits) == 1:
        return int(hits.index[0])
    if len(hits):
        raise LedgerError(
            f"“{text}” là phần đầu của {len(hits)} phát hiện · begins {len(hits)} "
            f"findings. Ghi thêm vài ký tự · write more of the id: {_listed(hits)}."
        )
    shared = ids.map(lambda other: _shared(text, other))
    near = found.assign(shared=shared).sort_values("shared", ascending=False)
    raise LedgerError(
        f"Không có phát hiện nào mang mã bắt đầu bằng “{text}” · no finding has an id "
        f"that begins with it. Gần nhất · nearest: {_listed(near) or '-'}. "
        "`nhiemky findings list --status all` liệt kê · lists them."
    )


def _shared(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))


def _listed(rows: pd.DataFrame) -> str:
    shown = rows.head(_NEAREST)
    names = shown.finding_id.str[:12] + " (" + shown.rule_code
    return ", ".join(names + " " + shown.unit_code.fillna("?") + ")")


def _pick(
    write: Write, programme_code: str | None, findings: str | Sequence[str]
) -> pd.DataFrame:
    found = read_findings(write.connection, programme_code, write.now)
    return find(found, findings).drop_duplicates("finding_id")


_WHY = {
    "resolved": (
        "đã được giải quyết, không còn gì để quyết định · is resolved already: a later "
        "version was accepted, or the check no longer finds it"
    ),
    "blocking": (
        "chặn cả báo cáo; không miễn được. Sửa tệp rồi gửi lại, hoặc sửa chương trình "
        "· stops the whole submission and cannot be waived. Have it corrected and sent "
        "again, or correct the programme; only a held submission can be released. "
        "Đã giải quyết cách khác · settled another way: nhiemky findings close"
    ),
    "placeless": (
        "nói về một chỉ tiêu mà biểu không có; số liệu không có chỗ để vào kho. Sửa mã "
        "chỉ tiêu rồi gửi lại · is about a measure that the form does not have, so the "
        "value has no place to enter. Correct the code and send it again"
    ),
    "not_blocking": (
        "không chặn cả báo cáo; dùng `nhiemky findings waive` · does not stop a whole "
        "submission: use `nhiemky findings waive`"
    ),
    "not_waived": (
        "không đang được miễn · is not waived, so there is nothing to reopen"
    ),
    "twice": (
        "có nhiều giá trị của cùng một chỉ tiêu trong một báo cáo; chỉ một giá trị vào "
        "kho được · would let several values of one measure of one submission in, and "
        "only one can enter. Waive one with a figure of its own, or have one removed"
    ),
}


def _refuse(rows: pd.DataFrame, is_refused: pd.Series, why: str) -> None:
    refused = rows[is_refused]
    if len(refused):
        raise LedgerError(
            f"{_listed(refused)}: {_WHY[why]}. Không ghi gì · nothing was recorded."
        )


def _has_no_place(rows: pd.DataFrame, measures: pd.DataFrame | None) -> pd.Series:
    if measures is None:
        return pd.Series(False, index=rows.index)
    known = pd.MultiIndex.from_frame(measures[["form_code", "indicator_code"]])
    own = pd.MultiIndex.from_frame(rows[["form_code", "indicator_code"]])
    return rows.is_quarantining & ~own.isin(known)


def _end(now: dt.datetime, until: dt.date | None, timezone: str) -> dt.datetime:
    """The moment at which the last day is over."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    last = today + dt.timedelta(days=DEFAULT_DAYS) if until is None else until
    if not today <= last <= today + dt.timedelta(days=MAX_DAYS):
        raise LedgerError(
            f"Ngày hết hạn {last:%d/%m/%Y} không hợp lệ · a waiver holds until a day "
            f"from today to {MAX_DAYS} days from now "
            f"({today + dt.timedelta(days=MAX_DAYS):%Y-%m-%d}); then look again. "
            "Nothing was recorded. Give --until 31/12/2026 or 2026-12-31."
        )
    after = last + dt.timedelta(days=1)
    return dt.datetime.combine(after, dt.time(), zone).astimezone(dt.UTC)


def _decide(
    write: Write,
    rows: pd.DataFrame,
    kind: str,
    by: str,
    reason: str,
    until: dt.datetime | None = None,
) -> None:
    subjects = rows.drop_duplicates(["programme_code", "subject_id", "figure"])
    for row in subjects.to_dict("records"):
        add_decision(
            write,
            row["programme_code"],
            kind,
            "finding" if row["subject_id"] == row["finding_id"] else "subject",
            row["subject_id"],
            by,
            reason,
            None if row["is_hold"] else until,
            row["figure"],
        )
    held = rows.submission_id[rows.is_hold]
    touched = fetch(write.connection, Submission, "submission_id", held)
    write.rank(row["version_key"] for row in touched)


def _alone(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as what a decision about each of them alone is about."""
    return rows.assign(subject_id=rows.finding_id)


def _afterwards(
    write: Write, programme_code: str | None, rows: pd.DataFrame
) -> pd.DataFrame:
    """The rows as they are now; `effect`: silenced, let_in, released, closed or none.

    Raises:
        LedgerError: several values of one measure would enter.
    """
    found = read_findings(write.connection, programme_code, write.now)
    after = found[found.finding_id.isin(rows.finding_id)]
    values = [
        waived_values(write.connection, code, found[found.programme_code.eq(code)])
        for code in after.programme_code.unique()
    ]
    named = after.rename(columns={"indicator_code": "measure_code"})[PLACE]
    entering = named.merge(pd.concat(values), on=PLACE, how="left").is_released
    entering = entering.set_axis(after.index)
    _refuse(after, entering.eq(False), "twice")
    effect = pd.Series("none", index=after.index, dtype=object)
    effect = effect.mask(after.is_waived, "silenced")
    effect = effect.mask(after.is_waived & entering.eq(True), "let_in")
    effect = effect.mask(after.is_waived & after.is_hold, "released")
    return after.assign(effect=effect.mask(after.is_closed, "closed"))
