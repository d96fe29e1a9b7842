"""Whose report it is, and whether it undoes a correction: doubts and holds."""

from __future__ import annotations

import pandas as pd
import pytest

from expectations.gate1 import Judgement
from sources.programme.figures import figure_digests

from .conftest import GOOD, Batch, rules_by_submission

KEY = {"unit_code": "C1", "period_key": "civil-2022-M01"}
BETTER = {**GOOD, "cleared": 7}
OWN, OTHER = "Đơn vị C1", "Unit  C2"
"""As the form says it; the second in the other language, with a space too many."""


def said(judgement: Judgement, submission: str) -> tuple[list[str], str]:
    status = judgement.submissions.set_index("submission_id")["status"]
    return rules_by_submission(judgement).get(submission, []), status[submission]


@pytest.mark.parametrize(
    ("given", "is_doubted"),
    [
        ({}, False),
        ({"head_texts": OWN}, False),
        ({"head_texts": f"UBND xã\n{OWN.upper()}"}, False),
        ({"head_texts": "UBND xã"}, False),  # no unit's name says nothing
        ({"head_texts": OTHER}, True),
        ({"head_texts": OTHER, "reader": "mapped"}, False),
        ({"head_texts": f"{OTHER}\n{OWN}"}, False),
        ({"file_name": "M_UNIT-2_x.xlsx"}, True),
        ({"file_name": "M_unit-2_x.phan-hoi.xlsx"}, True),
        ({"file_name": "M_UNIT-2_C1.xlsx"}, True),  # C1 is too short to be meant
        ({"file_name": "M_UNIT-20_x.xlsx"}, False),
        ({"file_name": "M_UNIT-2_x.xlsx", "unit_code": "UNIT-2"}, False),
    ],
)
def test_a_workbook_that_names_another_unit_is_doubted(programme, given, is_doubted):
    unit = programme.units[-1].model_copy(
        update={"unit_code": "UNIT-2", "valid_to": None}
    )
    more = programme.model_copy(update={"units": (*programme.units, unit)})
    batch = Batch(more)
    own = batch.submit(**{**KEY, **given})
    rules = ["UNIT_NAMED_OTHERWISE"] if is_doubted else []
    assert said(batch.judge_alone(), own) == (rules, "accepted")


def test_the_doubt_points_at_the_code_and_says_both(programme):
    batch = Batch(programme)
    batch.submit(head_texts=OTHER, meta_sheet="Thông tin", unit_cell="B5", **KEY)
    (found,) = batch.judge_alone().findings.to_dict("records")
    assert (found["sheet"], found["cell"]) == ("Thông tin", "B5")
    assert (found["observed"], found["expected"]) == ("C1", OTHER)
    assert found["severity"] == "WARNING"


def test_the_figures_of_a_unit_are_not_replaced_by_another_s_unseen(programme):
    batch = Batch(programme)
    first = batch.submit(head_texts=OWN, **KEY)
    same = batch.submit(head_texts=OTHER, **KEY)
    foreign = batch.submit(BETTER, head_texts=OTHER, **KEY)
    own = batch.submit(BETTER, head_texts=OWN, **KEY)
    judgement = batch.judge_alone()
    doubt = "UNIT_NAMED_OTHERWISE"
    assert said(judgement, first) == ([], "accepted")
    assert said(judgement, same) == ([doubt], "accepted")
    assert said(judgement, foreign) == (["HELD_OTHER_UNIT", doubt], "held")
    assert said(judgement, own) == ([], "accepted")


def test_an_old_file_sent_again_does_not_undo_a_correction(programme):
    batch = Batch(programme)
    first, corrected = batch.submit(**KEY), batch.submit(BETTER, **KEY)
    repeated, old = batch.submit(BETTER, **KEY), batch.submit(**KEY)
    onward = batch.submit({**GOOD, "cleared": 6}, **KEY)
    judgement = batch.judge_alone()
    for submission in (first, corrected, repeated, onward):
        assert said(judgement, submission) == ([], "accepted")
    assert said(judgement, old) == (["HELD_BACK_AGAIN"], "held")


def digest(values: dict[str, object]) -> str:
    frame = pd.DataFrame({"code": list(values), "value": list(values.values())})
    frame = frame.sample(frac=1, random_state=7)
    status = pd.Series("reported", index=frame.index)
    same = pd.Series("x", index=frame.index)
    return str(figure_digests(same, frame["code"], frame["value"], status)["x"])


def test_versions_of_earlier_runs_count_alike(programme):
    batch = Batch(programme)
    old = batch.submit(**KEY)
    new = batch.submit({**GOOD, "cleared": 6}, **KEY)
    row = {"form_code": "M", **KEY}
    early = pd.Timestamp("2023-01-01", tz="UTC")
    batch.current = [{**row, "received_at": early, "observation_count": 8}]
    before = pd.DataFrame(
        [
            {**row, "figures": digest(GOOD), "is_current": False},
            {**row, "figures": digest(BETTER), "is_current": True},
        ]
    )
    judgement = batch.judge_alone(before=before)
    assert said(judgement, old) == (["HELD_BACK_AGAIN"], "held")
    assert said(judgement, new) == ([], "accepted")


def test_digests_tell_figures_apart_whatever_their_order():
    assert digest(GOOD) == digest(dict(reversed(GOOD.items())))
    assert digest(GOOD) != digest(BETTER)
    assert digest({"a": 0.0}) == digest({"a": -0.0})
    swapped = {**GOOD, "off": GOOD["cleared"], "cleared": GOOD["off"]}
    assert digest(swapped) != digest(GOOD)
