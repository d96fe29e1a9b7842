"""Marking: a copy of the sender's workbook with a colour and a comment per fault.

Values, formats, validations and print set-up stay, protection too but for the marked
cells, which are there to be corrected; formulas leave their results (`values`), marks
of an earlier reply go. What openpyxl does not keep is lost: charts, pictures and newer
extensions of Excel. A file is inspected before openpyxl sees it; those from outside are
marked in a process with limits (`worker`).
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill, Protection

from sources.readers.inspection import inspect_stream
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.rejections import Rejected
from sources.readers.texts import fold
from sources.replies.fills import fill_of_text, fill_text
from sources.replies.model import SEVERITIES, Remark, ReplyFacts
from sources.replies.stored_results import keep_results
from sources.replies.summary import MARKS_COLUMN, draw_summary, is_our_summary
from sources.replies.texts import is_like_formula, quotable_remark
from sources.replies.values import leave_values
from sources.replies.wording import (
    AUTHOR,
    COMMENT_HEAD,
    EXPECTED,
    LOOKS,
    OBSERVED,
    todo,
)

MOST_COMMENTS = 2_000
_MOST_AT_A_CELL = 6
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})(?::.*)?")
_ROWS = re.compile(r"([1-9][0-9]{0,6}):.*")
_COLOURS = {f"FF{look.colour}" for look in LOOKS.values()}
_WIDTH, _LINE_HEIGHT, _LINE_LENGTH = 380, 17, 58
_TALLEST = 620

Marks = dict[tuple[str, str], list[Remark]]
"""Per sheet title and cell: what is said there, heaviest first."""


def marked_workbook(
    data: bytes,
    facts: ReplyFacts,
    remarks: Sequence[Remark],
    limits: Limits = DEFAULT_LIMITS,
) -> bytes:
    """The .xlsx bytes of `data` with the remarks at their cells and a summary sheet.

    Raises:
        Rejected: the file is none that a reader may open, or not of a kind that can
            be marked (.xlsx, .xlsm); the sender then gets the remarks alone.
    """
    inspected = inspect_stream(io.BytesIO(data), limits)
    if inspected.kind != "xlsx":
        raise Rejected("X_NOTXLSX", f"no marks can be put into .{inspected.kind}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of every extension it drops
        workbook = load_workbook(io.BytesIO(data), rich_text=True, keep_links=False)
    leave_values(workbook, data)
    _clear(workbook)
    marks = _marks(workbook, list(map(quotable_remark, remarks)))
    fills = {place: _mark_cell(workbook, place, said) for place, said in marks.items()}
    has_formulas = [_keep_texts(sheet) for sheet in workbook.worksheets]
    draw_summary(workbook, facts, remarks, fills)
    if workbook.calculation is not None:
        workbook.calculation.fullCalcOnLoad = True
    marked = io.BytesIO()
    workbook.save(marked)
    if any(has_formulas):
        titles = [sheet.title for sheet in workbook.worksheets]
        parts = {sheet.name: sheet.part for sheet in inspected.sheets}
        return keep_results(data, marked.getvalue(), parts, titles)
    return marked.getvalue()


def _clear(workbook: Any) -> None:
    """Takes away what an earlier reply of ours put in."""
    fills: dict[tuple[str, str], PatternFill] = {}
    for sheet in workbook.worksheets:
        if is_our_summary(sheet):
            fills |= _earlier_fills(sheet)
            workbook.remove(sheet)
    ours = {
        number
        for number, fill in enumerate(workbook._fills)
        if fill.fill_type == "solid" and fill.fgColor.rgb in _COLOURS
    }
    for sheet in workbook.worksheets:
        for cell in _cells(sheet):
            if cell.has_style and cell._style.fillId in ours:
                place = sheet.title, cell.coordinate
                cell.fill = fills.get(place, PatternFill())
            if cell.comment is not None and COMMENT_HEAD in cell.comment.text:
                own = cell.comment.text.partition(COMMENT_HEAD)[0].rstrip()
                cell.comment = _comment(own, cell.comment.author) if own else None
            elif cell.comment is not None:
                cell.comment = _comment(cell.comment.text, cell.comment.author)


def _earlier_fills(summary: Any) -> dict[tuple[str, str], PatternFill]:
    """Fills that cells had before the earlier reply, as its summary noted them."""
    noted = {}
    for cell in summary[MARKS_COLUMN][1:]:
        place, _, text = str(cell.value or "").rpartition("=")
        sheet, _, address = place.rpartition("!")
        if address:
            noted[sheet, address] = fill_of_text(text)
    return noted


def _marks(workbook: Any, remarks: Sequence[Remark]) -> Marks:
    """The remarks that belong to a cell of the workbook."""
    titles = {fold(sheet.title): sheet.title for sheet in workbook.worksheets}
    marks: Marks = {}
    for remark in sorted(remarks, key=lambda remark: SEVERITIES.index(remark.severity)):
        title, address = titles.get(fold(remark.sheet)), _address(remark.cell)
        if title is None or address is None:
            continue
        place = title, _visible(workbook[title], address)
        if place in marks or len(marks) < MOST_COMMENTS:
            marks.setdefault(place, []).append(remark)
    return marks


def _address(cell: str) -> str | None:
    """The one cell that stands for a finding's place: `B4`, `B4:C9`, `14:14`."""
    if found := _ADDRESS.fullmatch(cell):
        return f"{found[1]}{found[2]}"
    if found := _ROWS.fullmatch(cell):
        return f"A{found[1]}"
    return None


