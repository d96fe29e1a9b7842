"""Grid: the filled cells of one file, as the worker finds them, before any meaning.

A cell's tag: `n` number, `p` number shown as a percentage, `s` text, `b` true/false,
`d` date or time, `e` error, `f` formula without a stored result. Numbers come as exact
text, so that an Excel number and an Excel text stay apart and nothing is rounded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Any, BinaryIO, NotRequired, TypedDict

import python_calamine

from sources.readers.error_codes import ERROR_NAMES
from sources.readers.innocent_texts import are_innocent
from sources.readers.inspection import inspect_stream
from sources.readers.limits import Limits
from sources.readers.personal import find_in_text, find_personal
from sources.readers.plain_rows import number_text
from sources.readers.plain_workbook import read_plain
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import SheetFacts, address
from sources.readers.texts import first_of, is_legacy_font

_TAGS: Mapping[type, str] = {
    float: "n",
    int: "n",
    str: "s",
    bool: "b",
    dt.datetime: "d",
    dt.date: "d",
    dt.time: "d",
    dt.timedelta: "d",
}


class SheetCells(TypedDict):
    """One sheet's filled cells as parallel columns; rows and columns from 0.

    `widths` lists the number of fields per record, for text files only. `is_records`
    marks records that name their own fields (JSON), `has_macros` every sheet of a
    workbook whose macros were left out.
    """

    name: str
    state: str
    hidden_rows: list[int]
    rows: list[int]
    columns: list[int]
    kinds: str
    texts: list[str]
    widths: list[int]
    is_records: NotRequired[bool]
    has_macros: NotRequired[bool]


def read_workbook(path: Path, limits: Limits) -> list[SheetCells]:
    """One entry per worksheet, inspected first and read by content.

    .xlsx, .xlsm, .xls, .xlsb and .ods, whatever the file is called.

    Raises:
        Rejected: the file is refused by the inspection, or holds personal data.
    """
    plain = read_plain(path, limits)
    if plain is not None:
        guard(plain)
        return plain
    with path.open("rb") as stream:
        facts = inspect_stream(stream, limits)
        stream.seek(0)
        sheets = _calamine_cells(stream, facts.sheets, limits)
    if facts.has_macros:
        for sheet in sheets:
            sheet["has_macros"] = True
    guard(sheets, texts=facts.comments)
    return sheets


def _calamine_cells(
    stream: BinaryIO, facts: Iterable[SheetFacts], limits: Limits
) -> list[SheetCells]:
    try:
        workbook: Any = python_calamine.CalamineWorkbook.from_filelike(stream)
    except python_calamine.PasswordError as error:
        raise Rejected("X_PASSWORD") from error
    except python_calamine.CalamineError as error:
        raise Rejected("X_UNREADABLE", str(error)) from error
    return [_sheet_cells(workbook, sheet, limits) for sheet in facts]


def _sheet_cells(workbook: Any, facts: SheetFacts, limits: Limits) -> SheetCells:
    sheet = empty_sheet(facts.name, facts.state)
    sheet["hidden_rows"] = facts.hidden_rows
    try:
        grid = workbook.get_sheet_by_name(facts.name).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise _unreadable(facts, str(error)) from error
    marked = {(row, column): "e" for row, column, _ in facts.errors}
    marked |= dict.fromkeys(facts.uncached, "f")
    marked |= {(row, column): "s" for row, column, _ in facts.texts}
    found = [
        (row, column, value)
        for row, line in enumerate(grid)
        for column, value in enumerate(line)
        if value != "" and not (marked and (row, column) in marked)
    ]
    sheet["rows"] = [row for row, _, _ in found]
    sheet["columns"] = [column for _, column, _ in found]
    kinds = "".join([_TAGS[type(value)] for _, _, value in found])
    texts = [v if type(v) is str else _text(v) for _, _, v in found]
    if texts and max(map(len, texts)) > limits.text_length:
        raise Rejected("X_TOOBIG", f"a text over {limits.text_length}", facts.name)
    if facts.percents:
        percents = set(facts.percents)
        kinds = "".join(
            "p" if kind == "n" and (row, column) in percents else kind
            for kind, (row, column, _) in zip(kinds, found, strict=True)
        )
    uncached = [(*place, "") for place in facts.uncached]
    for row, column, what in [*facts.errors, *uncached, *facts.texts]:
        sheet["rows"].append(row)
        sheet["columns"].append(column)
        texts.append(what)
    sheet["kinds"], sheet["texts"] = kinds + "".join(marked.values()), texts
    return sheet


def _unreadable(facts: SheetFacts, why: str) -> Rejected:
    """The refusal of a sheet that the reader gives up at, most often an error's name
    that it does not know."""
    for row, column, name in facts.errors:
        if name not in ERROR_NAMES.values() or name in why:
            cell = address(row, column)
            return Rejected(
                "X_UNREADABLE", f"{facts.name}!{cell}: {why}", facts.name, cell
            )
    return Rejected("X_UNREADABLE", why, facts.name)


def _text(value: object) -> str:
    """Exact text of one value that is no text; whole numbers without a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value)


