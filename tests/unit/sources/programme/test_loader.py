from __future__ import annotations

import csv
import datetime as dt
import time
import unicodedata
from decimal import Decimal

import pytest

from sources.programme.loader import load_programme
from sources.programme.problems import ProgrammeError


def problems_of(folder):
    with pytest.raises(ProgrammeError) as caught:
        load_programme(folder)
    return caught.value.problems


def swap(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(folder, file, text):
    lines = (folder / file).read_text("utf-8").splitlines()
    return next(n for n, line in enumerate(lines, start=1) if text in line)


def test_reads_what_is_written(folder):
    programme = load_programme(folder)
    assert programme.folder == folder
    assert programme.calendars[0].year_offset == -1
    assert programme.documents[0].date == dt.date(2025, 11, 20)
    assert programme.units[0].parent_unit_code is None
    assert programme.indicators[0].scale == Decimal(100)
    assert programme.forms[0].deadline_days == {"commune": 3, "district": 5}


def test_text_stays_text_and_decimals_stay_exact(folder):
    swap(folder, "programme.yaml", "code: NQ-01", "code: 010")
    text = (folder / "targets.yaml").read_text("utf-8")
    text = text.replace("document: NQ-01", "document: 010").replace(
        "low: 75", "low: 99.96"
    )
    (folder / "targets.yaml").write_text(text, encoding="utf-8")
    swap(folder, "measures.yaml", "unit_of_measure: điểm", "unit_of_measure: no")
    programme = load_programme(folder)
    assert programme.documents[0].code == "010"
    assert programme.targets[1].low == Decimal("99.96")
    assert programme.measures[2].unit_of_measure == "no"


def test_empty_values_are_none_and_quoted_ones_are_not(folder):
    swap(folder, "programme.yaml", "date: 2025-11-20", "date: ~")
    swap(folder, "measures.yaml", "name_en: Criminal offences\n", 'name_en: "null"\n')
    programme = load_programme(folder)
    assert programme.documents[0].date is None
    assert programme.measures[0].name_en == "null"


def test_text_becomes_nfc(folder):
    for file in ("units.csv", "measures.yaml"):
        text = unicodedata.normalize("NFD", (folder / file).read_text("utf-8"))
        (folder / file).write_text(text, encoding="utf-8")
    programme = load_programme(folder)
    assert programme.units[3].name_vi == "Công an xã An Bình"
    assert unicodedata.is_normalized("NFC", programme.measures[0].name_vi)


def test_all_problems_come_at_once_with_file_line_and_remedy(folder):
    swap(folder, "measures.yaml", "kind: stock", "kind: stok")
    swap(folder, "units.csv", "2024-12-15,\nMAU.A,", "15/12/2024,\nMAU.A,")
    swap(folder, "forms.yaml", "frequency: month", "frequncy: month")
    swap(folder, "targets.yaml", "low: 75", "low: 75,5")
    found = {(p.file, p.line): p for p in problems_of(folder)}
    at = found["measures.yaml", line_of(folder, "measures.yaml", "kind: stok")]
    assert "measures security_teams" in at.message
    assert "did you mean 'stock'?" in at.remedy
    at = found["units.csv", line_of(folder, "units.csv", "15/12/2024")]
    assert "units MAU: `valid_from` cannot be '15/12/2024'" in at.message
    assert "2025-07-01" in at.remedy
    at = found["forms.yaml", line_of(folder, "forms.yaml", "frequncy")]
    assert "unknown key `frequncy`" in at.message
    assert "did you mean 'frequency'?" in at.remedy
    at = found["targets.yaml", line_of(folder, "targets.yaml", "75,5")]
    assert "point" in at.remedy
    assert any("`frequency` is missing" in p.message for p in found.values())


def test_the_error_prints_every_problem(folder):
    swap(folder, "measures.yaml", "kind: stock", "kind: stok")
    swap(folder, "measures.yaml", "kind: flow", "kind: flw")
    with pytest.raises(ProgrammeError) as caught:
        load_programme(folder)
    text = str(caught.value)
    assert text.startswith("2 problems in the programme folder")
    assert text.count("measures.yaml:") == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "remedy"),
    [
        ("forms.yaml", "    measures: [", "   measures: [", "not valid YAML", "indent"),
        ("forms.yaml", "calendar: police", "calendar: [police", "not valid YAML", ""),
        ("forms.yaml", "forms:", "form:", "unknown key 'form'", "'forms'"),
        ("sources.yaml", "reader:", "path: x\n    reader:", "'path' stands twice", ""),
        ("programme.yaml", "code: mau_", "code: mẫu_", "`code` cannot be", "letters"),
        ("programme.yaml", "start_day: 15", "start_day: 31", "at most 28", "change"),
        ("programme.yaml", "term:", "term: 5\nx:", "`term` cannot be '5'", "keys"),
        ("measures.yaml", "unit_of_measure: vụ", "", "is missing", "add"),
        ("measures.yaml", "unit_of_measure: vụ", "unit_of_measure:", "is empty", ""),
        ("units.csv", "official_code", "oficial_code", "unknown column", "official"),
        ("units.csv", "MAU.A,2024-12-15,\n", "MAU.A\n", "7 cells where", "commas"),
        ("units.csv", "official_code", "unit_code", "stands twice", "keep one"),
        ("units.csv", "Công an tỉnh", '"Công" an tỉnh', "not valid CSV", "quotes"),
    ],
)
def test_what_a_slip_of_the_pen_says(folder, file, old, new, message, remedy):
    swap(folder, file, old, new)
    hits = [p for p in problems_of(folder) if message in p.message]
    assert hits, [str(p) for p in problems_of(folder)]
    assert hits[0].file == file
    assert hits[0].line is not None
    assert remedy in hits[0].remedy


