"""Register: the programme as lookup frames for the suites' columns.

Grain of each frame: `forms` form version, `periods` period, `units` unit version,
`unit_words` unit, `measures` form x measure, `due` form x unit x period due. Reference
data, so small; made once a run.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from expectations.suggest import Candidates
from sources.programme.model import OPEN_END, Programme
from sources.programme.periods import periods_of

_YEAR = r"-(?:\d{4}_)?(\d{4})-"


@dataclass(frozen=True)
class Register:
    """Lookup frames of one programme; words and suggestions are made when asked for."""

    programme: Programme
    forms: pd.DataFrame
    periods: pd.DataFrame
    units: pd.DataFrame
    control_levels: pd.DataFrame
    measures: pd.DataFrame
    due: pd.DataFrame

    @property
    def programme_code(self) -> str:
        """The code of the programme."""
        return self.programme.code

    @cached_property
    def unit_words(self) -> pd.DataFrame:
        """One row per unit: its newest name, the days it existed, who came after."""
        return _unit_words(self.programme, self.units)

    @cached_property
    def last_days(self) -> dict[str, dt.date]:
        """The last day of each period, by its key."""
        return _days(self.periods)

    @cached_property
    def candidates(self) -> dict[str, Candidates]:
        """What may be suggested for a wrong code, by kind of code."""
        forms = {f.code: (f.name_vi, f.name_en) for f in self.programme.forms}
        return {
            "form": {None: forms},
            "unit": {None: _names(self.unit_words, "unit_code", "unit_name")},
            "period": _period_candidates(self.forms, self.periods),
            "measure": {
                str(form): _names(rows, "measure_code", "measure_name")
                for form, rows in self.measures.groupby("form_code")
            },
        }


def build_register(
    programme: Programme, expected: pd.DataFrame, measures: pd.DataFrame
) -> Register:
    """The lookups of one programme; periods run to the last year of `expected`.

    `expected` holds one row per form, unit and period due, with its `due_date` where
    lateness is to be judged.
    """
    return Register(
        programme=programme,
        forms=_forms(programme),
        periods=_periods(programme, expected["period_key"]),
        units=_units(programme),
        control_levels=pd.DataFrame(
            [(f.code, level) for f in programme.forms for level in f.control_levels],
            columns=["form_code", "level"],
            dtype="object",
        ).drop_duplicates(),
        measures=_measures(programme, measures),
        due=expected,
    )


def _forms(programme: Programme) -> pd.DataFrame:
    rows = [
        {
            "form_code": form.code,
            "form_kind": f"{form.calendar} · {form.frequency}",
            "form_template_version": form.template_version,
            "form_first_year": form.first_year or programme.reporting_from_year,
            "form_from": form.valid_from,
            "form_to": form.valid_to or OPEN_END,
        }
        for form in programme.forms
    ]
    frame = pd.DataFrame(rows)
    spans = frame.rename(columns={"form_from": "first", "form_to": "end"})
    first = frame["form_first_year"].astype("str")
    frame["form_dates_vi"] = _span(spans, "từ", "đến hết") + ", từ năm " + first
    frame["form_dates_en"] = _span(spans, "from", "to") + ", from year " + first
    return frame


def last_days(programme: Programme, period_keys: pd.Series) -> dict[str, dt.date]:
    """The last day of every period up to the last year among the keys."""
    return _days(_periods(programme, period_keys))


def _days(periods: pd.DataFrame) -> dict[str, dt.date]:
    return dict(zip(periods["period_key"], periods["period_last_day"], strict=True))


def _periods(programme: Programme, period_keys: pd.Series) -> pd.DataFrame:
    keys = pd.Series(period_keys.unique(), dtype="str")
    years = pd.to_numeric(keys.str.extract(_YEAR)[0])
    until = programme.term.last_year if years.dropna().empty else int(years.max())
    frame = periods_of(programme, max(until, programme.reporting_from_year))
    last_days = [end - dt.timedelta(days=1) for end in frame["end_date"]]
    return pd.DataFrame(
        {
            "period_key": frame["period_key"],
            "period_kind": frame["calendar_code"] + " · " + frame["period_type"],
            "period_year": frame["year"],
            "period_first_day": frame["start_date"],
            "period_last_day": pd.Series(last_days, dtype="object"),
            "period_label_vi": frame["label_vi"],
            "period_label_en": frame["label_en"],
        }
    )


def _units(programme: Programme) -> pd.DataFrame:
    rows = [
        (
            unit.unit_code,
            unit.level,
            unit.valid_from,
            unit.valid_to or OPEN_END,
            unit.name_vi,
            unit.name_en,
        )
        for unit in programme.units
    ]
    columns = ["unit_code", "level", "unit_from", "unit_to", "name_vi", "name_en"]
    frame = pd.DataFrame(rows, columns=columns, dtype="object")
    return frame.sort_values(["unit_code", "unit_from"], kind="stable")


def _unit_words(programme: Programme, units: pd.DataFrame) -> pd.DataFrame:
    newest = units.drop_duplicates("unit_code", keep="last").reset_index(drop=True)
    first = units.drop_duplicates("unit_code").reset_index(drop=True)
    end = units.sort_values("unit_to", kind="stable").drop_duplicates(
        "unit_code", keep="last"
    )
    spans = pd.DataFrame(
        {
            "unit_code": newest["unit_code"],
            "unit_name_vi": newest["name_vi"],
            "unit_name_en": newest["name_en"],
            "first": first["unit_from"],
            "end": newest["unit_code"].map(end.set_index("unit_code")["unit_to"]),
        }
    )
    after: dict[str, list[str]] = {}
    for link in programme.successions:
        if link.to_unit_code is not None:
            after.setdefault(link.from_unit_code, []).append(link.to_unit_code)
    heirs = spans["unit_code"].map(lambda code: ", ".join(sorted(after.get(code, ()))))
    spans["unit_dates_vi"] = _span(spans, "từ", "đến hết") + heirs.map(
        lambda text: f"; nay là {text}" if text else ""
    )
    spans["unit_dates_en"] = _span(spans, "from", "to") + heirs.map(
        lambda text: f"; now {text}" if text else ""
    )
    return spans.drop(columns=["first", "end"])


def _span(spans: pd.DataFrame, word_from: str, word_to: str) -> pd.Series:
    starts = spans["first"].map(lambda day: f"{word_from} {day:%d/%m/%Y}")
    ends = spans["end"].map(
        lambda day: (
            ""
            if day == OPEN_END
            else f" {word_to} {day - dt.timedelta(days=1):%d/%m/%Y}"
        )
    )
    return starts + ends


def _measures(programme: Programme, measures: pd.DataFrame) -> pd.DataFrame:
    """One row per form and measure, members of breakdowns included."""
    base = [
        code.removesuffix(f".{member}") if isinstance(member, str) and member else code
        for code, member in zip(
            measures["indicator_code"], measures["member_code"], strict=True
        )
    ]
    base_code = pd.Series(base, index=measures.index, dtype="object")
    negative = {m.code for m in programme.measures if m.may_be_negative}
    lists = {c.code: c for c in programme.code_lists}
    is_open = measures["breakdown_code"].map(lambda c: c in lists and lists[c].is_open)
    is_exhaustive = measures["breakdown_code"].map(
        lambda c: c in lists and lists[c].is_exhaustive
    )
    is_member = measures["member_code"].notna() & measures["member_code"].ne("")
    may_be_negative = base_code.isin(negative)
    frame = pd.DataFrame(
        {
            "form_code": measures["form_code"],
            "measure_code": measures["indicator_code"],
            "measure_name_vi": measures["name_vi"],
            "measure_name_en": measures["name_en"],
            "kind": measures["kind"],
            "value_type": measures["value_type"],
            "may_be_negative": may_be_negative.astype(bool),
            # members of an open list come from the files: none can be demanded
            "is_required": measures["is_required"].astype(bool)
            & ~(is_member & is_open).astype(bool),
            "whole_code": measures["part_of_code"],
            "part_of_severity": measures["part_of_severity"],
            "total_code": measures["parent_indicator_code"].where(is_member, None),
            "is_summand": (is_member & is_exhaustive).astype(bool),
            "is_open": is_open.astype(bool),
        }
    )
    text = ["whole_code", "total_code", "part_of_severity"]
    frame[text] = frame[text].astype("object").where(frame[text].notna(), None)
    return frame.drop_duplicates(["form_code", "measure_code"]).reset_index(drop=True)


def _names(frame: pd.DataFrame, code: str, name: str) -> dict[str, tuple[str, str]]:
    names = zip(frame[f"{name}_vi"], frame[f"{name}_en"], strict=True)
    return dict(zip(frame[code], names, strict=True))


def _period_candidates(forms: pd.DataFrame, periods: pd.DataFrame) -> Candidates:
    """Periods of each form's own calendar and frequency; None: every period."""
    by_kind = {
        str(kind): _names(rows, "period_key", "period_label")
        for kind, rows in periods.groupby("period_kind")
    }
    pairs = zip(forms["form_code"], forms["form_kind"], strict=True)
    return {
        **{form: by_kind.get(kind, {}) for form, kind in pairs},
        None: _names(periods, "period_key", "period_label"),
    }
