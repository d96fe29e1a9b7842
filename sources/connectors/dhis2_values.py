"""DHIS2 data values of one answer as a table, and what tells changed reports apart.

Shape: one row per value with the columns `COLUMNS`, all texts but `deleted`.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from sources.connectors.http_answer import Answer
from sources.connectors.http_shapes import (
    Complain,
    column,
    csv_table,
    json_document,
    json_records,
)

UNIT_AND_PERIOD = ["period", "orgUnit"]
KEYS = ["dataElement", *UNIT_AND_PERIOD, "categoryOptionCombo", "attributeOptionCombo"]
"""What makes a value one value."""

_NAMES = {
    "dataElement": ("dataelement", "de"),
    "period": ("period", "pe"),
    "orgUnit": ("orgunit", "ou"),
    "categoryOptionCombo": ("categoryoptioncombo", "catoptcombo", "coc"),
    "attributeOptionCombo": ("attributeoptioncombo", "attroptcombo", "aoc"),
    "value": ("value",),
    "lastUpdated": ("lastupdated",),
    "deleted": ("deleted",),
}
COLUMNS = tuple(_NAMES)
_OPTIONAL = {"categoryOptionCombo", "attributeOptionCombo", "value", "deleted"}
_ENVELOPE = {"dataSet", "completeDate", "period", "orgUnit", "attributeOptionCombo"}


def read_values(answer: Answer, kind: str, complain: Complain) -> pd.DataFrame:
    """The values of an answer in JSON or CSV.

    Raises:
        SourceError: it is no data value set, or does not say when values were changed.
    """
    if kind == "csv":
        table = csv_table(answer, "utf-8-sig", ",", complain)
    else:
        table = pd.DataFrame(_records(answer, complain), dtype=object)
    if table.empty and not table.columns.size:
        table = pd.DataFrame(columns=list(COLUMNS), dtype=object)
    columns: dict[str, Any] = {}
    for name, others in _NAMES.items():
        found = column(table, others)
        if found is None and name not in _OPTIONAL:
            raise complain(
                answer.shown,
                f"the values have no {name}",
                "A server that keeps none is asked by the connector http.",
            )
        columns[name] = "" if found is None else found.fillna("").astype(str)
    values = pd.DataFrame(columns, index=table.index)
    values["deleted"] = values["deleted"].str.lower().eq("true")
    times = pd.to_datetime(
        values["lastUpdated"], utc=True, format="ISO8601", errors="coerce"
    )
    if times.isna().any():
        unread = values["lastUpdated"][times.isna()].iloc[0]
        reason = f"lastUpdated {unread!r} is no time"
        raise complain(answer.shown, reason, "Use the connector http for this server.")
    return values


def times_of(values: pd.DataFrame) -> pd.Series:
    """When each value was last changed; a time without an offset counts as UTC."""
    return pd.to_datetime(values["lastUpdated"], utc=True, format="ISO8601")


def hashes_of_reports(values: pd.DataFrame) -> pd.Series:
    """One text per (period, unit) that changes with any of its rows, in any order."""
    rows = values.drop_duplicates()
    hashed = pd.util.hash_pandas_object(rows.astype(str), index=False)
    keys = [rows[name] for name in UNIT_AND_PERIOD]
    return hashed.groupby(keys).sum().map("{:016x}".format).astype(object)


def _records(answer: Answer, complain: Complain) -> list[dict[str, Any]]:
    document = json_document(answer, complain)
    if isinstance(document, dict) and set(document) <= _ENVELOPE:
        return []
    return json_records(answer, document, "dataValues", complain)