def test_a_broken_file_is_blamed_once(folder):
    swap(folder, "forms.yaml", "forms:", "forms: [")
    assert {p.file for p in problems_of(folder)} == {"forms.yaml"}


def test_missing_folder_and_missing_file(folder, tmp_path):
    assert "no folder" in problems_of(tmp_path / "nowhere")[0].message
    (folder / "units.csv").unlink()
    (found,) = [p for p in problems_of(folder) if p.file == "units.csv"]
    assert "the file is missing" in found.message
    assert "init" in found.remedy


def test_optional_files_may_be_absent(folder):
    (folder / "targets.yaml").unlink()
    (folder / "indicators.yaml").unlink()
    assert load_programme(folder).targets == ()


def test_other_encodings_and_separators_are_named(folder):
    path = folder / "units.csv"
    text = path.read_text("utf-8")
    path.write_text(text.replace(",", ";"), encoding="utf-8")
    assert "not separated by commas" in problems_of(folder)[0].message
    path.write_bytes(text.encode("utf-16"))
    assert "not UTF-8" in problems_of(folder)[0].message
    path.write_text(text, encoding="utf-8-sig")
    assert len(load_programme(folder).units) == 7


def test_alias_bombs_are_refused(folder):
    rows = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    bomb = "\n".join(["a0: &a0 [x, x]", *rows])
    (folder / "targets.yaml").write_text(bomb)
    started = time.process_time()
    assert "aliases" in problems_of(folder)[0].message
    assert time.process_time() - started < 20


def test_merge_keys_keep_their_own_values(folder):
    path = folder / "programme.yaml"
    text = path.read_text("utf-8").replace(
        "  - {code: commune, name_vi: Xã, name_en: Commune}",
        "  - &c {code: commune, name_vi: Xã, name_en: Commune}\n"
        "  - {<<: *c, code: hamlet}",
    )
    path.write_text(text, encoding="utf-8")
    levels = load_programme(folder).levels
    assert (levels[3].code, levels[3].name_en) == ("hamlet", "Commune")


def test_code_list_members_from_a_file(folder):
    swap(
        folder,
        "measures.yaml",
        "code: crimes\n",
        "code: crimes\n    breakdown: kinds\n",
    )
    lists = folder / "code_lists.yaml"
    lists.write_text("code_lists:\n  - code: kinds\n    members_file: kinds.csv\n")
    (folder / "kinds.csv").write_text(
        "code,name_vi,name_en,parent_code\n1,Trộm,Theft,\n2,Cướp,Robbery,9\n",
        encoding="utf-8",
    )
    (found,) = problems_of(folder)
    assert (found.file, found.line) == ("kinds.csv", 3)
    swap(folder, "kinds.csv", ",9", ",1")
    assert load_programme(folder).code_lists[0].members[1].parent_code == "1"
    lists.write_text("code_lists:\n  - code: kinds\n    members_file: ../kinds.csv\n")
    assert any("outside" in p.message for p in problems_of(folder))
    lists.write_text(
        "code_lists:\n  - {code: kinds, members: [], members_file: kinds.csv}\n"
    )
    assert any("both" in p.message for p in problems_of(folder))


def test_five_hundred_units_load_in_half_a_second(folder):
    with (folder / "units.csv").open("a", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        for n in range(500):
            names = [f"U{n}", "", f"Xã {n}", f"Commune {n}"]
            rows.writerow([*names, "xa", "commune", "MAU.A", "2024-12-15", ""])
    started = time.process_time()
    assert len(load_programme(folder).units) == 507
    assert time.process_time() - started < 0.5
