"""What the workbook checks by itself, as cell formulas: the rules of gate 1, offline.

Per row two formulas: the figure that the box stands for and what is to be said of it.
The weights are gate 1's as the programme sets them, so a workbook that shows no fault
is accepted without one.

Formulas use only functions that every Excel since 2007 and LibreOffice share, no
arrays that spill and nothing that depends on the language of the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sources.template import layout
from sources.template.box_checks import Case, figure, value_faults, without_figure
from sources.template.content import FormRow, FormSheet
from sources.template.declared import SheetRule
from sources.template.formulas import areas, cell, chain, is_one_of, quoted, word

SEVERITIES: Final = {
    "VALUE_NEGATIVE": "ERROR",
    "VALUE_NOT_WHOLE": "ERROR",
    "PART_OVER_WHOLE": "ERROR",
    "PART_OVER_WHOLE_DOUBT": "WARNING",
    "MEMBER_OVER_TOTAL": "ERROR",
    "MEMBERS_NOT_TOTAL": "WARNING",
    "MEASURE_MISSING": "WARNING",
}
"""The rules of gate 1 that have a formula, as they weigh unless a programme sets it."""

_MARKS: Final = {"ERROR": layout.CHECK_ERROR, "WARNING": layout.CHECK_DOUBT}
_SAYS_NOTHING_FILLED: Final = f"{layout.CHECK_EMPTY} Chưa điền số liệu nào"
_SAYS_ALL_WRONG: Final = (
    f"{layout.CHECK_ERROR} Mọi số liệu đều sai, báo cáo sẽ không được nhận"
)
_SAYS_NO_FAULT: Final = f"{layout.CHECK_OK} Không thấy lỗi"
_SAYS_NIL_AND_FIGURES: Final = "đã đánh dấu không phát sinh mà vẫn có số liệu"
_BREACH: Final = {"<=": ">", "<": ">=", ">=": "<", ">": "<="}
"""Comparator -> the operator that finds its breach."""
_NIL: Final = cell(layout.ROW_NIL, layout.COLUMN_FIGURE)
"""Holds 1 where the box "nothing to report" is marked."""


class SheetFormulas:
    """The formulas of one form, its rows where a fresh workbook has them."""

    def __init__(self, sheet: FormSheet) -> None:
        self._places = {
            row.code: (number, row)
            for number, row in enumerate(sheet.rows, start=layout.ROW_FIRST_MEASURE)
            if row is not None
        }
        self._members: dict[str, list[str]] = {}
        for code, (_, row) in self._places.items():
            if row.is_summand and row.total is not None:
                self._members.setdefault(row.total, []).append(code)
        self._rules: dict[str, list[SheetRule]] = {}
        for rule in sheet.rules:
            self._rules.setdefault(rule.at, []).append(rule)
        self._severities = SEVERITIES | dict(sheet.severities)
        self._kept_out = {c for c, s in self._severities.items() if s == "ERROR"}

    def nil(self) -> str:
        """1 where the box "nothing to report" is marked, else 0."""
        box = word(cell(layout.ROW_NIL, layout.COLUMN_VALUE))
        return f"=IF({is_one_of(box, layout.NIL_MARKS)},1,0)"

    def figure(self, row: FormRow) -> str:
        """The number that the row's box stands for, as gate 1 would take it, or ""."""
        return figure(row, self._box(row.code), _NIL, self._kept_out)

    def check(self, row: FormRow) -> str:
        """What is to be said of the row: one text, the gravest first."""
        box, own = self._box(row.code), self._figure(row.code)
        said = [
            (condition, f"{quoted(f'{_MARKS[severity]} ')}&{text}")
            for wanted in _MARKS
            for severity, (condition, text) in self._doubts(row, box, own)
            if severity == wanted
        ]
        is_demanded = row.is_required and self._severities["MEASURE_MISSING"] in _MARKS
        empty = without_figure(row, box, self._kept_out, is_demanded)
        return f"=IF(ISNUMBER({own}),{chain(said, quoted(layout.CHECK_OK))},{empty})"

    def summary(self) -> str:
        """One line over the whole form."""
        rows = [number for number, _ in self._places.values()]
        checks = ":".join(cell(row, layout.COLUMN_CHECK) for row in (rows[0], rows[-1]))
        clash = self._clash()

        def count(mark: str) -> str:
            return f'SUMPRODUCT(--(LEFT({checks},1)="{mark}"))'

        errors, empty = count(layout.CHECK_ERROR), count(layout.CHECK_EMPTY)
        kept = f"{count(layout.CHECK_OK)}+{count(layout.CHECK_DOUBT)}"
        doubts = f"({count(layout.CHECK_DOUBT)}+IF({clash},1,0))"
        mark = chain(
            [
                (f"{errors}>0", quoted(f"{layout.CHECK_ERROR} ")),
                (f"{doubts}>0", quoted(f"{layout.CHECK_DOUBT} ")),
            ],
            quoted(f"{layout.CHECK_EMPTY} "),
        )
        left = (
            f'"Còn "&{errors}&" lỗi, "&{doubts}&" nghi vấn"'
            f'&IF({empty}>0,", "&{empty}&" ô chưa điền","")'
            f'&IF({clash},"; {_SAYS_NIL_AND_FIGURES}","")'
        )
        cases = [
            (f"{errors}+{kept}=0", quoted(_SAYS_NOTHING_FILLED)),
            (f"{kept}=0", quoted(_SAYS_ALL_WRONG)),
            (f"{errors}+{doubts}+{empty}=0", quoted(_SAYS_NO_FAULT)),
        ]
        return "=" + chain(cases, f"{mark}&{left}")

    def _clash(self) -> str:
        """True where the nil box is marked beside flows that are not zero."""
        flows = [number for number, row in self._places.values() if row.is_flow]
        counts = [
            f'COUNTIF({area},"{sign}0")'
            for area in areas(flows, layout.COLUMN_VALUE)
            for sign in "<>"
        ]
        return f"AND({_NIL}=1,{'+'.join(counts) or '0'}>0)"

    def _doubts(self, row: FormRow, box: str, own: str) -> Iterator[tuple[str, Case]]:
        """(severity, case) of every rule that judges the row's figure."""
        for code, case in value_faults(row, box).items():
            if code not in self._kept_out:
                yield self._severities[code], case
        if row.part_of in self._places:
            code = "PART_OVER_WHOLE" + ("" if row.is_part_strict else "_DOUBT")
            yield self._severities[code], self._above(own, str(row.part_of), "mục")
        is_compared = row.total in self._places and row.total != row.part_of
        if is_compared and not row.may_be_negative:
            case = self._above(own, str(row.total), "tổng ở mục")
            yield self._severities["MEMBER_OVER_TOTAL"], case
        members = self._members.get(row.code, [])
        if members:
            figures = ",".join(self._figures(members))
            is_open = self._places[members[0]][1].is_open
            present = ">0" if is_open else f"={len(members)}"
            total = f"ROUND(SUM({figures}),4)"
            condition = f"AND(COUNT({figures}){present},{total}<>{own})"
            case = condition, f'"các mục cộng lại là "&{total}'
            yield self._severities["MEMBERS_NOT_TOTAL"], case
        for rule in self._rules.get(row.code, []):
            for case in self._declared(rule):
                yield rule.severity, case

    def _above(self, own: str, whole: str, place: str) -> Case:
        other, number = self._figure(whole), self._places[whole][1].number
        says = f'"lớn hơn {place} {number}: "&{other}'
        return f"AND(ISNUMBER({other}),{own}>{other})", says

    def _declared(self, rule: SheetRule) -> Iterator[Case]:
        """A rule counts only where every figure it needs is there."""
        left, right = self._figures(rule.left), self._figures(rule.right)
        needed = len(rule.left + rule.right)
        is_known = f"COUNT({','.join([*left, *right])})={needed}"
        total = f"SUM({','.join(left)})"
        if rule.comparator:
            other = f"SUM({','.join(right)})" if right else f"({rule.right_number})"
            breach = _breach(rule, f"ROUND({total}-{other},4)")
            yield f"AND({is_known},{breach})", quoted(rule.name_vi)
        for limit, sign, size in ((rule.low, "<", "nhỏ"), (rule.high, ">", "lớn")):
            if limit is not None:
                says = quoted(f"{size} hơn {limit}")
                yield f"AND({is_known},ROUND({total},4){sign}{limit})", says

    def _box(self, code: str) -> str:
        return cell(self._places[code][0], layout.COLUMN_VALUE)

    def _figure(self, code: str) -> str:
        return cell(self._places[code][0], layout.COLUMN_FIGURE)

    def _figures(self, codes: Sequence[str]) -> list[str]:
        rows = sorted(self._places[code][0] for code in codes)
        return list(areas(rows, layout.COLUMN_FIGURE))


def _breach(rule: SheetRule, gap: str) -> str:
    """The gap between the sides that breaks the rule, its tolerance granted."""
    if rule.comparator == "=":
        return f"ABS({gap})>{rule.tolerance}"
    granted = rule.tolerance if rule.comparator.startswith("<") else -rule.tolerance
    return f"{gap}{_BREACH[rule.comparator]}({granted})"
