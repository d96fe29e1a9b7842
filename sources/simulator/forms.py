"""What the simulator needs to know of a form, once per form, in plain values."""

from __future__ import annotations

from dataclasses import dataclass

from sources.programme.model import Form, Measure, Programme
from sources.template.content import FormSheet, form_sheet


@dataclass(frozen=True, slots=True)
class FormFacts:
    """One form: its sheet, and its measures by what can be done to them.

    Attributes:
        sheet: The workbook's sheet.
        codes: Every measure and member, in the order of the form.
        flows: Those that a nil report says are zero.
        counts: Whole numbers that may not be negative.
        wholes: Part -> whole, both on this form, where a greater part is an ERROR.
        free: Flows of whole numbers that are no part, no whole and not broken down.
        slips: Groups of codes that a slip of the pen changes together, so that parts
            and sums still agree.
    """

    sheet: FormSheet
    codes: tuple[str, ...]
    value_types: dict[str, str]
    decimals: dict[str, int]
    flows: frozenset[str]
    counts: tuple[str, ...]
    wholes: dict[str, str]
    free: tuple[str, ...]
    slips: tuple[tuple[str, ...], ...]


def form_facts(programme: Programme, form: Form) -> FormFacts:
    """The facts of one form."""
    sheet = form_sheet(programme, form)
    codes = tuple(row.code for row in sheet.rows if row is not None)
    measures = {m.code: m for m in programme.measures if m.code in form.measures}
    owner = {code: _owner(code, measures) for code in codes}
    counts = tuple(
        code
        for code in codes
        if owner[code].value_type == "count" and not owner[code].may_be_negative
    )
    tied = {m.part_of for m in measures.values()}
    return FormFacts(
        sheet=sheet,
        codes=codes,
        value_types={code: owner[code].value_type for code in codes},
        decimals={code: owner[code].decimals for code in codes},
        flows=frozenset(c for c in codes if owner[c].kind == "flow"),
        counts=counts,
        wholes={
            m.code: m.part_of
            for m in measures.values()
            if m.part_of in measures and m.part_of_severity == "ERROR"
        },
        free=tuple(
            code
            for code in counts
            if code in measures
            and measures[code].kind == "flow"
            and measures[code].part_of is None
            and measures[code].breakdown is None
            and code not in tied
        ),
        slips=_slips(programme, measures, codes),
    )


def _owner(code: str, measures: dict[str, Measure]) -> Measure:
    """The measure that a row belongs to: itself, or the one whose member it is."""
    while code not in measures:
        code = code.rpartition(".")[0]
    return measures[code]


def _slips(
    programme: Programme, measures: dict[str, Measure], codes: tuple[str, ...]
) -> tuple[tuple[str, ...], ...]:
    """A measure that is no part, with the first leaf of its breakdown and all above."""
    lists = {c.code: c for c in programme.code_lists}
    groups: list[tuple[str, ...]] = []
    for measure in measures.values():
        if measure.part_of is not None or measure.value_type not in ("count", "yes_no"):
            continue
        group = [measure.code]
        if measure.breakdown is not None:
            members = {m.code: m for m in lists[measure.breakdown].members}
            parents = {m.parent_code for m in members.values()}
            member = next((m for m in members.values() if m.code not in parents), None)
            while member is not None:
                group.append(f"{measure.code}.{member.code}")
                member = members.get(member.parent_code or "")
        if all(code in codes for code in group):
            groups.append(tuple(group))
    return tuple(groups)
