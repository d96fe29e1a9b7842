"""What every reference type is built from: codes, strictness, validity, words.

Half-open dates as everywhere (`valid_to` is the first day on which a thing no longer
holds).
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]*$")]
RULE_PATTERN = r"^[A-Z][A-Z0-9_]+$"
RuleCode = Annotated[str, StringConstraints(pattern=RULE_PATTERN)]
ShareBasis = Literal["stated", "population", "area", "estimated"]
"""What a share rests on."""


def _without_grouping(value: object) -> object:
    """Refuses 12.000, which a Vietnamese reads as 12000 and a parser as 12."""
    if isinstance(value, str) and not value.isdecimal():
        raise PydanticCustomError("int_parsing", "not a whole number of digits alone")
    return value


Persons = Annotated[int, BeforeValidator(_without_grouping), Field(ge=0)]
"""A number of people."""

OPEN_END = dt.date(9999, 12, 31)
"""Written where a BI tool needs a date and the thing has not ended."""


class Strict(BaseModel):
    """Base of every reference type: unknown keys are errors, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Dated(Strict):
    """Something that holds from one day (inclusive) to another (exclusive)."""

    valid_from: dt.date
    valid_to: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """True when `day` lies in the half-open validity."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class PeriodType(StrEnum):
    """The lengths a period can have, shortest first."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    NINE_MONTHS = "nine_months"
    YEAR = "year"
    TERM = "term"


class NumberStyle(StrEnum):
    """How text cells write numbers: vi `1.656,5`, en `1,656.5`, plain `1656.5`."""

    VI = "vi"
    EN = "en"
    PLAIN = "plain"
