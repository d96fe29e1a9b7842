"""Load: schema `raw` of the build file becomes what ledger and programme say."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from orchestration.progress import step
from orchestration.settings import ROOT
from orchestration.steps import handover
from orchestration.steps.context import RunContext
from orchestration.steps.folders import new_files
from orchestration.steps.notes import Note
from orchestration.steps.owed import is_anything_owed
from orchestration.steps.read import observations_of, read_again
from warehouse.load import LoadReport, sync

PUBLISHED = Note("published_state")
"""The state (`fingerprint`) that the publication in place shows."""
DECISIONS = Note("decisions_loaded")
"""The decisions of people that schema raw was loaded with."""
CODE_FOLDERS = ("sources/programme", "expectations", "warehouse", "dbt_project")
CODE_SUFFIXES = (".py", ".sql", ".yml", ".yaml", ".md")
NOT_BUILT = ("warehouse/bi", "dbt_project/target", "dbt_project/logs")
"""Folders among them that no build reads: dashboards, and what dbt leaves behind."""


def load_raw(run: RunContext) -> LoadReport:
    """Brings schema raw up to date; idempotent, one transaction."""

    def read_missing(submissions: pd.DataFrame) -> pd.DataFrame:
        """Observations of `submissions`: this run's batch first, then landing."""
        parts = []
        if handover.exists(run.home.work):
            batch = handover.read(run.home.work)
            parts.append(observations_of(batch, submissions.submission_id))
            submissions = submissions[
                ~submissions.submission_id.isin(batch.submissions.submission_id)
            ]
        if len(submissions):
            parts.append(read_again(run, submissions))
        return pd.concat(parts, ignore_index=True)

    DECISIONS.write(run, run.ledger.decision_token())
    with step("Nạp kho · load") as progress:
        report = sync(
            run.home,
            run.programme.code,
            run.reference,
            run.ledger,
            read_missing,
        )
        handover.clear(run.home.work)
        progress.summary = f"{report.inserted} số liệu vào kho · observations loaded"
    return report


def fingerprint(run: RunContext) -> str:
    """Changes when a build could come out differently: ledger, programme, day, code."""
    digest = hashlib.sha256()
    digest.update(run.ledger.state_token().encode())
    digest.update(run.as_of.isoformat().encode())
    folders = [run.programme.folder, *(ROOT / name for name in CODE_FOLDERS)]
    for path in sorted(p for folder in folders for p in folder.rglob("*")):
        if path.is_file() and (
            path.is_relative_to(run.programme.folder) or _is_code(path)
        ):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_code(path: Path) -> bool:
    is_left_out = any(path.is_relative_to(ROOT / name) for name in NOT_BUILT)
    return path.suffix in CODE_SUFFIXES and not is_left_out


def is_up_to_date(run: RunContext) -> bool:
    """True when the publication shows all there is, and its pages, replies and alerts
    are done."""
    return shows_everything(run) and not is_anything_owed(run, fingerprint(run))


def shows_everything(run: RunContext) -> bool:
    """True when nothing waits anywhere and the publication shows exactly this state."""
    return (
        is_published(run, fingerprint(run))
        and run.ledger.pending_deliveries(run.programme.code).empty
        and not new_files(run)
    )


def is_published(run: RunContext, value: str) -> bool:
    """True when the publication in place came from exactly this state."""
    return run.home.published_db.exists() and bool(PUBLISHED.read(run) == value)


def are_decisions_loaded(run: RunContext) -> bool:
    """True when nobody decided anything since schema raw was loaded.

    A value let in meanwhile is on record but not in the build: the publication is good,
    and yet the next run must build again.
    """
    return bool(DECISIONS.read(run) == run.ledger.decision_token())


def remember_published(run: RunContext, value: str) -> None:
    """Notes the state that the publication in place came from."""
    PUBLISHED.write(run, value)


def forget_published(run: RunContext) -> None:
    """Forgets that state, so that the next run builds and publishes anew."""
    PUBLISHED.drop_all(run)
