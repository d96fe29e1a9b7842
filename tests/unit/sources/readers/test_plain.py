"""The short way gives what the long way gives, or leaves the file to it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.readers import grid
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.plain_workbook import read_plain
from sources.readers.rejections import Rejected

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHORT = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

STYLES = (
    f'{HEAD}<styleSheet xmlns="{NAMESPACE}"><numFmts>'
    '<numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="#,##0.0\\ &quot;vụ day&quot;"/>'
    '<numFmt numFmtId="166" formatCode="0.0%"/>'
    '<numFmt numFmtId="167" formatCode="[h]:mm"/></numFmts><cellXfs>'
    + "".join(
        f'<xf numFmtId="{number}"/>'
        for number in (0, 9, 14, 164, 165, 166, 167, 22, 49)
    )
    + "</cellXfs></styleSheet>"
)
TEXTS = (
    "<si><t>Mã</t></si>",
    '<si><t xml:space="preserve"> hai  </t></si>',
    "<si><r><t>a&amp;</t></r><r><rPr><b/></rPr><t>b</t></r></si>",
    "<si><t/></si>",
    "<si><t>so_xa_dat</t></si>",
)
ODD_TEXTS = ("<si><t> a</t></si>", "<si><t>_x000D_</t></si>", "<si><t>&#233;</t></si>")


def package(
    rows: str, texts: str = "".join(TEXTS), more: Mapping[str, str] = {}
) -> bytes:
    """One workbook with these rows on its only sheet."""
    sheet = f'{HEAD}<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData>'
    kinds = ("worksheet", "styles", "sharedStrings")
    targets = ("worksheets/sheet1.xml", "styles.xml", "sharedStrings.xml")
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(zip(kinds, targets, strict=True))
    )
    links = f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}'
    book = f'{HEAD}<workbook xmlns="{NAMESPACE}" xmlns:r="{OFFICE}"><sheets>'
    book += '<sheet name="Biểu" sheetId="1" r:id="r0"/></sheets></workbook>'
    start = f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r"'
    start += f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "_rels/.rels": f"{start}</Relationships>",
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": f"{links}</Relationships>",
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{NAMESPACE}">{texts}</sst>',
        SHEET: f"{sheet}</worksheet>",
        **more,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in parts.items():
            out.writestr(name, text.encode())
    return buffer.getvalue()


def long_way(path: Path, limits: Limits = DEFAULT_LIMITS) -> object:
    """The cells as inspection and calamine give them, or the code of the refusal."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "read_plain", lambda path, limits: None)
        patch.setattr(grid, "guard", lambda sheets, **_: None)
        try:
            return grid.read_workbook(path, limits)
        except Rejected as refusal:
            return refusal.code


def agree(path: Path) -> bool:
    """True when the file was plain; fails when the two ways differ."""
    plain = read_plain(path, DEFAULT_LIMITS)
    assert plain is None or plain == long_way(path)
    return plain is not None


numbers = st.one_of(
    st.integers(-(10**17), 10**17).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["05", "1.50", "-0", "0.1", "1E+5", "1e999", "+5", ".5", "5."]),
    st.sampled_from([" 5", "1,5", "nan", "0x1F", "1_000"]),
)
letters = st.text("ab ế&<'\"\n\t_x041[]>;", max_size=8).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
)
styles = st.sampled_from(["", *(f' s="{n}"' for n in (*range(9), 99))])
formulas = st.sampled_from(["", "<f>A1+1</f>", '<f t="shared" si="0"/>'])
CELLS = st.one_of(
    st.tuples(styles, formulas, numbers).map(lambda c: "{}>{}<v>{}</v>".format(*c)),
    st.integers(0, 6).map(lambda n: f' t="s"><v>{n}</v>'),
    letters.map(lambda text: f' t="inlineStr"><is><t>{text}</t></is>'),
    letters.map(
        lambda text: f' t="inlineStr"><is><t xml:space="preserve">{text}</t></is>'
    ),
    st.tuples(formulas, letters).map(lambda c: ' t="str">{}<v>{}</v>'.format(*c)),
    st.sampled_from(["0", "1", "2"]).map(lambda value: f' t="b"><v>{value}</v>'),
    st.tuples(styles, formulas, st.sampled_from(["", "<v></v>", "<v/>"])).map(
        lambda c: "{}>{}{}".format(*c)
    ),
    st.sampled_from([' t="e"><v>#REF!</v>', ' t="str"><f>1</f><v></v>', ' t="s">']),
)


