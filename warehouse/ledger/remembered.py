"""Findings read last, kept while nothing changed: a run asks for them five times.

One frame is kept in the process, of the programme asked for last. It is given as a
copy, and read again when the ledger's revision, a waiver that ended or a reply written
says that the life of a finding may be another.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from warehouse.ledger import queries
from warehouse.ledger.findings import read_findings
from warehouse.ledger.models import LedgerState, Reply

_Key = tuple[Any, ...]


class _Memory:
    """The frame read last, and the state of the ledger that it is of."""

    def __init__(self) -> None:
        self._kept: tuple[_Key, pd.DataFrame] | None = None

    def get(
        self, connection: Connection, programme_code: str | None, now: dt.datetime
    ) -> pd.DataFrame:
        key = (*_state(connection, now), programme_code)
        kept = self._kept
        if kept is None or kept[0] != key:
            kept = key, read_findings(connection, programme_code, now)
            self._kept = kept
        return kept[1].copy()


_memory = _Memory()


def current_findings(
    connection: Connection, programme_code: str | None, now: dt.datetime
) -> pd.DataFrame:
    """What `read_findings` gives of this moment; call it outside of a writing."""
    return _memory.get(connection, programme_code, now)


def _state(connection: Connection, now: dt.datetime) -> _Key:
    state = select(LedgerState.ledger_id, LedgerState.revision)
    expired = connection.execute(queries.expired_waivers(now)).scalar_one()
    answered = connection.execute(select(func.count()).select_from(Reply)).scalar_one()
    return (*connection.execute(state).one(), expired, answered)
