"""Every check is broken once, in the text of the starter programme or of one with
mergers, groups, code lists and a foreign table."""

from __future__ import annotations

import pytest

from sources.programme.check import check_programme
from sources.programme.loader import load_programme
from sources.programme.problems import ProgrammeError

EXTRAS = {
    "successions.csv": (
        "from_unit_code,to_unit_code,effective_date,relation,share,share_basis\n"
        "OLD,MAU.A1,2025-06-15,split,0.6,population\n"
        "OLD,MAU.A2,2025-06-15,split,0.4,population\n"
        "GONE,,2025-06-15,end,,\n"
    ),
    "groups.csv": (
        "group_code,unit_code,valid_from,valid_to\n"
        "C1,MAU.A1,2024-12-15,2025-12-15\nC1,MAU.A1,2025-12-15,\n"
    ),
    "assigned.csv": (
        "target_code,unit_code,year,value,document\n"
        "MT-05,MAU,2026,80,NQ-01\nMT-05,MAU,2027,81.5,\n"
    ),
    "code_lists.yaml": (
        "code_lists:\n"
        "  - code: kinds\n"
        "    members:\n"
        "      - {code: theft, name_vi: Trộm cắp, name_en: Theft}\n"
        "      - {code: bike, name_vi: Xe, name_en: Bike, parent_code: theft}\n"
        "  - {code: keys, is_open: true}\n"
    ),
}
MAP = """
  - code: foreign
    name_vi: Bảng
    name_en: Table
    path: x
    reader: mapped
    number_style: en
    maps:
      - file: t(?P<year>\\d{4})\\.xlsx
        form: ANTT-T
        period_type: month
        unit_column: {header: [Unit]}
        units: {An: MAU.A1}
        member_column: {header: [Kind]}
        code_list: kinds
        measures:
          - {measure: crimes, header: [Crimes]}
"""
OLD_UNITS = (
    "OLD,,Xã cũ,Old,xa,commune,MAU.A,2024-12-15,2025-06-15\n"
    "GONE,,Xã hết,Gone,xa,commune,MAU.A,2024-12-15,2025-06-15\n"
)
MORE = {
    "measures.yaml": """
  - {code: hq, name_vi: Trụ sở, name_en: HQ, kind: stock, value_type: yes_no,
     unit_of_measure: có/không}
""",
    "indicators.yaml": """
  - {code: hq_share, name_vi: Tỷ lệ, name_en: Share, kind: unit_share, numerator: [hq],
     levels: [commune], unit_types: [xa]}
  - {code: promise, name_vi: Cam kết, name_en: Promise, kind: commitment}
""",
    "targets.yaml": """
  - code: MT-04
    name_vi: Cam kết
    name_en: Promise
    indicator: promise
    scope: {type: group, code: C1}
    quantity: none
    comparator: none
    rhythm: none
    verbatim_vi: Tăng cường.
    document: NQ-01
    valid_from: 2025-12-15
  - code: MT-05
    name_vi: Được giao
    name_en: Assigned
    indicator: clear_up_rate
    scope: {type: unit, code: MAU}
    comparator: ">="
    threshold: assigned
    rhythm: every_year
    verbatim_vi: Đạt và vượt chỉ tiêu giao.
    document: NQ-01
    valid_from: 2025-12-15
  - code: MT-06
    name_vi: Cả hai
    name_en: Both
    scope: {type: unit, code: MAU}
    quantity: composite
    parts: [MT-02, MT-05]
    rhythm: every_year
    verbatim_vi: Cả hai.
    document: NQ-01
    valid_from: 2025-12-15
  - code: MT-07
    name_vi: Kiềm chế rồi giảm
    name_en: Held, then cut
    indicator: security_teams
    scope: {type: unit, code: MAU}
    quantity: reduction_pct
    baseline: previous_year
    comparator: between
    low: 5
    high: 10
    is_beyond_met: true
    lesser: {comparator: ">=", low: 0, name_vi: Kiềm chế, name_en: Held}
    rhythm: every_year
    verbatim_vi: Kiềm chế và giảm 5-10%.
    document: NQ-01
    valid_from: 2025-12-15
""",
}


@pytest.fixture
def rich(folder):
    """The starter with everything in it that a programme can have."""
    for file, text in EXTRAS.items():
        (folder / file).write_text(text, encoding="utf-8")
    for file, text in {**MORE, "sources.yaml": MAP, "units.csv": OLD_UNITS}.items():
        with (folder / file).open("a", encoding="utf-8") as out:
            out.write(text)
    edit(folder, "forms.yaml", "security_teams]", "security_teams, hq]")
    edit(folder, "measures.yaml", "kind: flow", "breakdown: kinds\n    kind: flow")
    edit(folder, "indicators.yaml", "scale: 100", "by_breakdown: kinds\n    scale: 100")
    return folder