@SHORT
@given(
    rows=st.lists(st.lists(CELLS, max_size=4), max_size=4),
    odd=st.lists(st.sampled_from(ODD_TEXTS), max_size=1),
)
def test_both_ways_give_the_same_cells(tmp_path, rows, odd):
    body = "".join(
        f'<row r="{number}" spans="1:4">'
        + "".join(f'<c r="{"ABCD"[at]}{number}"{c}</c>' for at, c in enumerate(cells))
        + "</row>"
        for number, cells in enumerate(rows, 1)
    )
    path = tmp_path / "w.xlsx"
    path.write_bytes(package(body, "".join([*TEXTS, *odd])))
    agree(path)


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        ("><v>1656</v>", "n", "1656"),
        ("><v>0.1</v>", "n", "0.1"),
        ("><v>1E+20</v>", "n", "100000000000000000000"),
        ("><f>1+1</f><v>2</v>", "n", "2"),
        ("><f>1+1</f>", "f", ""),
        (' s="1"><v>0.5</v>', "p", "0.5"),
        (' s="4"><v>5</v>', "n", "5"),
        (' s="5"><v>0.5</v>', "p", "0.5"),
        (' t="s"><v>1</v>', "s", " hai  "),
        (' t="s"><v>2</v>', "s", "a&b"),
        (' t="b"><v>1</v>', "b", "true"),
        (' t="e"><v>#REF!</v>', "e", "#REF!"),
        (' t="str"><f>1</f><v>✓ &lt;</v>', "s", "✓ <"),
        (' t="inlineStr"><is><t xml:space="preserve">a\nb</t></is>', "s", "a\nb"),
    ],
)
def test_plain_cells_are_read_the_short_way(tmp_path, cell, kind, text):
    path = tmp_path / "w.xlsx"
    path.write_bytes(package(f'<row r="2"><c r="C2"{cell}</c></row>'))
    assert agree(path)
    (sheet,) = read_plain(path, DEFAULT_LIMITS) or []
    assert (sheet["rows"], sheet["columns"]) == ([1], [2])
    assert (sheet["kinds"], sheet["texts"]) == (kind, [text])


def test_a_cell_without_a_style_has_the_first_one(tmp_path):
    path = tmp_path / "w.xlsx"
    percent = STYLES.replace('<xf numFmtId="0"/>', '<xf numFmtId="10"/>', 1)
    rows = '<row r="1"><c r="A1"><v>0.5</v></c></row>'
    path.write_bytes(package(rows, more={"xl/styles.xml": percent}))
    assert agree(path)
    (sheet,) = read_plain(path, DEFAULT_LIMITS) or []
    assert sheet["kinds"] == "p"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1" xmlns="urn:x"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" s="2"><v>45000</v></c></row>',
        '<row r="1"><c r="A1" s="3"><v>45000</v></c></row>',
        '<row r="1"><c r="A1" s="6"><v>1.5</v></c></row>',
        '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>9</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"/></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1"></row><row r="2"></c></row>',
        '<row r="1"><c r="A1" t="str"><v>a]]>b</v></c></row>',
        '<row r="1"><c r="A1" t="str"><v>a&b;</v></c></row>',
        '<row r="1"><c r="A1" t="str"><v>\x01</v></c></row>',
        '<row r="1"><c r="A1" r="A2"><v>1</v></c></row>',
        '<row r="300000"><c r="A300000"><v>1</v></c></row>',
        '<row r="1"><c r="ZZZ1"><v>1</v></c></row>',
        '<row r="1"><!-- --><c r="A1"><v>1</v></c></row>',
        "</sheetData><sheetData>",
    ],
)
def test_anything_else_is_left_to_the_long_way(tmp_path, rows):
    path = tmp_path / "w.xlsx"
    path.write_bytes(package(rows))
    assert not agree(path)


