"""Load: schema raw of the build file becomes what programme and ledger say.

One transaction: a killed load leaves the state before it. What is the same already is
not written again, so that a second load changes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import pandas as pd

from warehouse.build_file import open_build
from warehouse.edition_rows import load_editions
from warehouse.errors import LoadError
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger
from warehouse.ledger.extensions import extension_rows
from warehouse.ledger.recorded import Recorded
from warehouse.observations import ReadMissing, update_observations
from warehouse.raw_schema import RECORDED, REFERENCE, SHARED
from warehouse.raw_tables import RawTables


@dataclass(frozen=True)
class LoadReport:
    """What one load changed: rows (inserted, deleted) by table, absent if none."""

    tables: Mapping[str, tuple[int, int]]

    @property
    def inserted(self) -> int:
        """Observations inserted."""
        return self.tables.get("observation", (0, 0))[0]

    @property
    def deleted(self) -> int:
        """Observations deleted."""
        return self.tables.get("observation", (0, 0))[1]

    @property
    def is_changed(self) -> bool:
        """False when schema raw was up to date already."""
        return bool(self.tables)


def sync(
    home: Home,
    programme_code: str,
    reference: Mapping[str, pd.DataFrame],
    ledger: Ledger,
    read_missing: ReadMissing,
    reading_version: str = "",
) -> LoadReport:
    """Brings the programme's part of schema raw up to date.

    Args:
        home: Whose build file to load.
        programme_code: The programme; rows of others stay.
        reference: Frames by raw table name (`ref_unit`, ...), columns as in raw_schema.
        ledger: Says which submissions are accepted and which values are quarantined.
        read_missing: Called once, only for submissions whose values are not loaded.
        reading_version: Text that changes when the same bytes may read differently;
            every submission is then loaded again.

    Raises:
        LoadError: frames do not fit, codes clash between programmes, or reading again
            gives other values than were judged. Nothing was changed.
        WarehouseError: another process has the build file, or it is damaged or full.
    """
    wanted = {*REFERENCE, *SHARED}
    if set(reference) != wanted:
        raise LoadError(
            "The reference frames are not those of schema raw (absent: "
            f"{sorted(wanted - set(reference))}; unknown: "
            f"{sorted(set(reference) - wanted)}). Nothing was loaded."
        )
    with _loading(home, programme_code) as raw:
        _replace_reference(raw, reference)
        recorded = ledger.recorded(programme_code)
        _replace_recorded(raw, recorded, _timezone(reference))
        load_editions(raw, Landing(home), recorded.editions)
        update_observations(raw, recorded, read_missing, reading_version)
    return LoadReport(raw.changes)


def sync_submissions(
    home: Home,
    programme_code: str,
    reference: Mapping[str, pd.DataFrame],
    recorded: Recorded,
    read_missing: ReadMissing,
) -> None:
    """Brings deliveries, submissions and their values to a state that is only supposed.

    As `sync`, for records that the ledger may not hold: of a scratch build.

    Raises:
        LoadError: frames do not fit, or reading again gives other values than judged.
        WarehouseError: another process has the build file, or it is damaged or full.
    """
    supposed = {"delivery": recorded.deliveries, "submission": recorded.submissions}
    with _loading(home, programme_code) as raw:
        _replace_reference(raw, reference)
        for table, frame in supposed.items():
            raw.replace(table, frame[list(RECORDED[table])])
        update_observations(raw, recorded, read_missing, reading_version="")


def sync_findings(home: Home, programme_code: str, ledger: Ledger) -> LoadReport:
    """Brings the programme's raw.finding up to date, and nothing else.

    For findings that were made from schema raw itself: values and submissions stay as
    they were looked at.

    Raises:
        LoadError: the build file was made by another version of this program.
        WarehouseError: another process has the build file, or it is damaged or full.
    """
    with _loading(home, programme_code) as raw:
        found = ledger.findings(programme_code)
        raw.replace("finding", found[list(RECORDED["finding"])])
    return LoadReport(raw.changes)


@contextlib.contextmanager
def _loading(home: Home, programme_code: str) -> Iterator[RawTables]:
    """One transaction on schema raw: all of it, or the state before."""
    with open_build(home) as connection:
        connection.execute("begin transaction")
        try:
            raw = RawTables(connection, programme_code)
            raw.create()
            yield raw
            connection.execute("commit")
        except BaseException:
            with contextlib.suppress(duckdb.Error):  # a full disk ends the transaction
                connection.execute("rollback")
            raise


def _replace_reference(raw: RawTables, reference: Mapping[str, pd.DataFrame]) -> None:
    for table in REFERENCE:
        raw.replace(table, reference[table])
    raw.refuse_clashes()
    for table in SHARED:
        owned = f"programme_{table.removeprefix('ref_')}"
        frame = reference[table].copy()
        frame.insert(0, "programme_code", raw.programme_code)
        if raw.replace(owned, frame):
            raw.unite(table, owned)


def _timezone(reference: Mapping[str, pd.DataFrame]) -> str:
    """Where deadlines are meant; any place where there is no programme to owe one."""
    zones: list[str] = reference["ref_programme"]["timezone"].tolist()
    return zones[0] if zones else "UTC"


def _replace_recorded(raw: RawTables, recorded: Recorded, timezone: str) -> None:
    frames = {
        "delivery": recorded.deliveries,
        "submission": recorded.submissions,
        "quarantined_value": recorded.quarantined.assign(
            programme_code=raw.programme_code
        ),
        "finding": recorded.findings,
        "deadline_extension": extension_rows(recorded.extensions, timezone),
    }
    for table, columns in RECORDED.items():
        raw.replace(table, frames[table][list(columns)])
