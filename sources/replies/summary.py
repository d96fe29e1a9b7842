"""The summary sheet: what became of the delivery, and every remark as one row.

The same sheet stands in a marked workbook (last, and opened first) and alone in a
report. Every text is written as text; links lead to cells of the same workbook only.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Color, Font, PatternFill, Side
from openpyxl.worksheet.hyperlink import Hyperlink

from sources.readers.texts import fold
from sources.replies.model import SEVERITIES, Remark, ReplyFacts
from sources.replies.texts import is_like_formula, quotable, quotable_remark
from sources.replies.wording import (
    ENDINGS,
    HEADERS,
    HOW_TO,
    HOW_TO_ENDED,
    HOW_TO_REPORT,
    HOW_TO_WAIT,
    LOOKS,
    REST,
    SHEET,
    SIMULATED,
    STATES,
    TITLE_EN,
    TITLE_VI,
    todo,
)

MARKS_COLUMN = "J"
"""Hidden: our sign in its first row, below it the fills that marked cells had."""

MOST_ROWS = 2_000
_SIGN = "nhiemky-reply-1"
_WIDTHS = (15, 10, 8, 27, 58, 15, 19, 31)
_LAST = len(_WIDTHS)
_LINE = 15.0
_NAME = "Times New Roman"
_BLUE, _GREY, _WHITE = "FF1F3864", "FF6B6B6B", "FFFFFFFF"
_TEXT, _BOLD = Font(_NAME, 11), Font(_NAME, 11, bold=True)
_SMALL = Font(_NAME, 10, color=_GREY)
_EDGE = Side("thin", color="FFBFBFBF")
_BOX = Border(_EDGE, _EDGE, _EDGE, _EDGE)
_TOP = Alignment(vertical="top", wrap_text=True)
_MIDDLE = Alignment(vertical="center", wrap_text=True)
_LINE_ALONE = Alignment(vertical="center")
_CENTER = Alignment("center", "center", wrap_text=True)
_ENGLISH = InlineFont(rFont=_NAME, sz=9, i=True, color=Color(_GREY))
_VIETNAMESE = InlineFont(rFont=_NAME, sz=11)
_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")


def report_workbook(facts: ReplyFacts, remarks: Sequence[Remark]) -> bytes:
    """The .xlsx bytes of a summary alone, where no file can be handed back."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    draw_summary(workbook, facts, remarks, None)
    written = io.BytesIO()
    workbook.save(written)
    return written.getvalue()


def is_our_summary(sheet: Any) -> bool:
    """True for the summary sheet of an earlier reply."""
    first = next(sheet.iter_rows(1, 1, min_col=10, max_col=10, values_only=True))
    return first == (_SIGN,)


def draw_summary(
    workbook: Any,
    facts: ReplyFacts,
    remarks: Sequence[Remark],
    fills: Mapping[tuple[str, str], str] | None,
) -> None:
    """Adds the summary as the last sheet and makes it the one that opens.

    `fills` are the earlier fills of the marked cells; None when there is no file of the
    sender around the summary, so that nothing can be linked to.
    """
    titles = {fold(sheet.title): sheet.title for sheet in workbook.worksheets}
    sheet = workbook.create_sheet(_free_title(workbook))
    for column, width in enumerate(_WIDTHS):
        sheet.column_dimensions[chr(65 + column)].width = width
    _set_up_page(sheet)
    heavy = [remark.is_ours for remark in remarks if remark.severity != "INFO"]
    is_waiting = bool(heavy) and all(heavy)
    _draw_head(sheet, facts, fills is not None, is_waiting)
    _draw_counts(sheet, remarks)
    sheet.append([])
    header = sheet.max_row + 2
    _draw_header(sheet, header)
    ordered = sorted(remarks, key=lambda r: SEVERITIES.index(r.severity))
    for row, remark in enumerate(ordered[:MOST_ROWS], start=header + 1):
        title = titles.get(fold(remark.sheet)) if fills is not None else None
        _draw_remark(sheet, row, remark, title)
    if len(ordered) > MOST_ROWS:
        more = f"… và {len(ordered) - MOST_ROWS} phát hiện khác · more findings"
        _text(sheet.cell(sheet.max_row + 1, 1), more, _SMALL, Alignment())
    sheet.print_title_rows = f"{header}:{header}"
    _note_fills(sheet, fills or {})
    workbook.active = len(workbook.sheetnames) - 1
    for other in workbook.worksheets:
        other.sheet_view.tabSelected = other is sheet


