"""The scorecard as .xlsx: real numbers, every unit, what each verdict rests on.

Text is written as text, whatever it begins with; the same data give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import xlsxwriter

from warehouse.report.cards import Card, cards, number
from warehouse.report.data import ScorecardData, records
from warehouse.report.evidence import trace_command
from warehouse.report.sheets import (
    BASIS,
    MONTHS,
    REVISIONS,
    SCORES,
    UNITS,
    YEARS,
    Column,
    Kind,
    basis_row,
    revision_row,
    score_row,
    step_row,
    unit_row,
)
from warehouse.report.words import COMMITMENT, GONE, SIMULATED, VERDICTS, Verdict

_FONT = "Arial"
_NUMBERS: dict[Kind, str] = {
    "figure": "#,##0.00####",
    "count": "#,##0.##",
    "share": "0.0%",
    "date": "dd/mm/yyyy",
}
_HEAD_ROW = 3
_LONGEST_NAME = 31


def scorecard_workbook(data: ScorecardData) -> bytes:
    """The .xlsx bytes: scores, basis, years, months, revisions, units by target."""
    buffer = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        moment = (data.edition or data.publication)["published_at"]
        book.set_properties(
            {
                "title": f"Bảng điểm nhiệm kỳ · {data.name_vi}",
                "created": moment.replace(tzinfo=None),
            }
        )
        _Writer(book, data).write(cards(data))
    return buffer.getvalue()


class _Writer:
    """Lays sheets out with the formats of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook, data: ScorecardData) -> None:
        self._book, self._data = book, data
        plain = {"font_name": _FONT, "font_size": 10, "valign": "top"}
        self._title = book.add_format({**plain, "bold": True, "font_size": 14})
        self._soft = book.add_format({**plain, "font_color": "#505c6b"})
        self._banner = book.add_format(
            {**plain, "bold": True, "font_color": "#ffffff", "bg_color": "#a51f18"}
        )
        self._head = book.add_format(
            {
                **plain,
                "bold": True,
                "text_wrap": True,
                "bg_color": "#e8edf3",
                "bottom": 2,
                "border_color": "#8894a2",
            }
        )
        edged = {**plain, "bottom": 1, "border_color": "#d5dce4"}
        self._formats = {
            kind: book.add_format({**edged, "num_format": form})
            for kind, form in _NUMBERS.items()
        }
        self._formats["text"] = book.add_format(
            {**edged, "text_wrap": True, "num_format": "@"}
        )
        self._verdicts = {
            verdict: book.add_format(
                {
                    **edged,
                    "bold": True,
                    "text_wrap": True,
                    "font_color": verdict.ink,
                    "bg_color": verdict.tint,
                }
            )
            for verdict in (*VERDICTS.values(), COMMITMENT, GONE)
        }
        self._names: set[str] = set()

    def write(self, made: list[Card]) -> None:
        """Every sheet, those that would be empty left out."""
        periods = self._data.periods
        self._sheet("Bảng điểm", SCORES, (score_row(card) for card in made))
        judged = [card for card in made if not card.is_commitment]
        self._sheet(
            "Cơ sở kết luận",
            BASIS,
            (basis_row(card, periods, self._command(card)) for card in judged),
        )
        self._sheet(
            "Theo năm",
            YEARS,
            (step_row(c, r, periods) for c in judged for r in c.years),
        )
        if any(card.months for card in judged):
            self._sheet(
                "Theo tháng",
                MONTHS,
                (step_row(c, r, periods) for c in judged for r in c.months),
            )
        if len(self._data.revisions):
            self._sheet(
                "Khác bản chốt",
                REVISIONS,
                (revision_row(r) for r in records(self._data.revisions)),
            )
        by_target = self._data.latest.groupby("target_code")
        for card in judged:
            if card.unit_count:
                # one target at a time: nationally they are 3,000 units each
                rows = records(by_target.get_group(card.code))
                self._sheet(
                    self._name(card.code),
                    UNITS,
                    (
                        unit_row(row, card.target)
                        for row in rows
                        if card.scopes != 1 or row["unit_code"] != card.row["unit_code"]
                    ),
                    f"{card.code} {card.target['name_vi']}",
                )

    def _command(self, card: Card) -> str:
        return trace_command(card, self._data.programme_code, self._data.edition)

    def _sheet(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Iterator[Sequence[Any]],
        title: str = "",
    ) -> None:
        sheet = self._book.add_worksheet(name)
        data = self._data
        sheet.write_string(0, 0, title or f"{name} · {data.name_vi}", self._title)
        sheet.write_string(1, 0, _about(data), self._soft)
        if data.is_simulated:
            for place in range(len(columns)):
                sheet.write_blank(2, place, None, self._banner)
            sheet.write_string(2, 0, SIMULATED, self._banner)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(
                _HEAD_ROW, place, f"{column.vi}\n{column.en}", self._head
            )
        sheet.set_row(_HEAD_ROW, 44)
        last = _HEAD_ROW
        for last, row in enumerate(rows, _HEAD_ROW + 1):
            for place, (column, value) in enumerate(zip(columns, row, strict=True)):
                self._cell(sheet, last, place, column, value)
        sheet.autofilter(_HEAD_ROW, 0, last, len(columns) - 1)
        sheet.freeze_panes(_HEAD_ROW + 1, 2)
        sheet.repeat_rows(_HEAD_ROW)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.6, 0.6)
        sheet.set_footer(
            "&L&F · &A&C" + (SIMULATED if data.is_simulated else "") + "&R&P/&N"
        )
        sheet.hide_gridlines(2)

    def _cell(
        self, sheet: Any, line: int, place: int, column: Column, value: Any
    ) -> None:
        if isinstance(value, Verdict):
            sheet.write_string(
                line, place, f"{value.symbol} {value.vi}", self._verdicts[value]
            )
        elif column.kind == "text" or value is None:
            sheet.write_string(line, place, str(value or ""), self._formats["text"])
        elif column.kind == "date":
            sheet.write_datetime(line, place, value, self._formats["date"])
        elif (figure := number(value)) is not None:
            sheet.write_number(line, place, figure, self._formats[column.kind])

    def _name(self, code: str) -> str:
        """A sheet name that Excel takes and no other sheet has."""
        base = "".join(" " if c in "[]:*?/\\'" else c for c in code)[:_LONGEST_NAME]
        name, n = base, 1
        while name.casefold() in self._names:
            n += 1
            name = f"{base[: _LONGEST_NAME - 4]} ({n})"
        self._names.add(name.casefold())
        return name


def _about(data: ScorecardData) -> str:
    day = f"{data.publication['as_of_date']:%d/%m/%Y}"
    if data.edition:
        return (
            f"Bản chốt · edition {data.edition['edition_code']}, "
            f"{data.edition['closed_at']:%d/%m/%Y %H:%M} UTC"
        )
    moment = f"{data.publication['published_at']:%d/%m/%Y %H:%M} UTC"
    return (
        f"Tính đến · as of {day} · công bố · published {moment} · "
        f"{data.publication['publication_id']}"
    )
