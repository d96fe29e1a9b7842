"""Property: a text that begins like a formula never comes back as a formula."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import python_calamine
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.replies.marking import marked_workbook
from sources.replies.model import Remark
from sources.replies.texts import quotable
from tests.unit.sources.replies.conftest import FACTS, remark

SIGNS = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")
LETTERS = st.characters(codec="utf-8", exclude_categories=("C",))
TEXTS = st.builds(
    str.__add__, st.sampled_from(SIGNS), st.text(LETTERS, min_size=1, max_size=30)
)


def sheet_with(texts: list[str]) -> bytes:
    out = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet("Biểu")
        for row, text in enumerate(texts):
            sheet.write_string(row, 0, text)
    return out.getvalue()


def quoting(row: int, text: str) -> Remark:
    said = quotable(text)
    more = {"message_vi": said, "message_en": said, "measure": said}
    return remark(f"A{row + 1}", **more, observed=said, expected=said)


@settings(max_examples=40)
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_texts_come_back_as_texts(texts: list[str]) -> None:
    said = [quoting(row, text) for row, text in enumerate(texts)]
    data = marked_workbook(sheet_with(texts), FACTS, said)
    form = openpyxl.load_workbook(io.BytesIO(data))["Biểu"]
    cells = [form.cell(row + 1, 1) for row in range(len(texts))]
    assert [cell.value for cell in cells] == texts
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = read.get_sheet_by_name("Biểu").to_python(skip_empty_area=False)
    assert [row[0] for row in found] == texts
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            assert not re.search(rb"<f[\s/>]", package.read(name)), name


def test_two_rounds_leave_a_text_a_text() -> None:
    once = marked_workbook(sheet_with(["=1+1", "@x"]), FACTS, [remark("A1")])
    form = openpyxl.load_workbook(io.BytesIO(marked_workbook(once, FACTS, [])))["Biểu"]
    assert [(c.value, c.data_type) for (c,) in form["A1:A2"]] == [
        ("=1+1", "s"),
        ("@x", "s"),
    ]
