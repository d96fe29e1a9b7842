"""Successors: rejected submissions that came again, put right, from the same place.

A submission that names a wrong form, unit or period is corrected under another form,
unit or period, so no version of its own ever takes its place. What ties the two
together is the place: the same file again, or the reply to it dropped beside it.
"""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

import pandas as pd
from sqlalchemy.engine import Connection

from warehouse.ledger.models import DeliveryOrigin, Reply, Submission
from warehouse.ledger.rows import fetch

_PARTS = ["form_code", "unit_code", "period_key"]
_DELIVERY = ["programme_code", "delivery_sha256"]
_PLACE = ["programme_code", "source_code", "origin"]


def put_right(connection: Connection, blocking: pd.DataFrame) -> set[str]:
    """Ids of the rejected submissions that a later delivery from their place corrects.

    Takes the findings (`submission_id`, `observed`) that reject them. A part is wrong
    that such a finding quotes, or that could not be made out. A later submission that
    was accepted corrects it when it comes from the same place and sheet, agrees in all
    other parts, and nothing in its delivery makes the same mistake again.
    """
    ids = blocking.submission_id.dropna().unique()
    bad = pd.DataFrame(fetch(connection, Submission, "submission_id", ids))
    if bad.empty:
        return set()
    bad = bad[bad.judged_status.eq("rejected")].reset_index(drop=True)
    quoted = blocking.groupby("submission_id")["observed"].agg(set)
    for part in _PARTS:
        told = zip(bad[part], bad.submission_id.map(quoted), strict=True)
        bad[f"is_{part}_wrong"] = [text is None or text in said for text, said in told]
    bad = bad[bad[[f"is_{part}_wrong" for part in _PARTS]].any(axis=1)]
    places = _places(connection, bad)
    if places.empty:
        return set()
    sent = _sent_to(connection, places)
    pairs = bad.merge(places, on=_DELIVERY).merge(
        sent, on=_PLACE, suffixes=("", "_after")
    )
    is_after = pairs.received_at_after > pairs.received_at
    is_after &= pairs.status_after.isin(["accepted", "superseded"])
    is_after &= pairs.sheet.fillna("").eq(pairs.sheet_after.fillna(""))
    for part in _PARTS:
        is_after &= pairs[f"is_{part}_wrong"] | pairs[part].eq(pairs[f"{part}_after"])
    mistakes = pd.MultiIndex.from_frame(sent[["delivery_sha256", "version_key"]])
    again = pairs[["delivery_sha256_after", "version_key"]]
    is_after &= ~pd.MultiIndex.from_frame(again).isin(mistakes)
    return set(pairs.submission_id[is_after])


def _places(connection: Connection, bad: pd.DataFrame) -> pd.DataFrame:
    """One row per delivery and place where its correction may lie.

    That is where it lay itself, where deliveries lay that the same reply answers, and
    beside each the reply, under its own name.
    """
    own = _seen_at(connection, bad.delivery_sha256)
    replies = fetch(connection, Reply, "delivery_sha256", bad.delivery_sha256)
    answers = pd.DataFrame(replies, columns=[*_DELIVERY, "path"])
    same = pd.DataFrame(
        fetch(connection, Reply, "path", answers.path), columns=[*_DELIVERY, "path"]
    )
    lay = same.merge(_seen_at(connection, same.delivery_sha256), on=_DELIVERY)
    lay = lay.drop(columns="delivery_sha256")
    shared = answers.merge(lay, on=["programme_code", "path"])
    folders = shared.origin.map(lambda origin: origin.rpartition("/")[0])
    names = shared.path.map(lambda path: PurePosixPath(path).name)
    beside = shared.assign(origin=(folders + "/" + names).map(_nfc))
    every = pd.concat([own, shared, beside])[[*_DELIVERY, "source_code", "origin"]]
    return every.drop_duplicates(ignore_index=True)


def _seen_at(connection: Connection, hashes: pd.Series) -> pd.DataFrame:
    rows = fetch(connection, DeliveryOrigin, "delivery_sha256", hashes)
    frame = pd.DataFrame(rows, columns=[*_DELIVERY, "source_code", "origin"])
    return frame.assign(origin=frame.origin.map(_nfc)).drop_duplicates()


def _sent_to(connection: Connection, places: pd.DataFrame) -> pd.DataFrame:
    """One row per place and submission of a delivery that lay there."""
    names = places.origin.map(lambda origin: origin.rpartition("/")[2])
    rows = fetch(connection, DeliveryOrigin, "file_name", names)
    lay = pd.DataFrame(rows, columns=[*_DELIVERY, "source_code", "origin"])
    lay = lay.assign(origin=lay.origin.map(_nfc)).drop_duplicates()
    lay = lay.merge(places[_PLACE].drop_duplicates(), on=_PLACE)
    rows = fetch(connection, Submission, "delivery_sha256", lay.delivery_sha256)
    columns = [column.name for column in Submission.__table__.columns]
    return lay.merge(pd.DataFrame(rows, columns=columns), on=_DELIVERY)


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
