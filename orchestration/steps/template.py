"""Template: workbooks ready to be filled in, one per unit that owes the form."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from pathlib import Path

import pandas as pd

from orchestration.progress import step
from orchestration.settings import Settings
from sources.programme.due import due_units
from sources.programme.expansion import list_members, open_lists
from sources.programme.loader import load_programme
from sources.programme.model import Form, Programme
from sources.programme.periods import periods_of
from sources.template.content import CellValue
from sources.template.writer import TemplateError, write_templates

Previous = dict[str, dict[str, CellValue]]
"""Unit -> measure -> figure of the period before."""


def make_templates(
    settings: Settings,
    form_code: str,
    period_key: str,
    units: Collection[str] = (),
    level: str | None = None,
    folder: Path | None = None,
) -> list[Path]:
    """Writes the workbooks of a form and period; gives their paths.

    Args:
        settings: Programme and home; accepted figures of the home are shown beside.
        form_code: The form.
        period_key: A period of it.
        units: Only these; a unit that may send a control total counts too.
        level: Only units of this level.
        folder: Where they go; `templates` in the home by default.

    Raises:
        TemplateError: unknown form, period or level, or a unit that does not owe it.
    """
    programme = load_programme(settings.programme)
    form = _form(programme, form_code)
    periods = periods_of(programme, _until(programme, period_key))
    senders = _senders(programme, form, periods, period_key)
    chosen = _chosen(programme, form, senders, units, level)
    place = folder or settings.home.path / "templates"
    previous, members = _known(settings, programme, form, period_key, periods, chosen)
    with step("Biểu mẫu · templates", len(chosen)) as progress:
        paths = write_templates(
            place,
            programme,
            form_code,
            chosen,
            period_key,
            previous=previous,
            member_names=members,
            progress=progress.advance,
        )
        progress.summary = f"{len(paths)} tệp · workbooks"
    return paths


def _form(programme: Programme, form_code: str) -> Form:
    forms = {form.code: form for form in programme.forms}
    if form_code not in forms:
        raise TemplateError(
            f"No form {form_code!r} in programme {programme.code}. "
            f"Use one of: {', '.join(forms)}"
        )
    return forms[form_code]


def _until(programme: Programme, period_key: str) -> int:
    """The last year to make periods for: the term's, or the one asked for."""
    years = [int(part) for part in period_key.split("-") if part.isdecimal()]
    return max([programme.term.last_year, *(y for y in years if 1900 < y < 2200)])


def _senders(
    programme: Programme, form: Form, periods: pd.DataFrame, period_key: str
) -> pd.DataFrame:
    """One row per unit that may send the form: unit_code, level, is_due."""
    of_form = periods[
        periods["calendar_code"].eq(form.calendar)
        & periods["period_type"].eq(str(form.frequency))
    ]
    asked = of_form[of_form["period_key"].eq(period_key)]
    if asked.empty:
        near = [k for k in of_form["period_key"] if k[:-1] == period_key[:-1]]
        shown = (near or of_form["period_key"].tolist())[:4]
        raise TemplateError(
            f"Form {form.code} has no period {period_key!r}: it is sent every "
            f"{form.frequency}. Use one of: {', '.join(shown)}"
        )
    due = due_units(programme, form, asked)[["unit_code", "level"]]
    last_day = asked.iloc[0]["end_date"] - pd.Timedelta(days=1).to_pytimedelta()
    totals = [
        (unit.unit_code, unit.level)
        for unit in programme.units
        if unit.level in form.control_levels and unit.holds_on(last_day)
    ]
    control = pd.DataFrame(totals, columns=["unit_code", "level"], dtype="object")
    both = pd.concat([due.assign(is_due=True), control.assign(is_due=False)])
    return both.drop_duplicates("unit_code").reset_index(drop=True)


def _chosen(
    programme: Programme,
    form: Form,
    senders: pd.DataFrame,
    units: Collection[str],
    level: str | None,
) -> list[str]:
    """The units asked for; everyone who owes the form when nobody is named."""
    codes = senders["unit_code"].tolist()
    for unit in units:
        if unit not in codes:
            raise TemplateError(
                f"Unit {unit!r} does not owe form {form.code} for that period. "
                f"Units that do: {', '.join(codes[:5]) or 'none'}"
                + (f" … ({len(codes)})" if len(codes) > 5 else "")
            )
    levels = [known.code for known in programme.levels]
    if level is not None and level not in levels:
        raise TemplateError(f"No level {level!r}. Use one of: {', '.join(levels)}")
    rows = senders
    if units:
        rows = rows[rows["unit_code"].isin(list(units))]
    if level is not None:
        rows = rows[rows["level"].eq(level)]
    if not units and level is None:
        rows = rows[rows["is_due"].astype(bool)]
    if rows.empty:
        raise TemplateError(
            f"Nobody asked for owes form {form.code} for that period: it is due from "
            f"{', '.join(sorted(set(senders['level']))) or 'no unit'}."
        )
    return rows["unit_code"].tolist()


def _known(
    settings: Settings,
    programme: Programme,
    form: Form,
    period_key: str,
    periods: pd.DataFrame,
    units: list[str],
) -> tuple[Previous, dict[str, dict[str, str]]]:
    """What a home that has run before knows: last figures, members of open lists."""
    if not settings.home.build_db.exists():
        return {}, {}
    from orchestration.steps.context import open_run
    from warehouse.history import earlier_figures

    before = periods.set_index("period_key")["previous_period_key"][period_key]
    keys = pd.DataFrame({"form_code": form.code, "unit_code": units}, dtype="object")
    figures = earlier_figures(settings.home, programme.code, keys)
    figures = figures[
        figures["period_key"].eq(before)
        & figures["form_code"].eq(form.code)
        & figures["unit_code"].isin(units)
        & figures["value"].notna()
    ]
    with open_run(settings) as run:
        members = list_members(programme, run.members)
    return _by_unit(programme, form, figures), _names(programme, members)


def _by_unit(programme: Programme, form: Form, figures: pd.DataFrame) -> Previous:
    """Figures as a workbook shows them: whole numbers without a fraction."""
    named = {measure.code for measure in programme.measures} & set(form.measures)
    found: Previous = {}
    for unit, code, value in zip(
        figures["unit_code"], figures["measure_code"], figures["value"], strict=True
    ):
        if code in named or code.partition(".")[0] in named:
            exact = Decimal(str(value))
            whole = exact == exact.to_integral_value()
            found.setdefault(unit, {})[code] = int(exact) if whole else exact
    return found


def _names(programme: Programme, members: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Members of open lists: list -> member code -> name."""
    open_ones = members[members["code_list"].isin(open_lists(programme))]
    return {
        str(code_list): dict(zip(rows["member_code"], rows["name_vi"], strict=True))
        for code_list, rows in open_ones.groupby("code_list")
    }
