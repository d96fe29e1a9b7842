"""What a single box holds, as formulas: its figure, or why there is none.

A box is read as `sources.readers.numbers` reads it, with one exception: a number typed
as text is a doubt here and is not compared, gate 1 reads it in the declared style.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sources.template import layout
from sources.template.content import FormRow
from sources.template.formulas import chain, is_one_of, quoted, word

Case = tuple[str, str]
"""A condition and the text to show, both as formulas."""

_ERROR: Final = f"{layout.CHECK_ERROR} "
_SAYS_ERROR_CELL: Final = quoted(f"{_ERROR}ô bị lỗi, nhập lại số")
_SAYS_TOO_LARGE: Final = quoted(f"{_ERROR}số quá lớn")
_SAYS_NOT_A_NUMBER: Final = quoted(f"{_ERROR}không phải là số")
_SAYS_NOT_YES_NO: Final = quoted(f"{_ERROR}chọn Có hoặc Không")
_SAYS_TEXT_NUMBER: Final = quoted(f"{layout.CHECK_DOUBT} chữ, hãy nhập thành số")
_SAYS_EMPTY: Final = quoted(f"{layout.CHECK_EMPTY} chưa điền")
_SAYS_OK: Final = quoted(layout.CHECK_OK)

_MISSING_MARKS: Final = ("", "-", "--", "–", "−", "—", "…", "...", "..")
_NOT_APPLICABLE_MARKS: Final = ("kad", "không áp dụng", "n/a")
_TICK: Final = "x"
"""Not applicable where a number belongs; no answer to a yes/no."""
_YES_MARKS: Final = ("có", "yes", "1", "true", "đúng")
_NO_MARKS: Final = ("không", "no", "0", "false", "sai")
_SCALE_WORDS: Final = ("tỷ", "tỉ", "triệu", "nghìn", "ngàn", "đồng", "đ")
_NUMBER_CHARACTERS: Final = "0123456789., -+"
_LONGEST_NUMBER: Final = 60
_LARGEST: Final = "1E+20"


def value_faults(row: FormRow, box: str) -> dict[str, Case]:
    """Rule of gate 1 -> what breaks it in a number cell, and what to say then.

    The text follows the mark of the rule's severity.
    """
    number = f"ROUND({box},4)"
    faults: dict[str, Case] = {}
    if row.value_type == "yes_no":
        return faults
    if not row.may_be_negative:
        faults["VALUE_NEGATIVE"] = (f"{number}<0", quoted("không được âm"))
    if row.value_type == "count":
        says = f"{quoted('phải là số nguyên, không phải ')}&{box}"
        faults["VALUE_NOT_WHOLE"] = (f"{number}<>INT({number})", says)
    return faults


def figure(row: FormRow, box: str, nil: str, kept_out: Collection[str]) -> str:
    """The number that a box stands for, or "" for none and for one kept out.

    `nil` is the cell that tells a nil report, in which an empty flow is zero;
    `kept_out` are the rules that keep a value out.
    """
    empty = '""'
    if row.is_flow:
        is_zero = f"AND({nil}=1,{is_one_of(word(box), _MISSING_MARKS)})"
        empty = f'IF({is_zero},0,"")'
    if row.value_type == "yes_no":
        is_yes = is_one_of(word(box), _YES_MARKS)
        is_no = is_one_of(word(box), _NO_MARKS)
        return f'=IFERROR(IF({is_yes},1,IF({is_no},0,{empty})),"")'
    wrong = [f"ABS({box})>={_LARGEST}"]
    faults = value_faults(row, box)
    wrong += [condition for code, (condition, _) in faults.items() if code in kept_out]
    found = f'IF(OR({",".join(wrong)}),"",ROUND({box},4))'
    return f'=IFERROR(IF(ISNUMBER({box}),{found},{empty}),"")'


def without_figure(
    row: FormRow, box: str, kept_out: Collection[str], is_demanded: bool
) -> str:
    """What is said of a box whose `figure` is no number."""
    said = word(box)
    marks: tuple[str, ...] = _NOT_APPLICABLE_MARKS
    text = _SAYS_NOT_YES_NO
    if row.value_type != "yes_no":
        marks = (*marks, _TICK)
        faults = [
            (condition, f"{quoted(_ERROR)}&{says}")
            for code, (condition, says) in value_faults(row, box).items()
            if code in kept_out
        ]
        is_loose = f"AND(ISTEXT({box}),{_is_number_text(row, box)})"
        text = chain(
            [
                (f"ISNUMBER({box})", chain(faults, _SAYS_TOO_LARGE)),
                (is_loose, _SAYS_TEXT_NUMBER),
            ],
            _SAYS_NOT_A_NUMBER,
        )
    return chain(
        [
            (f"ISERROR({box})", _SAYS_ERROR_CELL),
            (is_one_of(said, _MISSING_MARKS), _SAYS_EMPTY if is_demanded else '""'),
            (is_one_of(said, marks), _SAYS_OK),
        ],
        text,
    )


def _is_number_text(row: FormRow, box: str) -> str:
    """True for a text of digits and what stands between them, scale words aside."""
    plain = word(box)
    for scale in _SCALE_WORDS:
        plain = f'SUBSTITUTE({plain},"{scale}","")'
    allowed = _NUMBER_CHARACTERS + ("%" if "%" in row.unit_of_measure else "")
    each = f"MID({plain},ROW($1:${_LONGEST_NUMBER}),1)"
    alien = f'SUMPRODUCT(({each}<>"")*ISERROR(FIND({each},"{allowed}")))'
    digits = ",".join(f'"{digit}"' for digit in range(10))
    has_digit = f"SUMPRODUCT(--ISNUMBER(FIND({{{digits}}},{plain})))>0"
    return f"AND(LEN({plain})<={_LONGEST_NUMBER},{alien}=0,{has_digit})"
