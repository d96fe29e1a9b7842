"""Versions depend on when submissions were received, never on when we learn of them."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.warehouse_frames import moment, record, submission
from warehouse.ledger import Ledger
from warehouse.ledger.versions import rank_versions

STATUSES = st.sampled_from(["accepted", "rejected", "held"])
ARRIVALS = st.lists(
    st.tuples(st.sampled_from("AB"), st.integers(0, 3), STATUSES),
    min_size=1,
    max_size=8,
)


def as_frame(arrivals: list[tuple[str, int, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "submission_id": f"s{number}",
            "version_key": unit,
            "judged_status": status,
            "received_at": moment(hour),
            "delivery_sha256": f"d{number}",
            "sheet": None,
        }
        for number, (unit, hour, status) in enumerate(arrivals)
    )


@settings(max_examples=50)
@given(ARRIVALS, st.randoms(use_true_random=False))
def test_ranking_ignores_the_order_of_rows(arrivals, random) -> None:
    shuffled = list(range(len(arrivals)))
    random.shuffle(shuffled)
    frame = as_frame(arrivals)
    ranked = rank_versions(frame).set_index("submission_id").sort_index()
    again = rank_versions(frame.iloc[shuffled]).set_index("submission_id").sort_index()
    pd.testing.assert_frame_equal(ranked, again)


@settings(max_examples=50)
@given(ARRIVALS)
def test_every_place_has_one_current_and_unbroken_intervals(arrivals) -> None:
    frame = as_frame(arrivals)
    ranked = rank_versions(frame).merge(
        frame[["submission_id", "version_key", "judged_status"]], on="submission_id"
    )
    for _, place in ranked.sort_values("version").groupby("version_key"):
        assert list(place.version) == list(range(1, len(place) + 1))
        accepted = place[place.judged_status == "accepted"]
        others = place[place.judged_status != "accepted"]
        assert list(others.status) == list(others.judged_status)
        assert others.accepted_from.isna().all()
        assert list(accepted.status) == (
            ["superseded"] * (len(accepted) - 1) + ["accepted"] * bool(len(accepted))
        )
        assert list(accepted.accepted_to[:-1]) == list(accepted.accepted_from[1:])
        assert accepted.accepted_to[-1:].isna().all()
        reasons = ["first_report"] + ["correction"] * len(accepted)
        assert list(accepted.change_reason) == reasons[: len(accepted)]


@settings(max_examples=8)
@given(ARRIVALS, st.randoms(use_true_random=False), st.integers(1, 3))
def test_the_ledger_ends_the_same_whatever_the_order_of_arrival(
    arrivals, random, size
) -> None:
    batch = [
        (submission(f"f{number}", unit, status), hour)
        for number, (unit, hour, status) in enumerate(arrivals)
    ]
    shuffled = list(batch)
    random.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as folder:
        states = []
        for name, order in (("one", batch), ("other", shuffled)):
            ledger = Ledger.open(f"sqlite:///{Path(folder) / name}")
            for start in range(0, len(order), size):
                record(ledger, order[start : start + size])
            states.append(ledger.submissions("demo").drop(columns="recorded_at"))
            ledger.close()
    pd.testing.assert_frame_equal(*states)
