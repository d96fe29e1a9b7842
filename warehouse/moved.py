"""Moved: what differs between two states of the marts, from values up to verdicts.

Both files hold the marts of one programme's whole build, each as known at an instant
and judged on a day. Nothing is written to either.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from warehouse.build_file import OFFLINE
from warehouse.errors import ReadError
from warehouse.moved_queries import (
    NAMES,
    OBSERVATIONS,
    RANKED,
    RANKS,
    TOTALS,
    VERDICTS,
)

MODELS = (
    "dim_unit",
    "dim_period",
    "dim_indicator",
    "dim_target",
    "fct_observation",
    "fct_indicator_value",
    "fct_target_progress",
)
"""The marts that are compared; each file must have them."""
SHARED = "dim_period"
"""Calendars belong to no programme."""
_OWN = "where programme_code = getvariable('programme')"


@dataclass(frozen=True)
class Moved:
    """What moved, each frame with the weightiest rows first; null: not there.

    observations: one row per unit, measure and period whose value or status differs;
    `reason` is first_report (the unit had not sent the form for the period),
    correction (it had) or withdrawn; file and cell are those of the value now, of the
    old one where it was withdrawn.
    totals: one row per unit above others (or that a target is about: `is_scope_unit`),
    indicator (`has_target`), period, boundary and cumulation whose value differs.
    ranks: one row per unit, indicator with a target and period in which its rank among
    the units of its level differs, as reported, by direction, ties sharing the better
    rank; only of rankings that both states know.
    verdicts: one row per target, unit and period whose verdict differs.
    """

    observations: pd.DataFrame
    totals: pd.DataFrame
    ranks: pd.DataFrame
    verdicts: pd.DataFrame


def what_moved(before: Path, now: Path, programme_code: str) -> Moved:
    """What differs in `now` from `before`; two files with the marts of `MODELS`.

    Raises:
        ReadError: a file cannot be opened or lacks a table.
    """
    try:
        with duckdb.connect(config=dict(OFFLINE)) as connection:
            connection.execute("set variable programme = ?", [programme_code])
            for state, path in (("was", before), ("new", now)):
                _attach(connection, state, path)
            connection.execute(NAMES)
            for state in ("was", "new"):
                connection.execute(RANKED.format(state=state))
            return Moved(
                observations=_frame(connection, OBSERVATIONS),
                totals=_frame(connection, TOTALS),
                ranks=_frame(connection, RANKS),
                verdicts=_frame(connection, VERDICTS),
            )
    except duckdb.Error as error:
        raise ReadError(
            f"{before} and {now} cannot be compared: {error}. Both must hold the marts "
            f"{', '.join(MODELS)} of this version of the program: run `nhiemky run`, "
            "then ask again."
        ) from error


def _attach(connection: duckdb.DuckDBPyConnection, state: str, path: Path) -> None:
    """Makes the programme's part of the file's marts views `<state>_<mart>`."""
    place = str(path).replace("'", "''")
    connection.execute(f"attach '{place}' as {state} (read_only)")
    for mart in MODELS:
        own = "" if mart == SHARED else _OWN
        connection.execute(
            f"create temp view {state}_{mart} as from {state}.marts.{mart} {own}"
        )


def _frame(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    table = connection.execute(query).to_arrow_table()
    return table.to_pandas(integer_object_nulls=True)
