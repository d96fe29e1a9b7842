"""Words of alerts: kinds, severities, and text made safe for a message."""

from __future__ import annotations

import re
import unicodedata

KINDS = {
    "run_failed": ("Lần chạy thất bại", "run failed"),
    "gate_refused": ("Cổng 2 không cho công bố", "gate 2 refused"),
    "source_down": ("Nguồn không đọc được", "source down"),
    "server_behind": ("Máy chủ BI chưa có bản công bố mới", "BI server is behind"),
    "personal_data": ("Có dữ liệu cá nhân, đã từ chối", "personal data refused"),
    "finding": ("Lỗi chặn báo cáo", "blocking finding"),
    "unmatched": ("Tệp chưa biết của ai", "delivery nobody could place"),
    "held": ("Bản mới chờ người quyết định", "version waits for a person"),
    "overdue": ("Báo cáo quá hạn", "overdue submissions"),
    "check": ("Phép kiểm không đạt", "check failed"),
    "verdict": ("Kết luận chỉ tiêu thay đổi", "target turned"),
    "digest": ("Bản tin hằng ngày", "daily digest"),
    "test": ("Tin thử", "test message"),
}
"""Every kind of alert, in the order of a message, with its title in both languages."""

EVENTS = frozenset({"verdict", "digest", "test"})
"""Kinds that happen once; the others are states that last until they are resolved."""

_LONGEST = 160
_MARKUP = str.maketrans({"<": "‹", ">": "›", "`": "'", "@": "＠"})


def one_line(text: object, longest: int = _LONGEST) -> str:
    """Foreign text on one line, without control, direction or chat markup signs."""
    shown = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in str(text)
        if unicodedata.category(sign) not in ("Cf", "Cs", "Co")
    )
    folded = re.sub(r"\s+", " ", shown).strip().translate(_MARKUP)
    return folded if len(folded) <= longest else folded[: longest - 1] + "…"


def without_login(text: str) -> str:
    """The text without user and password in its addresses."""
    return re.sub(r"//[^/@\s]+@", "//", text)


def listed(names: list[str], most: int = 20) -> str:
    """The first names and how many more there are."""
    shown = ", ".join(names[:most])
    more = len(names) - most
    return f"{shown} … +{more}" if more > 0 else shown
