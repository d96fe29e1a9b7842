from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.readers.texts import fold, fold_case, is_legacy_font

TEXTS = st.text(max_size=20) | st.text(
    "aAăâeêoôơuưđĐ \t\n\u00a0\u200b\u202f\ufeff\u0300\u0301\u0309\u0323\u0302\u031b",
    max_size=20,
)


@settings(max_examples=150)
@given(TEXTS)
def test_folding_is_final_and_the_same_for_every_spelling(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert unicodedata.is_normalized("NFC", folded)
    assert folded == folded.strip() and "  " not in folded
    for form in ("NFC", "NFD"):
        again = unicodedata.normalize(form, text)
        assert (fold(again), fold_case(again)) == (folded, fold_case(text))


@pytest.mark.parametrize(
    "text",
    [
        "Hải\u00a0Dương",
        " Ha\u0309i\u202fDu\u031bo\u031bng\t",
        "Hải\u200b \r\nDư\u00adơng\ufeff",
        "\u2060Hải\u3000Dương\ufe0f",
    ],
)
def test_blanks_and_what_nobody_sees_make_no_difference(text):
    assert fold(text) == "Hải Dương"


@pytest.mark.parametrize(
    "text",
    [
        "hép møt tÕt",
        "C«ng an ph­êng H¶i T©n",
        "Haûi Döông",
        "Coâng an huyeän",
        "HOÄP MÖÙT TEÁT",
        "ñôn vò",
        "Toäi phaïm veà traät töï xaõ hoäi",
    ],
)
def test_legacy_fonts_are_told_by_their_letters(text):
    assert is_legacy_font(text)
    assert is_legacy_font(f"Tổng số vụ\n{text}\n1.656")


@pytest.mark.parametrize(
    "text",
    [
        "Toán, hoà, thuỷ, loài, khoá, hoãn, xuân, tuần",
        "HOÀ BÌNH, KHOÁNG SẢN, ĐẮK LẮK",
        "geändert, naïf, Israël, Noël, coördinatie, beäuge",
        "Größe, Königsberg, Thüringen, schön, Äußerung",
        "São Conceição, niño, año, señor, où, poète, Haïti",
        "på, blå, øst, færøyene, Sjælland, işçi, Łódź",
        "B'Lao, Ea H’leo, Ðắk Nông",
    ],
)
def test_other_languages_are_no_legacy_fonts(text):
    assert not is_legacy_font(text)
