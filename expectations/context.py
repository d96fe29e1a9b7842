"""Context: the columns of the suites that look at a submission beside earlier ones.

Only accepted submissions that are no control totals are looked at, of each unit, form
and period the one received last. What was accepted before and the batch itself form the
series; a period is judged by the periods before it alone.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from expectations.observations import is_answer
from expectations.plausibility.series import KEY, Series, series_by_form
from expectations.plausibility.sweep import INTERVAL_COLUMNS, intervals, is_count
from expectations.register import Register
from expectations.series_states import steps_of
from expectations.sitting import Sitting
from sources.programme.batch import EARLIER_COLUMNS

_OF_FIGURE = (
    "row_id",
    "submission_id",
    "programme_code",
    "delivery_sha256",
    "file_name",
    *KEY,
    "measure_code",
    "measure_name_vi",
    "measure_name_en",
    "sheet",
    "cell",
)
_OF_SUBMISSION = (
    "submission_id",
    "programme_code",
    "delivery_sha256",
    "file_name",
    *KEY,
    "period_label_vi",
    "period_label_en",
    "sheet",
)
_LISTED = 6


def judge_context(
    sitting: Sitting,
    register: Register,
    frame: pd.DataFrame,
    cells: pd.DataFrame,
    earlier: pd.DataFrame | None,
) -> None:
    """Runs the suites that need earlier figures.

    Args:
        sitting: The judging so far; takes in what is found.
        register: The programme.
        frame: One row per submission of the batch.
        cells: One row per observation of submissions that are not refused.
        earlier: One row per figure accepted before (`EARLIER_COLUMNS`), or None.
    """
    if earlier is None:
        earlier = pd.DataFrame(columns=list(EARLIER_COLUMNS))
    submissions = _in_force(sitting, frame)
    own = cells[cells["submission_id"].isin(submissions["submission_id"])]
    figures = sitting.not_quarantined(own)
    figures = figures[figures["value"].notna() & figures["measure_ref"].notna()]
    judged, reports, measures = [], [], []
    for series in series_by_form(register, submissions, figures, earlier):
        judged.append(_plausibility_frame(series, figures))
        reports.append(_report_frame(register, series, submissions))
        measures.append(_measure_frame(series, submissions, own))
    for suite, frames in (
        ("plausibility", judged),
        ("report_history", reports),
        ("measure_history", measures),
    ):
        filled = [part for part in frames if len(part)]
        sitting.run(
            suite, pd.concat(filled, ignore_index=True) if filled else frame.head(0)
        )


def _in_force(sitting: Sitting, frame: pd.DataFrame) -> pd.DataFrame:
    """One row per form, unit and period: the accepted submission received last."""
    status = sitting.statuses(frame["submission_id"])
    is_judged = status.eq("accepted") & ~frame["is_control_total"].astype(bool)
    # the readers' own refusals leave no key; a refused one is not accepted
    order = ["received_at", "delivery_sha256", "submission_id"]
    kept = frame[is_judged & frame["period_last_day"].notna()].sort_values(order)
    return kept.drop_duplicates(KEY, keep="last").reset_index(drop=True)


def _plausibility_frame(series: Series, figures: pd.DataFrame) -> pd.DataFrame:
    """One row per count of the form; all null where its past is too short to judge."""
    places = series.figures
    counts = places.index[is_count(series.measures)[places["measure"]]]
    frame = figures.loc[counts, list(_OF_FIGURE)]
    value = figures.loc[counts, "value"].astype("float64")
    found = intervals(series).reindex(counts)
    frame[list(INTERVAL_COLUMNS)] = found
    mean = found["expected_mean"]
    frame["expected_mean"] = mean.round(1).where(mean < 10, mean.round())
    frame["judged_value"] = value.where(mean.notna())
    return frame


def _report_frame(
    register: Register, series: Series, submissions: pd.DataFrame
) -> pd.DataFrame:
    """One row per submission: what it repeats, and what the unit left out before it.

    `repeated_figures`: how many different figures other than 0 it has, where all its
    flows are those of the unit's report before; else 0. `skipped_count`: reports due
    and absent since the report before. Both are null without a report before.
    """
    places = series.submissions
    frame = submissions.loc[places.index, list(_OF_SUBMISSION)]
    period, unit = places["period"].to_numpy(), places["unit"].to_numpy()
    before = _before(series.sent)[period, unit]
    has_before = before >= 0
    frame["previous_period"] = series.periods["period_key"].to_numpy()[before]
    for language in ("vi", "en"):
        labels = series.periods[f"period_label_{language}"].to_numpy()
        frame[f"previous_label_{language}"] = labels[before]
    is_flow = series.measures["kind"].eq("flow") & series.measures["value_type"].ne(
        "yes_no"
    )
    flows = series.values[:, :, is_flow.to_numpy()]
    now, then = flows[period, unit], flows[before, unit]
    is_same = ((now == then) | (np.isnan(now) & np.isnan(then))).all(axis=1)
    repeated = np.where(is_same, _different(now), 0)
    frame["repeated_figures"] = np.where(has_before, repeated, np.nan)
    is_gap = _due(register, series) & ~series.sent
    gaps = np.vstack([np.zeros(is_gap.shape[1], dtype=int), is_gap.cumsum(axis=0)])
    skipped = gaps[period, unit] - gaps[np.maximum(before, 0), unit]
    frame["skipped_count"] = np.where(has_before, skipped, np.nan)
    names = _names_of_gaps(series, is_gap, places.assign(before=before))
    return frame.join(names)


def _different(figures: np.ndarray) -> np.ndarray:
    """Per row, how many different figures other than 0 and nothing it holds."""
    ordered = np.sort(np.where(figures == 0, np.nan, figures), axis=1)
    is_first = np.ones_like(ordered, dtype=bool)
    is_first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    return (is_first & ~np.isnan(ordered)).sum(axis=1)


def _before(sent: np.ndarray) -> np.ndarray:
    """(period, unit): the last period before in which the unit sent a report, or -1."""
    number = np.where(sent, np.arange(len(sent))[:, None], -1)
    last = np.maximum.accumulate(number, axis=0)
    return np.vstack([np.full(sent.shape[1], -1), last[:-1]])


def _due(register: Register, series: Series) -> np.ndarray:
    """(period, unit): whether the unit owes the form for the period."""
    due = register.due[register.due["form_code"].eq(series.form_code)]
    period = pd.Index(series.periods["period_key"]).get_indexer(due["period_key"])
    unit = pd.Index(series.units).get_indexer(due["unit_code"])
    is_due = np.zeros(series.sent.shape, dtype=bool)
    is_here = (period >= 0) & (unit >= 0)
    is_due[period[is_here], unit[is_here]] = True
    return is_due


def _names_of_gaps(
    series: Series, is_gap: np.ndarray, places: pd.DataFrame
) -> pd.DataFrame:
    """Labels of the reports left out since the one before, by row of the submission."""
    period, unit = np.nonzero(is_gap)
    gaps = pd.DataFrame({"gap": period, "unit": unit})
    for language in ("vi", "en"):
        labels = series.periods[f"period_label_{language}"].to_numpy(dtype="object")
        gaps[f"skipped_{language}"] = labels[period]
    asked = places[places["before"].ge(0)].rename_axis("row").reset_index()
    pairs = asked.merge(gaps, on="unit")
    pairs = pairs[pairs["gap"].gt(pairs["before"]) & pairs["gap"].lt(pairs["period"])]
    pairs = pairs[pairs.groupby("row").cumcount().lt(_LISTED)]
    return pairs.groupby("row")[["skipped_vi", "skipped_en"]].agg(", ".join)


def _measure_frame(
    series: Series, submissions: pd.DataFrame, cells: pd.DataFrame
) -> pd.DataFrame:
    """One row per submission and optional measure of a closed list: its state.

    Required measures have a rule of their own; members of open lists come and go.
    """
    is_asked = ~series.measures["is_required"] & ~series.measures["is_open"]
    asked = np.flatnonzero(is_asked.to_numpy(dtype=bool))
    said = cells[is_answer(cells) & cells["form_code"].eq(series.form_code)]
    submission = pd.Index(
        submissions.loc[series.submissions.index, "submission_id"]
    ).get_indexer(said["submission_id"])
    codes = pd.Index(series.measures["measure_code"].iloc[asked])
    measure = codes.get_indexer(said["measure_code"])
    is_here = (submission >= 0) & (measure >= 0)
    is_said = np.zeros((len(series.submissions), len(asked)), dtype=bool)
    is_said[submission[is_here], measure[is_here]] = True
    steps = steps_of(series, asked, is_said)
    own = submissions.loc[steps["row"], list(_OF_SUBMISSION)].reset_index(drop=True)
    measures = series.measures.loc[
        steps["measure"], ["measure_code", "measure_name_vi", "measure_name_en"]
    ].reset_index(drop=True)
    frame = own.drop(columns="sheet").join(measures)
    frame["sheet_of_submission"] = own["sheet"]
    frame["series_state"] = steps["state"].to_numpy()
    frame["past_count"] = steps["past_count"].to_numpy()
    given = cells[["submission_id", "measure_code", "row_id", "sheet", "cell"]]
    given = given.drop_duplicates(["submission_id", "measure_code"])
    frame = frame.merge(given, on=["submission_id", "measure_code"], how="left")
    frame["sheet"] = frame["sheet"].where(
        frame["sheet"].notna(), frame["sheet_of_submission"]
    )
    return frame