def _free_title(workbook: Any) -> str:
    taken = {fold(name).casefold() for name in workbook.sheetnames}
    choices = (SHEET, *(f"{SHEET} {number}" for number in range(2, 200)))
    return next(name for name in choices if name.casefold() not in taken)


def _set_up_page(sheet: Any) -> None:
    sheet.sheet_view.showGridLines = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.sheet_properties.tabColor = "FFF27C83"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.oddFooter.right.text = "&P / &N"


def _draw_head(
    sheet: Any, facts: ReplyFacts, is_enclosed: bool, is_waiting: bool
) -> None:
    """Title, what became of it, what it is about and how to go on."""
    _across(sheet, 1, TITLE_VI, Font(_NAME, 16, bold=True, color=_BLUE), 24)
    _across(sheet, 2, f"{TITLE_EN} · {facts.programme}", _SMALL, 16)
    row = 3
    if facts.is_simulated:
        _banner(sheet, row, SIMULATED, "C00000")
        row += 1
    for text, colour in _states(facts, is_waiting):
        _banner(sheet, row, text, colour)
        row += 1
    lines = [("Tệp · File", facts.file_name), ("Nhận lúc · Received", facts.received)]
    if len(facts.submissions) == 1:
        only = facts.submissions[0]
        lines += [
            ("Biểu · Form", only.form),
            ("Đơn vị · Unit", only.unit),
            ("Kỳ · Period", only.period),
        ]
    for label, value in lines:
        _text(sheet.cell(row, 1), label, _SMALL, _LINE_ALONE)
        _text(sheet.cell(row, 4), quotable(value), _BOLD, _LINE_ALONE)
        sheet.row_dimensions[row].height = 17
        row += 1
    vi, en = HOW_TO if is_enclosed else HOW_TO_REPORT
    if is_waiting:
        vi, en = HOW_TO_WAIT
    if facts.ending:
        vi, en = HOW_TO_ENDED[facts.ending]
    _across(sheet, row, "", _TEXT, 48)
    _both(sheet.cell(row, 1), vi, en, _MIDDLE)


def _states(facts: ReplyFacts, is_waiting: bool) -> list[tuple[str, str]]:
    """What became of it: one banner per status, its text and colour.

    `is_waiting`: only the maintainer can settle what is open, so nothing is asked of
    the sender.
    """
    if facts.ending:
        return [_ending(facts)]
    banners = []
    for status, count in _statuses(facts).items():
        state = STATES["waiting" if is_waiting and status == "rejected" else status]
        times = f"{count} báo cáo · submissions: " if count > 1 else ""
        banners.append((f"{times}{state.vi} · {state.en}", state.colour))
    return banners


def _ending(facts: ReplyFacts) -> tuple[str, str]:
    end, word = ENDINGS[facts.ending], quotable(facts.ending_word)
    vi, en = end.vi.format(word=word), end.en.format(word=word)
    taken = {"accepted", "superseded", "partly"}
    is_rest = any(submission.status in taken for submission in facts.submissions)
    if is_rest and facts.ending != "settled":
        vi, en = REST.vi + vi, REST.en + en
    return f"{vi} · {en}", end.colour


def _statuses(facts: ReplyFacts) -> dict[str, int]:
    """Counts of submissions by status in the order of severity; else the delivery's."""
    found = Counter(submission.status for submission in facts.submissions)
    if facts.status == "refused" or not found:
        return {"refused" if facts.status == "refused" else "rejected": 1}
    return {status: found[status] for status in STATES if found[status]}


def _draw_counts(sheet: Any, remarks: Sequence[Remark]) -> None:
    """One coloured box per severity with its sign and count: the legend as well."""
    row = sheet.max_row + 1
    counts = Counter(remark.severity for remark in remarks)
    boxes = ((1, 3), (4, 4), (5, 5), (6, _LAST))
    for severity, (first, last) in zip(SEVERITIES, boxes, strict=True):
        look = LOOKS[severity]
        if last > first:
            sheet.merge_cells(
                start_row=row, end_row=row, start_column=first, end_column=last
            )
        cell = sheet.cell(row, first)
        words = f"{look.sign} {look.vi} · {look.en}: {counts[severity]}"
        _text(cell, words, _BOLD, _CENTER)
        cell.fill = PatternFill("solid", fgColor=f"FF{look.colour}")
    sheet.row_dimensions[row].height = 20


