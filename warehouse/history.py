"""Accepted figures as they stand now in schema raw, for rules that look back.

Figures of one unit and period come from the one submission accepted for them. Control
totals are left out of what unit is compared with unit. Frames are built from integer
places in the database's answer, so that seven million figures take a few hundred MB.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from sources.programme.batch import (
    EARLIER_COLUMNS,
    OBSERVATION_COLUMNS,
    SUBMISSION_COLUMNS,
    SUBMISSION_FLAGS,
    VERSION_COLUMNS,
)
from sources.programme.figures import figure_digests
from warehouse.build_file import open_build
from warehouse.home import Home

PERIODS = 36
"""Three years of months: the same season thrice."""

_PLACED = """
create temp table placed as
with newest as (
    select s.submission_id, s.form_code, s.unit_code, s.period_key
    from raw.submission s
    join raw.ref_period p on p.period_key = s.period_key
    where s.programme_code = $programme and s.status = 'accepted'
        and not coalesce(s.is_control_total, false)
        and s.form_code in (select unnest($forms))
    qualify dense_rank() over (partition by s.form_code order by p.start_date desc)
        <= $periods
)
select
    *, cast(row_number() over (order by submission_id) - 1 as integer) as place
from newest
"""
_MEASURES = """
create temp table measured as
select
    measure_code,
    cast(row_number() over (order by measure_code) - 1 as integer) as measure
from (
    select distinct measure_code from raw.observation where programme_code = $programme
)
"""
_FIGURES = """
select p.place, m.measure, cast(o.value as double) as value
from raw.observation o
join placed p using (submission_id)
join measured m using (measure_code)
where o.programme_code = $programme and o.value is not null
"""

_VERSIONS = """
select
    s.submission_id, s.form_code, s.unit_code, s.period_key,
    s.status = 'accepted' as is_current, o.measure_code,
    cast(o.value as double) as value, o.observation_status
from raw.submission s
join asked a using (form_code, unit_code, period_key)
left join raw.observation o on o.submission_id = s.submission_id
where s.programme_code = $programme and s.status in ('accepted', 'superseded')
"""

_SUBMISSIONS = """
select
    s.submission_id, s.programme_code, s.delivery_sha256, s.file_name, s.sheet,
    s.form_code, s.unit_code, s.period_key, s.is_simulated, s.is_control_total,
    s.received_at
from raw.submission s
where s.programme_code = $programme and s.status = 'accepted'
order by s.received_at, s.submission_id
"""
_OBSERVATIONS = """
select
    o.submission_id, o.measure_code, o.value, o.observation_status, o.raw_text,
    o.sheet, o.cell, o.qualifier