def guard(
    sheets: Sequence[SheetCells],
    figures_are_text: bool = False,
    texts: Iterable[tuple[str, str]] = (),
) -> None:
    """Refuses the file when any of its sheets holds personal data or legacy letters.

    `texts` stand outside cells, each behind its place. A sheet whose own name is
    personal goes by its number.
    """
    suspects = {
        sheet["name"]: (f"#{number}", what)
        for number, sheet in enumerate(sheets, 1)
        if (what := find_in_text(sheet["name"]))
    }
    places = [f"tên trang/sheet name {no} ({what})" for no, what in suspects.values()]
    places += [
        f"{suspects[place][0] if place in suspects else place} ({what})"
        for place, text in texts
        if (what := find_in_text(text))
    ]
    sheets = [sheet for sheet in sheets if figures_are_text or not _is_innocent(sheet)]
    for sheet in sheets:
        name, _ = suspects.get(sheet["name"], (sheet["name"], ""))
        prefix = f"{name}!" if name else ""
        found = find_personal(
            sheet["rows"],
            sheet["columns"],
            sheet["kinds"],
            sheet["texts"],
            figures_are_text,
        )
        places += [f"{prefix}{address(c.row, c.column)} ({c.what})" for c in found]
    if places:
        raise Rejected("PERSONAL_DATA", first_of(places))
    for sheet in sheets:
        _check_letters(sheet)


def check_encodable(sheets: Iterable[SheetCells]) -> None:
    """Refuses texts that nothing could write down: halves of a pair of surrogates."""
    for sheet in sheets:
        try:
            "".join([sheet["name"], *sheet["texts"]]).encode()
        except UnicodeEncodeError as error:
            cells = zip(sheet["rows"], sheet["columns"], sheet["texts"], strict=True)
            places = [
                address(row, column)
                for row, column, text in cells
                if text.encode("utf-8", "replace").decode() != text
            ]
            place = first_of(places) or "*"
            raise Rejected(
                "X_ENCODING",
                f"{place}: {error.reason}",
                sheet["name"],
                places[0] if places else "",
                detail_vi=f"{place}: có ký tự không tồn tại",
            ) from error


def _is_innocent(sheet: SheetCells) -> bool:
    """True when no text of the sheet can make the guard refuse it."""
    kinds = sheet["kinds"]
    are_texts = map("s".__eq__, kinds)
    return "d" not in kinds and are_innocent(compress(sheet["texts"], are_texts))


def _check_letters(sheet: SheetCells) -> None:
    """Refuses a sheet in which two texts or more are in a legacy font."""
    if not is_legacy_font("\n".join(sheet["texts"])):
        return
    cells = zip(sheet["rows"], sheet["columns"], sheet["texts"], strict=True)
    places = [address(row, column) for row, column, t in cells if is_legacy_font(t)]
    if len(places) > 1:
        detail = f"{sheet['name']}!{first_of(places)}"
        raise Rejected("X_LEGACY_FONT", detail, sheet["name"], places[0])


def empty_sheet(name: str, state: str) -> SheetCells:
    """A sheet without cells, to be filled."""
    return SheetCells(
        name=name,
        state=state,
        hidden_rows=[],
        rows=[],
        columns=[],
        kinds="",
        texts=[],
        widths=[],
    )
