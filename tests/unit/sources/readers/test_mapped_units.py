"""What texts of a unit column stand for, and which units are proposed for names."""

from __future__ import annotations

import datetime as dt

import pytest

from expectations.register import build_register
from expectations.submissions import structure_frame
from sources.programme.check_unit_names import check_unit_names
from sources.programme.due import due_units
from sources.programme.expansion import expand_measures
from sources.programme.model import UnitName, UnitVersion
from sources.programme.periods import periods_of
from sources.programme.problems import ProblemList
from sources.readers.mapped_units import passed_over, unit_codes
from sources.readers.reading import read_deliveries
from sources.readers.unit_proposals import bare, propose_units, toned

DAY = dt.date(2024, 12, 31)


def name(text, code, source="tables"):
    return UnitName(
        source_code=source,
        name=text,
        unit_code=code,
        decided_by="Lan",
        decided_on=dt.date(2025, 1, 1),
    )


def unit(code, text, start=2000, end=None, parent="P"):
    return UnitVersion(
        unit_code=code,
        name_vi=text,
        name_en=f"Unit {code}",
        unit_type="commune",
        level="commune",
        parent_unit_code=parent,
        valid_from=dt.date(start, 1, 1),
        valid_to=dt.date(end, 1, 1) if end else None,
    )


def with_names(programme, *names):
    return programme.model_copy(update={"unit_names": names})


def with_units(programme, *units):
    return programme.model_copy(update={"units": (programme.units[0], *units)})


def codes_of(programme):
    source = programme.sources[1]
    return unit_codes(programme, source, source.maps[0])


def test_only_what_a_person_wrote_down_names_a_unit(programme):
    found = with_names(
        programme,
        name("Xã  Nhất", "U1"),
        name("Vùng Bắc", None),
        name("Xã Nhì", "U2", source="inbox"),
    )
    codes = codes_of(found)
    assert codes["Xã Nhất"] == "U1"
    assert codes["U2"] == "U2"
    assert codes["Cả tỉnh"] == "P"
    assert passed_over(codes) == {"Vùng Bắc", "Nguồn"}
    assert "Xã Nhì" not in codes, "another source says so"


def test_a_decided_name_never_takes_what_the_map_or_a_code_says(programme):
    found = with_names(programme, name("Xã Một", "U2"), name("U1", "U2"))
    codes = codes_of(found)
    assert (codes["Xã Một"], codes["U1"]) == ("U1", "U1")


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([name("A", "U1"), name(" A ", "U2")], "stands twice"),
        ([name("A B", "U1"), name("A\u200b\u00a0B", "U2")], "stands twice"),
        ([name("A", "U1"), name("A", "U2", "long")], "no tables that name units"),
        ([name("A", "U9")], "there is no 'U9'"),
        ([name("A", "U1", "tabels")], "there is no 'tabels'"),
        ([name("U1", "U2")], "is the code of a unit"),
    ],
)
def test_contradictions_in_the_file_are_problems(programme, names, told):
    found = ProblemList()
    check_unit_names(with_names(programme, *names), found)
    (problem,) = found.problems
    assert told in problem.message
    assert problem.file == "unit_names.csv"
    clean = ProblemList()
    check_unit_names(with_names(programme, name("A", "U1"), name("B", None)), clean)
    assert clean.problems == []


def test_decided_names_are_read_and_the_rest_is_told_whole(programme, job, workbook):
    long = "Xã " + "x" * 200
    rows = [["a", "x", "Nhất", 1], ["a", "x", "Vùng", 2], ["a", "x", long, 3]]
    rows += [["a", "x", f"Xã {n}", 1] for n in range(60)] + [["b", "x", long, 4]]
    head = ["Mã tội", "Tên", "Đơn vị", "Số vụ"]
    path = workbook({"T": [head, *rows]}, "table2024.xlsx")
    found = with_names(programme, name("Nhất", "U1"), name("Vùng", None))
    result = read_deliveries(found, [job(path, "tables")], workers=1)
    assert result.submissions.unit_code.tolist() == ["U1"]
    assert len(result.findings) == 50
    assert "nhiemky units match tables" in result.findings.message_vi[0]
    unknown = result.unknown_units.set_index("name")
    assert len(unknown) == 61
    assert unknown.row_count[long] == 2
    assert set(unknown.period_key) == {"civil-2024-Y"}


