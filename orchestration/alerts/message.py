"""Many alerts as one message: a subject on one line, an HTML and a plain-text body.

Shape: `compose` gives one `Message`; equal alerts of many units become one entry with
a count. Foreign text is escaped, and a body never outgrows what a channel takes.
"""

from __future__ import annotations

import datetime as dt
import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from orchestration.alerts.words import EVENTS, KINDS, listed, one_line
from sources.programme.model import Programme
from warehouse.ledger.notice import SEVERITIES, Waiting

LIST_COMMAND = "nhiemky alerts list"
_ORDER = {kind: place for place, kind in enumerate(KINDS)}
_ROOM_FOR_MORE = 200
"""Characters kept free for the line that says how many entries did not fit."""


@dataclass(frozen=True)
class Message:
    """One message, the same in two formats, and how heavy its heaviest alert is."""

    subject: str
    text: str
    html: str
    severity: str


@dataclass(frozen=True)
class _Entry:
    title: str
    lines: tuple[tuple[str, str], ...]

    def as_text(self) -> str:
        body = "\n".join(f"  {label}: {value}" for label, value in self.lines)
        return f"{self.title}\n{body}\n\n"

    def as_html(self) -> str:
        body = "".join(
            f"<li>{html.escape(label)}: {html.escape(value)}</li>"
            for label, value in self.lines
        )
        return f"<p><b>{html.escape(self.title)}</b></p><ul>{body}</ul>\n"


def compose(
    waiting: Sequence[Waiting], programme: Programme, longest: int = 30_000
) -> Message:
    """One message over all the alerts, heaviest first.

    `longest` bounds either body; what does not fit is counted at the end.
    """
    groups = _grouped(waiting)
    entries = [_entry(group, ZoneInfo(programme.timezone)) for group in groups]
    return Message(
        subject=_subject(waiting, programme),
        text=_fitted([entry.as_text() for entry in entries], longest, "{}\n"),
        html=_fitted(
            [entry.as_html() for entry in entries], longest, "<p><i>{}</i></p>\n"
        ),
        severity=waiting[0].notice.severity if waiting else SEVERITIES[-1],
    )


def _grouped(waiting: Sequence[Waiting]) -> list[list[Waiting]]:
    """Alerts that differ by unit and place alone, together."""
    groups: dict[tuple[object, ...], list[Waiting]] = {}
    for one in waiting:
        notice = one.notice
        same = (
            *(SEVERITIES.index(notice.severity), _ORDER.get(notice.kind, len(_ORDER))),
            *(-notice.level, notice.rule_code or "", notice.form_code or ""),
            *(notice.period_key or "", notice.message_vi),
        )
        groups.setdefault(same, []).append(one)
    return [groups[same] for same in sorted(groups, key=lambda key: key[:6])]


def _entry(group: list[Waiting], zone: ZoneInfo) -> _Entry:
    first = group[0].notice
    title_vi, title_en = KINDS.get(first.kind, (first.kind, first.kind))
    count = f" × {len(group)}" if len(group) > 1 else ""
    units = sorted({one.notice.unit_code for one in group if one.notice.unit_code})
    places = sorted({one.notice.place for one in group if one.notice.place})
    since = min(one.first_seen_at for one in group).astimezone(zone)
    times = max(one.times for one in group)
    lines = (
        ("Đơn vị · unit", listed(units)),
        ("Biểu · form", first.form_code),
        ("Kỳ · period", first.period_key),
        ("Quy tắc · rule", first.rule_code),
        ("Nơi · place", listed(places, 5)),
        ("Việc gì", first.message_vi),
        ("What", first.message_en),
        ("Cần làm", first.remedy_vi),
        ("To do", first.remedy_en),
        ("Lệnh · command", first.command),
        ("Từ · since", f"{since:%d/%m/%Y %H:%M}" + (f" (×{times})" * (times > 1))),
    )
    return _Entry(
        title=f"[{first.severity}] {title_vi} · {title_en}{count}",
        lines=tuple((label, value) for label, value in lines if value),
    )


def _subject(waiting: Sequence[Waiting], programme: Programme) -> str:
    told = [one for one in waiting if one.notice.kind != "digest"] or waiting
    by_severity = Counter(one.notice.severity for one in told)
    counts = ", ".join(f"{by_severity[s]} {s}" for s in SEVERITIES if by_severity[s])
    kinds = Counter(one.notice.kind for one in told)
    names = ", ".join(KINDS.get(kind, (kind,))[0] for kind, _ in kinds.most_common(3))
    return one_line(f"[nhiemky {programme.code}] {counts}: {names}", 150)


def _fitted(entries: list[str], longest: int, line: str) -> str:
    """As many entries as fit, then how many are left."""
    body = ""
    for place, entry in enumerate(entries):
        if len(body) + len(entry) > longest - _ROOM_FOR_MORE:
            left = len(entries) - place
            return body + line.format(f"… và {left} mục nữa · more: {LIST_COMMAND}")
        body += entry
    return body


def digest_summary(kinds: Sequence[str]) -> tuple[str, str]:
    """What is still open, by kind, in both languages; or that all is well."""
    counts = Counter(kind for kind in kinds if kind not in EVENTS)
    if not counts:
        return (
            "Mọi việc đều ổn: không có việc gì tồn đọng.",
            "All is well: nothing is open.",
        )
    parts = [(KINDS[kind], counts[kind]) for kind in KINDS if counts[kind]]
    return (
        "Còn tồn đọng: " + "; ".join(f"{vi}: {n}" for (vi, _), n in parts) + ".",
        "Still open: " + "; ".join(f"{en}: {n}" for (_, en), n in parts) + ".",
    )


def local(moment: dt.datetime, programme: Programme) -> dt.datetime:
    """The moment on the clock of the programme's people."""
    return moment.astimezone(ZoneInfo(programme.timezone))
