"""A small DHIS2: `dataValueSets` over a list of values, the way the real one answers.

Knows dataSet (one, `DATA_SET`), orgUnit and children (all units lie under `ROOT`),
period, startDate and endDate by the year, lastUpdated, lastUpdatedDuration,
includeDeleted, limit and offset, in JSON and CSV.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from tests.helpers.http_server import Asked, Reply, http_date

DATA_SET, ROOT = "dataset0001", "ROOT"
_CSV = {
    "dataElement": "dataelement",
    "period": "period",
    "orgUnit": "orgunit",
    "categoryOptionCombo": "catoptcombo",
    "attributeOptionCombo": "attroptcombo",
    "value": "value",
    "storedBy": "storedby",
    "lastUpdated": "lastupdated",
    "comment": "comment",
    "followup": "flwup",
}


@dataclass(frozen=True)
class Value:
    element: str
    period: str
    unit: str
    value: str
    updated: dt.datetime
    coc: str = "coc"
    aoc: str = "aoc"
    deleted: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        return (self.element, self.period, self.unit, self.coc, self.aoc)


class Dhis2:
    """The server's values and clock; call it to have a request answered."""

    def __init__(self, values: Iterable[Value], clock: dt.datetime) -> None:
        self.values = {value.key: value for value in values}
        self.clock = clock
        self.knows_offset = True
        self.cap = 1_000
        self.written = "{:%Y-%m-%dT%H:%M:%S}.000+0000".format
        self.before: Callable[[Asked], None] = lambda asked: None

    def put(self, element: str, period: str, unit: str, value: str) -> None:
        new = Value(element, period, unit, value, self.clock)
        self.values[new.key] = new

    def delete(self, element: str, period: str, unit: str) -> None:
        key = (element, period, unit, "coc", "aoc")
        old = self.values[key]
        self.values[key] = replace(old, deleted=True, updated=self.clock)

    def __call__(self, asked: Asked) -> Reply:
        self.before(asked)
        if asked.all("dataSet") != [DATA_SET] or not asked.all("orgUnit"):
            message = {"httpStatus": "Conflict", "message": "At least one data set"}
            return Reply(json.dumps(message).encode(), status=409)
        found = [
            value for value in self.values.values() if self._is_asked(value, asked)
        ]
        start = int(asked.one("offset", "0")) if self.knows_offset else 0
        if asked.one("limit"):
            found = found[start : start + min(int(asked.one("limit")), self.cap)]
        rows = [self._row(value) for value in found]
        headers = {"Date": http_date(self.clock)}
        if asked.path.endswith(".csv"):
            text = io.StringIO()
            writer = csv.DictWriter(text, [*_CSV, "deleted"])
            writer.writerow({**_CSV, "deleted": "deleted"})
            writer.writerows(rows)
            return Reply(
                text.getvalue().encode(), headers=headers, kind="application/csv"
            )
        if asked.path != "/api/dataValueSets.json":
            return Reply(status=404)
        body = {"dataValues": rows} if rows else {}
        return Reply(json.dumps(body).encode(), headers=headers)

    def _is_asked(self, value: Value, asked: Asked) -> bool:
        units = asked.all("orgUnit")
        is_below = ROOT in units and asked.one("children") == "true"
        since = [_time(text) for text in asked.all("lastUpdated")]
        if asked.one("lastUpdatedDuration"):
            seconds = int(asked.one("lastUpdatedDuration").removesuffix("s"))
            since.append(self.clock - dt.timedelta(seconds=seconds))
        return (
            (is_below or value.unit in units)
            and (not asked.all("period") or value.period in asked.all("period"))
            and asked.one("startDate", "0")[:4] <= value.period[:4]
            and value.period[:4] <= asked.one("endDate", "9")[:4]
            and all(value.updated >= when for when in since)
            and (not value.deleted or asked.one("includeDeleted") == "true")
        )

    def _row(self, value: Value) -> dict[str, object]:
        return {
            "dataElement": value.element,
            "period": value.period,
            "orgUnit": value.unit,
            "categoryOptionCombo": value.coc,
            "attributeOptionCombo": value.aoc,
            "value": value.value,
            "storedBy": "an",
            "lastUpdated": self.written(value.updated),
            "comment": "",
            "followup": False,
            **({"deleted": True} if value.deleted else {}),
        }


def _time(written: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(written)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
