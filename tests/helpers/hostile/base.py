"""Base: an honest workbook, what may be changed in it, and the list of cases."""

from __future__ import annotations

import functools
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import python_calamine
import xlwt

from tests.helpers.hostile.ods_writer import ods, rows, table
from tests.helpers.hostile.xlsb_writer import Cells, sheet_data, xlsb

FORM, META = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
WORKBOOK, TYPES, TEXTS = (
    "xl/workbook.xml",
    "[Content_Types].xml",
    "xl/sharedStrings.xml",
)
FORM_NAME, META_NAME = "Biểu", "Thông tin"
FIGURES = {
    "offences": 12,
    "loss": "4,6 tỷ",
    "rate": "5,5 %",
    "staff": 7,
    "station": "Có",
}
"""What the honest template is filled with."""
VALUES = {
    "offences": Decimal(12),
    "loss": Decimal(4_600_000_000),
    "rate": Decimal("5.5"),
    "staff": Decimal(7),
    "station": Decimal(1),
}
"""What is read from it. D11 holds the offences, D12 the loss, D14 the staff."""

Change = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Case:
    """One hostile file: what it is called, what it is, what must come of it.

    `rules` are all rules that must be found, none for a file that is read without a
    word. `values` are figures that must be read; a text is a fault of that figure.
    `place` is the cell that a finding must name.
    """

    name: str
    make: Callable[[Base], bytes]
    rules: frozenset[str] = frozenset()
    values: Mapping[str, Decimal | str] = field(default_factory=dict)
    place: str = ""
    source: str = "inbox"
    suffix: str = ".xlsx"
    file_name: str = ""


CASES: list[Case] = []


def hostile(*rules: str, **more: object) -> Callable[[Callable], Callable]:
    """Adds the function as a case; refused for these rules, or read as `values` say."""

    def register(make: Callable[[Base], bytes]) -> Callable[[Base], bytes]:
        found = frozenset(rules)
        CASES.append(Case(make.__name__, make, found, **more))  # type: ignore[arg-type]
        return make

    return register


def read_as(**values: object) -> dict[str, object]:
    """Arguments for a file that is read: all honest values but those given."""
    return {"values": {**VALUES, **values}}


@dataclass(frozen=True)
class Base:
    """The honest template, filled, as .xlsx; other kinds are made from its cells."""

    template: bytes

    def parts(self) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(self.template)) as container:
            return {name: container.read(name) for name in container.namelist()}

    def changed(self, part: str, change: Change) -> bytes:
        """The template with one part changed."""
        parts = self.parts()
        return zipped(parts | {part: change(parts[part])})

    def with_parts(self, more: Mapping[str, bytes]) -> bytes:
        """The template with parts added or replaced."""
        return zipped(self.parts() | dict(more))

    def with_cell(self, place: str, xml: str) -> bytes:
        """The template with one cell of the form replaced by this XML."""

        def change(data: bytes) -> bytes:
            text = data.decode()
            pattern = rf'<c r="{place}"[^>]*?(?:/>|>.*?</c>)'
            new, count = re.subn(pattern, lambda _: xml, text, count=1)
            assert count == 1
            return new.encode()

        return self.changed(FORM, change)

    def with_text(self, place: str, text: str) -> bytes:
        """The template with a text typed into one cell of the form."""
        return self.with_cell(
            place, f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
        )

    @functools.cached_property
    def grids(self) -> dict[str, Cells]:
        """The filled cells of both sheets."""
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(self.template))
        return {
            name: [
                (row, column, value)
                for row, line in enumerate(
                    book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                )
                for column, value in enumerate(line)
                if value != ""
            ]
            for name in book.sheet_names
        }

    def as_xlsb(
        self, more: bytes = b"", extra: Mapping[str, bytes] | None = None
    ) -> bytes:
        """The same workbook as .xlsb; `more` are records after the form's last cell."""
        data = {name: sheet_data(cells) for name, cells in self.grids.items()}
        data[FORM_NAME] += more
        return xlsb(data, extra=extra)

    def as_ods(self, more: str = "", **how: object) -> bytes:
        """The same workbook as .ods; `more` are rows after the form's last one."""
        data = {name: rows(cells) for name, cells in self.grids.items()}
        data[FORM_NAME] += more
        tables = [table(name, inside) for name, inside in data.items()]
        return ods(tables, **how)  # type: ignore[arg-type]

    def as_xls(self, change: Callable[[xlwt.Workbook], None] | None = None) -> bytes:
        """The same workbook as .xls."""
        book = self.old_book()
        if change is not None:
            change(book)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def old_book(self) -> xlwt.Workbook:
        book = xlwt.Workbook(encoding="utf-8")
        for name, cells in self.grids.items():
            sheet = book.add_sheet(name, cell_overwrite_ok=True)
            for row, column, value in cells:
                sheet.write(row, column, value)
        return book


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """One zip of the parts, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in parts.items():
            container.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 1)
    return out.getvalue()


def replaced(old: bytes, new: bytes) -> Change:
    """A change that puts `new` for the first `old`, which must be there."""

    def change(data: bytes) -> bytes:
        assert old in data, old
        return data.replace(old, new, 1)

    return change
