"""The catalogue: complete, and its messages can always be filled."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.checks import GATE_1_SUITES, GATE_2_SUITES
from expectations.messages import clip, fill, placeholders, show
from expectations.rules import catalogue, filled, rules_of
from expectations.runner import quietly

from .conftest import CONTEXT_SUITES, GOOD
from .test_observation_rules import FAULTS
from .test_submission_rules import BAD

SETTINGS = {
    "programme_codes": ["test"],
    "known_faults": ["x"],
    "kept_share": 0.5,
    "kept_rows": 0.8,
    "least_chance": 0.005,
    "rounded": ["about"],
}


def test_every_gate_has_suites_described_in_both_languages():
    assert len(GATE_1_SUITES) >= 9
    assert len(GATE_2_SUITES) == 5
    for suite in (*GATE_1_SUITES, *GATE_2_SUITES):
        assert suite.description_vi.endswith(".")
        assert suite.description_en.endswith(".")


@pytest.mark.parametrize("suite", catalogue()[0], ids=lambda suite: suite.name)
def test_every_suite_begins_with_its_guards(suite):
    with quietly():
        from expectations.suites import make_suite

        made = make_suite(suite, SETTINGS)
    codes = [e.meta["rule"] for e in made.expectations]
    guards = ["GUARD_ROWS", "GUARD_KEYS"]
    assert codes[: len(guards)] == guards
    assert codes[len(guards) :] == [r.rule_code for r in rules_of(suite.name)]


@pytest.mark.parametrize("rule", catalogue()[1], ids=lambda rule: rule.rule_code)
def test_both_languages_say_the_same_things(rule):
    assert placeholders(rule.message_vi) == placeholders(rule.message_en)
    assert not [v for v in filled(rule, SETTINGS).values() if str(v).startswith("$")]


def test_messages_of_every_gate_1_rule_are_filled(batch):
    """A batch that breaks every rule without history; nothing is left unfilled."""
    for number, changes in enumerate(BAD.values()):
        batch.submit(**{"delivery_sha256": f"b{number}", **changes})
    for sheet in "ab":
        batch.submit(delivery_sha256="same", sheet=sheet, period_key="civil-2024-M12")
    period = {"unit_code": "C2", "period_key": "civil-2023-M03"}
    batch.submit(period_key="civil-2023-M02", values={})
    batch.submit({**GOOD, "off.theft": 11, "cleared": 12, "sure": 13}, **period)
    faulty = batch.submit(
        {"off": -1, "cleared": "1.5", "station": 2, "staff": 1},
        unit_code="C2",
        period_key="civil-2023-M04",
    )
    for fault, (_, raw) in FAULTS.items():
        batch.fault(faulty, "rate", fault, raw)
    undeclared = batch.submit(unit_code="C2", number_style=None)
    batch.fault(undeclared, "rate", "ambiguous_number", "1.656")
    batch.submit({"off": 1}, unit_code="C2", period_key="civil-2023-M05")
    batch.current = [
        {
            "form_code": "M",
            "unit_code": "C2",
            "period_key": "civil-2023-M05",
            "received_at": pd.Timestamp("2023-01-01", tz="UTC"),
            "observation_count": 8,
        }
    ]
    batch.submit({"off": -1}, unit_code="C2", period_key="civil-2023-M06")
    batch.submit(unit_code="C2", period_key="civil-2023-M07", is_nil_report=True)
    batch.observations[-8]["raw_text"] = "0200"
    batch.observations[-8]["qualifier"] = "more_than"
    batch.submit(unit_code="C2", period_key="civil-2024-M11")
    batch.submit(unit_code="C2", period_key="civil-2022-M01")
    for values in (GOOD, {**GOOD, "cleared": 7}, GOOD):
        batch.submit(values, unit_code="C2", period_key="civil-2022-M02")
    other = {"unit_code": "C2", "period_key": "civil-2022-M02"}
    batch.submit({**GOOD, "cleared": 6}, head_texts="Đơn vị C1", **other)
    findings = batch.judge_alone(
        expected=batch.expected(has_due_dates=True),
        as_of=dt.date(2024, 10, 31),
    ).findings
    broken = {
        rule.rule_code
        for suite in GATE_1_SUITES
        if suite.name not in CONTEXT_SUITES
        for rule in rules_of(suite.name)
    }
    assert set(findings["rule_code"]) == broken
    for column in ("message_vi", "message_en"):
        assert not findings[column].str.contains(r"[{}]").any()
        assert not findings[column].str.contains("nan|None|NaT").any()
    named = findings[findings["scope"] == "observation"]
    unnamed = named["message_vi"].str.contains(r"\(\(trống\)\)")
    assert set(named.loc[unnamed, "rule_code"]) <= {"MEASURE_NOT_IN_FORM"}


@given(st.text(max_size=400))
def test_a_cell_is_never_a_template_nor_more_than_a_line(text):
    rows = pd.DataFrame({"raw_text": pd.Series([text], dtype="object")})
    (filled_text,) = fill("<{raw_text}>", rows, "vi")
    inner = filled_text[1:-1]
    assert len(inner) <= 161
    assert not re.search(r"[\x00-\x1f\x7f‎‏‪-‮]", inner)
    if text.isprintable() and 0 < len(text) <= 160:
        assert inner == text


@pytest.mark.parametrize(
    ("value", "vi", "en", "plain"),
    [
        (1656, "1.656", "1,656", "1656"),
        (1656.5, "1.656,5", "1,656.5", "1656.5"),
        (-3, "-3", "-3", "-3"),
        (100, "100", "100", "100"),
        (None, "(trống)", "(empty)", ""),
        (float("nan"), "(trống)", "(empty)", ""),
        ("05", "05", "05", "05"),
    ],
)
def test_numbers_are_shown_in_each_language(value, vi, en, plain):
    assert [show(value, k) for k in ("vi", "en", "plain")] == [vi, en, plain]


def test_clip_marks_what_it_cuts():
    assert clip("a" * 200, 10) == "a" * 10 + "…"


def test_checks_and_gates_load_without_great_expectations():
    code = (
        "import sys; from expectations import checks, gate1, gate2; "
        "sys.exit('great_expectations' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
