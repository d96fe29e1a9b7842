from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.programme.model import NumberStyle
from sources.readers.numbers import parse_number, parse_numbers

VI, EN, PLAIN = NumberStyle.VI, NumberStyle.EN, NumberStyle.PLAIN
MARKS = {VI: (".", ","), EN: (",", "."), PLAIN: ("", ".")}


def written(value: Decimal, style: NumberStyle, gap: str | None = None) -> str:
    """The way a person writes `value` in a style."""
    group, point = MARKS[style]
    text = f"{value:,f}"
    whole, _, part = text.partition(".")
    whole = whole.replace(",", group if gap is None else gap)
    return whole + (point + part if part else "")


decimals = st.decimals(
    min_value=-(10**12), max_value=10**12, places=4, allow_nan=False
).map(lambda value: value.normalize() + 0)


@given(decimals, st.sampled_from(list(NumberStyle)))
def test_text_written_in_a_style_reads_back_exactly(value, style):
    parsed = parse_number("s", written(value, style), style, "decimal")
    assert parsed.value == value
    assert parsed.fault is None


@given(decimals, st.sampled_from([" ", "\u00a0", "\u202f"]))
def test_space_groups_read_back_in_vi_style(value, gap):
    assert parse_number("s", written(value, VI, gap), VI).value == value


@given(st.integers(-(10**15), 10**15))
def test_excel_numbers_are_exact_in_every_style(value):
    for style in (*NumberStyle, None):
        assert parse_number("n", str(value), style).value == value


@given(st.text())
def test_any_text_gives_a_value_or_a_stated_reason(text):
    for style in (*NumberStyle, None):
        parsed = parse_number("s", text, style)
        if parsed.fault or parsed.status in ("missing", "not_applicable"):
            assert parsed.value is None
        else:
            assert parsed.value is not None


@pytest.mark.parametrize(
    ("text", "style", "value"),
    [
        ("1.656", VI, "1656"),
        ("11.580", VI, "11580"),
        ("12.345.678", VI, "12345678"),
        ("5,5", VI, "5.5"),
        ("1,656", VI, "1.656"),
        ("1.656,25", VI, "1656.25"),
        ("1,656", EN, "1656"),
        ("1.656", EN, "1.656"),
        ("1656.5", PLAIN, "1656.5"),
        ("05", VI, "5"),
        ("'007", VI, "7"),
        ("１２３", VI, "123"),
        ("−5", VI, "-5"),
        ("4,6 tỷ", VI, "4600000000"),
        ("1,2 triệu đồng", VI, "1200000"),
        ("5,5", None, "5.5"),
        ("1.234.567", None, "1234567"),
    ],
)
def test_known_texts(text, style, value):
    assert parse_number("s", text, style, "decimal").value == Decimal(value)


@pytest.mark.parametrize("text", ["1.656", "1,656", "11.580", "-1.000"])
def test_three_digits_after_one_separator_need_a_declared_style(text):
    parsed = parse_number("s", text, None)
    assert parsed == (None, "missing", "ambiguous_number")


@pytest.mark.parametrize(
    "text",
    [
        "151/201",
        "12.8",
        "1.23.456",
        "0.125",
        "1e5",
        "(5,5)",
        "5²",
        "½",
        "hơn 1.000",
        "1.656 789",
        "=1+1",
        "٣",
    ],
)
def test_what_is_no_number_in_vi_style_is_refused(text):
    assert parse_number("s", text, VI).fault == "not_a_number"


@pytest.mark.parametrize("text", ["", "-", "–", "—", "…", "...", "\u00a0"])
def test_missing_marks(text):
    assert parse_number("s", text, VI) == (None, "missing", None)


@pytest.mark.parametrize("text", ["x", "X", "Không áp dụng", "n/a", "KAD"])
def test_not_applicable_marks(text):
    assert parse_number("s", text, VI) == (None, "not_applicable", None)


@pytest.mark.parametrize("text", ["?", "*", "//"])
def test_marks_that_nobody_declared(text):
    assert parse_number("s", text, VI).fault == "unknown_mark"


def test_zero_is_nil_and_not_missing():
    assert parse_number("n", "0", VI) == (Decimal(0), "nil", None)
    assert parse_number("s", "0,0", VI) == (Decimal(0), "nil", None)


def test_percent_belongs_to_measures_in_percent():
    assert parse_number("s", "5,5 %", VI, "decimal", True).value == Decimal("5.5")
    assert parse_number("s", "5,5 %", VI, "decimal", False).fault == "not_a_number"
    assert parse_number("p", "0.055", VI, "decimal", True).value == Decimal("5.5")
    assert parse_number("p", "0.055", VI, "count", False).fault == "not_a_number"


def test_float_noise_is_cut_to_four_decimals_half_even():
    assert parse_number("n", "0.30000000000000004", VI).value == Decimal("0.3")
    assert parse_number("n", "0.00005", VI).value == Decimal("0.0000")
    assert parse_number("n", "0.00015", VI).value == Decimal("0.0002")


def test_cells_without_a_value_of_their_own():
    assert parse_number("e", "#REF!", VI).fault == "error_cell"
    assert parse_number("f", "", VI).fault == "no_cached_value"
    assert parse_number("d", "2024-01-05", VI).fault == "not_a_number"
    assert parse_number("b", "true", VI).fault == "not_a_number"
    assert parse_number("n", "1e+300", VI).fault == "not_a_number"


@pytest.mark.parametrize(
    ("kind", "text", "value", "fault"),
    [
        ("s", "Có", 1, None),
        ("s", "CO\u0301", 1, None),
        ("s", "không", 0, None),
        ("n", "1", 1, None),
        ("b", "false", 0, None),
        ("s", "x", None, "bad_yes_no"),
        ("n", "2", None, "bad_yes_no"),
        ("s", "", None, None),
    ],
)
def test_yes_no(kind, text, value, fault):
    parsed = parse_number(kind, text, VI, "yes_no")
    assert (parsed.value, parsed.fault) == (value, fault)


def test_columns_agree_with_single_cells():
    kinds = pd.Series(["n", "s", "s", "e", "s"])
    texts = pd.Series(["1.656", "1.656", "1.656", "#N/A", "có"])
    styles = pd.Series(["vi", "vi", None, "vi", "vi"], dtype="object")
    types = pd.Series(["count", "count", "count", "count", "yes_no"])
    frame = parse_numbers(kinds, texts, styles, types, pd.Series([False] * 5))
    assert frame["value"].tolist() == [Decimal("1.656"), 1656, None, None, 1]
    assert frame.fault.tolist() == [None, None, "ambiguous_number", "error_cell", None]


def test_no_cells_give_no_rows():
    none = pd.Series([], dtype="object")
    frame = parse_numbers(none, none, none, none, pd.Series([], dtype=bool))
    assert list(frame.columns) == ["value", "observation_status", "fault"]
    assert frame.empty
