"""One refresh in this process: the Dagster job, and its outcome in plain words."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

import dagster as dg

from orchestration.alerts.failure import Failure, innermost
from orchestration.assets.publication import PUBLICATION_KEY
from orchestration.build import build_defs
from orchestration.instance import open_instance
from orchestration.jobs import REFRESH
from orchestration.resources import RunResource
from orchestration.settings import Settings
from orchestration.steps.alert import raise_alerts, send_due
from orchestration.steps.context import open_run
from orchestration.steps.duties import do_owed
from orchestration.steps.release import GateRefused


@dataclass(frozen=True)
class Outcome:
    """How a refresh ended; `reason` says which steps failed and why, if any did.

    `is_published`: the publication in place shows this run's figures, also when a step
    after it failed.
    """

    is_published: bool
    is_refused: bool = False
    reason: str = ""


def execute_refresh(settings: Settings) -> Outcome:
    """Runs `refresh_reporting` to its end; the run is kept in the home's instance."""
    resource = RunResource(
        programme=str(settings.programme),
        home=str(settings.home.path),
        as_of=settings.as_of.isoformat() if settings.as_of else "",
    )
    logging.getLogger("dagster").setLevel(logging.ERROR)
    before = _swapped(settings)
    with open_instance(settings.home) as instance:
        job = build_defs({"run_settings": resource}).resolve_job_def(REFRESH)
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    if result.success:
        return _finish(settings)
    outcome, failed = outcome_of(result, _swapped(settings) != before)
    for step, error in failed:
        failure = Failure.of(step, error, result.run_id)
        _tell(settings, replace(failure, is_published=outcome.is_published))
    return outcome


def outcome_of(
    result: dg.ExecuteInProcessResult, is_swapped: bool
) -> tuple[Outcome, list[tuple[str, Any]]]:
    """How a job that failed ended, and its failed steps with the errors of ours.

    `is_swapped` says that the published file is another one than before the job.
    """
    failed = [
        (event.step_key or REFRESH, innermost(event.step_failure_data.error))
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.STEP_FAILURE
        and event.step_failure_data.error
    ]
    is_through = any(
        event.event_type == dg.DagsterEventType.STEP_SUCCESS
        and event.step_key == PUBLICATION_KEY.to_python_identifier()
        for event in result.all_events
    )
    outcome = Outcome(
        is_published=is_through or is_swapped,
        is_refused=any(e.cls_name == GateRefused.__name__ for _, e in failed),
        reason="\n".join(f"{step}: {e.message.strip()}" for step, e in failed),
    )
    return outcome, failed


def _finish(settings: Settings) -> Outcome:
    """Does what earlier runs left: a job that builds nothing skips all that follows."""
    with open_run(settings) as run:
        failures = do_owed(run)
    for failure in failures:
        _tell(settings, failure)
    reasons = (f"{f.step}: {f.error_class}: {f.first_line.strip()}" for f in failures)
    return Outcome(is_published=True, reason="\n".join(reasons))


def _swapped(settings: Settings) -> tuple[int, int] | None:
    """What tells one published file from the next; None before the first."""
    if not settings.home.published_db.exists():
        return None
    facts = settings.home.published_db.stat()
    return facts.st_ino, facts.st_mtime_ns


def _tell(settings: Settings, failure: Failure) -> None:
    """Tells maintainers of a failed run; a fault in telling never hides the failure."""
    try:
        with open_run(settings) as run:
            raise_alerts(run, failure=failure)
            send_due(run)
    except Exception:
        logging.getLogger(__name__).exception("The failure could not be told.")
