"""What a load takes from the ledger: frames of one moment, which agree."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd
from sqlalchemy.engine import Connection

from warehouse.ledger import queries
from warehouse.ledger.findings import (
    kept_counts,
    quarantined,
    released_values,
)
from warehouse.ledger.remembered import current_findings
from warehouse.ledger.rows import to_frame


@dataclass(frozen=True)
class Recorded:
    """One programme's records at one moment.

    deliveries, submissions, findings: one row each. quarantined: one row per value that
    stays out of schema raw. kept_counts: one row per submission with the number of its
    values that enter. extensions: one row per decision to extend a deadline. editions:
    one row per edition.
    """

    deliveries: pd.DataFrame
    submissions: pd.DataFrame
    findings: pd.DataFrame
    quarantined: pd.DataFrame
    kept_counts: pd.DataFrame
    extensions: pd.DataFrame
    editions: pd.DataFrame


def read_recorded(
    connection: Connection, programme_code: str, at: dt.datetime
) -> Recorded:
    """The programme's records, with what people's decisions make of them `at` then."""
    found = current_findings(connection, programme_code, at)
    released = released_values(connection, programme_code, found)
    return Recorded(
        deliveries=to_frame(connection, queries.deliveries(programme_code)),
        submissions=to_frame(connection, queries.submissions(programme_code)),
        findings=found,
        quarantined=quarantined(connection, programme_code, released),
        kept_counts=kept_counts(connection, programme_code, released),
        extensions=to_frame(
            connection, queries.decisions(programme_code, queries.EXTEND_DEADLINE)
        ),
        editions=to_frame(connection, queries.editions(programme_code)),
    )
