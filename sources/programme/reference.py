"""Reference frames: the programme as the tables of schema raw.

Shape: one DataFrame per raw table, keyed by table name without schema, with exactly the
columns that the table has, in order. Text, dates (`datetime.date`, which DuckDB and
Arrow take as DATE) and decimals (`Decimal`) are object columns with None for null;
whole numbers are int64 and flags bool. `valid_to` is exclusive, 9999-12-31 while open.
A pure function of the programme and the members seen in files.
"""

from __future__ import annotations

import pandas as pd

from sources.programme.due import due_units, obligations
from sources.programme.expansion import (
    MEMBER_COLUMNS,
    expand_indicators,
    expand_measures,
)
from sources.programme.frames import columns_of, frame_of, key_of, open_end
from sources.programme.lineage import unit_ancestors
from sources.programme.model import LesserGrade, Programme
from sources.programme.periods import period_parts, periods_of, term_key
from sources.programme.restatement import restatement
from sources.programme.unit_steps import is_estimated

__all__ = [
    "MEMBER_COLUMNS",
    "due_units",
    "expand_measures",
    "reference_frames",
    "target_key",
    "unit_frame",
    "unit_key",
]

_PROGRAMME = columns_of(
    "programme_code name_vi name_en root_unit_code term_period_key calendar_code "
    "term_first_year term_last_year timezone",
    term_first_year="int64",
    term_last_year="int64",
)
_LEVEL = columns_of(
    "programme_code level_code level_rank name_vi name_en", level_rank="int64"
)
_UNIT = columns_of(
    "programme_code unit_key unit_code official_code name_vi name_en unit_type level "
    "parent_unit_code valid_from valid_to is_current",
    is_current="bool",
)
_SUCCESSION = columns_of(
    "programme_code from_unit_code to_unit_code effective_date relation share "
    "share_basis is_estimated",
    is_estimated="bool",
)
_GROUP = columns_of("programme_code group_code unit_code valid_from valid_to")
_INDICATOR_LEVEL = columns_of("programme_code indicator_code level unit_type")
_FORM = columns_of(
    "programme_code form_code name_vi name_en frequency calendar_code "
    "template_version first_year valid_from valid_to",
    first_year="int64",
)
_DEADLINE = columns_of(
    "programme_code form_code level deadline_days", deadline_days="int64"
)
_CONTROL = columns_of("programme_code form_code level")
_TARGET = columns_of(
    "programme_code target_key target_code indicator_code name_vi name_en scope_type "
    "scope_code drill_levels quantity comparator low high rhythm baseline by_date "
    "verbatim_vi document_code document_title_vi valid_from valid_to end_reason_vi "
    "end_reason_en threshold is_beyond_met lesser_comparator lesser_low lesser_name_vi "
    "lesser_name_en evidence_vi evidence_en",
    is_beyond_met="bool",
)
_TARGET_LEVEL = columns_of("programme_code target_key level")
_TARGET_PART = columns_of("programme_code target_key part_target_code")
_TARGET_ASSIGNED = columns_of(
    "programme_code target_code unit_code year value document_code", year="int64"
)


def unit_key(programme_code: str, unit_code: str, valid_from: object) -> str:
    """The key of a unit version."""
    return key_of(programme_code, unit_code, valid_from)


def target_key(programme_code: str, target_code: str, valid_from: object) -> str:
    """The key of a target version."""
    return key_of(programme_code, target_code, valid_from)


def reference_frames(
    programme: Programme, members: pd.DataFrame | None, until_year: int
) -> dict[str, pd.DataFrame]:
    """Every raw.ref_* table of the programme, by name.

    Args:
        programme: a checked programme.
        members: members of open code lists found in files (MEMBER_COLUMNS), or None.
        until_year: the last reporting year to make periods for.
    """
    units = unit_frame(programme)
    ancestors = unit_ancestors(units)
    periods = periods_of(programme, until_year)
    indicators, parts = expand_indicators(programme, members)
    return {
        **_plain_frames(programme),
        **_form_frames(programme),
        **_target_frames(programme),
        "ref_unit": units,
        "ref_unit_ancestor": ancestors,
        "ref_unit_restatement": restatement(programme, units, ancestors),
        "ref_period": periods,
        "ref_period_part": period_parts(periods),
        "ref_measure": expand_measures(programme, members),
        "ref_indicator": indicators,
        "ref_indicator_part": parts,
    }


