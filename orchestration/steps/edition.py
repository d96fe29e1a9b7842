"""Edition: the figures of a period that ended, frozen as they were published.

Freezing puts the rows into landing and the edition on record; the next refresh brings
it into the warehouse and writes its reports. A run killed in between leaves an edition
that the next refresh completes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from orchestration.progress import step
from orchestration.steps.context import RunContext
from orchestration.steps.judge import expected_reports
from orchestration.steps.load import shows_everything
from orchestration.steps.show import write_edition_reports
from sources.programme.model import PeriodType, Programme
from sources.programme.periods import build_periods
from sources.programme.problems import nearest
from warehouse.edition_rows import (
    PublishedRows,
    freeze,
    published_editions,
    published_periods,
    published_rows,
)
from warehouse.ledger.editions import Editions
from warehouse.read import publication

CLOSING_DAYS = 60
"""Days after its last deadline in which a period is closed without being asked to."""
_REPORTS = ("scorecard.html", "scorecard.xlsx")
_CLOSABLE = (PeriodType.MONTH, PeriodType.YEAR, PeriodType.TERM)


class CloseRefused(Exception):
    """A period that cannot be closed now; nothing was recorded."""


@dataclass(frozen=True)
class Closed:
    """An edition just made, and its rows by verdict (verdict, labels, rows)."""

    edition: dict[str, Any]
    verdicts: list[dict[str, Any]]


def close_period(
    run: RunContext, period_key: str, kind: str, by: str, reason: str = ""
) -> Closed:
    """Freezes the period's published rows as a new edition.

    Call it under the home's run lock; a refresh must follow.

    Raises:
        CloseRefused: nothing is published, the period is unknown or has not ended, what
            is published is not what was received, or no target is judged on it.
        LedgerError: the period was closed for good before, or nobody is named.
    """
    day = _judged_on(run, period_key)
    Editions(run.ledger).refuse(run.programme.code, period_key, kind, by, reason)
    if not shows_everything(replace(run, as_of=day)):
        raise CloseRefused(
            "Bản công bố chưa theo kịp số liệu đã nhận · the publication is behind: "
            "reports, decisions, programme or code came after it, so nobody has seen "
            "what would be closed. Run `nhiemky run`, look at the scorecard, then "
            "close again."
        )
    published = published_rows(run.home, run.programme.code, period_key)
    if not len(published.rows):
        known = published_periods(run.home, run.programme.code)
        raise CloseRefused(
            f"Kỳ {period_key} không có chỉ tiêu nào được đánh giá · the publication "
            f"judges no target on this period; {nearest(period_key, known)}"
        )
    with step("Chốt số liệu · close") as progress:
        frozen = freeze(run.landing, published)
        edition = Editions(run.ledger).add(
            run.programme.code, period_key, kind, frozen, by, reason
        )
        progress.summary = f"{edition['edition_code']}, {frozen.row_count} dòng · rows"
    return Closed(edition, _by_verdict(published))


def periods_to_close(run: RunContext, day: dt.date) -> list[str]:
    """Keys of ended periods whose deadlines all passed before `day`, not closed yet.

    Only those that the publication judges. Long after its last deadline
    (CLOSING_DAYS) a period is left to people: its figures of today are no longer those
    that anybody reported then.
    """
    if not run.home.published_db.exists():
        return []
    due = last_deadlines(run)
    passed = due[due.lt(_stamp(day)) & due.ge(_stamp(day, -CLOSING_DAYS))].index
    closed = set(Editions(run.ledger).list(run.programme.code)["period_key"])
    ended = _ended(run, publication(run.home)["as_of_date"])
    return [
        key
        for key in published_periods(run.home, run.programme.code)
        if key in passed and key in ended and key not in closed
    ]


def last_deadlines(run: RunContext) -> pd.Series:
    """By period key: the last deadline of any report inside the period, extended."""
    expected = expected_reports(run)
    due = pd.to_datetime(expected["due_date"]).groupby(expected["period_key"]).max()
    parts = run.reference["ref_period_part"][["period_key", "part_period_key"]]
    inside = parts.assign(due=parts["part_period_key"].map(due)).dropna(subset=["due"])
    return inside.groupby("period_key")["due"].max()


def is_publication_current(run: RunContext) -> bool:
    """True when what is published is all that was received, judged on its own day."""
    return shows_everything(replace(run, as_of=publication(run.home)["as_of_date"]))


def closable_periods(programme: Programme) -> list[str]:
    """Keys of months, years and the term, ended or not, calendar by calendar."""
    term = programme.term
    used = {term.calendar, *(form.calendar for form in programme.forms)}
    frames = [
        build_periods(
            calendar,
            term.first_year,
            term.last_year,
            term if term.calendar == calendar.code else None,
        )
        for calendar in programme.calendars
        if calendar.code in used
    ]
    periods = pd.concat(frames, ignore_index=True)
    shown = periods[periods["period_type"].isin(map(str, _CLOSABLE))]
    shown = shown.sort_values(
        ["calendar_code", "end_date", "start_date"], kind="stable"
    )
    return [str(key) for key in shown["period_key"]]


def complete_reports(run: RunContext) -> dict[str, Path]:
    """Writes the reports of published editions that lack them; gives their folders."""
    codes = Editions(run.ledger).list(run.programme.code)["edition_code"]
    folders = {code: edition_folder(run, code) for code in codes}
    absent = {c: f for c, f in folders.items() if not _has_reports(f)}
    if not absent:
        return {}
    published = published_editions(run.home, run.programme.code)
    written = {code: folder for code, folder in absent.items() if code in published}
    for code in written:
        write_edition_reports(run, code)
    return written


def edition_folder(run: RunContext, edition_code: str) -> Path:
    """Where the reports of an edition lie."""
    return run.home.reports / "editions" / edition_code


def _has_reports(folder: Path) -> bool:
    return all((folder / name).exists() for name in _REPORTS)


def _judged_on(run: RunContext, period_key: str) -> dt.date:
    """The day of the publication in place, on which the period must have ended."""
    keys = run.reference["ref_period"]["period_key"].tolist()
    if period_key not in keys:
        raise CloseRefused(
            f"Không có kỳ “{period_key}” · there is no such period; "
            f"{nearest(period_key, keys)}"
        )
    if not run.home.published_db.exists():
        raise CloseRefused(
            "Chưa công bố gì nên chưa có gì để chốt · nothing is published yet, so "
            "there is nothing to close. Run `nhiemky run` first."
        )
    day: dt.date = publication(run.home)["as_of_date"]
    if period_key not in _ended(run, day):
        raise CloseRefused(
            f"Kỳ {period_key} chưa kết thúc vào ngày {day:%d/%m/%Y} của bản công bố · "
            f"the period has not ended on {day:%Y-%m-%d}, the day that the publication "
            "is judged on. Close it after its last day, following a `nhiemky run`."
        )
    return day


def _ended(run: RunContext, day: dt.date) -> set[str]:
    periods = run.reference["ref_period"]
    ends = pd.to_datetime(periods["end_date"])
    return set(periods.loc[ends.le(_stamp(day)), "period_key"])


def _by_verdict(published: PublishedRows) -> list[dict[str, Any]]:
    names = ["verdict", "verdict_label_vi", "verdict_label_en"]
    rows = published.rows.select(names).to_pandas()
    counts = rows.groupby(names, sort=False, dropna=False).size().rename("rows")
    counted = counts.sort_values(ascending=False, kind="stable").reset_index()
    return [{str(k): v for k, v in row.items()} for row in counted.to_dict("records")]


def _stamp(day: dt.date, days: int = 0) -> pd.Timestamp:
    return pd.Timestamp(day) + pd.Timedelta(days=days)