def _draw_header(sheet: Any, row: int) -> None:
    for column, (vi, en) in enumerate(HEADERS, start=1):
        cell = sheet.cell(row, column)
        _text(cell, f"{vi}\n{en}", Font(_NAME, 11, bold=True, color=_WHITE), _CENTER)
        cell.fill = PatternFill("solid", fgColor=_BLUE)
        cell.border = _BOX
    sheet.row_dimensions[row].height = 34


def _draw_remark(sheet: Any, row: int, remark: Remark, title: str | None) -> None:
    look = LOOKS[remark.severity]
    todo_vi, todo_en = todo(remark.severity, remark.is_ours)
    place, remark = remark, quotable_remark(remark)
    plain = (quotable(place.sheet), quotable(place.cell), remark.measure)
    for column, text in enumerate(plain, start=2):
        _text(sheet.cell(row, column), text, _TEXT, _TOP)
    _text(sheet.cell(row, 1), f"{look.sign} {look.vi}\n{look.en}", _BOLD, _TOP)
    sheet.cell(row, 1).fill = PatternFill("solid", fgColor=f"FF{look.colour}")
    _both(sheet.cell(row, 5), remark.message_vi, remark.message_en, _TOP)
    _text(sheet.cell(row, 6), remark.observed, _TEXT, _TOP)
    _text(sheet.cell(row, 7), remark.expected, _TEXT, _TOP)
    _both(sheet.cell(row, 8), todo_vi, todo_en, _TOP)
    for column in range(1, _LAST + 1):
        sheet.cell(row, column).border = _BOX
    if title is not None and _CELL.fullmatch(place.cell):
        _link(sheet.cell(row, 3), title, place.cell)
    widths = (
        (remark.message_vi, remark.message_en, _WIDTHS[4]),
        (todo_vi, todo_en, _WIDTHS[7]),
        (remark.measure, "", _WIDTHS[3]),
        (remark.observed, "", _WIDTHS[5]),
        (remark.expected, "", _WIDTHS[6]),
    )
    lines = max(_lines(vi, width) + _lines(en, width + 8) for vi, en, width in widths)
    sheet.row_dimensions[row].height = min(400, 6 + _LINE * max(2, lines))


def _link(cell: Cell, title: str, address: str) -> None:
    """A link to a cell of this workbook; a sheet's title is quoted, never a target."""
    quoted = title.replace("'", "''")
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{address}")
    cell.font = Font(_NAME, 11, underline="single", color="FF0563C1")


def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a column; a letter is narrower than a width unit."""
    return sum(1 + int(len(line) / width / 1.1) for line in text.split("\n") if line)


def _note_fills(sheet: Any, fills: Mapping[tuple[str, str], str]) -> None:
    notes = [f"{title}!{cell}={fill}" for (title, cell), fill in fills.items() if fill]
    for row, note in enumerate([_SIGN, *map(quotable, notes)], start=1):
        _text(sheet[f"{MARKS_COLUMN}{row}"], note, _SMALL, Alignment())
    sheet.column_dimensions[MARKS_COLUMN].hidden = True


def _across(sheet: Any, row: int, text: str, font: Font, height: float) -> Cell:
    """Text over the whole width of the summary."""
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=_LAST)
    cell: Cell = sheet.cell(row, 1)
    _text(cell, quotable(text), font, _MIDDLE)
    sheet.row_dimensions[row].height = height
    return cell


def _banner(sheet: Any, row: int, text: str, colour: str) -> None:
    cell = _across(sheet, row, text, Font(_NAME, 13, bold=True, color=_WHITE), 23)
    cell.alignment = _CENTER
    cell.fill = PatternFill("solid", fgColor=f"FF{colour}")


def _both(cell: Cell, vi: str, en: str, alignment: Alignment) -> None:
    """Vietnamese, and the English small under it, in one cell."""
    blocks = [TextBlock(_VIETNAMESE, vi)] if vi else []
    blocks += [TextBlock(_ENGLISH, f"\n{en}" if vi else en)] if en else []
    if blocks:
        cell.value = CellRichText(blocks)
        cell.data_type = "s"
        cell.quotePrefix = is_like_formula(vi or en)
    cell.alignment = alignment


def _text(cell: Cell, text: str, font: Font, alignment: Alignment) -> None:
    """Text as text, whatever it begins with."""
    if text:
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = is_like_formula(text)
    cell.font = font
    cell.alignment = alignment
