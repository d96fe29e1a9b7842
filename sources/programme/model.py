"""The reference model: what a programme folder says, as checked types.

Shape: one `Programme` per folder. Dates are half-open (`valid_to` is the first day on
which a thing no longer holds; None means open). Nothing here reads a file.
Source of the words: the reporting decree's periods, Kimball's dated dimensions, SDMX.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, PrivateAttr, field_validator

from sources.programme.access import Access
from sources.programme.basics import (
    OPEN_END,
    Code,
    Dated,
    NumberStyle,
    PeriodType,
    RuleCode,
    Strict,
)
from sources.programme.shares import with_shares
from sources.programme.tables import (
    ColumnMap,
    MeasureColumn,
    PeriodPattern,
    Source,
    TableMap,
    UnitName,
    WideColumns,
)
from sources.programme.units import GroupMember, Succession, UnitVersion

__all__ = [
    "OPEN_END",
    "Access",
    "Calendar",
    "Code",
    "CodeList",
    "CodeMember",
    "ColumnMap",
    "Dated",
    "DeclaredRule",
    "Document",
    "Form",
    "GroupMember",
    "Indicator",
    "Level",
    "Measure",
    "MeasureColumn",
    "NumberStyle",
    "Obligation",
    "PeriodPattern",
    "PeriodType",
    "Programme",
    "RuleSetting",
    "Scope",
    "Source",
    "Strict",
    "Succession",
    "TableMap",
    "Target",
    "Term",
    "UnitName",
    "UnitVersion",
    "WideColumns",
]
"""All of the model is imported from here; `access`, `basics`, `tables`, `units` are its
parts."""


class Level(Strict):
    """A rung of the hierarchy; listed from the top down."""

    code: Code
    name_vi: str
    name_en: str


class Document(Strict):
    """A document that targets are quoted from."""

    code: Code
    title_vi: str
    date: dt.date | None = None
    source: str = ""


class Term(Strict):
    """The five reporting years of the programme, both ends included."""

    calendar: Code
    first_year: int
    last_year: int


class Calendar(Strict):
    """How a reporting year is cut.

    Reporting year Y starts on `start_month`/`start_day` of Y + `year_offset`; month m
    of it starts m - 1 calendar months later. The police year is 12/15/-1.
    """

    code: Code
    name_vi: str
    name_en: str
    start_month: int = Field(ge=1, le=12)
    start_day: int = Field(ge=1, le=28)
    year_offset: int = Field(default=0, ge=-1, le=0)


class CodeMember(Strict):
    """One member of a code list."""

    code: Code
    name_vi: str
    name_en: str
    parent_code: Code | None = None


class CodeList(Strict):
    """Members that split a measure.

    `is_open` lists take new members from the files themselves (labels of the newest
    period win); closed lists refuse unknown members. `is_exhaustive`: members add up to
    the parent.
    """

    code: Code
    is_open: bool = False
    is_exhaustive: bool = False
    members: tuple[CodeMember, ...] = ()


class Measure(Strict):
    """A reported number; every member of its `breakdown` is a measure `code.member`."""

    code: Code
    name_vi: str
    name_en: str
    kind: Literal["flow", "stock"]
    value_type: Literal["count", "decimal", "money", "yes_no"] = "count"
    unit_of_measure: str
    direction: Literal["higher", "lower", "neutral"] = "neutral"
    unit_aggregation: Literal["sum", "none"] = "sum"
    decimals: int = 0
    breakdown: Code | None = None
    is_required: bool = True
    may_be_negative: bool = False
    part_of: Code | None = None
    part_of_severity: Literal["ERROR", "WARNING"] = "ERROR"


class Indicator(Strict):
    """A figure computed from measures (a measure is an indicator of itself).

    ratio: sum(numerator) / sum(denominator) x scale. unit_share: units whose yes/no
    measure is 1 / units of `levels` alive at the period's end x scale. commitment: text
    and evidence, no figure. `by_breakdown` makes one ratio per member of that list.
    """

    code: Code
    name_vi: str
    name_en: str
    kind: Literal["ratio", "unit_share", "commitment"]
    unit_of_measure: str = "%"
    direction: Literal["higher", "lower", "neutral"] = "neutral"
    numerator: tuple[Code, ...] = ()
    denominator: tuple[Code, ...] = ()
    levels: tuple[Code, ...] = ()
    unit_types: tuple[Code, ...] = ()
    by_breakdown: Code | None = None
    scale: Decimal = Decimal(100)
    decimals: int = 2


class Obligation(Strict):
    """Who must send a form: units of `levels` (or named `units`) alive on a period's
    last day, when that day lies in [`since`, `until`)."""

    levels: tuple[Code, ...] = ()
    units: tuple[Code, ...] = ()
    since: dt.date | None = None
    until: dt.date | None = None


class Form(Dated):
    """What a unit must send, how often, and by when.

    `deadline_days` per level counts calendar days after the period's last day.
    Levels in `control_levels` may send a total of their children: it is compared with
    the children's sum and never added to it.
    """

    code: Code
    name_vi: str
    name_en: str
    template_version: str = "1"
    calendar: Code
    frequency: PeriodType
    measures: tuple[Code, ...] = Field(min_length=1)
    due_from: tuple[Obligation, ...] = Field(min_length=1)
    deadline_days: dict[Code, int]
    control_levels: tuple[Code, ...] = ()
    first_year: int | None = None


class Scope(Strict):
    """Whose figure a target judges: a unit, every unit of a level, or a group."""

    type: Literal["unit", "level", "group"]
    code: Code


class LesserGrade(Strict):
    """The lesser of two grades in one promise: "kiềm chế" beside "giảm ít nhất 5 %".

    Compared like the target itself, with its own comparator and `low`.
    """

    name_vi: str
    name_en: str
    comparator: Literal[">=", ">", "<=", "<", "="]
    low: Decimal


class Target(Strict):
    """A promise as worded: what is compared with what, and when.

    `quantity`: the indicator's value, or its reduction in per cent against `baseline`
    (`previous_year` or `year:2023`); `composite` holds only when every target of
    `parts` does. Comparators compare unrounded values with `low`; only `between` uses
    `high` too, and includes both ends: `is_beyond_met` lets what is better than the
    band pass. With `threshold: assigned` the value comes from assigned.csv, by unit and
    year. `never` is zero tolerance: `=` with `low` 0. `evidence_*` is shown beside a
    commitment, which nobody judges.
    """

    code: Code
    name_vi: str
    name_en: str
    indicator: Code | None = None
    scope: Scope
    drill_levels: tuple[Code, ...] = ()
    quantity: Literal["value", "reduction_pct", "composite", "none"] = "value"
    parts: tuple[Code, ...] = ()
    comparator: Literal[">=", ">", "<=", "<", "=", "between", "none"] = "none"
    threshold: Literal["stated", "assigned"] = "stated"
    low: Decimal | None = None
    high: Decimal | None = None
    is_beyond_met: bool = False
    lesser: LesserGrade | None = None
    rhythm: Literal[
        "every_year", "against_base_year", "by_end_of_term", "by_date", "never", "none"
    ]
    baseline: str = ""
    by_date: dt.date | None = None
    verbatim_vi: str
    document: Code
    valid_from: dt.date
    valid_to: dt.date | None = None
    end_reason_vi: str = ""
    end_reason_en: str = ""
    evidence_vi: str = ""
    evidence_en: str = ""


class AssignedValue(Strict):
    """The value that a unit was assigned for a year by a higher body."""

    target_code: Code
    unit_code: Code
    year: int
    value: Decimal
    document: Code | None = None


class DeclaredRule(Strict):
    """A rule of this programme alone, judged at gate 1 beside those of every programme.

    range: `low` <= `measure` <= `high`. compare: sum of `left` `comparator` sum of
    `right` (measures, or one number), give or take `tolerance`. year_to_date: `measure`
    is the sum (`method` sum) or the last (`last`) of `of` from the start of the
    reporting year to the period's end; `of` may stand in a form of shorter periods.
    `measure.member` names a member of a breakdown. The rule judges periods whose last
    day lies in [`valid_from`, `valid_to`), and only where every figure it needs is
    known. ERROR keeps out `measure`, or the figures of `left`.
    """

    code: RuleCode
    kind: Literal["range", "compare", "year_to_date"]
    form: Code
    severity: Literal["ERROR", "WARNING", "INFO"]
    owner: Literal["unit", "maintainer"] = "unit"
    name_vi: str
    name_en: str
    is_enabled: bool = True
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    measure: Code | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    left: tuple[Code, ...] = ()
    comparator: Literal["=", "<=", ">=", "<", ">"] | None = None
    right: tuple[Code, ...] | Decimal = ()
    tolerance: Decimal = Field(default=Decimal(0), ge=0)
    of: Code | None = None
    method: Literal["sum", "last"] | None = None
    message_vi: str = ""
    message_en: str = ""


class RuleSetting(Strict):
    """What this programme changes about a rule: on or off, its weight, its days.

    A rule judges periods whose last day lies in [`valid_from`, `valid_to`).
    """

    rule_code: str
    is_enabled: bool = True
    severity: Literal["ERROR", "WARNING", "INFO"] | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


class Programme(Strict):
    """A whole programme folder, cross-checked by `check.py`.

    The private `_places` says where each part was read: path in this model to file and
    line, filled by the loader and empty for a programme made in memory.
    """

    _places: dict[tuple[str | int, ...], tuple[str, int]] = PrivateAttr(
        default_factory=dict
    )

    folder: Path
    code: Code
    name_vi: str
    name_en: str
    timezone: str = "Asia/Ho_Chi_Minh"
    root_unit: Code
    term: Term
    reporting_from_year: int
    levels: tuple[Level, ...]
    documents: tuple[Document, ...]
    calendars: tuple[Calendar, ...]
    units: tuple[UnitVersion, ...]
    successions: tuple[Succession, ...] = ()
    groups: tuple[GroupMember, ...] = ()
    code_lists: tuple[CodeList, ...] = ()
    measures: tuple[Measure, ...]
    indicators: tuple[Indicator, ...] = ()
    forms: tuple[Form, ...]
    targets: tuple[Target, ...] = ()
    assigned: tuple[AssignedValue, ...] = ()
    sources: tuple[Source, ...]
    unit_names: tuple[UnitName, ...] = ()
    rules: tuple[DeclaredRule, ...] = ()
    rule_settings: tuple[RuleSetting, ...] = ()
    access: Access | None = None

    @field_validator("successions")
    @classmethod
    def _every_share_has_a_value(
        cls, links: tuple[Succession, ...]
    ) -> tuple[Succession, ...]:
        return with_shares(links)
