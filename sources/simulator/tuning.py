"""Optional tuning of a simulation: `simulation.yaml` in the programme folder.

Shape: one `Tuning` per programme; without the file every default holds. Years in
between those given are interpolated, years outside take the nearest.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError

from sources.programme.model import Strict

FILE_NAME = "simulation.yaml"

Share = Annotated[float, Field(ge=0, le=1)]
ByYear = dict[int, float]


class TuningError(ValueError):
    """simulation.yaml is wrong; the message says where and what to do."""


class MeasureTuning(Strict):
    """How the figures of one measure come about.

    Attributes:
        totals: Whole programme in a year (flow) or at its end (stock).
        ratio: Share of `of`, else of the measure named in `part_of`; for yes/no
            measures the share of the units that say yes.
        of: Measure the ratio is of, when `part_of` does not name it.
        members: Relative weight of breakdown members.
        member_ratio: Factor on `ratio` by breakdown member.
        season: Height of the yearly wave (0.2 is plus or minus 20 %).
        spread: Units weigh by their size, or all the same.
    """

    totals: ByYear = Field(default_factory=dict)
    ratio: ByYear = Field(default_factory=dict)
    of: str | None = None
    members: dict[str, float] = Field(default_factory=dict)
    member_ratio: dict[str, float] = Field(default_factory=dict)
    season: float = Field(default=0.1, ge=0, lt=1)
    spread: Literal["size", "equal"] = "size"


class Habits(Strict):
    """Shares of due submissions (missing) or of sent ones (the rest).

    `faulty` ones are refused or lose a value, `doubtful` ones are let in and asked
    about.
    """

    missing: Share = 0.03
    late: Share = 0.08
    corrected: Share = 0.03
    faulty: Share = 0.02
    doubtful: Share = 0.0
    repaired: Share = 0.75
    duplicated: Share = 0.003
    control_totals: Share = 0.0


class FormHabits(Strict):
    """What differs from the programme's habits for one form."""

    missing: Share | None = None
    repaired: Share | None = None


class Tuning(Strict):
    """The whole file: habits, sizes of units by unit type, measures."""

    habits: Habits = Habits()
    forms: dict[str, FormHabits] = Field(default_factory=dict)
    unit_sizes: dict[str, float] = Field(default_factory=dict)
    measures: dict[str, MeasureTuning] = Field(default_factory=dict)

    def measure(self, code: str) -> MeasureTuning:
        """The tuning of a measure, or the defaults."""
        return self.measures.get(code, MeasureTuning())


def load_tuning(folder: Path) -> Tuning:
    """Read `simulation.yaml` of a programme folder; defaults when there is none."""
    path = folder / FILE_NAME
    if not path.is_file():
        return Tuning()
    try:
        return Tuning.model_validate(
            yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        )
    except (yaml.YAMLError, ValidationError) as error:
        raise TuningError(
            f"{path}: {error}\n-> correct the file, or delete it to use the defaults"
        ) from error


def in_year(values: ByYear, year: float) -> float:
    """The value of a year: given, interpolated, or that of the nearest end."""
    years = sorted(values)
    if year <= years[0]:
        return values[years[0]]
    if year >= years[-1]:
        return values[years[-1]]
    upper = next(y for y in years if y >= year)
    lower = max(y for y in years if y <= year)
    if upper == lower:
        return values[upper]
    part = (year - lower) / (upper - lower)
    return values[lower] + part * (values[upper] - values[lower])
