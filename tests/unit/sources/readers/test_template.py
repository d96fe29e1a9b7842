from __future__ import annotations

import unicodedata
from decimal import Decimal

import openpyxl
import pytest

from sources.readers import read_deliveries
from sources.template import layout

FIGURES = {
    "offences": 12,
    "loss": "4,6 tỷ",
    "rate": "5,5 %",
    "staff": 7,
    "station": "Có",
}


@pytest.fixture
def read(programme, job):
    """Reads template workbooks and returns the result."""

    def run(*paths):
        jobs = [job(path) for path in paths]
        return read_deliveries(programme, jobs, None, workers=1)

    return run


def edited(path, change):
    """Changes the form sheet with another library, as an officer's program would."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def values(result):
    return dict(
        zip(result.observations.measure_code, result.observations["value"], strict=True)
    )


def rules(result):
    return result.findings.rule_code.tolist()


def test_a_submission_says_in_which_cells_it_says_what_it_is(template, read):
    path = template(values=FIGURES)
    (row,) = read(path).submissions.to_dict("records")
    sheet = openpyxl.load_workbook(path)[row["meta_sheet"]]
    said = {"form": "form_code", "unit": "unit_code", "period": "period_key"}
    for name, column in {**said, "template": "template_version"}.items():
        assert sheet[row[f"{name}_cell"]].value == row[column]


def test_what_stands_above_the_table_tells_the_unit_also_below_a_new_row(
    template, read
):
    path = template(values=FIGURES)
    (told,) = read(path).submissions.head_texts
    assert told.split("\n")[0] == "Xã Một"
    edited(path, lambda book: book[layout.SHEET_FORM].insert_rows(1))
    assert read(path).submissions.head_texts.tolist() == [told]
    assert "Chỉ tiêu" not in told


def test_a_filled_workbook(template, read):
    result = read(template(values=FIGURES, is_simulated=True))
    (row,) = result.submissions.to_dict("records")
    assert (row["form_code"], row["unit_code"]) == ("M", "U1")
    assert row["period_key"] == "civil-2024-M01"
    assert (row["reader"], row["number_style"]) == ("template", "vi")
    assert row["is_simulated"] is True
    assert row["is_control_total"] is False
    assert len(row["submission_id"]) == 32
    assert values(result) == {
        "offences": 12,
        "loss": Decimal(4_600_000_000),
        "rate": Decimal("5.5"),
        "staff": 7,
        "station": 1,
    }
    assert result.findings.empty
    first = result.observations.iloc[0]
    cell = openpyxl.load_workbook(template(values=FIGURES))[first.sheet][first["cell"]]
    assert cell.value == 12
    assert result.observations.raw_text.tolist()[1] == "4,6 tỷ"
    assert result.observations.row_id.tolist() == [0, 1, 2, 3, 4]


def test_rows_and_columns_put_in_by_the_officer_do_no_harm(template, read):
    def insert(book):
        sheet = book[layout.SHEET_FORM]
        sheet.insert_rows(12, 2)
        sheet.insert_rows(3)
        sheet.insert_cols(4)

    result = read(edited(template(values=FIGURES), insert))
    assert values(result)["staff"] == 7
    assert len(result.observations) == 5


def test_empty_is_missing_zero_is_nil_and_kad_is_not_applicable(template, read):
    result = read(template(values={"offences": 0, "staff": "KAD"}))
    status = result.observations.set_index("measure_code").observation_status
    assert status.to_dict() == {
        "offences": "nil",
        "loss": "missing",
        "rate": "missing",
        "staff": "not_applicable",
        "station": "missing",
    }
    assert result.observations.cell.notna().all()


def test_nil_report_fills_flows_only(template, read):
    def mark(book):
        sheet = book[layout.SHEET_FORM]
        cells = [cell for row in sheet.iter_rows() for cell in row]
        code = next(cell for cell in cells if cell.value == layout.NIL_CODE)
        sheet.cell(code.row, layout.COLUMN_VALUE + 1).value = layout.NIL_MARK

    result = read(edited(template(), mark))
    assert result.submissions.is_nil_report.tolist() == [True]
    status = result.observations.set_index("measure_code").observation_status
    assert status[["offences", "loss", "rate"]].tolist() == ["nil"] * 3
    assert status[["staff", "station"]].tolist() == ["missing"] * 2
    assert "KHONG_PHAT_SINH" not in status.index


def test_unknown_and_repeated_codes_are_kept_for_gate_one(template, read):
    def change(book):
        sheet = book[layout.SHEET_FORM]
        rows = {
            row[layout.COLUMN_CODE].value: row
            for row in sheet.iter_rows()
            if row[layout.COLUMN_CODE].value
        }
        rows["staff"][layout.COLUMN_CODE].value = "offences"
        rows["loss"][layout.COLUMN_CODE].value = "strange"

    result = read(edited(template(values=FIGURES), change))
    codes = result.observations.measure_code.tolist()
    assert codes.count("offences") == 2
    assert "strange" in codes


def test_faults_stay_with_their_cell(template, read):
    def change(book):
        sheet = book[layout.SHEET_FORM]
        for row in sheet.iter_rows():
            code, value = row[layout.COLUMN_CODE].value, row[layout.COLUMN_VALUE]
            if code == "offences":
                value.value = "#REF!"
                value.data_type = "e"
            if code == "staff":
                value.value = "=1+1"
            if code == "loss":
                value.value = "=cmd|' /C calc'!A0"
                value.data_type = "s"
            if code == "rate":
                value.value = "nhiều"

    result = read(edited(template(), change))
    fault = result.observations.set_index("measure_code").fault
    assert fault[["offences", "staff", "loss", "rate"]].tolist() == [
        "error_cell",
        "no_cached_value",
        "not_a_number",
        "not_a_number",
    ]
    raw = result.observations.set_index("measure_code").raw_text
    assert raw["loss"] == "=cmd|' /C calc'!A0"
    assert result.findings.empty


def test_undeclared_number_style_refuses_ambiguous_text(template, read):
    path = template(
        values={"offences": "1.656"}, meta={layout.META_NUMBER_STYLE: "vie"}
    )
    result = read(path)
    first = result.observations.iloc[0]
    assert (first.fault, first["value"]) == ("ambiguous_number", None)
    assert result.submissions.number_style.tolist() == ["vie"]
    declared = read(template(values={"offences": "1.656"}))
    assert declared.observations["value"].iloc[0] == 1656


def test_decomposed_text_reads_the_same(template, read, change_part):
    path = template(values=FIGURES)
    nfd = change_part(
        path,
        "xl/sharedStrings.xml",
        lambda data: unicodedata.normalize("NFD", data.decode()).encode(),
    )
    assert values(read(nfd)) == values(read(path))


def test_hidden_form_sheet_blocks_the_submission(template, read):
    def hide(book):
        book[layout.SHEET_FORM].sheet_state = "veryHidden"

    result = read(edited(template(values=FIGURES), hide))
    assert rules(result) == ["X_HIDDEN"]
    (finding,) = result.findings.to_dict("records")
    assert (finding["scope"], finding["is_blocking"]) == ("submission", True)
    assert finding["submission_id"] == result.submissions.submission_id.iloc[0]
    assert (finding["unit_code"], finding["form_code"]) == ("U1", "M")
    assert result.observations.empty


def test_renamed_form_sheet_and_other_template(template, read, workbook):
    def rename(book):
        book[layout.SHEET_FORM].title = "Trang 1"

    assert rules(read(edited(template(), rename))) == ["X_NOSHEET"]
    other = read(workbook({"A": [["Mã", "Số liệu"], ["offences", 3]]}))
    assert rules(other) == ["X_TEMPLATE"]
    assert other.findings.scope.tolist() == ["delivery"]
    assert other.submissions.empty
    version = read(template(meta={layout.META_FORMAT: "nhiemky-0"}))
    assert rules(version) == ["X_TEMPLATE"]
    assert len(version.submissions) == 1
    stranger = read(template(meta={layout.META_PROGRAMME: "other"}))
    assert stranger.findings.cell.item().startswith("B")
    assert rules(stranger) == ["X_PROGRAMME"]


def test_header_taken_away(template, read):
    def wipe(book):
        for row in book[layout.SHEET_FORM].iter_rows():
            for cell in row:
                if cell.value == layout.TITLE_CODE:
                    cell.value = "khác"

    assert rules(read(edited(template(), wipe))) == ["X_TEMPLATE"]


def test_hidden_rows_and_figures_without_code_are_doubts(template, read):
    def change(book):
        sheet = book[layout.SHEET_FORM]
        codes = [row[layout.COLUMN_CODE] for row in sheet.iter_rows()]
        row = next(cell.row for cell in codes if cell.value == "staff")
        sheet.row_dimensions[row].hidden = True
        last = max(cell.row for cell in codes if cell.value)
        sheet.cell(last + 1, layout.COLUMN_VALUE + 1).value = 99

    result = read(edited(template(values=FIGURES), change))
    assert sorted(rules(result)) == ["R_HIDDEN_ROWS", "R_ROW_WITHOUT_CODE"]
    assert set(result.findings.severity) == {"WARNING"}
    assert values(result)["staff"] == 7


def test_unknown_form_unit_and_period_stay_as_found(template, read):
    meta = {
        layout.META_FORM: "NOPE",
        layout.META_UNIT: " U\u00a09 ",
        layout.META_PERIOD: "",
        layout.META_SEND_NUMBER: "2",
    }
    (row,) = read(template(meta=meta)).submissions.to_dict("records")
    assert (row["form_code"], row["unit_code"], row["period_key"]) == (
        "NOPE",
        "U 9",
        None,
    )
    assert row["declared_version"] == 2


def test_total_of_a_control_level(template, read):
    assert read(template(unit="P")).submissions.is_control_total.tolist() == [True]


def test_personal_data_refuses_the_whole_delivery(template, read):
    def note(book):
        book[layout.SHEET_FORM]["K40"] = "Nguyễn Văn A 0912345678"

    result = read(edited(template(values=FIGURES), note))
    assert rules(result) == ["PERSONAL_DATA"]
    assert result.submissions.empty and result.observations.empty
    text = result.findings.to_json(force_ascii=False)
    assert f"{layout.SHEET_FORM}!K40" in text
    assert "0912345678" not in text
    assert "Nguyễn" not in text


def test_a_bad_delivery_never_stops_the_others(template, read, tmp_path):
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"PK\x03\x04 cut")
    good = [template(f"{n}.xlsx", values={"offences": n}) for n in range(3)]
    result = read(good[0], bad, good[1], good[2])
    assert result.submissions.file_name.tolist() == ["0.xlsx", "1.xlsx", "2.xlsx"]
    assert rules(result) == ["X_DAMAGED"]
    assert result.findings.message_vi.iloc[0].startswith("bad.xlsx: ")


def test_progress_adds_up_and_no_jobs_give_empty_frames(template, programme, job):
    steps: list[int] = []
    jobs = [job(template(f"{n}.xlsx")) for n in range(3)]
    read_deliveries(programme, jobs, None, workers=2, progress=steps.append)
    assert sum(steps) == 3
    nothing = read_deliveries(programme, [], None)
    assert nothing.submissions.empty and nothing.findings.empty
    assert "row_id" in nothing.observations


def test_control_marks_in_file_names_are_made_visible(template, programme, job):
    path = template(meta={layout.META_FORMAT: "x"})
    name = "a\u202egpj\n.xlsx"
    result = read_deliveries(programme, [job(path, name=name)], None)
    assert "\u202e" not in result.findings.message_vi.iloc[0]
    assert "\n" not in result.findings.message_en.iloc[0]
