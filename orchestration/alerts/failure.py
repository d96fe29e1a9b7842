"""A failed run in words that quote no cell: step, kind of error, its first line.

Shape: one `Failure` per run, made from what Dagster kept of the error, one notice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from orchestration.alerts.words import one_line, without_login
from warehouse.ledger.notice import Notice

_WRAPPERS = ("Dagster", "RetryRequestedFromPolicy")
"""What Dagster puts around our own errors; below ours stand only their causes."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")
SOURCE_DOWN = "source_down"
_SOURCE_ERROR = "SourceError"
_GATE_REFUSED = "GateRefused"
SERVER_BEHIND = "server_behind"
"""Kind and key of the alert that the server lacks the publication."""
_SERVER_ERROR = "PostgresError"
_STATE_VI = (
    "Bản công bố trước vẫn giữ nguyên.",
    "Số liệu đã công bố; việc sau đó chưa xong, lần chạy sau làm tiếp.",
)
_STATE_EN = (
    "The previous publication stays.",
    "The figures are published; what follows is owed, and the next run does it.",
)


@dataclass(frozen=True)
class Failure:
    """Why a run failed: the step, the error's class and its first line.

    `is_published`: the figures are out; what failed came after.
    """

    step: str
    error_class: str
    first_line: str
    run_id: str | None = None
    is_published: bool = False

    @classmethod
    def of(cls, step: str, error: Any, run_id: str | None = None) -> Failure:
        """From a serialised error of Dagster, or from an exception of our own."""
        if isinstance(error, BaseException):
            return cls(step, type(error).__name__, str(error), run_id)
        inner = innermost(error)
        return cls(step, inner.cls_name or "Error", _message(inner), run_id)


def innermost(error: Any) -> Any:
    """The error of ours inside what Dagster wrapped around it."""
    while error.cause and str(error.cls_name).startswith(_WRAPPERS):
        error = error.cause
    return error


def failure_notice(failure: Failure) -> Notice | None:
    """The notice of a failed run; None for a refusal of gate 2, which the ledger holds.

    Texts in quotes are left out: an error of a library may quote a cell. So are logins
    in addresses.
    """
    if failure.error_class == _GATE_REFUSED:
        return None
    plain = _QUOTED.sub("“…”", without_login(_first_line(failure.first_line)))
    first = one_line(plain)
    if failure.error_class == _SOURCE_ERROR and not failure.is_published:
        return source_notice(failure.first_line, run_id=failure.run_id)
    if failure.error_class == _SERVER_ERROR:
        return _server_notice(one_line(plain, 400), failure.run_id)
    return Notice(
        key=f"run_failed|{failure.step}|{failure.error_class}",
        kind="run_failed",
        severity="ERROR",
        place=f"{failure.step} / {failure.error_class}",
        message_vi=f"Bước {failure.step} dừng vì {failure.error_class}: {first}",
        message_en=f"Step {failure.step} stopped with {failure.error_class}: {first}",
        remedy_vi=f"{_STATE_VI[failure.is_published]} Xem lỗi, sửa rồi chạy lại.",
        remedy_en=f"{_STATE_EN[failure.is_published]} Look at the error, run again.",
        command="nhiemky doctor; nhiemky run",
        run_id=failure.run_id,
        repeats=True,
    )


def source_notice(
    message: str, code: str | None = None, run_id: str | None = None
) -> Notice:
    """The notice of a source that cannot be read; addresses lose their passwords.

    Without its code the message begins with the source.
    """
    reason = one_line(without_login(_first_line(message)), 400)
    source = f"source {code}" if code else reason.split(":", 1)[0]
    return Notice(
        key=f"{SOURCE_DOWN}|{source}",
        kind=SOURCE_DOWN,
        severity="ERROR",
        place=source,
        message_vi=f"Không nhận được tệp mới: {reason}",
        message_en=f"No new files can be pulled: {reason}",
        remedy_vi="Kiểm tra thư mục hoặc kết nối; không tệp nào bị mất, các nguồn khác"
        " vẫn chạy.",
        remedy_en="Check the folder or the connection; nothing is lost meanwhile, and"
        " the other sources go on.",
        command=f"nhiemky doctor; nhiemky {f'pull {code}' if code else 'run'}",
        run_id=run_id,
        repeats=True,
    )


def _server_notice(reason: str, run_id: str | None) -> Notice:
    """The notice that the BI server lacks the publication; the same at each attempt."""
    return Notice(
        key=SERVER_BEHIND,
        kind=SERVER_BEHIND,
        severity="ERROR",
        place="Postgres",
        message_vi=f"Máy chủ BI chưa nhận được bản công bố mới: {reason}",
        message_en=f"The BI server lacks the newest publication: {reason}",
        remedy_vi="Tệp DuckDB và Parquet đã mới, máy chủ vẫn phục vụ bản trước. Sửa máy"
        " chủ hoặc địa chỉ; lần chạy sau tự làm tiếp.",
        remedy_en="The DuckDB file and Parquet are new, the server still serves what it"
        " had. Mend the server or its address; the next run goes on by itself.",
        command="nhiemky doctor; nhiemky publish",
        run_id=run_id,
        repeats=True,
    )


def source_key(code: str) -> str:
    """The key of the alert that a source is down."""
    return f"{SOURCE_DOWN}|source {code}"


def _message(error: Any) -> str:
    """The message without the class name that Dagster writes before it."""
    text = str(error.message).strip()
    before, colon, after = text.partition(": ")
    return after if colon and before.endswith(str(error.cls_name)) else text


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")
