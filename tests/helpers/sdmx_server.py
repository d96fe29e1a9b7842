"""A small SDMX-REST service: one dataflow as SDMX-CSV, with `updatedAfter`.

Paths of version 1 (`/data/VN,CRIME,latest`) answer as SDMX-CSV 1.0, those of version 2
(`/data/dataflow/VN/CRIME/~`) as 2.0, where deleted observations have the action D.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from tests.helpers.http_server import Asked, Reply, http_date

_TYPE = "application/vnd.sdmx.data+csv;version="
_BOUND = re.compile(r"(ge|le):([^+]+)")


@dataclass(frozen=True)
class Observation:
    unit: str
    period: str
    value: str
    updated: dt.datetime
    deleted: bool = False


class Sdmx:
    """The service's observations and clock; call it to have a request answered."""

    def __init__(self, clock: dt.datetime) -> None:
        self.clock = clock
        self.observations: dict[tuple[str, str], Observation] = {}
        self.is_empty_404 = True
        self.knows_updated_after = True

    def put(self, unit: str, period: str, value: str, deleted: bool = False) -> None:
        new = Observation(unit, period, value, self.clock, deleted)
        self.observations[unit, period] = new

    def __call__(self, asked: Asked) -> Reply:
        is_new = asked.path.startswith("/data/dataflow/VN/CRIME/~")
        if not is_new and not asked.path.startswith("/data/VN,CRIME,latest"):
            return Reply(b"no such dataflow", status=404)
        version = "2.0.0" if is_new else "1.0.0"
        if asked.headers["Accept"] != _TYPE + version:
            return Reply(status=406)
        first, last = asked.one("startPeriod"), asked.one("endPeriod")
        if is_new:
            bounds = dict(_BOUND.findall(asked.one("c[TIME_PERIOD]")))
            first, last = bounds.get("ge", ""), bounds.get("le", "")
        since = asked.one("updatedAfter") if self.knows_updated_after else ""
        after = dt.datetime.fromisoformat(since) if since else None
        found = [
            one
            for one in self.observations.values()
            if (not first or not one.period or one.period >= first)
            and (not last or one.period[: len(last)] <= last)
            and (after is None or one.updated > after)
            and (not one.deleted or after is not None)
        ]
        if not found and self.is_empty_404:
            return Reply(b"No results found", status=404, kind="text/plain")
        head = "STRUCTURE,STRUCTURE_ID,ACTION" if is_new else "DATAFLOW"
        flow = "dataflow,VN:CRIME(1.0)" if is_new else "VN:CRIME(1.0)"
        lines = [f"{head},GEO,TIME_PERIOD,OBS_VALUE,OBS_STATUS"]
        for one in found:
            action = (",D" if one.deleted else ",I") if is_new else ""
            lines.append(f"{flow}{action},{one.unit},{one.period},{one.value},A")
        body = "\r\n".join([*lines, ""]).encode()
        headers = {"Date": http_date(self.clock)}
        return Reply(body, headers=headers, kind=_TYPE + version)
