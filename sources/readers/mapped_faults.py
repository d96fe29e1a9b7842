"""Mapped faults: findings at the rows of a long table that could not be read.

One ERROR per row and fault, at the cell of the column at fault; of a wide table one per
such cell, which many figures share. Of each kind the first rows have one each; one more
says how many follow.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from sources.programme.findings import Severity, make_finding
from sources.programme.model import Programme, TableMap
from sources.readers.assembly import ReadJob
from sources.readers.mapped_codes import MeasureCodes
from sources.readers.mapped_table import Table
from sources.readers.mapped_units import UNKNOWN_UNIT_NAME
from sources.readers.rejections import printable

MOST_ROWS = 50
"""Rows of one kind of fault that get a finding each."""

_UNREAD = {
    False: ("Dòng này không được đọc.", "The row was not read."),
    True: ("Các số liệu của ô này không được đọc.", "Its figures were not read."),
}
"""What was left out, by whether the table is wide."""

_LONGEST = 80
_SIMILAR = 0.75


class _Words(NamedTuple):
    """What is wrong in one row, in both languages, and what would be right."""

    vi: str
    en: str
    observed: str
    expected: str | None = None


_CORRECT_CODE = _Words(
    "Sửa mã (phân biệt chữ hoa, chữ thường)",
    "Correct the code (capital and small letters differ)",
    "",
)


class RowFaults:
    """The findings of one table, gathered kind by kind."""

    def __init__(
        self,
        programme: Programme,
        job: ReadJob,
        table_map: TableMap,
        table: Table,
        codes: MeasureCodes,
    ) -> None:
        self.findings: list[dict[str, object]] = []
        self._programme = programme
        self._job = job
        self._map = table_map
        self._table = table
        self._codes = codes
        self._is_wide = table_map.wide is not None

    def torn(self, rows: pd.DataFrame, widths: Sequence[int]) -> None:
        """Records with more or fewer fields than the header."""
        asked = widths[self._map.header_row - 1] if widths else 0

        def say(row: pd.Series) -> _Words:
            found = widths[row["row"]]
            return _Words(
                f"dòng có {found} trường, tiêu đề có {asked}. Kiểm tra dấu phân cách;"
                " nội dung có dấu đó phải đặt trong dấu ngoặc kép",
                f"the row has {found} fields, the header has {asked}. Check the"
                " delimiters; a text that holds one must stand in quotes",
                str(found),
                str(asked),
            )

        self._add("R_ROW_WIDTH", "", rows, say)

    def units(self, rows: pd.DataFrame) -> None:
        """Rows whose unit is none of the programme, and that nobody decided on."""
        known = [*(unit.unit_code for unit in self._programme.units), *self._map.units]
        command = f"nhiemky units match {self._job.read_as}"
        remedy = _Words(
            f"Sửa mã, hoặc quyết định tên này là đơn vị nào: `{command}`",
            f"Correct the code, or decide which unit the name is: `{command}`",
            "",
        )
        say = self._unknown("unit", "đơn vị", "unit", lambda _: known, remedy)
        self._add(UNKNOWN_UNIT_NAME, "unit", rows, say)

    def measures(self, rows: pd.DataFrame) -> None:
        """Rows whose measure the programme and the map do not know."""
        known = [*self._codes.measures, *self._map.codes]
        say = self._unknown("measure_text", "chỉ tiêu", "measure", lambda _: known)
        self._add("R_UNKNOWN_MEASURE", "measure", rows, say)

    def members(self, rows: pd.DataFrame) -> None:
        """Rows with parts of a breakdown that their measure does not have."""

        def known(row: pd.Series) -> Iterable[str]:
            return self._codes.members_of(row["measure"])

        say = self._unknown("member", "mục phân tổ", "member of a breakdown", known)
        self._add("R_UNKNOWN_MEMBER", "key_0", rows, say)

    def periods(self, rows: pd.DataFrame) -> None:
        """Rows whose text in the column of periods is none."""
        examples = [pattern.example for pattern in self._map.periods]
        wanted_vi, wanted_en = " hoặc ".join(examples), " or ".join(examples)
        kind = self._map.period_type

        def say(row: pd.Series) -> _Words:
            text = str(row.get("period", ""))
            shown_vi, shown_en = _shown(text)
            return _Words(
                f"{shown_vi} không phải là kỳ báo cáo. Viết dạng {wanted_vi or kind}",
                f"{shown_en} is no reporting period. Write it as {wanted_en or kind}",
                printable(text, _LONGEST),
                ", ".join(examples) or None,
            )

        self._add("R_UNKNOWN_PERIOD", "period", rows, say)

    def statuses(self, rows: pd.DataFrame) -> None:
        """Rows whose status is none, or says "missing" beside a figure."""

        def say(row: pd.Series) -> _Words:
            shown_vi, shown_en = _shown(row["status"])
            if row["said"] is None:
                vi = f"{shown_vi} không phải là mã trạng thái của SDMX (CL_OBS_STATUS)"
                en = f"{shown_en} is no status of SDMX (CL_OBS_STATUS)"
            else:
                figure = printable(row["text_0"], _LONGEST)
                vi = f"trạng thái {shown_vi} là không có số liệu, nhưng lại có {figure}"
                en = f"the status {shown_en} says no figure, but there is {figure}"
            observed = printable(str(row["status"]), _LONGEST)
            return _Words(
                f"{vi}. Sửa trạng thái", f"{en}. Correct the status", observed
            )

        self._add("R_BAD_STATUS", "status", rows, say)

    def values(self, rows: pd.DataFrame) -> None:
        """Rows without a value."""

        def say(row: pd.Series) -> _Words:
            code = printable(row["measure_code"], _LONGEST)
            return _Words(
                f"dòng của chỉ tiêu {code} không có giá trị. Nhập số, ghi 0 nếu không"
                " phát sinh, hoặc xóa dòng nếu chưa có số liệu",
                f"the row of measure {code} has no value. Enter the figure, 0 if there"
                " was none, or remove the row if it is not known",
                "",
            )

        self._add("VALUE_EMPTY", "value", rows, say)

    def _places(self, role: str, rows: pd.DataFrame) -> pd.Series:
        """The cell that says what a role is in each row: its own, or a header."""
        if role == "value":
            return self._table.value_cells(rows)
        is_in_header = role in ("measure", "period") and self._is_wide
        if is_in_header and role not in self._table.role_letters:
            return rows["letter"] + str(self._map.header_row)
        letter = self._table.role_letters.get(role, "A")
        return letter + (rows["row"] + 1).astype(str)

    def _unknown(
        self,
        column: str,
        noun_vi: str,
        noun_en: str,
        known: Callable[[pd.Series], Iterable[str]],
        remedy: _Words = _CORRECT_CODE,
    ) -> Callable[[pd.Series], _Words]:
        """Words about a code that does not exist, with the nearest that do."""

        def say(row: pd.Series) -> _Words:
            text = str(row[column])
            of_vi = of_en = ""
            if column == "member":
                measure = printable(row["measure"], _LONGEST)
                of_vi = f" của chỉ tiêu {measure}"
                of_en = f" of measure {measure}"
            shown = _shown(text)
            near = _nearest(text, known(row))
            advice = ", ".join(near)
            return _Words(
                f"không có {noun_vi} {shown[0]}{of_vi}. Gần nhất:"
                f" {advice or 'không có mã nào gần giống'}. {remedy.vi}",
                f"there is no {noun_en} {shown[1]}{of_en}. Nearest:"
                f" {advice or 'nothing similar'}. {remedy.en}",
                printable(text, _LONGEST),
                advice or None,
            )

        return say

    def _add(
        self,
        rule_code: str,
        role: str,
        rows: pd.DataFrame,
        say: Callable[[pd.Series], _Words],
    ) -> None:
        rows = rows.assign(place=self._places(role, rows))
        if self._is_wide and role != "value":
            rows = rows.drop_duplicates("place")
            rows = rows.assign(unit_code=None, period_key=None)
        unread_vi, unread_en = _UNREAD[self._is_wide]
        for _, row in rows.head(MOST_ROWS).iterrows():
            words = say(row)
            message_vi = f"{words.vi} rồi gửi lại. {unread_vi}"
            message_en = f"{words.en} and send it again. {unread_en}"
            words = words._replace(vi=message_vi, en=message_en)
            self._append(rule_code, row, words)
        more = len(rows) - MOST_ROWS
        if more > 0:
            row = rows.iloc[MOST_ROWS]
            words = _Words(
                f"từ đây còn {more} dòng có cùng lỗi và không được đọc. Nếu mọi dòng"
                " đều lỗi, kiểm tra tệp và ánh xạ trong sources.yaml.",
                f"from here {more} more rows have the same fault and were not read. If"
                " all rows have it, check the file and the map in sources.yaml.",
                str(more),
            )
            self._append(rule_code, row, words)

    def _append(self, rule_code: str, row: pd.Series, words: _Words) -> None:
        cell = row["place"]
        name = printable(self._job.file_name)
        where = f"{name}, {self._table.sheet}!" if self._table.sheet else f"{name}, "
        self.findings.append(
            make_finding(
                programme_code=self._programme.code,
                rule_code=rule_code,
                severity=Severity.ERROR,
                scope="delivery",
                message_vi=f"{where}{cell}: {words.vi}",
                message_en=f"{where}{cell}: {words.en}",
                delivery_sha256=self._job.delivery_sha256,
                unit_code=row["unit_code"],
                form_code=row["form_code"] if row["period_key"] else None,
                period_key=row["period_key"],
                sheet=self._table.sheet,
                cell=cell,
                observed=words.observed or None,
                expected=words.expected,
            )
        )


def _shown(text: object) -> tuple[str, str]:
    """A text in quotes, or that it is empty, in both languages."""
    shown = printable(str(text), _LONGEST)
    return (f"“{shown}”",) * 2 if shown else ("(ô trống)", "(empty cell)")


def _nearest(text: str, known: Iterable[str]) -> list[str]:
    folded = {code.casefold(): code for code in known}
    wrong = text[:_LONGEST].casefold()
    found = difflib.get_close_matches(wrong, list(folded), n=3, cutoff=_SIMILAR)
    return [folded[code] for code in found]
