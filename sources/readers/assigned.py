"""Assigned: what a person said that an unmatched delivery is, where it does not say so.

A decision fills in what is missing or unknown; it never overrides a form, unit or
period that the file names and the programme has.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from sources.programme.model import Programme
from sources.programme.periods import periods_of, until_year

PARTS = ("form_code", "unit_code", "period_key")


@dataclass(frozen=True)
class Assigned:
    """A decision on one delivery: what its submissions are of, and who reads it.

    `decided_on` says which periods there were then: the same bytes read the same way
    in every later year.
    """

    decided_on: dt.date
    form_code: str | None = None
    unit_code: str | None = None
    period_key: str | None = None
    source_code: str | None = None

    @property
    def is_whole(self) -> bool:
        """True when form, unit and period are all given."""
        return None not in (self.form_code, self.unit_code, self.period_key)


def known_codes(programme: Programme, part: str, day: dt.date) -> set[str]:
    """The programme's forms, units or periods by that day (`part`: one of `PARTS`)."""
    if part == "form_code":
        return {form.code for form in programme.forms}
    if part == "unit_code":
        return {unit.unit_code for unit in programme.units}
    return set(periods_of(programme, until_year(programme, day)).period_key)


def unknown_words(
    rows: pd.DataFrame, part: str, known: Collection[str], words: str | None = None
) -> tuple[pd.Series, set[str]]:
    """Where `part` is missing or unknown, and the different words that stand there.

    `words` names the column with the file's own text where that is another one.
    """
    is_unknown = ~rows[part].isin(list(known))
    said = rows.loc[is_unknown, words or part].astype("object")
    return is_unknown, {"" if text is None else str(text) for text in said.tolist()}


def placed(
    programme: Programme,
    assigned: Assigned | None,
    rows: pd.DataFrame,
    parts: Collection[str] = PARTS,
    words: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """The rows with form, unit and period as assigned, where their own are unknown.

    Several different unknown words cannot all mean the same: they are left for gate 1.
    """
    if assigned is None:
        return rows
    for part in parts:
        value = getattr(assigned, part)
        if value is None:
            continue
        column = (words or {}).get(part)
        column = column if column in rows else None
        known = known_codes(programme, part, assigned.decided_on)
        is_unknown, said = unknown_words(rows, part, known, column)
        if len(said) == 1:
            filled = rows[part].astype("object").mask(is_unknown, value)
            rows = rows.assign(**{part: filled})
    return rows
