"""The life of findings: open, waived or resolved, worked out at every reading.

Nothing of it is stored: it follows from the findings, the submissions and what people
decided up to a moment, so that it is the same in whatever order these were recorded.
What a waiver lets in follows from it too. Letting a value in ends when the waiver ends;
releasing a held submission has no end but a person's `reopen`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy import Select, and_, false, func, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from warehouse.ledger import queries
from warehouse.ledger.assigned import settled_deliveries
from warehouse.ledger.base import UtcDateTime
from warehouse.ledger.models import (
    Delivery,
    DeliveryOrigin,
    Finding,
    Submission,
)
from warehouse.ledger.rows import to_frame
from warehouse.ledger.successors import put_right

_SUBJECT = ["programme_code", "subject_id"]
PLACE = ["submission_id", "measure_code", "sheet", "cell"]
"""Where a value stands that was kept out."""
_VALUE = ["submission_id", "measure_code"]


def read_findings(
    connection: Connection,
    programme_code: str | None,
    now: dt.datetime,
    at: dt.datetime | None = None,
) -> pd.DataFrame:
    """One row per finding, oldest first, with its life now or at an earlier moment.

    `status` is open, waived or resolved. `life` says more of the open ones: new, seen
    (an earlier submission had the same), reopened (it was waived once). `is_repeat` is
    true where an earlier submission or delivery had the same, `first_seen_at` is when
    its subject was first recorded. The waived_ columns are filled where it is waived.
    `subject_id` and `figure` are what a decision about it is about; `is_waived` is true
    of resolved ones too, `is_closed` of those that a person called settled.
    """
    found = _with_corrections(
        connection, to_frame(connection, _findings(programme_code, at))
    )
    decided = _decided(connection, programme_code)
    if at is not None:  # now, every decision counts, also after a clock was set back
        decided = decided[decided.decided_at <= at]
    return _with_life(found, decided, at or now)


def released_submissions(connection: Connection, now: dt.datetime) -> set[str]:
    """Held submissions, of every programme, that people released."""
    query = _findings(None).where(
        Submission.judged_status == "held", Finding.is_blocking
    )
    holds = to_frame(connection, query)
    holds = _with_life(holds, _decided(connection, None), now)
    is_free = holds[holds.is_hold].groupby("submission_id").is_waived.all()
    return set(is_free.index[is_free])


def waived_values(
    connection: Connection, programme_code: str, found: pd.DataFrame
) -> pd.DataFrame:
    """One row per readable value whose quarantining findings are all waived.

    Columns: submission_id, measure_code, sheet, cell, is_released. Of a measure that
    stands several times in one submission only one value may enter, so where several
    are waived none is released.
    """
    kept_out = to_frame(connection, queries.quarantined(programme_code))
    guilty = found[found.is_quarantining].rename(
        columns={"indicator_code": "measure_code"}
    )
    touched = guilty.loc[guilty.is_waived, PLACE].drop_duplicates()
    guilty = guilty.merge(touched, on=PLACE)  # the rest stays out whatever it is
    is_free = guilty.groupby(PLACE, dropna=False).is_waived.all()
    free = is_free.index[is_free].to_frame(index=False).astype(object)
    values = kept_out[kept_out.is_readable].merge(free, on=PLACE)
    is_released = ~values.duplicated(_VALUE, keep=False)
    return values[PLACE].assign(is_released=is_released)


def released_values(
    connection: Connection, programme_code: str, found: pd.DataFrame
) -> pd.DataFrame:
    """One row per value that people let in (`PLACE`), all findings given."""
    values = waived_values(connection, programme_code, found)
    return values.loc[values.is_released, PLACE]


def quarantined(
    connection: Connection, programme_code: str, released: pd.DataFrame
) -> pd.DataFrame:
    """One row per value kept out of schema raw, those `released` left out."""
    kept_out = to_frame(connection, queries.quarantined(programme_code))[PLACE]
    marked = kept_out.merge(released, on=PLACE, how="left", indicator=True)
    return kept_out[marked["_merge"].eq("left_only").to_numpy()].reset_index(drop=True)


def kept_counts(
    connection: Connection, programme_code: str, released: pd.DataFrame
) -> pd.DataFrame:
    """One row per submission: submission_id, kept_count, its values for schema raw."""
    counts = to_frame(connection, queries.kept_counts(programme_code))
    let_in = released.submission_id.value_counts()
    more = counts.submission_id.map(let_in).fillna(0).astype("int64")
    return counts.assign(kept_count=counts.kept_count.astype("int64") + more)


def _decided(connection: Connection, programme_code: str | None) -> pd.DataFrame:
    kinds = (queries.WAIVE, queries.REOPEN, queries.CLOSE)
    return to_frame(connection, queries.decisions(programme_code, *kinds))


def _with_corrections(connection: Connection, found: pd.DataFrame) -> pd.DataFrame:
    """Resolves what rejected submissions say that came again under the right names."""
    is_rejecting = found.is_blocking & ~found.is_hold & ~found.is_resolved
    corrected = put_right(connection, found[is_rejecting & found.origin.eq("gate_1")])
    is_corrected = found.submission_id.isin(corrected) & found.origin.eq("gate_1")
    return found.assign(is_resolved=found.is_resolved | is_corrected)


def _with_life(
    found: pd.DataFrame, decided: pd.DataFrame, at: dt.datetime
) -> pd.DataFrame:
    found = _with_sightings(found)
    # a hold is about this submission alone; the rest is about the subject, in whatever
    # version, and the figure that was looked at
    found["subject_id"] = found.subject_key.mask(found.is_hold, found.finding_id)
    found["figure"] = found.observed.fillna("")
    both = found.figure + " | " + found.expected.fillna("")
    found["figure"] = found.figure.mask(found.is_quarantining, both)
    last = decided.assign(figure=decided.observed.fillna("")).drop_duplicates(
        [*_SUBJECT, "figure"], keep="last"
    )
    columns = ["kind", "decided_by", "reason", "valid_until"]
    found = found.merge(
        last[[*_SUBJECT, "figure", *columns]], on=[*_SUBJECT, "figure"], how="left"
    )
    is_over = found.valid_until <= at
    found["is_waived"] = found.kind.eq(queries.WAIVE) & ~is_over
    found["is_closed"] = found.finding_id.isin(_closed(decided))
    found["is_resolved"] |= found.is_closed
    return _with_status(found, decided[decided.kind.eq(queries.WAIVE)])


def _closed(decided: pd.DataFrame) -> pd.Series:
    """Ids of the findings that people closed and did not open again."""
    last = decided.drop_duplicates(["programme_code", "subject_id"], keep="last")
    return last.subject_id[last.kind.eq(queries.CLOSE)]


def _with_sightings(found: pd.DataFrame) -> pd.DataFrame:
    """Adds first_seen_at and is_repeat, over the subject."""
    subject = [found.programme_code, found.subject_key]
    origin = found.delivery_sha256.fillna("") + "|" + found.submission_id.fillna("")
    first = found.assign(origin=origin).sort_values(["seen_at", "origin"])
    first = first.drop_duplicates(["programme_code", "subject_key"])
    earliest = found[["programme_code", "subject_key"]].merge(
        first[["programme_code", "subject_key", "origin"]], how="left"
    )
    return found.assign(
        first_seen_at=found.recorded_at.groupby(subject).transform("min"),
        is_repeat=origin.ne(earliest.origin.set_axis(found.index)),
    )


def _with_status(found: pd.DataFrame, waivers: pd.DataFrame) -> pd.DataFrame:
    """Adds status, life and the waived_ columns."""
    once = pd.MultiIndex.from_frame(waivers[_SUBJECT])
    was_waived = pd.MultiIndex.from_frame(found[_SUBJECT]).isin(once)
    status = pd.Series("open", index=found.index, dtype=object)
    status = status.mask(found.is_waived, "waived").mask(found.is_resolved, "resolved")
    is_open = status.eq("open")
    life = status.mask(is_open, "new").mask(is_open & found.is_repeat, "seen")
    is_shown = status.eq("waived")
    return found.assign(
        status=status,
        life=life.mask(is_open & was_waived, "reopened"),
        waived_by=found.decided_by.where(is_shown, None),
        waived_reason=found.reason.where(is_shown, None),
        waived_until=found.valid_until.where(is_shown),
    ).drop(columns=["kind", "decided_by", "reason", "valid_until"])


def _findings(programme_code: str | None, at: dt.datetime | None = None) -> Select[Any]:
    """One row per finding, and what its life is worked out from.

    `is_resolved` once a later submission of the same form, unit and period was
    accepted, once the standing checks no longer find it, or, where no submission could
    be made out, once another content of the same file was accepted, or a person called
    the delivery nobody's or another programme's; what names a wrong
    one of these is left to `_with_corrections`. `is_hold` where it holds a submission
    back that a person may release. `seen_at` is when what it is about was received,
    whatever the order in which that was judged.
    """
    is_gate_1 = Finding.origin == "gate_1"
    put_away = settled_deliveries(at).subquery()
    query = (
        select(
            Finding.finding_id,
            Finding.programme_code,
            Finding.delivery_sha256,
            Finding.submission_id,
            Finding.unit_code,
            Finding.form_code,
            Finding.period_key,
            Finding.indicator_code,
            Finding.rule_code,
            Finding.severity,
            Finding.scope,
            Finding.is_blocking,
            Finding.is_quarantining,
            Finding.message_vi,
            Finding.message_en,
            Finding.sheet,
            Finding.cell,
            Finding.observed,
            Finding.expected,
            Finding.recorded_at,
            Finding.subject_key,
            Finding.origin,
            func.coalesce(
                or_(
                    and_(is_gate_1, Submission.is_outdated),
                    and_(
                        is_gate_1,
                        Finding.submission_id.is_(None),
                        Finding.delivery_sha256.in_(_replaced()),
                    ),
                    and_(
                        is_gate_1,
                        put_away.c.delivery_sha256.is_not(None),
                        func.coalesce(Submission.judged_status, "rejected")
                        == "rejected",
                    ),
                    Finding.resolved_at.is_not(None),
                ),
                false(),
            ).label("is_resolved"),
            func.coalesce(
                and_(
                    is_gate_1,
                    Finding.is_blocking,
                    Submission.judged_status == "held",
                ),
                false(),
            ).label("is_hold"),
            func.coalesce(
                Submission.received_at,
                Delivery.received_at,
                Finding.recorded_at,
                type_=UtcDateTime(),
            ).label("seen_at"),
        )
        .outerjoin(Submission, Submission.submission_id == Finding.submission_id)
        .outerjoin(
            Delivery,
            and_(
                Delivery.programme_code == Finding.programme_code,
                Delivery.delivery_sha256 == Finding.delivery_sha256,
            ),
        )
        .outerjoin(
            put_away,
            and_(
                put_away.c.programme_code == Finding.programme_code,
                put_away.c.delivery_sha256 == Finding.delivery_sha256,
            ),
        )
        .order_by(Finding.recorded_at, Finding.finding_id)
    )
    return queries.of_programme(query, Finding.programme_code, programme_code)


def _replaced() -> Select[Any]:
    """Deliveries without a submission whose file came again and was accepted."""
    bad, good = aliased(DeliveryOrigin), aliased(DeliveryOrigin)
    unread = select(Finding.delivery_sha256).where(Finding.submission_id.is_(None))
    is_same_file = and_(
        good.programme_code == bad.programme_code,
        good.source_code == bad.source_code,
        good.origin == bad.origin,
        good.modified_at > bad.modified_at,
    )
    is_its = and_(
        Submission.programme_code == good.programme_code,
        Submission.delivery_sha256 == good.delivery_sha256,
        Submission.status.in_(("accepted", "superseded")),
    )
    return (
        select(bad.delivery_sha256)
        .join(good, is_same_file)
        .join(Submission, is_its)
        .where(bad.delivery_sha256.in_(unread))
    )