def test_active_and_personal_parts_are_left_to_the_long_way(tmp_path):
    path = tmp_path / "w.xlsx"
    for name in ("xl/vbaProject.bin", "xl/comments1.xml", "../x", "xl/connections.xml"):
        path.write_bytes(package("", more={name: "<a/>"}))
        assert not agree(path)
    path.write_bytes(package("", more={SHEET.upper(): "<a/>"}))
    assert not agree(path)


def test_limits_are_those_of_the_long_way(tmp_path):
    path = tmp_path / "w.xlsx"
    rows = '<row r="3"><c r="C3" t="str"><v>abcd</v></c><c r="D3"/></row>'
    path.write_bytes(package(rows))
    size = path.stat().st_size
    assert read_plain(path, DEFAULT_LIMITS) is not None
    for limits in (
        *(Limits(rows=2), Limits(columns=2), Limits(area=8), Limits(cells=1)),
        *(Limits(text_length=3), Limits(sheets=0), Limits(entries=6)),
        *(Limits(file_bytes=size - 1), Limits(part_bytes=99), Limits(total_bytes=99)),
    ):
        assert read_plain(path, limits) is None


@SHORT
@given(
    place=st.integers(0, 9_999),
    new=st.sampled_from([*b"<>/&\"'= \0\n!?19ac:vtsrf]\xff", None]),
    length=st.integers(1, 9),
)
def test_a_damaged_sheet_never_reads_differently(tmp_path, place, new, length):
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="4"><f>A1&lt;1</f>'
    rows += '<v>12</v></c></row><row r="2" ht="5"><c r="A2" t="inlineStr"><is>'
    rows += '<t xml:space="preserve"> a </t></is></c><c r="B2"><v>7</v></c></row>'
    sheet = f'{HEAD}<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData>'
    sheet += "<headerFooter><oddFooter>&amp;L1</oddFooter></headerFooter></worksheet>"
    data = bytearray(sheet.encode())
    at = place % len(data)
    data[at : at + length] = [] if new is None else [new] * length
    path = tmp_path / "w.xlsx"
    path.write_bytes(package("", more={SHEET: data.decode("latin-1")}))
    agree(path)


def test_a_damaged_container_never_reads_differently(tmp_path):
    data = package('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')
    path = tmp_path / "w.xlsx"
    path.write_bytes(data)
    assert agree(path)
    for place in range(0, len(data), 7):
        flipped = bytearray(data)
        flipped[place] ^= 0x15
        path.write_bytes(flipped)
        agree(path)


def test_filled_templates_are_plain(template):
    figures = [{"offences": 5, "loss": 7, "rate": 3}, {"offences": 1, "staff": 2}]
    for number, values in enumerate(figures):
        notes = {"offences": "ghi chú & <b>"} if number else None
        path = template(f"{number}.xlsx", values=values, notes=notes)
        assert agree(path)


def test_a_template_that_excel_computed_and_saved_is_plain(template, change_part):
    """Stored results, height hints, lists and colours in the extension block."""

    def saved(data: bytes) -> bytes:
        data = re.sub(
            rb'(<c r="E[0-9]+" s="[0-9]+")(><f>[^<]*</f><v>)(</v>)',
            '\\1 t="str"\\2✓ &lt;5&gt;\\3'.encode(),
            data,
        )
        data = re.sub(rb'(<c r="I[^>]*><f>[^<]*</f><v>)(</v>)', rb"\g<1>5.5\2", data)
        data = data.replace(b'spans="1:9"', b'spans="1:9" x14ac:dyDescent="0.25"')
        rules = b"<extLst><ext><x14:rule><xm:f>$A$1</xm:f></x14:rule></ext></extLst>"
        data = data.replace(b"</worksheet>", rules + b"</worksheet>")
        office = b' xmlns:x14ac="a" xmlns:x14="b" xmlns:xm="c">'
        return data.replace(b">", office, 2).replace(office, b">", 1)

    values = {"offences": 5, "loss": 7, "staff": 2}
    path = change_part(template(values=values), SHEET, saved)
    assert agree(path)
    sheet = (read_plain(path, DEFAULT_LIMITS) or [])[0]
    assert "f" not in sheet["kinds"]
    assert sheet["texts"].count("✓ <5>") == 6
    assert sheet["texts"].count("5.5") == 6
