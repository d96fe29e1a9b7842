"""Doubts: figures made wrong that might be right. They are let in and asked about.

A jump is only planted where a person looking at the unit's other figures could see it:
a tenfold figure of at least 5, a lost digit of at least 30, two rows exchanged that
differ by a factor of 4 or more, one of them at least 20. Only measures that are no part
and no whole of another jump, so that no other rule speaks first.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sources.programme.model import Programme
from sources.simulator.faults import FaultKind
from sources.simulator.forms import FormFacts
from sources.template import layout
from sources.template.content import CellValue

DOUBTS = (
    FaultKind("ten_fold", "VALUE_UNLIKELY", "doubted"),
    FaultKind("digit_dropped", "VALUE_UNLIKELY", "doubted"),
    FaultKind("rows_swapped", "VALUE_UNLIKELY", "doubted"),
    FaultKind("same_as_before", "CARRIED_FORWARD", "doubted"),
    FaultKind("measure_left_out", "MEASURE_MISSING", "doubted"),
    FaultKind("members_off", "MEMBERS_NOT_TOTAL", "doubted"),
    FaultKind("nil_and_figures", "NIL_WITH_FIGURES", "doubted"),
    FaultKind("leading_zeros", "LOOKS_LIKE_CODE", "doubted"),
)

_TEN_FOLD_FROM = 5
_DIGIT_FROM = 30
_SWAP_FROM = 20
_SWAP_FACTOR = 4
_CARRIED_FIGURES = 5
_HISTORY_PERIODS = 12
"""A jump is planted after this many periods: before, nobody knows what is usual."""


def choose_doubts(
    programme: Programme,
    sends: pd.DataFrame,
    facts: dict[str, FormFacts],
    figures: dict[str, pd.DataFrame],
    count: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """fault, fault_measure and row_sent of `count` rows of `sends`, by their index.

    The kinds take turns. `row_sent` is the row of figures to send: that of the period
    before for `same_as_before`, else the report's own.
    """
    shuffled = sends.assign(order=rng.random(len(sends))).sort_values("order")
    before = _row_before(sends).reindex(shuffled.index)
    possible = {
        kind.kind: _possible(programme, kind.kind, shuffled, before, facts, figures)
        for kind in DOUBTS
    }
    chosen: dict[object, tuple[str, str, int]] = {}
    kinds = [kind.kind for kind in DOUBTS]
    turn = 0
    while kinds and len(chosen) < count:
        kind = kinds[turn % len(kinds)]
        left = possible[kind]
        index = next((i for i in left.index if i not in chosen), None)
        if index is None:
            kinds.remove(kind)
            continue
        row = before[index] if kind == "same_as_before" else sends.loc[index, "row"]
        chosen[index] = (kind, str(rng.choice(left[index])), int(row))
        possible[kind] = left.drop(index)
        turn += 1
    return pd.DataFrame.from_dict(
        chosen, orient="index", columns=["fault", "fault_measure", "row_sent"]
    )


def doubtful_values(
    kind: str, measure_code: str, values: dict[str, CellValue], facts: FormFacts
) -> dict[str, CellValue]:
    """The values with the doubt in them (the same ones when it lies elsewhere)."""
    changed = dict(values)
    value = values.get(measure_code)
    if not isinstance(value, int):
        return changed
    if kind == "ten_fold":
        changed[measure_code] = value * 10
    elif kind == "digit_dropped":
        changed[measure_code] = value // 10
    elif kind == "rows_swapped":
        other = swapped_with(values, facts)
        changed[measure_code], changed[other] = values[other], value
    elif kind == "measure_left_out":
        changed[measure_code] = None
    elif kind == "members_off":
        changed[measure_code] = value + 3
    elif kind == "leading_zeros":
        changed[measure_code] = f"{value:04d}"
    return changed


def doubtful_nil_mark(kind: str, nil_mark: str) -> str:
    """The nil mark that goes with the doubt."""
    return layout.NIL_MARK if kind == "nil_and_figures" else nil_mark


def swapped_with(values: dict[str, CellValue], facts: FormFacts) -> str:
    """The free measure with the least figure: it changes places with the greatest."""
    return min(facts.free, key=lambda code: (_number(values.get(code)), code))


def _number(value: CellValue) -> float:
    return float(value) if isinstance(value, int) else float("inf")


def _possible(
    programme: Programme,
    kind: str,
    sends: pd.DataFrame,
    before: pd.Series,
    facts: dict[str, FormFacts],
    figures: dict[str, pd.DataFrame],
) -> pd.Series:
    """Per row where the kind can be planted, the measures it can be at."""
    found = []
    for form_code, rows in sends.groupby("form_code", sort=False):
        form = facts[str(form_code)]
        table = figures[str(form_code)].iloc[rows["row"]]
        mask = _mask(programme, kind, form, table).to_numpy()
        if kind in ("ten_fold", "digit_dropped", "rows_swapped"):
            number = rows["unit_code"].groupby(rows["unit_code"]).transform("size")
            is_late = rows["start_date"].rank(method="dense") > _HISTORY_PERIODS
            mask = mask & (is_late & number.gt(_HISTORY_PERIODS)).to_numpy()[:, None]
        if kind == "same_as_before":
            mask = mask & before[rows.index].notna().to_numpy()[:, None]
        codes = np.array(table.columns, dtype=object)
        lists = [list(codes[line]) for line in mask]
        found.append(pd.Series(lists, index=rows.index, dtype=object))
    possible = pd.concat(found).reindex(sends.index)
    return possible[possible.map(len).gt(0)]


def _mask(
    programme: Programme, kind: str, form: FormFacts, table: pd.DataFrame
) -> pd.DataFrame:
    """True where a report's measure can carry the kind."""
    free = pd.Series(table.columns.isin(form.free), index=table.columns)
    none = table.notna() & False
    if kind == "ten_fold":
        return table.ge(_TEN_FOLD_FROM) & free
    if kind == "digit_dropped":
        return table.ge(_DIGIT_FROM) & free
    if kind == "rows_swapped" and form.free:
        own = table[list(form.free)]
        least, most = own.min(axis=1), own.max(axis=1)
        is_wide = most.ge(_SWAP_FROM) & most.ge(_SWAP_FACTOR * (least + 1))
        is_most = table.eq(most, axis=0) & free
        return is_most.mul(is_wide, axis=0)
    if kind == "same_as_before":
        flows = table[[c for c in table.columns if c in form.flows]]
        is_full = flows.gt(0).sum(axis=1).ge(_CARRIED_FIGURES)
        first = pd.Series(table.columns == table.columns[0], index=table.columns)
        return (none | first).mul(is_full, axis=0)
    if kind == "members_off":
        totals = pd.Series(table.columns.isin(_totals(programme, form)), table.columns)
        return table.gt(0) & totals
    if kind == "nil_and_figures":
        return table.gt(0) & pd.Series(table.columns.isin(form.flows), table.columns)
    return table.gt(0) & free


def _totals(programme: Programme, form: FormFacts) -> set[str]:
    """Measures whose members add up to them and that are no part of another."""
    exhaustive = {c.code for c in programme.code_lists if c.is_exhaustive}
    return {
        m.code
        for m in programme.measures
        if m.breakdown in exhaustive and m.part_of is None and m.code in form.codes
    }


def _row_before(sends: pd.DataFrame) -> pd.Series:
    """Row of figures of the unit's period before, in the same form; NaN if none."""
    ordered = sends.sort_values(["form_code", "unit_code", "start_date"])
    return ordered.groupby(["form_code", "unit_code"])["row"].shift()
