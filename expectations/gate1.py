"""Gate 1: may this submission, may this value enter.

Structure first; values only of submissions that are not refused. One bad unit never
stops the others. Each suite runs once over everything that arrived.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from expectations import observation_words as words_of
from expectations import observations as of_observations
from expectations import submissions as of_submissions
from expectations import versions
from expectations.declared import DECLARED_SUITE, declared_frame
from expectations.errors import FrameRefused
from expectations.register import Register, build_register
from expectations.rulebook import RuleBook
from expectations.rules import Rule
from expectations.sitting import Sitting
from sources.programme.batch import ROUNDED
from sources.programme.figures import figure_digests
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
    earlier: pd.DataFrame | None = None,
    as_of: dt.date | None = None,
    book: RuleBook | None = None,
    before: pd.DataFrame | None = None,
) -> Judgement:
    """Judges everything that arrived in one run.

    Args:
        programme: The programme the batch was read for.
        submissions: One row per submission read.
        observations: One row per submission and measure found.
        read_findings: Findings of the readers; passed on, and their blocking obeyed.
        expected: One row per form, unit and period due, with `due_date` where lateness
            is to be judged.
        measures: One row per measure (columns of raw.ref_measure).
        current_counts: One row per form, unit and period with an accepted submission:
            `observation_count`, its values that entered, and `received_at` where the
            caller knows it.
        earlier: One row per figure accepted before this batch (form_code, unit_code,
            period_key, measure_code, value, submission_id); None: there is no history.
        as_of: The day it is; a period that begins later is refused. None: not judged.
        book: The rules to judge by, if not simply those of the programme.
        before: One row per version accepted before of the reports in the batch
            (`VERSION_COLUMNS`), if known.

    Raises:
        FrameRefused: a frame breaks its contract.
        ProgrammeError: the programme's rules do not fit the catalogue.
        CheckCrashed: a check could not be evaluated; nothing of the batch is judged.
    """
    _check(submissions)
    register = build_register(programme, expected, measures)
    sitting = Sitting(
        register,
        settings={
            "programme_codes": [programme.code],
            "known_faults": list(of_observations.READING_FAULTS),
            "kept_share": versions.KEPT_SHARE,
            "rounded": list(ROUNDED),
        },
        read_findings=read_findings,
        book=book,
    )
    frame = of_submissions.structure_frame(register, submissions, expected, as_of)
    cells = of_observations.cells_frame(register, frame, observations)
    frame["observation_count"] = _count(frame, cells, cells["is_filled"])
    sitting.reject_read(frame)
    bench = _Bench(register, sitting, frame, cells)
    asked = of_submissions.without_foreign(frame, read_findings)
    sitting.run("submission_structure", asked, bench.submission_words)
    _judge_cells(bench, earlier)
    _judge_content(bench, current_counts, before, as_of)
    _judge_context(bench, earlier)
    judged = submissions.reset_index(drop=True)
    judged["status"] = sitting.statuses(frame["submission_id"])
    judged["observation_count"] = frame["observation_count"]
    return Judgement(
        submissions=judged,
        findings=sitting.findings(),
        quarantined=sitting.quarantined(),
        results=sitting.results(),
    )


@dataclass(frozen=True)
class _Bench:
    """What the steps of one judging share.

    `frame`: one row per submission; `cells`: one row per observation, whatever becomes
    of it, naming its submission by row.
    """

    register: Register
    sitting: Sitting
    frame: pd.DataFrame
    cells: pd.DataFrame

    def submission_words(self, _: Rule, rows: pd.DataFrame) -> pd.DataFrame:
        """Failing rows of a suite over submissions, with their words."""
        return of_submissions.worded(self.register, rows)

    def open_cells(self) -> pd.DataFrame:
        """The cells of submissions that are not refused."""
        is_refused = self.sitting.is_rejected(self.frame["submission_id"])
        if not is_refused.any():
            return self.cells
        is_open = ~is_refused[self.cells["submission"].to_numpy()]
        return self.cells[is_open].reset_index(drop=True)

    def cell_words(self, _: Rule, rows: pd.DataFrame) -> pd.DataFrame:
        """Failing rows of a suite over observations, with their words."""
        return words_of.worded(self.register, self.frame, self.cells, rows)


def _check(submissions: pd.DataFrame) -> None:
    ids = submissions["submission_id"]
    if ids.isna().any() or not ids.is_unique:
        raise FrameRefused(
            "submission_id must be there and unique in a batch: two readings of one "
            "sheet claim the same form, unit and period. Join them where they are read."
        )


def _count(frame: pd.DataFrame, cells: pd.DataFrame, is_asked: pd.Series) -> np.ndarray:
    """Per submission, how many of its cells are asked for."""
    owners = cells["submission"].to_numpy()[is_asked.to_numpy(dtype=bool)]
    return np.bincount(owners, minlength=len(frame))


def _judge_cells(bench: _Bench, earlier: pd.DataFrame | None) -> None:
    """Runs the suites over observations, then the programme's own rules."""
    register, sitting = bench.register, bench.sitting
    words = bench.cell_words
    sitting.run("observation_structure", bench.open_cells(), words)
    cells = sitting.not_quarantined(bench.open_cells())
    values = of_observations.values_frame(register, cells)
    sitting.run("observation_values", values, words)
    values = sitting.not_quarantined(values).reset_index(drop=True)
    parts = of_observations.part_whole_frame(register, values)
    sitting.run("part_whole", parts, words)
    values = sitting.not_quarantined(values).reset_index(drop=True)
    left = sitting.not_rejected(bench.frame)
    rules = sitting.enabled(DECLARED_SUITE)
    declared = declared_frame(register, rules, left, values, earlier)

    def declared_words(rule: Rule, rows: pd.DataFrame) -> pd.DataFrame:
        worded = declared.worded(rule, rows, bench.frame, bench.cells)
        return of_submissions.worded(register, worded)

    sitting.run(DECLARED_SUITE, declared.frame, declared_words)


