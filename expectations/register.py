"""Register: the programme as lookup frames for the suites' columns.

Grain of each frame: `forms` form version, `periods` period, `units` unit version,
`unit_words` unit, `measures` form x measure. Reference data, so small; made once a run.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from expectations.suggest import Candidates
from sources.programme.model import OPEN_END, Programme
from sources.programme.periods import periods_of

_YEAR = r"-(?:\d{4}_)?(\d{4})-"


@dataclass(frozen=True)
class Register:
    """Lookup frames of one programme, and the candidates for suggestions."""

    programme_code: str
    forms: pd.DataFrame
    periods: pd.DataFrame
    units: pd.DataFrame
    unit_words: pd.DataFrame
    control_levels: pd.DataFrame
    measures: pd.DataFrame
    candidates: dict[str, Candidates]


def build_register(
    programme: Programme, expected: pd.DataFrame, measures: pd.DataFrame
) -> Register:
    """The lookups of one programme; periods run to the last year of `expected`."""
    forms = _forms(programme)
    periods = _periods(programme, expected)
    units = _units(programme)
    words = _unit_words(programme, units)
    known = _measures(programme, measures)
    return Register(
        programme_code=programme.code,
        forms=forms,
        periods=periods,
        units=units,
        unit_words=words,
        control_levels=pd.DataFrame(
            [(f.code, level) for f in programme.forms for level in f.control_levels],
            columns=["form_code", "level"],
            dtype="object",
        ).drop_duplicates(),
        measures=known,
        candidates={
            "form": {None: {f.code: (f.name_vi, f.name_en) for f in programme.forms}},
            "unit": {None: _names(words, "unit_code", "unit_name")},
            "period": _period_candidates(forms, periods),
            "measure": {
                str(form): _names(rows, "measure_code", "measure_name")
                for form, rows in known.groupby("form_code")
            },
        },
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


def _periods(programme: Programme, expected: pd.DataFrame) -> pd.DataFrame:
    years = pd.to_numeric(expected["period_key"].astype("str").str.extract(_YEAR)[0])
    until = programme.term.last_year if years.dropna().empty else int(years.max())
    frame = periods_of(programme, max(until, programme.reporting_from_year))
    last_days = [end - dt.timedelta(days=1) for end in frame["end_date"]]
    return pd.DataFrame(
        {
            "period_key": frame["period_key"],
            "period_kind": frame["calendar_code"] + " · " + frame["period_type"],
            "period_year": frame["year"],
            "period_last_day": pd.Series(last_days, dtype="object"),
            "period_label_vi": frame["label_vi"],
            "period_label_en": frame["label_en"],
        }
    )


def _units(programme: Programme) -> pd.DataFrame:
    rows = [
        {
            "unit_code": unit.unit_code,
            "level": unit.level,
            "unit_from": unit.valid_from,
            "unit_to": unit.valid_to or OPEN_END,
            "name_vi": unit.name_vi,
            "name_en": unit.name_en,
        }
        for unit in programme.units
    ]
    return pd.DataFrame(rows).sort_values(["unit_code", "unit_from"])


def _unit_words(programme: Programme, units: pd.DataFrame) -> pd.DataFrame:
    """One row per unit: its newest name, the days it existed, who came after."""
    spans = units.groupby("unit_code", as_index=False).agg(
        unit_name_vi=("name_vi", "last"),
        unit_name_en=("name_en", "last"),
        first=("unit_from", "min"),
        end=("unit_to", "max"),
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
