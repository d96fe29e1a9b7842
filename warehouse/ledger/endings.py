"""Endings: what became of answered deliveries in which nothing is left to correct.

Nothing left does not mean taken: what a person dismissed or passed on was not.
"""

from __future__ import annotations

from typing import Final

import pandas as pd
from sqlalchemy import Select, and_, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import aliased

from warehouse.ledger.assigned import newest_assignments
from warehouse.ledger.models import DeliveryOrigin, Submission
from warehouse.ledger.rows import to_frame

SETTLED: Final = "settled"
"""It, or a later file in its place, was accepted."""
DISMISSED: Final = "dismissed"
PASSED_ON: Final = "passed_on"
ENDING_COLUMNS: Final = ("delivery_sha256", "ending", "ending_word")
_TAKEN: Final = ("accepted", "superseded")


def endings(
    connection: Connection,
    programme_code: str,
    delivery_sha256s: pd.Series,
    heavy: pd.DataFrame,
) -> pd.DataFrame:
    """One row per delivery that came to an end (`ENDING_COLUMNS`).

    `heavy` are the findings a sender must hear of. `ending_word` is the reason of a
    dismissal, or the code of the programme that it was passed on to. What was neither
    taken nor decided on has not ended: its findings were waived or closed.
    """
    newest = newest_assignments().subquery()
    query = select(newest).where(newest.c.programme_code == programme_code)
    decided = to_frame(connection, query).set_index("delivery_sha256")
    taken = to_frame(connection, _taken(programme_code)).delivery_sha256
    later = to_frame(connection, _replaced(programme_code)).delivery_sha256
    resolved = heavy[heavy.status.eq("resolved") & ~heavy.is_closed]
    own = delivery_sha256s
    to = own.map(decided.to_programme_code)
    reason = own.map(decided.reason)
    is_passed = to.notna()
    is_dismissed = own.map(decided.kind).eq("dismiss")
    is_taken = own.isin(taken) | own.isin(resolved.delivery_sha256)
    ending = pd.Series(None, index=own.index, dtype="object")
    ending = ending.mask(is_taken, SETTLED).mask(is_dismissed, DISMISSED)
    ending = ending.mask(is_passed, PASSED_ON).mask(own.isin(later), SETTLED)
    word = pd.Series("", index=own.index, dtype="object")
    word = word.mask(ending.eq(DISMISSED), reason).mask(ending.eq(PASSED_ON), to)
    parts = (own, ending, word)
    frame = pd.DataFrame(dict(zip(ENDING_COLUMNS, parts, strict=True)))
    return frame[ending.notna()]


def _taken(programme_code: str) -> Select[tuple[str]]:
    query = select(Submission.delivery_sha256).distinct()
    return query.where(
        Submission.programme_code == programme_code, Submission.status.in_(_TAKEN)
    )


def _replaced(programme_code: str) -> Select[tuple[str]]:
    """Deliveries in whose place another content lies since, and was accepted."""
    first, later = aliased(DeliveryOrigin), aliased(DeliveryOrigin)
    is_same_file = and_(
        later.programme_code == first.programme_code,
        later.source_code == first.source_code,
        later.origin == first.origin,
        later.delivery_sha256 != first.delivery_sha256,
        later.modified_at > first.modified_at,
    )
    return (
        select(first.delivery_sha256)
        .distinct()
        .join(later, is_same_file)
        .where(
            first.programme_code == programme_code,
            later.delivery_sha256.in_(_taken(programme_code)),
        )
    )
