"""Published marts written by hand, to render a scorecard from.

`write_marts(home, today=True)` leaves out what a publication before grades, editions
and readings from the base does not have.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from tests.helpers.scorecard_rows import (
    AS_OF,
    DISTRICTS,
    FINDING_ON_A,
    PUBLISHED_AT,
    Row,
    frozen,
    indicators,
    periods,
    progress_rows,
    revisions,
    scores,
    targets,
    units,
)
from warehouse.home import Home
from warehouse.raw_schema import LABELS, PROGRESS

_TEXT, _NUMBER, _YES, _DAY, _COUNT = (
    "varchar",
    "decimal(30,8)",
    "boolean",
    "date",
    "int",
)
_MOMENT = "timestamp"

LATER = (
    "target_kind",
    "grade_code",
    "grade_label_vi",
    "grade_label_en",
    "baseline_period_key",
    "previous_numerator",
    "previous_denominator",
    "is_denominator_moved",
    "needed_rest",
    "needed_per_month",
    "remaining_months",
    "projected_low",
    "projected_high",
    "projection_basis",
    "base_period_key",
    "change_from_base_pct",
    "required_from_base_pct",
    "verdict_from_base",
)
"""Of a verdict: what a publication before grades and readings from the base lacks."""
FREEZING = {
    "edition_code": _TEXT,
    "edition_kind": _TEXT,
    "published_at": _MOMENT,
    "closed_at": _MOMENT,
    "as_of_date": _DAY,
    "closed_by": _TEXT,
    "closed_reason": _TEXT,
}
REVISION = {
    **dict.fromkeys(("edition_code", "programme_code", "period_key"), _TEXT),
    "published_at": _MOMENT,
    **dict.fromkeys(("period_label_vi", "period_label_en", "target_code"), _TEXT),
    "unit_code": _TEXT,
    "is_scope_unit": _YES,
    **dict.fromkeys(("actual_then", "actual_now"), _NUMBER),
    **dict.fromkeys(("verdict_then", "verdict_now"), _TEXT),
    "is_revised": _YES,
    **dict.fromkeys(("why_vi", "why_en"), _TEXT),
}
_TARGET = {
    **dict.fromkeys(
        ("target_key", "target_code", "programme_code", "indicator_code", "name_vi"),
        _TEXT,
    ),
    **dict.fromkeys(("name_en", "quantity", "comparator", "rhythm"), _TEXT),
    **dict.fromkeys(("requirement_vi", "requirement_en", "verbatim_vi"), _TEXT),
    **dict.fromkeys(("document", "document_title_vi"), _TEXT),
    "is_commitment": _YES,
    "valid_from": _DAY,
    "valid_to": _DAY,
}
_TARGET_LATER = dict.fromkeys(("target_kind", "evidence_vi", "evidence_en"), _TEXT)
_INDICATOR = {
    **dict.fromkeys(
        ("indicator_code", "programme_code", "name_vi", "name_en", "kind"), _TEXT
    ),
    **dict.fromkeys(
        ("unit_of_measure", "direction", "numerator", "denominator"), _TEXT
    ),
    "scale": _NUMBER,
    "decimals": _COUNT,
}
_UNIT = dict.fromkeys(
    (
        "unit_key",
        "programme_code",
        "unit_code",
        "name_vi",
        "name_en",
        "level",
        "level_name_vi",
    ),
    _TEXT,
)
_PERIOD = {
    **dict.fromkeys(("period_key", "period_type", "label_vi", "label_en"), _TEXT),
    **dict.fromkeys(("start_date", "end_date", "last_date"), _DAY),
    "year": _COUNT,
    **dict.fromkeys(("is_closed", "has_begun"), _YES),
}
_SCORE = {
    **dict.fromkeys(
        ("target_key", "unit_key", "period_key", "programme_code", "target_code"), _TEXT
    ),
    **dict.fromkeys(("programme_name_vi", "programme_name_en", "unit_code"), _TEXT),
    **dict.fromkeys(("unit_name_vi", "unit_name_en", "level", "verdict"), _TEXT),
    **dict.fromkeys(("verdict_reason_vi", "verdict_reason_en"), _TEXT),
    **dict.fromkeys(("is_scope_unit", "is_commitment", "is_simulated"), _YES),
    "open_finding_count": _COUNT,
    "display_order": _COUNT,
}
_FINDING = dict.fromkeys(
    ("finding_id", "programme_code", "unit_key", "indicator_code", "status"), _TEXT
)
_ANCESTOR = dict.fromkeys(("unit_key", "ancestor_unit_key"), _TEXT)
_PUBLICATION = {"publication_id": _TEXT, "published_at": _MOMENT, "as_of_date": _DAY}


def write_marts(home: Home, today: bool = False, editions: bool = True) -> None:
    """Puts the made-up publication in place."""
    home.create()
    home.published_db.unlink(missing_ok=True)
    lacking = LATER if today else ()
    progress = {name: kind for name, kind in PROGRESS.items() if name not in lacking}
    rows = progress_rows()
    tables: dict[str, tuple[dict[str, str], Iterable[Row]]] = {
        "publication": (
            _PUBLICATION,
            [
                {
                    "publication_id": "p1",
                    "published_at": PUBLISHED_AT,
                    "as_of_date": AS_OF,
                }
            ],
        ),
        "dim_target": (_TARGET if today else _TARGET | _TARGET_LATER, targets()),
        "dim_indicator": (_INDICATOR, indicators()),
        "dim_unit": (_UNIT, units()),
        "dim_period": (_PERIOD, periods()),
        "fct_target_progress": (progress, rows),
        "rpt_term_scorecard": (
            _SCORE if today else _SCORE | {"part_target_codes": _TEXT},
            scores(rows),
        ),
        "fct_finding": (_FINDING, [FINDING_ON_A]),
        "bridge_unit_ancestor": (
            _ANCESTOR,
            [
                {"unit_key": f"k{code}", "ancestor_unit_key": above}
                for code in DISTRICTS
                for above in (f"k{code}", "kP")
            ],
        ),
    }
    if editions and not today:
        tables["fct_edition"] = (
            FREEZING | PROGRESS | LABELS,
            frozen(rows),
        )
        tables["rpt_edition_revision"] = (REVISION, revisions())
    with duckdb.connect(str(home.published_db)) as connection:
        connection.execute("create schema marts")
        for name, (columns, content) in tables.items():
            declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create table marts.{name} ({declared})")
            values = [[row.get(column) for column in columns] for row in content]
            marks = ", ".join("?" * len(columns))
            if values:
                connection.executemany(
                    f"insert into marts.{name} values ({marks})", values
                )
