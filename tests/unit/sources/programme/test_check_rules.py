"""rules.yaml: read, placed, and every check of it broken once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from sources.programme.loader import load_programme
from sources.programme.problems import ProgrammeError

QUARTER_FORM = """
  - code: QUY
    name_vi: Báo cáo quý
    name_en: Quarterly report
    calendar: police
    frequency: quarter
    valid_from: 2024-12-15
    measures: [crimes_to_date, teams_now]
    due_from: [{levels: [commune]}]
    deadline_days: {commune: 3}
"""
QUARTER_MEASURES = """
  - {code: crimes_to_date, name_vi: Số vụ từ đầu năm, name_en: Crimes to date,
     kind: stock, unit_of_measure: vụ}
  - {code: teams_now, name_vi: Số tổ, name_en: Teams, kind: stock, unit_of_measure: tổ}
"""
RULES = """\
rules:
  - code: CRIMES_CAP
    kind: range
    form: ANTT-T
    severity: WARNING
    name_vi: Số vụ trong khoảng
    name_en: Crimes within a range
    measure: crimes
    low: 0
    high: 500
    valid_from: 2025-01-01
    valid_to: 2026-01-01
  - code: SOLVED_MOST
    kind: compare
    form: ANTT-T
    severity: ERROR
    name_vi: Khám phá không quá số vụ
    name_en: Solved at most
    left: [crimes_solved]
    comparator: <=
    right: [crimes]
    tolerance: 0.5
    message_vi: "{where}: {left} > {right}"
    message_en: "{where}: {left} > {right}"
  - code: TO_DATE
    kind: year_to_date
    form: QUY
    severity: WARNING
    name_vi: Lũy kế
    name_en: To date
    measure: crimes_to_date
    of: crimes
    method: sum
settings:
  - rule_code: MEASURE_MISSING
    severity: INFO
    valid_from: 2025-01-01
  - rule_code: VALUE_NOT_WHOLE
    is_enabled: false
