from __future__ import annotations

import unicodedata
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sources.programme.model import NumberStyle
from sources.readers.marks import BOUND_WORDS
from sources.readers.numbers import (
    MISSING,
    NIL,
    NOT_APPLICABLE,
    SCALES,
    folded_marks,
    parse_number,
    parse_numbers,
)

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


@settings(max_examples=100)
@given(decimals, st.sampled_from(list(NumberStyle)))
def test_text_written_in_a_style_reads_back_exactly(value, style):
    parsed = parse_number("s", written(value, style), style, "decimal")
    assert parsed[:1] + parsed[2:] == (value, None, None)


@settings(max_examples=50)
@given(decimals, st.sampled_from([" ", "\u00a0", "\u202f"]))
def test_space_groups_read_back_in_vi_style(value, gap):
    assert parse_number("s", written(value, VI, gap), VI).value == value


@settings(max_examples=50)
@given(st.integers(-(10**15), 10**15))
def test_excel_numbers_are_exact_in_every_style(value):
    for style in (*NumberStyle, None):
        assert parse_number("n", str(value), style).value == value


@settings(max_examples=100)
@given(
    st.text(max_size=12)
    | st.text("0123456789.,-+ %:()epbcntrệuỷ\u0309\u00a0\ufeffĐđ'|", max_size=12)
)
def test_any_text_gives_a_value_or_a_stated_reason(text):
    for style in (*NumberStyle, None):
        parsed = parse_number("s", text, style, "decimal", True)
        has_none = bool(parsed.fault) or parsed.status in ("missing", "not_applicable")
        assert (parsed.value is None) == has_none
        assert parsed.qualifier is None or parsed.value is not None
        for form in ("NFC", "NFD"):
            again = unicodedata.normalize(form, text)
            assert parse_number("s", again, style, "decimal", True) == parsed


@settings(max_examples=100)
@given(
    st.text("aăbcdđeêghiklmnoôơpqrstuưvxyfjwzệấ", min_size=1, max_size=8),
    st.integers(0, 99_999),
    st.booleans(),
)
def test_letters_beside_a_figure_give_no_value_unless_known(letters, number, is_after):
    text = f"{number} {letters}" if is_after else f"{letters} {number}"
    known = {*SCALES, "đ"} if is_after else BOUND_WORDS.keys()
    for style in (VI, None):
        value = parse_number("s", text, style).value
        assert (value is not None) == (letters in known)


@settings(max_examples=100)
@given(
    st.sampled_from(["", "-", "+", "hơn "]),
    st.integers(0, 999_999),
    st.sampled_from(".,"),
    st.integers(0, 999),
    st.sampled_from(["", " tỷ", " đồng", "%"]),
)
def test_three_digits_after_one_separator_are_never_guessed(sign, a, point, b, tail):
    text = f"{sign}{a}{point}{b:03}{tail}"
    assert parse_number("s", text, None).fault == "ambiguous_number"


@settings(max_examples=100)
@given(st.integers(), st.integers(0), st.integers())
@example(1, 0, 10**25)
@example(1, 0, -(10**25))
def test_numbers_of_any_length_and_exponent_are_exact_or_refused(whole, part, power):
    text = f"{whole}.{part}e{power}"
    parsed = parse_number("n", text, VI, "decimal")
    if parsed.fault is None:
        assert abs(parsed.value - Decimal(text)) <= Decimal("0.00005")


@pytest.mark.parametrize(
    ("text", "value", "qualifier"),
    [
        ("hơn 1.000", "1000", "more_than"),
        ("Trên 5%", "5", "more_than"),
        ("ít nhất 3", "3", "more_than"),
        ("Khoảng\u00a01.656", "1656", "about"),
        ("gần 4,6 tỷ đồng", "4600000000", "nearly"),
        ("dưới 0,5", "0.5", "less_than"),
        ("không quá 10", "10", "less_than"),
        ("hơn 4,218 triệu", "4218000", "more_than"),
        ("dươ\u0301i 5", "5", "less_than"),
        ("hơn hơn 5", None, None),
        ("hơn5", None, None),
        ("12,3 p", None, None),
        ("5 n", None, None),
        (":", None, None),
        ("NA", None, None),
        ("4 tỷ 600 triệu", None, None),
        ("5 tr", None, None),
    ],
)
def test_words_of_bound_are_kept_in_vi_style(text, value, qualifier):
    parsed = parse_number("s", text, VI, "decimal", True)
    assert parsed.value == (None if value is None else Decimal(value))
    assert parsed.qualifier == qualifier
    assert (parsed.fault is None) == (value is not None)


