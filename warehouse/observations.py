"""Values into schema raw by submission: insert what is missing, delete what is stale.

A submission's values are loaded once per content: which of them are quarantined, the
version of the reading, and when they were judged. `raw.observation_load` remembers it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pandas as pd

from warehouse.errors import LoadError
from warehouse.ledger.recorded import Recorded
from warehouse.raw_schema import OBSERVATION
from warehouse.raw_tables import RawTables

ReadMissing = Callable[[pd.DataFrame], pd.DataFrame]
"""Given rows of raw.submission, the observations of these submissions."""

_PLACE = ["measure_code", "sheet", "cell"]
_KEYS = ["submission_id", *_PLACE]


def update_observations(
    raw: RawTables, recorded: Recorded, read_missing: ReadMissing, reading_version: str
) -> None:
    """Makes raw.observation hold the kept values of accepted and superseded ones."""
    submissions = recorded.submissions
    submissions = submissions[submissions.status.isin(["accepted", "superseded"])]
    quarantined = recorded.quarantined
    wanted = _digests(submissions, quarantined, reading_version)
    loaded = raw.connection.execute(
        "select submission_id, content_digest from raw.observation_load "
        "where programme_code = ?",
        [raw.programme_code],
    ).df()
    is_fresh = loaded.content_digest == loaded.submission_id.map(wanted)
    stale = loaded.submission_id[~is_fresh]
    missing = submissions[
        ~submissions.submission_id.isin(loaded.submission_id[is_fresh])
    ]
    missing = missing.reset_index(drop=True)
    deleted = inserted = 0
    if len(stale):
        deleted = raw.delete_submissions("observation", stale)
        raw.delete_submissions("observation_load", stale)
    if len(missing):
        values = _kept(read_missing(missing), missing.submission_id, quarantined)
        _check_counts(missing, values, recorded.kept_counts)
        inserted = _insert(raw, missing.submission_id, values, wanted)
    if len(stale) or len(missing):
        raw.changes["observation"] = (inserted, deleted)


def _digests(
    submissions: pd.DataFrame, quarantined: pd.DataFrame, reading_version: str
) -> pd.Series:
    """Per submission_id: 32 hex digits that change when its values must be reloaded."""
    places = quarantined.submission_id.str.cat(
        quarantined[_PLACE].fillna(""), sep="\x1f"
    )
    marks = (
        places.sort_values()
        .groupby(quarantined.submission_id)
        .agg("\x1e".join)
        .to_dict()
    )
    ids = submissions.submission_id
    recorded = pd.to_datetime(submissions.recorded_at, utc=True).astype("int64")
    texts = (
        f"{marks.get(i, '')}\x1d{reading_version}\x1d{at}"
        for i, at in zip(ids, recorded, strict=True)
    )
    digests = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
    return pd.Series(digests, index=ids.to_numpy(), dtype=object)


def _kept(
    values: pd.DataFrame, submission_ids: pd.Series, quarantined: pd.DataFrame
) -> pd.DataFrame:
    wanted = [name for name in OBSERVATION["observation"] if name != "programme_code"]
    absent = [name for name in wanted if name not in values.columns]
    if absent:
        raise LoadError(
            f"The observations to load lack the columns {', '.join(absent)}. Nothing "
            "was loaded."
        )
    values = values.loc[values.submission_id.isin(submission_ids), wanted]
    marked = values.merge(
        quarantined[_KEYS].drop_duplicates(), on=_KEYS, how="left", indicator=True
    )
    return marked.loc[marked["_merge"] == "left_only", wanted]


def _check_counts(
    missing: pd.DataFrame, values: pd.DataFrame, kept_counts: pd.DataFrame
) -> None:
    """Refuses values that are not those gate 1 judged."""
    read = (
        values[values.observation_status != "missing"].groupby("submission_id").size()
    )
    ids = missing.submission_id
    judged = ids.map(kept_counts.set_index("submission_id").kept_count).fillna(0)
    differs = (ids.map(read).fillna(0) != judged).to_numpy()
    if differs.any():
        first = missing[differs].iloc[0]
        raise LoadError(
            f"{int(differs.sum())} submissions read otherwise than they were judged, "
            f"first {first.submission_id} from {first.file_name}: the ledger knows "
            f"{int(judged[differs].iloc[0])} values of it, reading gave "
            f"{int(read.get(first.submission_id, 0))}. Nothing was loaded. The "
            "programme or the reader changed since: judge these deliveries again with "
            "`nhiemky deliveries retry`."
        )


def _insert(
    raw: RawTables, submission_ids: pd.Series, values: pd.DataFrame, digests: pd.Series
) -> int:
    rows = submission_ids.map(values.groupby("submission_id").size()).fillna(0)
    loads = pd.DataFrame(
        {
            "programme_code": raw.programme_code,
            "submission_id": submission_ids,
            "content_digest": submission_ids.map(digests),
            "row_count": rows.astype("int64"),
        }
    )
    raw.insert("observation_load", loads)
    values = values.assign(programme_code=raw.programme_code)
    return raw.insert("observation", values[list(OBSERVATION["observation"])])