def edit(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_rich_programme_is_sound(rich):
    assert check_programme(load_programme(rich)) == []


def test_shares_follow_from_figures_of_all_parts_or_of_none(rich):
    """Line 3 is the part that lacks what line 2 has."""
    text = (
        "from_unit_code,to_unit_code,effective_date,relation,population,area_km2\n"
        "OLD,MAU.A1,2025-06-15,split,1500,2\nOLD,MAU.A2,2025-06-15,split,500,6\n"
    )
    (rich / "successions.csv").write_text(text, encoding="utf-8")
    first, second = load_programme(rich).successions
    assert (str(first.share), first.share_basis) == ("0.75000000", "population")
    assert first.share + second.share == 1
    edit(rich, "successions.csv", "1500", "1.500")
    with pytest.raises(ProgrammeError, match="whole number without grouping"):
        load_programme(rich)
    edit(rich, "successions.csv", "1.500", "1500")
    edit(rich, "successions.csv", "500,6", ",6")
    with pytest.raises(ProgrammeError) as error:
        load_programme(rich)
    (problem,) = error.value.problems
    assert (problem.file, problem.line) == ("successions.csv", 3)
    assert "population is given for some of its parts" in problem.message
    assert "or for none" in problem.remedy


def test_a_unit_that_pauses_is_named(rich):
    old = "OLD,,Xã cũ,Old,xa,commune,MAU.A,2024-12-15,2025-06-15\n"
    pause = old.replace("2025-06-15", "2025-01-01") + old.replace(
        "2024-12-15", "2025-02-01"
    )
    edit(rich, "units.csv", old, pause)
    with pytest.raises(ProgrammeError) as error:
        load_programme(rich)
    (problem,) = error.value.problems
    assert "nothing stands for it from 2025-01-01 to 2025-02-01" in problem.message
    assert "a code of its own" in problem.remedy


P, U, S, G = "programme.yaml", "units.csv", "successions.csv", "groups.csv"
C, M, N, F = "code_lists.yaml", "measures.yaml", "indicators.yaml", "forms.yaml"
T, R, A = "targets.yaml", "sources.yaml", "assigned.csv"
UNIT_A = "MAU.A,,Công an khu vực Bắc,North area police,area,district,MAU,2024-12-15,"
SHARES = "0.6,population\nOLD,MAU.A2,2025-06-15,split,0.4,population"
UNSHARED = SHARES.replace("0.6", "").replace("0.4", "")
OPEN = "An Bình commune police,xa,commune,MAU.A,2024-12-15,"


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "remedy"),
    [
        (P, "root_unit: MAU ", "root_unit: MAUX ", "no 'MAUX'", "'MAU'"),
        (P, "calendar: police", "calendar: polce", "no 'polce'", "'police'"),
        (P, "year_offset: -1", "year_offset: 0", "named by the year", "to -1"),
        (P, "last_year: 2030", "last_year: 2020", "lies after last_year", "order"),
        (P, "from_year: 2025", "from_year: 2031", "lies after the term", "first year"),
        (P, "Asia/Ho_Chi_Minh", "Asia/Hanoi", "no time zone", "IANA"),
        (P, "{code: district", "{code: province", "twice in levels", "another code"),
        (U, "xa,commune,MAU.A,", "xa,comune,MAU.A,", "no 'comune'", "'commune'"),
        (U, "commune,MAU.A,", "commune,MAU.X,", "no 'MAU.X'", "did you mean"),
        (U, "commune,MAU.A,", "commune,,", "has no parent", "for example MAU"),
        (U, "province,province,,", "province,province,MAU.A,", "is the root", "root"),
        (U, "commune,MAU.A,", "commune,MAU.B1,", "not above it", "correct a level"),
        (U, UNIT_A, UNIT_A + "2025-12-15", "does not exist on 2025-12-15", "end this"),
        (U, OPEN, OPEN + "2024-12-15", "valid_to is not after", "first day"),
        (U, "MAU.A2", "MAU.A1", "has ended", "set valid_to"),
        (S, "OLD,MAU.A1", "OLDX,MAU.A1", "no 'OLDX'", "'OLD'"),
        (S, "OLD,MAU.A1", "OLD,MAU.A9", "no 'MAU.A9'", "did you mean"),
        (S, "OLD,MAU.A1", "OLD,", "names no new unit", "`end`"),
        (S, "OLD,MAU.A1", "OLD,OLD", "leads to itself", "new version"),
        (S, "OLD,MAU.A1", "OLD,MAU.A2", "twice", "join"),
        (S, "OLD,MAU.A1", "OLD,GONE", "GONE does not exist on", "dates"),
        (S, "MAU.A1,2025-06-15", "MAU.A1,2025-06-14", "several days", "ends once"),
        (S, "2025-06-15,end", "2025-06-16,end", "but the unit ends", "equal"),
        (S, "0.6", "0.5", "add up to 0.9, not 1", "remainder"),
        (S, "0.6", "0.600000001", "more than 8 decimals", "round"),
        (S, "split,0.6", "merge,0.6", "merge with a share", "split"),
        (S, "0.6,", ",", "state a share, this one does not", "or for none"),
        (S, SHARES, UNSHARED, "rest on population, of which nothing", "population for"),
        (S, SHARES, UNSHARED.replace("population", "area"), "on area", "area_km2 for"),
        (S, SHARES, UNSHARED.replace("population", "area", 1), "area and pop", "one"),
        (S, SHARES, UNSHARED.replace("population", "stated"), "no share is", "leave"),
        (G, "2025-12-15\n", "2026-12-15\n", "member twice", "end the earlier"),
        (G, "C1,MAU.A1", "C1,MAU.A7", "no 'MAU.A7'", "did you mean"),
        (G, "2024-12-15,2025", "2020-12-15,2025", "does not exist on", "valid_from"),
        (G, "2024-12-15,2025-12-15", "2025-01-01,2025-01-01", "not after", "out"),
        (C, "{code: keys, is_open: true}", "{code: keys}", "no members", "is_open"),
        (C, "code: bike", "code: theft", "has twice: theft", "one of each"),
        (C, "parent_code: theft", "parent_code: thft", "no 'thft'", "'theft'"),
        (C, "parent_code: theft", "parent_code: bike", "own ancestor", "parent_code"),
        (M, "breakdown: kinds", "breakdown: kind", "no 'kind'", "'kinds'"),
        (M, "part_of: crimes", "part_of: crime", "no 'crime'", "'crimes'"),
        (M, "part_of: crimes", "part_of: crimes_solved", "part of itself", "part_of"),
        (M, "code: security_teams", "code: teams", "stands in no form", "add it"),
        (M, "code: security_teams", "code: crimes.bike", "made twice", "rename"),
        (M, "kind: stock, value", "decimals: 1, kind: stock, value", "decimals", "0"),
        (M, "value_type: yes_no", "value_type: decimal, decimals: 9", "is 9", "0 to 4"),
        (M, "kind: stock, value_type", "kind: flow, value_type", "yes/no", "stock"),
        (N, "[crimes_solved]", "[crimes_solve]", "no 'crimes_solve'", "_solved'"),
        (N, "[crimes_solved]", "[crimes.bik]", "no 'crimes.bik'", "crimes.bike"),
        (N, "denominator: [crimes]", "denominator: []", "ratio without", "list"),
        (N, "decimals: 2", "levels: [commune]", "unit_share only", "remove"),
        (N, "scale: 100", "scale: 0", "not above 0", "100"),
        (N, "by_breakdown: kinds", "by_breakdown: kidns", "no 'kidns'", "'kinds'"),
        (N, "by_breakdown: kinds", "by_breakdown: keys", "is split by keys", "remove"),
        (N, "code: clear_up_rate", "code: crimes", "indicators and measures", "code"),
        (N, "numerator: [hq]", "numerator: [crimes]", "one yes/no", "yes_no"),
        (N, "numerator: [hq]", "denominator: [hq], numerator: [hq]", "units of", ""),
        (N, "levels: [commune],", "", "without levels", "name the levels"),
        (N, "[commune], unit", "[comune], unit", "no 'comune'", "'commune'"),
        (N, "unit_types: [xa]", "unit_types: [xb]", "no 'xb'", "'xa'"),
        (N, "unit_types: [xa]", "by_breakdown: kinds", "only a ratio", "remove"),
        (N, "kind: commitment", "numerator: [hq], kind: commitment", "no figure", ""),
        (F, "calendar: police", "calendar: civil", "no 'civil'", "'police'"),
        (F, "measures: [crimes,", "measures: [crime,", "no 'crime'", "'crimes'"),
        (F, "measures: [crimes,", "measures: [crimes, crimes,", "stands in", "once"),
        (F, "levels: [commune]", "levels: [comune]", "no 'comune'", "'commune'"),
        (F, "levels: [commune]", "units: [MAU.A8]", "no 'MAU.A8'", "did you mean"),
        (F, "levels: [commune]", "units: [MAU]", "province, which has no", "add"),
        (F, "levels: [commune]", "since: 2025-01-01", "nobody is named", "levels"),
        (F, "[commune]\n", "[commune]\n        since: 2026-01-01\n"
         "        until: 2025-01-01\n", "until is not after", "first day"),
        (F, "      commune: 3\n", "", "which has no deadline", "commune: 3"),
        (F, "control_levels: [dis", "control_levels: [dos", "no 'dostrict'", "'dis"),
        (F, "valid_from: 2024", "valid_to: 2020-01-01\n    valid_from: 2024",
         "valid_to is not after", "no longer used"),
        (T, "indicator: clear_up_rate", "indicator: clearup_rate", "no 'clear", "did"),
        (T, "document: NQ-01", "document: NQ-1", "no 'NQ-1'", "'NQ-01'"),
        (T, "type: unit, code: MAU}", "type: unit, code: MAO}", "no 'MAO'", "'MAU'"),
        (T, "type: group, code: C1", "type: group, code: C2", "no 'C2'", "'C1'"),
        (T, "[district, commune]", "[distrct, commune]", "no 'distrct'", "'district'"),
        (T, "verbatim_vi: Tăng cường.", 'verbatim_vi: ""', "is empty", "quote"),
        (T, "code: MT-02", "code: MT-01", "hold at a time", "another code"),
        (T, "    low: 75\n", "", "'>' needs `low`", "single bound"),
        (T, "    low: 75\n", "    low: 75\n    high: 80\n", "does not use `high`", ""),
        (T, '">"\n    low: 75', "between\n    low: 9\n    high: 5", "above", "swap"),
        (T, "    quantity: none\n", "    quantity: value\n", "without a fig", "no"),
        (T, "    indicator: clear_up_rate", "    indicator: promise", "without a", ""),
        (T, "low: 75\n    rhythm: every_year", "low: 75\n    rhythm: none", "no r", ""),
        (T, "rhythm: never", "rhythm: by_date", "belong together", "both"),
        (T, "low: 0\n", "low: 1\n", "zero tolerance", "low 0"),
        (T, "baseline: previous_year ", "baseline: lastyear ", "cannot be", "previous"),
        (T, "    baseline: previous_year ", "    #", "against what", "baseline"),
        (T, "quantity: reduction_pct", "quantity: value", "compares no", "reduction"),
        (T, "baseline: previous_year ", "baseline: year:2019 ", "lies before", "set"),
        (T, "low: 5\n    rhythm: every_year", "low: 5\n    rhythm: against_base_year",
         "needs the year", "year:2023"),
        (T, "valid_from: 2025-12-15\n", "valid_from: 2025-12-15\n"
         "    valid_to: 2027-12-15\n", "without a reason", "readers"),
        (T, "valid_from: 2025-12-15\n", "valid_from: 2025-12-15\n"
         "    valid_to: 2025-12-15\n", "valid_to is not after", "first day"),
        (T, "    indicator: clear_up_rate\n", "", "has no indicator", "measure"),
        (T, "parts: [MT-02, MT-05]", "parts: [MT-02]", "two or more", "codes of its"),
        (T, "parts: [MT-02, MT-05]", "parts: [MT-02, MT-02]", "each once", "codes"),
        (T, "parts: [MT-02, MT-05]", "parts: [MT-02, MT-9]", "no 'MT-9'", "did you"),
        (T, "parts: [MT-02, MT-05]", "parts: [MT-02, MT-04]", "not judged by", "name"),
        (T, "parts: [MT-02, MT-05]", "parts: [MT-02, MT-03]", "another rhythm", "ne"),
        (T, "quantity: composite\n", "comparator: '>'\n    low: 1\n", "not compos", ""),
        (T, "parts: [MT-02, MT-05]", "parts: [MT-02, MT-05]\n    comparator: '>'\n"
         "    low: 1", "no figure of its own", "remove"),
        (T, 'comparator: ">="\n    threshold', 'comparator: between\n    threshold',
         "one bound", ">="),
        (T, "    threshold: assigned\n", "    threshold: assigned\n    low: 3\n",
         "does not use `low` (its value is assigned)", "single"),
        (T, "comparator: between\n    low: 5\n    high: 10", "comparator: '>='\n"
         "    low: 5", "only a band", "between"),
        (T, "    low: 0\n    rhythm: never", "    low: 0\n    lesser: {comparator: "
         "'<=', low: 1, name_vi: A, name_en: A}\n    rhythm: never", "one grade", "re"),
        (T, "low: 5\n    rhythm: every_year", "low: 5\n    rhythm: by_end_of_term",
         "judged by the year, not by_end_of_term", "against_base_year"),
        (M, "unit_of_measure: tổ", "unit_of_measure: tổ\n    may_be_negative: true",
         "has no per cent", "judge its value"),
        (T, "    quantity: reduction_pct\n    baseline: previous_year\n    comparator: "
         "between", "    comparator: between", "which side of the band", "direction"),
        (A, "MT-05,MAU,2026", "MT-02,MAU,2026", "no 'MT-02'", "'MT-05'"),
        (A, "MT-05,MAU,2026", "MT-05,MAO,2026", "no 'MAO'", "'MAU'"),
        (A, "80,NQ-01", "80,NQ-09", "no 'NQ-09'", "'NQ-01'"),
        (A, "MAU,2027", "MAU,2026", "twice for 2026", "keep"),
        (R, "reader: template", "reader: mapped", "belong together", "give maps"),
        (R, "reader: template", "reader: csv\n    encoding: utf9", "no encoding", ""),
        (R, "reader: template", "reader: csv\n    delimiter: ab", "one character", ""),
        (R, "file: t(?P<year>\\d{4})", "file: t(\\d{4})", "which year", "(?P<year>"),
        (R, "header: [Crimes]", "header: ['Cri(mes']", "no regular", "plain signs"),
        (R, "form: ANTT-T", "form: ANTT", "no 'ANTT'", "'ANTT-T'"),
        (R, "period_type: month", "period_type: year", "reported by month", "set"),
        (R, "measure: crimes", "measure: crime", "no 'crime'", "'crimes'"),
        (R, "An: MAU.A1", "An: MAU.A5", "no 'MAU.A5'", "did you mean"),
        (R, "code_list: kinds", "code_list: kind", "no 'kind'", "'kinds'"),
        (R, "code_list: kinds", "code_list: keys", "not split by keys", "breakdown"),
        (R, "        code_list: kinds\n", "", "belong together", "both"),
        (R, "form: ANTT-T", "form: ANTT-T\n        years: [2020, 2019]", "years", "or"),
        (R, "form: ANTT-T", "form: ANTT-T\n        first_row: 2\n        header_row: 2",
         "not below", "counted"),
        (R, "        member_column: {header: [Kind]}\n        code_list: kinds\n",
         "        absent_members_are_zero: true\n", "needs a member_column", "give"),
    ],
)  # fmt: skip
def test_each_contradiction_is_named_with_place_and_remedy(
    rich, file, old, new, message, remedy
):
    edit(rich, file, old, new)
    with pytest.raises(ProgrammeError) as caught:
        load_programme(rich)
    hits = [p for p in caught.value.problems if message in p.message]
    assert hits, str(caught.value)
    assert any(remedy in p.remedy for p in hits), str(caught.value)
    assert any(p.line for p in hits), str(caught.value)


def test_a_ratio_may_not_mix_calendars(rich):
    edit(rich, P, "calendars: ", "calendars:\n  - {code: civil, name_vi: Năm, "
         "name_en: Year, start_month: 1, start_day: 1}\n  #")  # fmt: skip
    edit(rich, F, "crimes, crimes_solved,", "crimes,")
    with (rich / F).open("a", encoding="utf-8") as out:
        out.write(
            "  - {code: F2, name_vi: B, name_en: B, calendar: civil, frequency: month, "
            "valid_from: 2025-01-01, measures: [crimes_solved], due_from: [{levels: "
            "[commune]}], deadline_days: {commune: 1}}\n"
        )
    with pytest.raises(ProgrammeError) as caught:
        load_programme(rich)
    messages = [p.message for p in caught.value.problems]
    assert any("mixes calendars: " in m and "(civil)" in m for m in messages)
    assert any("stands in another form" in m for m in messages)


def test_programmes_made_in_memory_are_checked_without_lines(programme):
    broken = programme.model_copy(update={"root_unit": "X"})
    broken._places.clear()
    problems = check_programme(broken)
    assert {p.file for p in problems} == {"programme.yaml", "units.csv"}
    assert all(p.line is None for p in problems)
