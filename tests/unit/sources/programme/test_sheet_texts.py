from __future__ import annotations

import pytest

from sources.programme.sheet_texts import escaped, unescaped


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@SUM(1)", "＝1+1", "＋", "－", "＠x"]
)
def test_what_begins_like_a_formula_is_a_text_and_reads_back(text):
    assert escaped(text) == f"'{text}"
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", ["", "Xã Một", "a=1", "'s-Hertogenbosch", "'=1", "''"])
def test_other_texts_and_apostrophes_of_their_own_read_back(text):
    assert unescaped(escaped(text)) == text
    assert not escaped(text).startswith(("=", "+", "-", "@"))


def test_an_apostrophe_before_a_word_is_part_of_it():
    assert unescaped("'s-Hertogenbosch") == "'s-Hertogenbosch"