def test_a_unit_of_a_foreign_file_must_be_alive_in_the_period(programme, job, workbook):
    gone = with_units(programme, unit("U1", "Xã Một", 2000, 2024), unit("U2", "Xã Hai"))
    head = ["Mã tội", "Tên", "Đơn vị", "Số vụ"]
    rows = [["a", "x", "Xã Một", 1], ["a", "x", "Xã Hai", 2]]
    path = workbook({"T": [head, *rows]}, "table2024.xlsx")
    result = read_deliveries(gone, [job(path, "tables")], workers=1)
    periods = periods_of(gone, 2024)
    due = due_units(gone, gone.forms[1], periods)
    register = build_register(gone, due, expand_measures(gone, result.members))
    frame = structure_frame(register, result.submissions, due)
    states = dict(zip(frame.unit_code, frame.unit_state, strict=True))
    assert states == {"U1": "not_alive", "U2": "alive"}


def test_tone_marks_may_stand_on_either_vowel_and_accents_count():
    assert toned("Hoà Bình") == toned("HÒA  BÌNH")
    assert toned("Thuỷ") == toned("Thủy")
    assert len({toned(text) for text in ("Giàng", "Giang", "Gìang")}) == 2
    assert bare("Đức Phúc") == "duc phuc"


def test_the_living_come_first_and_likeness_without_accents_is_a_warning(programme):
    found = with_units(
        programme,
        unit("G1", "Huyện Cẩm Giang"),
        unit("G2", "Huyện Cẩm Giàng"),
        unit("H1", "Huyện Hòa An", 2000, 2020),
        unit("H2", "Huyện Hòa Anh"),
    )
    proposed = propose_units(
        found, {"Cẩm Giàng": [DAY], "cam giang": [DAY], "Huyện Hoà An": [DAY]}
    )
    first, second = proposed["Cẩm Giàng"][:2]
    assert (first.unit_code, second.unit_code) == ("G2", "G1")
    assert first.score > second.score
    assert first.collides_with == ("G1",)
    assert first.parent_name == "Tỉnh"
    assert {p.unit_code for p in proposed["cam giang"][:2]} == {"G1", "G2"}
    assert all(p.collides_with for p in proposed["cam giang"][:2])
    living, dead = proposed["Huyện Hoà An"][:2]
    assert (living.unit_code, dead.unit_code) == ("H2", "H1")
    assert (dead.score, dead.is_alive, living.is_alive) == (100, False, True)


def test_names_that_people_decided_on_help_the_next_one(programme):
    found = with_names(programme, name("Zyx xa mot", "U1"))
    best = propose_units(found, {"Zyx  xa  mot": []})["Zyx  xa  mot"][0]
    assert (best.unit_code, best.score, best.is_alive) == ("U1", 100, True)
    assert propose_units(programme, {}) == {}
    assert propose_units(programme, {"qqqq": []}) == {"qqqq": []}


def test_what_all_names_begin_with_says_nothing_about_which_unit_it_is(programme):
    names = ("An Bình", "Bình Sơn", "Đông Hà", "Công Lý")
    units = [unit(f"C{no}", f"Xã {text}") for no, text in enumerate(names)]
    found = with_units(programme, *units)
    asked = [f"Công an xã {text}" for text in names]
    proposed = propose_units(found, dict.fromkeys([*asked, "An Bình"], ()))
    for no, text in enumerate(asked):
        first, *others = proposed[text]
        assert first.unit_code == f"C{no}"
        assert first.score >= 95
        assert all(other.score < 80 for other in others)
    assert proposed["An Bình"][0].unit_code == "C0"
