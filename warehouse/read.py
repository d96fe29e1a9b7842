"""What people ask of the publication and the ledger: status, trace, scorecard."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from warehouse.facts import gate2_facts
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.published import open_published
from warehouse.trace import trace, trace_absence, trace_rows

__all__ = [
    "findings",
    "gate2_facts",
    "open_published",
    "publication",
    "scorecard",
    "status",
    "trace",
    "trace_absence",
    "trace_rows",
]


def status(home: Home, ledger: Ledger) -> dict[str, Any]:
    """What is published, received, found and missing, ready for JSON.

    Keys: published_at, as_of_date and publication_id (None before the first
    publication), programmes, submissions (number by status), findings (by severity),
    open_findings (by severity), missing (unit_code, form_code, period_key of every
    report that was due by the publication's day and did not come).
    """
    found = ledger.findings()
    result: dict[str, Any] = {
        "published_at": None,
        "as_of_date": None,
        "publication_id": None,
        "programmes": [],
        "submissions": _counts(ledger.submissions().status),
        "findings": _counts(found.severity),
        "open_findings": _counts(found[found.status == "open"].severity),
        "missing": [],
    }
    if not home.published_db.exists():
        return result
    published = publication(home)
    result["publication_id"] = published["publication_id"]
    result["published_at"] = published["published_at"].isoformat()
    result["as_of_date"] = published["as_of_date"].isoformat()
    with open_published(home) as connection:
        result["programmes"] = [
            row[0]
            for row in connection.execute(
                "select distinct programme_code from marts.dim_unit order by 1"
            ).fetchall()
        ]
        missing = connection.execute(
            "select u.unit_code, s.form_code, s.period_key "
            "from marts.fct_submission s join marts.dim_unit u using (unit_key) "
            "where s.status = 'missing' order by all"
        ).fetchall()
    names = ("unit_code", "form_code", "period_key")
    result["missing"] = [dict(zip(names, row, strict=True)) for row in missing]
    return result


def scorecard(home: Home, programme_code: str | None = None) -> pd.DataFrame:
    """One row per target and unit, its latest state (marts.rpt_term_scorecard)."""
    with open_published(home) as connection:
        return (
            connection.execute(
                "select * from marts.rpt_term_scorecard "
                "where $programme is null or programme_code = $programme "
                "order by display_order, is_scope_unit desc, unit_code",
                {"programme": programme_code},
            )
            .to_arrow_table()
            .to_pandas()
        )


def findings(home: Home, programme_code: str | None = None) -> pd.DataFrame:
    """One row per published finding of the programme's deliveries, heaviest first."""
    with open_published(home) as connection:
        result = connection.execute(
            "select * from marts.fct_finding "
            "where $programme is null or programme_code = $programme "
            "order by array_position(['BLOCKER', 'ERROR', 'WARNING', 'INFO'], "
            "severity), finding_id",
            {"programme": programme_code},
        )
        return result.to_arrow_table().to_pandas()


def publication(home: Home) -> dict[str, Any]:
    """The publication in place: publication_id, published_at (UTC), as_of_date.

    Raises:
        ReadError: nothing is published.
    """
    with open_published(home) as connection:
        moment, day, identifier = connection.execute(
            "select published_at, as_of_date, publication_id from marts.publication"
        ).fetchall()[0]
    return {
        "publication_id": identifier,
        "published_at": moment.replace(tzinfo=dt.UTC),
        "as_of_date": day,
    }


def _counts(series: pd.Series) -> dict[str, int]:
    counts = series.value_counts().sort_index()
    return {str(name): int(number) for name, number in counts.items()}