@pytest.mark.parametrize(
    ("text", "value", "status", "qualifier"),
    [
        ("12.3 p", "12.3", "reported", "provisional"),
        ("12.3 b", "12.3", "reported", "break"),
        ("5 e", "5", "reported", "estimated"),
        ("5 be", "5", "reported", "estimated"),
        ("5 bp", "5", "reported", "provisional"),
        ("5 d", "5", "reported", None),
        ("0 n", "0", "nil", None),
        ("5 u|C", "5", "reported", None),
        ("12.3 ", "12.3", "reported", None),
        (":", None, "missing", None),
        (": ", None, "missing", None),
        (": p", None, "missing", None),
        (": c", None, "missing", None),
        (":|C", None, "missing", None),
        (": z", None, "not_applicable", None),
        (": m", None, "not_applicable", None),
        ("NA", None, "missing", None),
        ("NaN", None, "missing", None),
        ("..", None, "missing", None),
    ],
)
def test_flags_of_statistical_offices(text, value, status, qualifier):
    for style in (PLAIN, EN):
        parsed = parse_number("s", text, style, "decimal")
        wanted = None if value is None else Decimal(value)
        assert parsed == (wanted, status, None, qualifier)


@pytest.mark.parametrize("text", ["5 k", "5 cm", "5 min", "5 pp", "p", "5 P", ": x"])
def test_other_letters_are_no_flags(text):
    assert parse_number("s", text, PLAIN).fault == "not_a_number"


def test_a_source_s_own_marks_go_before_the_common_ones():
    marks = folded_marks({"Kh\u00f4ng c\u00f3": "nil", "-": "nil", "K/C": "missing"})
    assert parse_number("s", "KHO\u0302NG  CO\u0301 ", VI, marks=marks) == NIL
    assert parse_number("s", "–", VI, marks=marks) == NIL
    assert parse_number("s", "k/c", VI, "yes_no", marks=marks) == MISSING
    assert parse_number("s", "-", VI) == MISSING
    assert parse_number("e", "-", VI, marks=marks).fault == "error_cell"


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
    assert parsed[:3] == (None, "missing", "ambiguous_number")


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
        "1.656 789",
        "=1+1",
        "٣",
    ],
)
def test_what_is_no_number_in_vi_style_is_refused(text):
    assert parse_number("s", text, VI).fault == "not_a_number"


@pytest.mark.parametrize("text", ["", "-", "–", "—", "…", "...", "\u00a0"])
def test_missing_marks(text):
    assert parse_number("s", text, VI) == MISSING


@pytest.mark.parametrize("text", ["x", "X", "Không áp dụng", "n/a", "KAD"])
def test_not_applicable_marks(text):
    assert parse_number("s", text, VI) == NOT_APPLICABLE


@pytest.mark.parametrize("text", ["?", "*", "//"])
def test_marks_that_nobody_declared(text):
    assert parse_number("s", text, VI).fault == "unknown_mark"


def test_zero_is_nil_and_not_missing():
    assert parse_number("n", "0", VI) == NIL
    assert parse_number("s", "0,0", VI) == NIL


def test_percent_belongs_to_measures_in_percent():
    assert parse_number("s", "5,5 %", VI, "decimal", True).value == Decimal("5.5")
    assert parse_number("s", "5,5 %", VI, "decimal", False).fault == "not_a_number"
    assert parse_number("p", "0.055", VI, "decimal", True).value == Decimal("5.5")
    assert parse_number("p", "0.055", VI, "count", False).fault == "not_a_number"


def test_float_noise_is_cut_to_four_decimals_half_even():
    assert parse_number("n", "0.30000000000000004", VI).value == Decimal("0.3")
    assert parse_number("n", "0.00015", VI).value == Decimal("0.0002")
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
    assert list(frame.columns) == [
        "value",
        "observation_status",
        "fault",
        "qualifier",
    ]
    assert frame.empty


@pytest.mark.parametrize(
    ("kind", "text"),
    [("n", "0.00004"), ("n", "1E-400"), ("s", "0,00005"), ("n", "-2.8E-17")],
)
def test_a_figure_that_would_become_0_is_told(kind, text):
    parsed = parse_number(kind, text, VI)
    assert (parsed.value, parsed.fault) == (None, "too_small")
    assert parse_number(kind, "0", VI).status == "nil"


@pytest.mark.parametrize(
    "text",
    ["1\u202e56", "\u202e156", "1\u200b56", "1\u00ad56", "1\u2067,5", "1.\ufeff656"],
)
def test_marks_that_show_another_figure_are_refused(text):
    assert parse_number("s", text, VI).fault == "not_a_number"


def test_marks_around_a_figure_show_the_same_figure():
    assert parse_number("s", "\ufeff156\u200b", VI).value == 156
