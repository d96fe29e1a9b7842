"""The inbox that a simulation leaves behind."""

from __future__ import annotations

import ast
import datetime as dt
import hashlib
import json
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

import sources.simulator
from sources.simulator import SimulationError, simulate
from sources.simulator.faults import FAULTS
from sources.template import layout

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
TUNING = """
habits: {missing: 0.05, late: 0.2, corrected: 0.1, faulty: 0.3, duplicated: 0.05}
measures: {cases: {totals: {2021: 40000}}, solved: {ratio: {2021: 0.8}}}
"""


@pytest.fixture
def tuned(small):
    (small.folder / "simulation.yaml").write_text(TUNING)
    return small


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


def snapshot(inbox):
    return {
        path.relative_to(inbox).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in inbox.rglob("*")
        if path.is_file()
    }


def sheet_of(path):
    return openpyxl.load_workbook(path)[layout.SHEET_FORM]


def values_of(path):
    """Measure code -> cell value, as they stand."""
    sheet = sheet_of(path)
    rows = sheet.iter_rows(min_row=layout.ROW_FIRST_MEASURE + 1, values_only=True)
    return {r[layout.COLUMN_CODE]: r[layout.COLUMN_VALUE] for r in rows}


def only(report, kind):
    return next(f for f in report.faults if f.kind == kind)


def test_same_seed_same_bytes_names_and_times_and_another_seed_others(tuned, tmp_path):
    first, second, third = (tmp_path / name for name in "abc")
    assert simulate(tuned, first, 1) == simulate(tuned, second, 1)
    simulate(tuned, third, 2)
    assert snapshot(first) == snapshot(second)
    assert snapshot(first) != snapshot(third)


def test_a_second_run_leaves_exactly_its_own_files(tuned, tmp_path):
    fresh, used = tmp_path / "fresh", tmp_path / "used"
    simulate(tuned, used, 1)
    simulate(tuned, used, 2)
    simulate(tuned, fresh, 2)
    assert snapshot(used) == snapshot(fresh)


def test_until_leaves_out_what_is_sent_later_and_nothing_else(tuned, tmp_path):
    whole, half = tmp_path / "whole", tmp_path / "half"
    simulate(tuned, whole, 1)
    report = simulate(tuned, half, 1, until=dt.date(2021, 12, 31))
    limit = dt.datetime(2022, 1, 1, tzinfo=HANOI).timestamp() * 1e9
    expected = {k: v for k, v in snapshot(whole).items() if v[1] < limit}
    assert snapshot(half) == expected
    assert 0 < report.files == len(expected) < len(snapshot(whole))


def test_real_workbooks_are_never_mixed_with_simulated_ones(tuned, inbox):
    inbox.mkdir()
    (inbox / "thật.xlsx").write_bytes(b"x")
    (inbox / "README.txt").write_text("not a submission")
    with pytest.raises(SimulationError, match="thật"):
        simulate(tuned, inbox, 1)
    assert {p.name for p in inbox.iterdir()} == {"thật.xlsx", "README.txt"}


def test_progress_ends_at_all_files(tuned, inbox):
    calls = []
    report = simulate(tuned, inbox, 1, progress=lambda *done: calls.append(done))
    assert calls[-1] == (report.files, report.files)
    assert calls == sorted(calls)


def test_planted_faults_are_where_the_report_says(tuned, inbox):
    (tuned.folder / "simulation.yaml").write_text(TUNING.replace("0.3", "0.55"))
    report = simulate(tuned, inbox, 1)
    assert {f.kind for f in report.faults} == {f.kind for f in FAULTS}
    for kind in ("truncated_file", "not_a_workbook"):
        assert not zipfile.is_zipfile(inbox / only(report, kind).file)
    value = {}
    for kind in (
        "text_for_number",
        "negative_count",
        "fraction_in_count",
        "part_exceeds_whole",
        "error_cell",
        "formula_without_value",
    ):
        fault = only(report, kind)
        found = values_of(inbox / fault.file)
        value[kind] = found[fault.measure_code]
        if kind == "part_exceeds_whole":
            whole = {"solved": "cases", "spent": "money"}[fault.measure_code]
            assert found[fault.measure_code] > found[whole]
    assert isinstance(value["text_for_number"], str)
    assert value["negative_count"] < 0
    assert value["fraction_in_count"] % 1 == 0.5
    assert value["formula_without_value"].startswith("=")
    error = only(report, "error_cell")
    cached = openpyxl.load_workbook(inbox / error.file, data_only=True)
    cells = cached[layout.SHEET_FORM].iter_rows(values_only=True)
    assert "#REF!" in {value for row in cells for value in row}


def test_planted_metadata_faults(tuned, inbox):
    (tuned.folder / "simulation.yaml").write_text(TUNING.replace("0.3", "0.55"))
    report = simulate(tuned, inbox, 1)

    def said(kind, key):
        fault = only(report, kind)
        sheet = openpyxl.load_workbook(inbox / fault.file)[layout.SHEET_META]
        return fault, {r[0]: r[1] for r in sheet.iter_rows(values_only=True)}[key]

    codes = {u.unit_code for u in tuned.units}
    assert said("unknown_unit", layout.META_UNIT)[1] not in codes
    fault, dead = said("unit_not_alive", layout.META_UNIT)
    year, quarter = fault.period_key.split("-")[1:]
    is_after = (year, quarter) >= ("2022", "Q3")
    assert dead in ({"O1", "O2", "O3"} if is_after else {"N1", "N2"})
    assert said("wrong_template_version", layout.META_TEMPLATE_VERSION)[1] == "0"
    period = said("unknown_period", layout.META_PERIOD)[1]
    assert period[-1] not in "1234"
    hidden = openpyxl.load_workbook(inbox / only(report, "hidden_sheet").file)
    assert [s.sheet_state for s in hidden].count("hidden") == 1
    person = sheet_of(inbox / only(report, "personal_data").file)
    titles = [c.value for c in person[layout.ROW_HEADER + 1]]
    assert "Số CCCD" in titles
    notes = sheet_of(inbox / only(report, "formula_like_text").file)
    note = notes.cell(layout.ROW_FIRST_MEASURE + 1, layout.COLUMN_NOTE + 1)
    assert note.value[0] in "=+-@" and note.data_type in ("s", "inlineStr")