def _judge_content(
    bench: _Bench,
    current_counts: pd.DataFrame,
    before: pd.DataFrame | None,
    as_of: dt.date | None,
) -> None:
    """Runs the suites over what a submission holds as a whole."""
    register, sitting, frame, cells = (
        bench.register,
        bench.sitting,
        bench.frame,
        bench.cells,
    )
    is_answer = cells["is_answer"]
    frame["answer_count"] = _count(frame, cells, is_answer)
    is_kept = is_answer & ~sitting.is_quarantined(cells["row_id"])
    kept = pd.Series(_count(frame, cells, is_kept))
    frame["kept_count"] = kept.where(frame["answer_count"].gt(0))
    is_flow = register.measures["kind"].eq("flow").to_numpy()
    happened = (
        (cells["measure"] >= 0)
        & is_flow[cells["measure"].to_numpy()]
        & cells["number"].notna()
        & cells["number"].ne(0)
    )
    figures = pd.Series(_count(frame, cells, happened))
    frame["nil_figures"] = figures.where(frame["is_nil_report"].astype(bool))
    words = bench.submission_words
    sitting.run("submission_content", sitting.not_rejected(frame), words)
    entering = sitting.not_quarantined(cells[cells["is_filled"]])
    frame["kept_figures"] = _count(frame, entering, entering["is_filled"])
    left = sitting.not_rejected(frame)
    ordered = left.reset_index(drop=True)
    ordered["figures"] = _figures(frame, entering, left)
    version = (
        versions.version_frame(ordered, current_counts, before)
        if len(left)
        else ordered
    )
    late = (
        of_submissions.late_frame(register, ordered, version, as_of)
        if len(left)
        else left
    )
    sitting.run("timeliness", late, words)
    sitting.run("version", version, words)

    def absence_words(_: Rule, rows: pd.DataFrame) -> pd.DataFrame:
        return words_of.absence_worded(register, frame, cells, rows)

    asked = of_observations.completeness_frame(register, left, cells)
    sitting.run("completeness", asked, absence_words)


def _figures(
    frame: pd.DataFrame, cells: pd.DataFrame, asked: pd.DataFrame
) -> np.ndarray:
    """Per submission asked for, what the values say that enter."""
    digests = figure_digests(
        cells["submission"],
        cells["measure_code"],
        cells["number"],
        cells["observation_status"],
    )
    return digests.reindex(asked.index).to_numpy()


def _judge_context(bench: _Bench, earlier: pd.DataFrame | None) -> None:
    """Runs the suites that look at earlier figures; a value kept out is no hole."""
    from expectations.context import judge_context

    seen = words_of.context_frame(bench.register, bench.frame, bench.open_cells())
    judge_context(bench.sitting, bench.register, bench.frame, seen, earlier)
