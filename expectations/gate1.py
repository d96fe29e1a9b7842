"""Gate 1: may this submission, may this value enter.

Structure first; values only of submissions that are not refused. One bad unit never
stops the others. Each suite runs once over everything that arrived.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from expectations import observations as of_observations
from expectations import submissions as of_submissions
from expectations import versions
from expectations.errors import FrameRefused
from expectations.register import Register, build_register
from expectations.sitting import Sitting
from sources.programme.model import Programme


@dataclass(frozen=True)
class Judgement:
    """The word of gate 1 on a batch.

    submissions: one row per submission, as given, with `status` (accepted, rejected,
    held) and `observation_count` (observations that are not missing). findings: one row
    per finding, those of the readers included. quarantined: the `row_id`s that must not
    enter, ascending. results: one row per rule (`checks.RESULT_COLUMNS`).
    """

    submissions: pd.DataFrame
    findings: pd.DataFrame
    quarantined: pd.Series
    results: pd.DataFrame


def judge(
    programme: Programme,
    submissions: pd.DataFrame,
    observations: pd.DataFrame,
    read_findings: pd.DataFrame,
    expected: pd.DataFrame,
    measures: pd.DataFrame,
    current_counts: pd.DataFrame,
) -> Judgement:
    """Judges everything that arrived in one run.

    Args:
        programme: The programme the batch was read for.
        submissions: One row per submission read.
        observations: One row per submission and measure found.
        read_findings: Findings of the readers; passed on, and their blocking obeyed.
        expected: One row per form, unit and period due.
        measures: One row per measure (columns of raw.ref_measure).
        current_counts: One row per form, unit and period with an accepted submission:
            `observation_count`, and `received_at` where the caller knows it.

    Raises:
        FrameRefused: a frame breaks its contract.
        CheckCrashed: a check could not be evaluated; nothing of the batch is judged.
    """
    _check(submissions, observations)
    register = build_register(programme, expected, measures)
    sitting = Sitting(
        register.candidates,
        settings={
            "programme_codes": [programme.code],
            "known_faults": list(of_observations.READING_FAULTS),
            "kept_share": versions.KEPT_SHARE,
        },
        read_findings=read_findings,
    )
    frame = of_submissions.structure_frame(register, submissions, expected)
    frame["observation_count"] = _filled(frame, observations)
    sitting.reject_read(frame)
    sitting.run("submission_structure", frame)
    cells = _judge_cells(sitting, register, frame, observations)
    _judge_content(sitting, register, frame, observations, cells, current_counts)
    judged = submissions.reset_index(drop=True)
    judged["status"] = sitting.statuses(frame["submission_id"])
    judged["observation_count"] = frame["observation_count"]
    return Judgement(
        submissions=judged,
        findings=sitting.findings(),
        quarantined=sitting.quarantined(),
        results=sitting.results(),
    )


def _check(submissions: pd.DataFrame, observations: pd.DataFrame) -> None:
    ids = submissions["submission_id"]
    if ids.isna().any() or not ids.is_unique:
        raise FrameRefused(
            "submission_id must be there and unique in a batch: two readings of one "
            "sheet claim the same form, unit and period. Join them where they are read."
        )
    if not observations["submission_id"].isin(ids).all():
        raise FrameRefused(
            "Observations name a submission that is not in the batch; a reader must "
            "return both."
        )


def _filled(frame: pd.DataFrame, observations: pd.DataFrame) -> pd.Series:
    """Per submission, how many observations are not missing (the ledger's count)."""
    is_filled = observations["observation_status"].ne("missing")
    counts = observations.loc[is_filled, "submission_id"].value_counts()
    return frame["submission_id"].map(counts).fillna(0).astype("int64")


def _judge_cells(
    sitting: Sitting,
    register: Register,
    frame: pd.DataFrame,
    observations: pd.DataFrame,
) -> pd.DataFrame:
    """Runs the suites over observations; gives the frame they looked at."""
    cells = of_observations.structure_frame(
        register, sitting.not_rejected(frame), observations
    )
    sitting.run("observation_structure", cells)
    cells = sitting.not_rejected(cells)
    values = sitting.not_quarantined(cells)
    values = values[values["value"].notna() & values["measure_ref"].notna()]
    sitting.run("observation_values", of_observations.values_frame(values))
    values = sitting.not_quarantined(values).reset_index(drop=True)
    sitting.run("part_whole", of_observations.part_whole_frame(register, values))
    return cells


def _judge_content(
    sitting: Sitting,
    register: Register,
    frame: pd.DataFrame,
    observations: pd.DataFrame,
    cells: pd.DataFrame,
    current_counts: pd.DataFrame,
) -> None:
    """Runs the suites over what a submission holds as a whole."""
    said = observations.loc[of_observations.is_answer(observations), "submission_id"]
    frame["answer_count"] = (
        frame["submission_id"].map(said.value_counts()).fillna(0).astype("int64")
    )
    sitting.run("submission_content", sitting.not_rejected(frame))
    left = sitting.not_rejected(frame).reset_index(drop=True)
    sitting.run(
        "version",
        versions.version_frame(left, current_counts) if len(left) else left,
    )
    sitting.run(
        "completeness", of_observations.completeness_frame(register, left, cells)
    )