def _visible(sheet: Any, address: str) -> str:
    """The address itself, or that of the merged box it is part of."""
    for box in sheet.merged_cells.ranges:
        if address in box:
            return str(box.start_cell.coordinate)
    return address


def _mark_cell(workbook: Any, place: tuple[str, str], said: list[Remark]) -> str:
    """Colours, comments and unlocks one cell; gives the fill it had."""
    title, address = place
    cell: Cell = workbook[title][address]
    before = fill_text(cell.fill)
    cell.fill = PatternFill("solid", fgColor=f"FF{LOOKS[said[0].severity].colour}")
    cell.protection = Protection(locked=False, hidden=cell.protection.hidden)
    own = f"{cell.comment.text}\n\n" if cell.comment is not None else ""
    author = cell.comment.author if cell.comment is not None else AUTHOR
    cell.comment = _comment(own + _said(said), author)
    return before


def _said(said: Sequence[Remark]) -> str:
    """The text of one comment: each finding, what, why and what to do; English last."""
    lines = [COMMENT_HEAD]
    for remark in said[:_MOST_AT_A_CELL]:
        look = LOOKS[remark.severity]
        lines += [f"{look.sign} {look.vi} · {look.en}", remark.message_vi]
        if remark.observed:
            lines.append(f"{OBSERVED}: {remark.observed}")
        if remark.expected:
            lines.append(f"{EXPECTED}: {remark.expected}")
        lines += [f"→ {todo(remark.severity, remark.is_ours)[0]}", ""]
    if len(said) > _MOST_AT_A_CELL:
        lines += [f"… +{len(said) - _MOST_AT_A_CELL}", ""]
    lines += ["English:"]
    for remark in said[:_MOST_AT_A_CELL]:
        look = LOOKS[remark.severity]
        _, then = todo(remark.severity, remark.is_ours)
        lines.append(f"{look.sign} {look.en}: {remark.message_en} → {then}")
    return "\n".join(lines)


def _comment(text: str, author: str | None) -> Comment:
    """One comment in a box that shows its whole text, or most of a long one."""
    lines = sum(1 + len(line) // _LINE_LENGTH for line in text.split("\n"))
    height = min(_TALLEST, 12 + _LINE_HEIGHT * lines)
    return Comment(text, author or "", height, _WIDTH if lines > 4 else _WIDTH // 2)


def _keep_texts(sheet: Any) -> bool:
    """Makes sure that texts stay texts; True when the sheet holds a formula.

    `quotePrefix` keeps a text that begins like a formula a text when it is edited.
    """
    has_formula = False
    for cell in _cells(sheet):
        if cell.data_type == "s":
            text = str(cell.value)
            if not text:
                cell.value = None
            elif is_like_formula(text):
                cell.quotePrefix = True
        elif cell.data_type == "f":
            has_formula = True
    return has_formula


def _cells(sheet: Any) -> Iterator[Any]:
    """Every cell that the file holds, merged shadows left out."""
    return (cell for cell in list(sheet._cells.values()) if isinstance(cell, Cell))