from raw.observation o
join raw.submission s on s.submission_id = o.submission_id
where s.programme_code = $programme and s.status = 'accepted'
order by s.received_at, o.submission_id, o.sheet, o.cell, o.measure_code
"""
READER = "accepted"
"""Says that a frame came from raw: no template version, no number style."""


def earlier_figures(
    home: Home, programme_code: str, keys: pd.DataFrame, periods: int = PERIODS
) -> pd.DataFrame:
    """One row per figure accepted now (`EARLIER_COLUMNS`), no control totals.

    Args:
        home: The installation.
        programme_code: The programme.
        keys: What is about to be judged; only figures of the forms in its `form_code`
            are read, all units, since like units are compared.
        periods: Only the newest so many periods of each form that have figures.

    Raises:
        WarehouseError: the build file cannot be opened or lacks a table.
    """
    forms = sorted(keys["form_code"].dropna().unique())
    if not home.build_db.exists() or not forms:
        return _earlier({})
    own = {"programme": programme_code}
    with open_build(home, is_read_only=True) as connection:
        if not _has_raw(connection):
            return _earlier({})
        connection.execute(_PLACED, {**own, "forms": forms, "periods": periods})
        connection.execute(_MEASURES, own)
        placed = _frame(connection, "from placed order by place")
        measured = _frame(connection, "from measured order by measure")
        figures = connection.execute(_FIGURES, own).fetchnumpy()
    place = np.asarray(figures["place"])
    columns = {
        name: _texts(placed[name])[place]
        for name in ("form_code", "unit_code", "period_key", "submission_id")
    }
    columns["measure_code"] = _texts(measured["measure_code"])[figures["measure"]]
    return _earlier({**columns, "value": np.asarray(figures["value"])})


def earlier_versions(
    home: Home, programme_code: str, submissions: pd.DataFrame
) -> pd.DataFrame:
    """One row per version accepted before of the reports given (`VERSION_COLUMNS`).

    Of what a load has seen: the current one and those that it replaced.

    Raises:
        WarehouseError: the build file cannot be opened or lacks a table.
    """
    key = list(VERSION_COLUMNS[:3])
    asked = submissions[key].dropna().drop_duplicates()
    nothing = pd.DataFrame(columns=list(VERSION_COLUMNS))
    if not home.build_db.exists() or asked.empty:
        return nothing
    with open_build(home, is_read_only=True) as connection:
        if not _has_raw(connection):
            return nothing
        connection.register("asked", pa.Table.from_pandas(asked, preserve_index=False))
        values = _frame(connection, _VERSIONS, {"programme": programme_code})
    digests = figure_digests(
        values["submission_id"],
        values["measure_code"],
        values["value"],
        values["observation_status"],
    )
    versions = values.drop_duplicates("submission_id")
    figures = versions["submission_id"].map(digests)
    return versions.assign(figures=figures)[list(VERSION_COLUMNS)]


def accepted_submissions(
    home: Home, programme_code: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What stands accepted now, in the frames that readers hand on.

    Submissions, control totals included, and observations that were kept, their
    `row_id` counting from 0; no fault, for what could not be read was never loaded.

    Raises:
        WarehouseError: the build file cannot be opened or lacks a table.
    """
    submissions, observations = pd.DataFrame(), pd.DataFrame()
    if home.build_db.exists():
        with open_build(home, is_read_only=True) as connection:
            if _has_raw(connection):
                own = {"programme": programme_code}
                submissions = _frame(connection, _SUBMISSIONS, own)
                observations = _frame(connection, _OBSERVATIONS, own)
    submissions = submissions.reindex(columns=list(SUBMISSION_COLUMNS))
    received = pd.to_datetime(submissions["received_at"], utc=True)
    given = submissions.astype("object").where(submissions.notna(), None)
    submissions = given.assign(
        reader=READER,
        received_at=received,
        **{name: given[name].eq(True) for name in SUBMISSION_FLAGS},
    )
    observations = observations.reindex(columns=list(OBSERVATION_COLUMNS))
    observations = observations.astype("object")
    observations = observations.where(observations.notna(), None)
    return submissions, observations.assign(row_id=np.arange(len(observations)))


def _has_raw(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether anything was loaded: a file may be there without its tables."""
    (number,) = connection.execute(
        "select count(*) from information_schema.tables "
        "where table_schema = 'raw' and table_name = 'observation'"
    ).fetchall()[0]
    return bool(number)


def _frame(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    values: dict[str, str] | None = None,
) -> pd.DataFrame:
    return connection.execute(query, values or {}).to_arrow_table().to_pandas()


def _texts(column: pd.Series) -> np.ndarray:
    """The texts as objects, each text one object however often it stands there."""
    codes, texts = pd.factorize(column)
    shared: np.ndarray = np.asarray(texts, dtype="object")[codes]
    return shared


def _earlier(columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The frame; made by column, for pandas would make new texts of every cell."""
    return pd.DataFrame(
        {
            name: pd.Series(
                columns.get(name), dtype="float64" if name == "value" else "object"
            )
            for name in EARLIER_COLUMNS
        }
    )
