"""Template assigned: the identity of workbooks that a person said what they are."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sources.programme.model import Programme
from sources.readers.assigned import PARTS, Assigned, placed
from sources.readers.template_doubts import TemplateFile
from sources.template import layout

_KEYS = dict(
    zip(PARTS, (layout.META_FORM, layout.META_UNIT, layout.META_PERIOD), strict=True)
)


def with_assigned(
    programme: Programme, files: Sequence[TemplateFile], meta: pd.DataFrame
) -> pd.DataFrame:
    """One row per file whose identity is known, also where a person had to say it.

    Words of another programme, or of no metadata at all, are replaced by a decision
    that names form, unit and period; single unknown ones by what it gives.
    """
    decided = {
        no: file.job.assigned
        for no, file in enumerate(files)
        if file.job.assigned is not None
    }
    if not decided:
        return meta
    rows: dict[int, dict[str, str]] = meta.to_dict("index")  # type: ignore[assignment]
    for no, assigned in decided.items():
        row = _identity(programme, assigned, rows.get(no))
        if row is not None:
            rows[no] = row
    order = sorted(rows)
    return pd.DataFrame(
        [rows[no] for no in order],
        index=order,
        columns=list(layout.META_KEYS),
        dtype="object",
    )


def _identity(
    programme: Programme, assigned: Assigned, row: dict[str, str] | None
) -> dict[str, str] | None:
    ours = (layout.TEMPLATE_FORMAT, programme.code)
    if row and (row[layout.META_FORMAT], row[layout.META_PROGRAMME]) == ours:
        return _filled(programme, assigned, row)
    if not assigned.is_whole:
        return row
    forms = {form.code: form for form in programme.forms}
    form = forms.get(str(assigned.form_code))
    return {
        **dict.fromkeys(layout.META_KEYS, ""),
        **(row or {}),
        layout.META_FORMAT: layout.TEMPLATE_FORMAT,
        layout.META_PROGRAMME: programme.code,
        # who says which form it is answers for its version too
        layout.META_TEMPLATE_VERSION: form.template_version if form else "",
        **{key: str(getattr(assigned, part)) for part, key in _KEYS.items()},
    }


def _filled(
    programme: Programme, assigned: Assigned, row: dict[str, str]
) -> dict[str, str]:
    own = pd.DataFrame(
        [{part: row[key] for part, key in _KEYS.items()}], dtype="object"
    )
    said = placed(programme, assigned, own).iloc[0]
    return {**row, **{key: said[part] for part, key in _KEYS.items()}}
