"""Mapped codes: measures and members that the rows of a long table name."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from sources.programme.model import Programme, TableMap
from sources.readers.text_columns import map_distinct
from sources.readers.texts import fold

Unknown = Literal["measure", "member"]


class MeasureCodes:
    """The codes that a programme's measures and the members of their lists have."""

    def __init__(self, programme: Programme) -> None:
        lists = {code_list.code: code_list for code_list in programme.code_lists}
        self.measures = {measure.code: measure for measure in programme.measures}
        self._members = {
            (measure.code, member.code)
            for measure in programme.measures
            if measure.breakdown in lists
            for member in lists[measure.breakdown].members
        }
        self._open = {
            measure.code: measure.breakdown
            for measure in programme.measures
            if measure.breakdown in lists and lists[measure.breakdown].is_open
        }

    def unknown(self, measure: str, member: str) -> Unknown | None:
        """What the programme does not know; None where it knows both."""
        if measure not in self.measures:
            return "measure"
        if not member or (measure, member) in self._members:
            return None
        return None if measure in self._open else "member"

    def members_of(self, measure: str) -> list[str]:
        """The member codes of the measure's list."""
        return [member for code, member in self._members if code == measure]

    def open_list(self, measure: str) -> str | None:
        """The measure's code list where it takes new members."""
        return self._open.get(measure)


def key_texts(table_map: TableMap, rows: pd.DataFrame) -> pd.Series:
    """One member code per row, put together from the key columns; empty for totals."""
    names = [f"key_{no}" for no in range(len(table_map.key_columns))]
    if not names:
        return pd.Series("", index=rows.index, dtype="object")
    joined = rows[names[0]].astype("object")
    for name in names[1:]:
        joined = joined + table_map.joiner + rows[name]
    if table_map.member_total is None:
        return joined
    return joined.mask(joined.eq(fold(table_map.member_total)), "")


def name_measures(
    codes: MeasureCodes, table_map: TableMap, rows: pd.DataFrame
) -> pd.DataFrame:
    """One row per row: `measure`, `member`, and `unknown` (None, measure or member).

    `rows` have `measure` and `keys`, both folded. An entry of the map for measure and
    member together goes before one for the measure alone.
    """

    def find(text: str) -> tuple[str, str, Unknown | None]:
        measure, _, keys = text.partition("\n")
        joined = f"{measure}.{keys}" if keys else measure
        measure, member = table_map.codes.get(measure, measure), keys
        if joined in table_map.codes:
            measure, member = _split(codes, table_map.codes[joined])
        return measure, member, codes.unknown(measure, member)

    found = map_distinct(rows["measure"] + "\n" + rows["keys"], find)
    names = ["measure", "member", "unknown"]
    table = pd.DataFrame(found.tolist(), index=rows.index, columns=names)
    return table.astype("object").where(table.notna(), None)


def _split(codes: MeasureCodes, code: str) -> tuple[str, str]:
    """Measure and member of one code of ours."""
    measure = code
    while measure not in codes.measures and "." in measure:
        measure = measure.rpartition(".")[0]
    if measure not in codes.measures:
        return code, ""
    return measure, code[len(measure) + 1 :]