"""


@pytest.fixture
def ruled(folder):
    """The starter with a second form and a rule of each kind."""
    for file, text in {
        "forms.yaml": QUARTER_FORM,
        "measures.yaml": QUARTER_MEASURES,
    }.items():
        with (folder / file).open("a", encoding="utf-8") as out:
            out.write(text)
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    return folder


def test_rules_and_settings_are_read(ruled):
    programme = load_programme(ruled)
    cap, most, to_date = programme.rules
    assert (cap.low, cap.high, cap.valid_from) == (0, 500, dt.date(2025, 1, 1))
    assert (most.left, most.right) == (("crimes_solved",), ("crimes",))
    assert most.tolerance == Decimal("0.5")
    assert (to_date.of, to_date.method, to_date.owner) == ("crimes", "sum", "unit")
    missing, whole = programme.rule_settings
    assert (missing.severity, missing.is_enabled) == ("INFO", True)
    assert (whole.severity, whole.is_enabled) == (None, False)


def test_a_programme_needs_no_rules(folder):
    (folder / "rules.yaml").unlink()
    assert load_programme(folder).rules == ()


@pytest.mark.parametrize(
    ("old", "new", "at", "message", "remedy"),
    [
        ("settings:", "setings:", "setings:", "unknown key 'setings'", "'settings'"),
        (
            "rule_code: MEASURE",
            "rulecode: MEASURE",
            "rulecode",
            "`rulecode`",
            "'rule_code'",
        ),
        (
            "code: CRIMES_CAP",
            "code: crimes",
            "code: crimes",
            "cannot be 'crimes': it is no code of a rule",
            "capitals A-Z",
        ),
        (
            "code: TO_DATE",
            "code: CRIMES_CAP",
            "code: CRIMES_CAP\n    kind: year",
            "twice in rules",
            "another code",
        ),
        ("kind: range", "kind: rang", "kind: rang", "cannot be 'rang'", "'range'"),
        (
            "severity: ERROR",
            "severity: BLOCKER",
            "severity: BLOCKER",
            "cannot be 'BLOCKER'",
            "ERROR",
        ),
        (
            "comparator: <=",
            "comparator: =<",
            "comparator: =<",
            "cannot be '=<'",
            "did you mean",
        ),
        ("form: QUY", "form: QUI", "form: QUI", "no 'QUI'", "'QUY'"),
        (
            "measure: crimes\n",
            "measure: crime\n",
            "measure: crime\n",
            "no 'crime'",
            "'crimes'",
        ),
        (
            "measure: crimes\n",
            "measure: teams_now\n",
            "measure: teams",
            "of form ANTT-T",
            "known",
        ),
        (
            "[crimes_solved]",
            "[solved]",
            "left: [solved]",
            "no 'solved'",
            "did you mean",
        ),
        (
            "right: [crimes]",
            "right: [crimes_solved]",
            "code: SOLVED",
            "more than once",
            "once",
        ),
        ("    method: sum\n", "", "code: TO_DATE", "has no `method`", "add `method`"),
        ("    low: 0\n    high: 500\n", "", "code: CRIMES", "no bound", "give low"),
        ("low: 0", "low: 501", "high: 500", "high is below low", "order"),
        ("low: 0", "of: crimes", "of: crimes\n    hi", "says nothing", "kind takes"),
        (
            "valid_to: 2026",
            "valid_to: 2025",
            "valid_to: 2025",
            "not after valid_from",
            "first day",
        ),
        ('message_en: "{where}', 'x: "{where}', "x:", "unknown key", "known"),
        (
            '    message_en: "{where}: {left} > {right}"\n',
            "",
            "code: SOLVED",
            "one lang",
            "neither",
        ),
        ('vi: "{where}', 'vi: "{whre}', "message_vi", "no {whre}", "'where'"),
        ('vi: "{where}', 'vi: "{where', "message_vi", "message_vi", "plain braces"),
        ("of: crimes\n", "of: crime\n", "of: crime\n", "no 'crime'", "'crimes'"),
        (
            "of: crimes\n",
            "of: crimes_to_date\n",
            "of: crimes_to",
            "with itself",
            "single period",
        ),
        ("method: sum", "method: last", "method: last", "is a flow", "to sum"),
        (
            "VALUE_NOT_WHOLE",
            "MEASURE_MISSING",
            "rule_code: MEASURE_MISSING\n    is",
            "stands twice",
            "join",
        ),
        (
            "VALUE_NOT_WHOLE",
            "TO_DATE",
            "rule_code: TO_DATE",
            "in this file",
            "the rule itself",
        ),
        (
            "severity: INFO",
            "severity: LOW",
            "severity: LOW",
            "cannot be 'LOW'",
            "known",
        ),
    ],
)
def test_wrong_rules_name_line_and_remedy(ruled, old, new, at, message, remedy):
    path = ruled / "rules.yaml"
    text = path.read_text("utf-8")
    assert old in text
    wrong = text.replace(old, new, 1)
    path.write_text(wrong, encoding="utf-8")
    line = wrong[: wrong.rindex(at)].count("\n") + 1
    with pytest.raises(ProgrammeError) as caught:
        load_programme(ruled)
    assert any(
        (p.file, p.line) == ("rules.yaml", line)
        and message in p.message
        and remedy in p.remedy
        for p in caught.value.problems
    ), str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("right: [crimes]", "right: xyz"),
        ("left: [crimes_solved]", "left: crimes_solved"),
        ("low: 0", "low: abc"),
        ("tolerance: 0.5", "tolerance: -1"),
        ("valid_from: 2025-01-01", "valid_from: 01/01/2025"),
        ("code: CRIMES_CAP", "code: Crimes cap"),
    ],
)
def test_one_fault_is_one_problem_in_our_own_words(ruled, old, new):
    path = ruled / "rules.yaml"
    wrong = path.read_text("utf-8").replace(old, new, 1)
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(ProgrammeError) as caught:
        load_programme(ruled)
    (problem,) = caught.value.problems
    key = new.partition(":")[0]
    assert f"`{key}` cannot be" in problem.message
    for word in ("should", "Decimal", "tuple", "pattern", "input", "valid "):
        assert word not in problem.message


def test_year_to_date_asks_for_shorter_periods(ruled):
    path = ruled / "rules.yaml"
    text = RULES.replace("form: QUY", "form: ANTT-T").replace(
        "measure: crimes_to_date\n    of: crimes", "measure: crimes\n    of: teams_now"
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProgrammeError, match="does not fill a month"):
        load_programme(ruled)


def test_members_of_breakdowns_may_be_named(ruled):
    lists = "code_lists:\n  - {code: keys, is_open: true}\n"
    (ruled / "code_lists.yaml").write_text(lists, encoding="utf-8")
    measures = ruled / "measures.yaml"
    text = measures.read_text("utf-8")
    with_list = text.replace("kind: flow", "breakdown: keys\n    kind: flow", 1)
    measures.write_text(with_list, encoding="utf-8")
    rules = RULES.replace("measure: crimes\n", "measure: crimes.070000\n")
    (ruled / "rules.yaml").write_text(rules, encoding="utf-8")
    assert load_programme(ruled).rules[0].measure == "crimes.070000"