def unit_frame(programme: Programme) -> pd.DataFrame:
    """One row per unit version: raw.ref_unit."""
    return frame_of(
        (
            {
                **unit.model_dump(),
                "programme_code": programme.code,
                "unit_key": unit_key(programme.code, unit.unit_code, unit.valid_from),
                "valid_to": open_end(unit.valid_to),
                "is_current": unit.valid_to is None,
            }
            for unit in programme.units
        ),
        _UNIT,
    )


def _plain_frames(programme: Programme) -> dict[str, pd.DataFrame]:
    code = {"programme_code": programme.code}
    term = programme.term
    head = {
        **code,
        "name_vi": programme.name_vi,
        "name_en": programme.name_en,
        "root_unit_code": programme.root_unit,
        "term_period_key": term_key(term),
        "calendar_code": term.calendar,
        "term_first_year": term.first_year,
        "term_last_year": term.last_year,
        "timezone": programme.timezone,
    }
    levels = (
        {**level.model_dump(), **code, "level_code": level.code, "level_rank": rank}
        for rank, level in enumerate(programme.levels)
    )
    successions = (
        {**link.model_dump(), **code, "is_estimated": is_estimated(link)}
        for link in programme.successions
    )
    groups = (
        {**member.model_dump(), **code, "valid_to": open_end(member.valid_to)}
        for member in programme.groups
    )
    indicator_levels = (
        {
            **code,
            "indicator_code": indicator.code,
            "level": level,
            "unit_type": unit_type,
        }
        for indicator in programme.indicators
        if indicator.kind == "unit_share"
        for level in indicator.levels
        for unit_type in indicator.unit_types or (None,)
    )
    return {
        "ref_programme": frame_of([head], _PROGRAMME),
        "ref_level": frame_of(levels, _LEVEL),
        "ref_unit_succession": frame_of(successions, _SUCCESSION),
        "ref_unit_group": frame_of(groups, _GROUP),
        "ref_indicator_level": frame_of(indicator_levels, _INDICATOR_LEVEL),
    }


def _form_frames(programme: Programme) -> dict[str, pd.DataFrame]:
    code = {"programme_code": programme.code}
    forms = (
        {
            **form.model_dump(),
            **code,
            "form_code": form.code,
            "frequency": str(form.frequency),
            "calendar_code": form.calendar,
            "first_year": form.first_year or programme.reporting_from_year,
            "valid_to": open_end(form.valid_to),
        }
        for form in programme.forms
    )
    deadlines = (
        {**code, "form_code": form.code, "level": level, "deadline_days": days}
        for form in programme.forms
        for level, days in form.deadline_days.items()
    )
    controls = (
        {**code, "form_code": form.code, "level": level}
        for form in programme.forms
        for level in form.control_levels
    )
    return {
        "ref_form": frame_of(forms, _FORM),
        "ref_form_due": obligations(programme, programme.forms),
        "ref_form_deadline": frame_of(deadlines, _DEADLINE),
        "ref_form_control": frame_of(controls, _CONTROL),
    }


def _target_frames(programme: Programme) -> dict[str, pd.DataFrame]:
    code = {"programme_code": programme.code}
    titles = {document.code: document.title_vi for document in programme.documents}
    keys = [target_key(programme.code, t.code, t.valid_from) for t in programme.targets]
    targets = (
        {
            **target.model_dump(),
            **code,
            "target_key": key,
            "target_code": target.code,
            "indicator_code": target.indicator,
            "scope_type": target.scope.type,
            "scope_code": target.scope.code,
            "drill_levels": ",".join(target.drill_levels),
            "document_code": target.document,
            "document_title_vi": titles[target.document],
            "valid_to": open_end(target.valid_to),
            **_lesser(target.lesser),
        }
        for key, target in zip(keys, programme.targets, strict=True)
    )
    parts = (
        {**code, "target_key": key, "part_target_code": part}
        for key, target in zip(keys, programme.targets, strict=True)
        for part in target.parts
    )
    assigned = (
        {**value.model_dump(), **code, "document_code": value.document}
        for value in programme.assigned
    )
    levels = (
        {**code, "target_key": key, "level": level}
        for key, target in zip(keys, programme.targets, strict=True)
        for level in target.drill_levels
    )
    return {
        "ref_target": frame_of(targets, _TARGET),
        "ref_target_level": frame_of(levels, _TARGET_LEVEL),
        "ref_target_part": frame_of(parts, _TARGET_PART),
        "ref_target_assigned": frame_of(assigned, _TARGET_ASSIGNED),
    }


def _lesser(grade: LesserGrade | None) -> dict[str, object]:
    """The lesser grade as columns, all None where the promise has one grade."""
    values = grade.model_dump() if grade else dict.fromkeys(LesserGrade.model_fields)
    return {f"lesser_{name}": value for name, value in values.items()}
