"""Mapped periods: what a foreign table writes as a period, as the form and our key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from sources.programme.model import Form, PeriodPattern, PeriodType, Programme, TableMap
from sources.readers.text_columns import map_distinct
from sources.readers.texts import fold

_FULL_KEY = re.compile(r"[a-z][a-z0-9_]*-\d{4}(?:_\d{4})?-(?:M\d\d|Q\d|H\d|9M|Y|T)")
_YEAR = re.compile(r"(?P<year>\d{4})")
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})[-/. ]?(?:[MQHT]|tháng |quý )?(?P<part>\d{1,2})"
)
_YEAR_LAST = re.compile(
    r"(?:[MQHT]|tháng |quý )?(?P<part>\d{1,2})[-/. ](?P<year>\d{4})"
)
_PARTS: Mapping[PeriodType, str] = {
    PeriodType.MONTH: "M{part:02d}",
    PeriodType.QUARTER: "Q{part}",
    PeriodType.HALF_YEAR: "H{part}",
}
_MOST_PARTS: Mapping[str, int] = {
    PeriodType.MONTH: 12,
    PeriodType.QUARTER: 4,
    PeriodType.HALF_YEAR: 2,
}
_WHOLES: Mapping[PeriodType, str] = {
    PeriodType.NINE_MONTHS: "9M",
    PeriodType.YEAR: "Y",
}


class FoundPeriod(NamedTuple):
    """The form and the key of a period; no key where the text is none."""

    form: str
    key: str | None


def read_periods(
    programme: Programme, table_map: TableMap, rows: pd.DataFrame, year: int | None
) -> pd.DataFrame:
    """One row per row: form_code and period_key, None where the text is no period."""
    forms = {form.code: form for form in programme.forms}
    own = forms[table_map.form]
    is_year = table_map.period_type is PeriodType.YEAR

    def find(text: str) -> FoundPeriod:
        folded = fold(text)
        if table_map.periods:
            return by_patterns(forms, table_map, folded)
        return FoundPeriod(own.code, _by_type(own, table_map.period_type, folded))

    if "period" in rows:
        found = map_distinct(rows["period"], find)
    else:
        key = f"{own.calendar}-{year}-Y" if year and is_year else None
        found = pd.Series([FoundPeriod(own.code, key)] * len(rows), rows.index)
    table = pd.DataFrame(
        found.tolist(), index=rows.index, columns=["form_code", "period_key"]
    )
    return table.astype("object").where(table.notna(), None)


def by_patterns(
    forms: Mapping[str, Form], table_map: TableMap, text: str
) -> FoundPeriod:
    """The period that the first fitting pattern of the map sees in a folded text."""
    for pattern in table_map.periods:
        match = re.fullmatch(pattern.text, text)
        if match is not None:
            form = forms[pattern.form or table_map.form]
            return FoundPeriod(form.code, _by_groups(form, pattern, match))
    return FoundPeriod(table_map.form, None)


def has_parts(period_type: PeriodType) -> bool:
    """True for lengths of which a year has several, so that a number is needed."""
    return period_type in _PARTS


def _by_groups(form: Form, pattern: PeriodPattern, match: re.Match[str]) -> str | None:
    suffix = _WHOLES.get(form.frequency, "")
    if has_parts(form.frequency):
        part = int(match["part"])
        if not 1 <= part <= _MOST_PARTS[form.frequency]:
            return None
        suffix = _PARTS[form.frequency].format(part=part)
    return f"{form.calendar}-{int(match['year']) + pattern.year_shift:04d}-{suffix}"


def _by_type(form: Form, period_type: PeriodType, folded: str) -> str | None:
    if _FULL_KEY.fullmatch(folded):
        return folded
    if period_type is PeriodType.YEAR:
        match = _YEAR.fullmatch(folded)
        return f"{form.calendar}-{match['year']}-Y" if match else None
    match = _YEAR_FIRST.fullmatch(folded) or _YEAR_LAST.fullmatch(folded)
    part = _PARTS.get(period_type)
    if match is None or part is None:
        return None
    return f"{form.calendar}-{match['year']}-{part.format(part=int(match['part']))}"
