"""Extend: a unit gets more time for one report, by a decision on record."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from orchestration.steps.context import RunContext, today
from sources.programme.due import due_units
from sources.programme.problems import nearest
from warehouse.ledger.extensions import Extensions


class ExtensionRefused(Exception):
    """A report whose deadline cannot be extended; nothing was recorded."""


def extend_deadline(
    run: RunContext,
    unit_code: str,
    form_code: str,
    period_key: str,
    until: dt.date,
    by: str,
    reason: str,
) -> dict[str, object]:
    """Gives the unit until the end of that day; gives the extension as it stands.

    Raises:
        ExtensionRefused: a code is unknown, or the unit does not owe this report.
        LedgerError: the day will not do, nobody is named, or no reason is given.
    """
    ordinary = _ordinary_deadline(run, unit_code, form_code, period_key)
    report = (form_code, unit_code, period_key)
    Extensions(run.ledger, run.programme.timezone).grant(
        run.programme.code, *report, ordinary, until, by, reason
    )
    return {
        **dict(zip(("form_code", "unit_code", "period_key"), report, strict=True)),
        "ordinary_due_date": ordinary,
        "due_date": until,
        "reason": reason.strip(),
        "decided_by": by.strip(),
    }


def extensions(run: RunContext) -> pd.DataFrame:
    """One row per report with an extension, newest decision first; `is_over` or not."""
    held = run.extensions.sort_values("decided_at", ascending=False, ignore_index=True)
    is_over = [day < today(run.programme) for day in held["due_date"]]
    return held.assign(is_over=pd.Series(is_over, dtype=bool))


def _ordinary_deadline(
    run: RunContext, unit_code: str, form_code: str, period_key: str
) -> dt.date:
    programme, periods = run.programme, run.reference["ref_period"]
    _known("biểu", "form", form_code, [form.code for form in programme.forms])
    _known("đơn vị", "unit", unit_code, [unit.unit_code for unit in programme.units])
    _known("kỳ", "period", period_key, periods["period_key"].tolist())
    forms = [form for form in programme.forms if form.code == form_code]
    owed = pd.concat([due_units(programme, form, periods) for form in forms])
    owed = owed[owed["unit_code"].eq(unit_code)]
    found = owed[owed["period_key"].eq(period_key)]
    if found.empty:
        keys = owed["period_key"].tolist()
        near = f" {nearest(period_key, keys)}" if keys else ""
        raise ExtensionRefused(
            f"{unit_code} không phải gửi {form_code} kỳ {period_key} · the unit does "
            "not owe this form for this period, so there is no deadline to extend;"
            f"{near} Nothing was recorded."
        )
    day: dt.date = found["due_date"].iloc[0]
    return day


def _known(word_vi: str, word_en: str, code: str, known: list[str]) -> None:
    if code not in known:
        codes = list(dict.fromkeys(known))
        raise ExtensionRefused(
            f"Không có {word_vi} “{code}” · there is no {word_en} '{code}'; "
            f"{nearest(code, codes)} Nothing was recorded."
        )
