"""Where files come from and how foreign tables in them are read, as checked types."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sources.programme.basics import Code, NumberStyle, PeriodType, Strict


class ColumnMap(Strict):
    """Finds one column of a foreign sheet by header text; patterns are tried in order
    against the header with spaces folded (regular expressions, whole match)."""

    header: tuple[str, ...] = Field(min_length=1)


class MeasureColumn(ColumnMap):
    """A column of values of `measure` (of its member, where there is a code column)."""

    measure: Code


class PeriodPattern(Strict):
    """One way in which a foreign table writes periods (regular expression, whole match
    on the text with spaces folded), and the form that rows of such a period belong to.

    The named group `year` gives the reporting year and `part` the number of the month,
    quarter or half-year in it. `year_shift` is added where the writer names a year by
    its start: `2017Oct`, from October 2017 on, is our 2018. `example` is such a text,
    for the senders; without `form` it is the map's.
    """

    text: str
    example: str
    form: Code | None = None
    year_shift: int = Field(default=0, ge=-1, le=1)


class TableMap(Strict):
    """How to read one kind of foreign table. The first map whose `file` pattern (whole
    match on the file name) and `years` fit is used.

    A named group `year` in `file` gives the reporting year; `period_column` gives it
    per row, by `periods` where they are given. `member_total` is the code meaning "all
    members". `units` maps the unit column's text to unit codes; rows of `ignore_units`
    are passed over.

    Wide tables have one column per measure (`measures`). Long ones have one row per
    value: `measure_column` holds the measure's code, `key_columns` the parts of its
    member's code, put together with `joiner`, and `value_column` the value. `codes`
    maps such a text, `measure` or `measure.member`, to the code it has here.
    """

    file: str
    years: tuple[int, int] | None = None
    form: Code
    sheet: str | None = None
    header_row: int = Field(default=1, ge=1)
    first_row: int = Field(default=2, ge=2)
    unit_column: ColumnMap
    units: dict[str, Code] = Field(default_factory=dict)
    ignore_units: tuple[str, ...] = ()
    period_column: ColumnMap | None = None
    period_type: PeriodType = PeriodType.YEAR
    periods: tuple[PeriodPattern, ...] = ()
    member_column: ColumnMap | None = None
    member_label_column: ColumnMap | None = None
    member_total: str | None = None
    code_list: Code | None = None
    absent_members_are_zero: bool = False
    measures: tuple[MeasureColumn, ...] = ()
    measure_column: ColumnMap | None = None
    key_columns: tuple[ColumnMap, ...] = ()
    joiner: Literal[".", "_", "-"] = "."
    codes: dict[str, Code] = Field(default_factory=dict)
    value_column: ColumnMap | None = None


class Source(Strict):
    """Where files come from and how they are read. `path` may hold ${VAR} or
    ${VAR:-default}; a relative path starts at the programme folder. `replies` says in
    the same way where marked workbooks go back; empty is `replies/<code>` in the home.
    """

    code: Code
    name_vi: str
    name_en: str
    connector: Literal["drop_folder"] = "drop_folder"
    path: str
    replies: str = ""
    pattern: str = "**/*"
    reader: Literal["template", "mapped", "csv"]
    number_style: NumberStyle
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    maps: tuple[TableMap, ...] = ()