def test_a_correction_that_drops_values_follows_a_full_report(tuned, inbox):
    (tuned.folder / "simulation.yaml").write_text(TUNING.replace("0.3", "0.55"))
    report = simulate(tuned, inbox, 1)
    fault = only(report, "values_dropped")
    before = inbox / fault.file.replace("_lan2", "")

    def filled(path):
        return sum(v is not None for v in values_of(path).values())

    assert "_lan2" in fault.file
    assert filled(inbox / fault.file) * 2 < filled(before)
    assert before.stat().st_mtime < (inbox / fault.file).stat().st_mtime


def test_habits_officers_have(tuned, inbox):
    simulate(tuned, inbox, 1)
    texts, notes, gaps = [], [], 0
    for path in sorted(inbox.rglob("*.xlsx")):
        if not zipfile.is_zipfile(path):
            continue
        rows = list(
            sheet_of(path).iter_rows(
                min_row=layout.ROW_FIRST_MEASURE + 1, values_only=True
            )
        )
        texts += [r[layout.COLUMN_VALUE] for r in rows]
        notes += [r[layout.COLUMN_NOTE] for r in rows if r[layout.COLUMN_NOTE]]
        gaps += any(r[layout.COLUMN_CODE] is None for r in rows)
    typed = [t for t in texts if isinstance(t, str)]
    assert any("." in t and t.replace(".", "").strip().isdigit() for t in typed)
    assert any("," in t for t in typed)
    assert any(t != t.strip() for t in typed)
    assert any(not unicodedata.is_normalized("NFC", n) for n in notes)
    assert gaps


# --- The shipped programme ------------------------------------------------------------


def test_shipped_programme_has_a_believable_number_of_files(shipped_run):
    inbox, report = shipped_run
    assert 1_000 <= report.files <= 2_000
    assert report.files == len(list(inbox.rglob("*_SIMULATED.xlsx")))
    counts = report.counts
    assert counts["never_sent"] / counts["due"] == pytest.approx(0.03, abs=0.01)
    assert counts["corrections"] / counts["due"] == pytest.approx(0.03, abs=0.01)
    assert counts["faulty"] / counts["first_sends"] == pytest.approx(0.02, abs=0.003)
    assert 0.6 < counts["repairs"] / counts["faulty"] < 1
    assert counts["nil_reports"] > 50
    assert {f.kind for f in report.faults} == {f.kind for f in FAULTS}
    json.dumps(report.as_dict())


def test_shipped_files_are_sent_in_working_hours_and_some_late(shipped, shipped_run):
    inbox, report = shipped_run
    late, firsts = 0, 0
    for path in inbox.rglob("*.xlsx"):
        sent = dt.datetime.fromtimestamp(path.stat().st_mtime, HANOI)
        assert dt.time(7, 30) <= sent.time() <= dt.time(17)
        name = path.name
        if not any(part in name for part in ("_lan", "_ban_sao", "HD_HS-Q")):
            firsts += 1
            late += sent.date() > due_date(shipped, name)
    assert late / firsts == pytest.approx(0.08, abs=0.01)
    assert late == report.counts["late"]


def due_date(programme, name):
    """Deadline of a report by its file name, figured out apart from the simulator."""
    unit, form_code, period = name.removesuffix("_SIMULATED.xlsx").split("_")
    year, part = period.split("-")[1:]
    months = {"Y": 12} | {f"Q{q}": 3 * q for q in range(1, 5)}
    month = months.get(part) or int(part[1:])
    level = next(u.level for u in programme.units if u.unit_code == unit)
    form = next(f for f in programme.forms if f.code == form_code)
    return dt.date(int(year), month, 14 + form.deadline_days[level])


def test_same_bytes_are_dropped_twice_under_another_name(shipped_run):
    inbox, report = shipped_run
    digests = Counter(
        hashlib.sha256(p.read_bytes()).hexdigest() for p in inbox.rglob("*.xlsx")
    )
    copies = list(inbox.rglob("*_ban_sao_*.xlsx"))
    assert len(copies) == report.counts["copies"] > 0
    for copy in copies:
        original = copy.with_name(copy.name.replace("_ban_sao", ""))
        assert copy.read_bytes() == original.read_bytes()
        assert copy.stat().st_mtime > original.stat().st_mtime
        assert digests[hashlib.sha256(copy.read_bytes()).hexdigest()] == 2


def test_every_readable_shipped_workbook_says_simulated(shipped_run):
    inbox, report = shipped_run
    broken = {
        f.file for f in report.faults if f.kind in ("truncated_file", "not_a_workbook")
    }
    mark = layout.SIMULATED_BANNER.encode()
    for path in inbox.rglob("*.xlsx"):
        if path.relative_to(inbox).as_posix() not in broken:
            with zipfile.ZipFile(path) as package:
                assert mark in package.read("xl/sharedStrings.xml"), path


def test_simulator_shares_no_code_with_the_readers():
    folder = Path(sources.simulator.__file__).parent
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in getattr(node, "names", [])]
            names.append(getattr(node, "module", None) or "")
            assert not any(n.startswith("sources.readers") for n in names), path
