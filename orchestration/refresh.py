"""One refresh in this process: the Dagster job, and its outcome in plain words."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import dagster as dg

from orchestration.alerts.failure import Failure, innermost
from orchestration.build import build_defs
from orchestration.instance import open_instance
from orchestration.jobs import REFRESH
from orchestration.resources import RunResource
from orchestration.settings import Settings
from orchestration.steps.alert import raise_alerts, send_due
from orchestration.steps.context import open_run
from orchestration.steps.release import GateRefused


@dataclass(frozen=True)
class Outcome:
    """How a refresh ended; `reason` is empty when it was published."""

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
    with open_instance(settings.home) as instance:
        job = build_defs({"run_settings": resource}).resolve_job_def(REFRESH)
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
    if result.success:
        return Outcome(is_published=True)
    failed = [
        (event.step_key or REFRESH, innermost(event.step_failure_data.error))
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.STEP_FAILURE
        and event.step_failure_data.error
    ]
    for step, error in failed:
        _tell(settings, Failure.of(step, error, result.run_id))
    return Outcome(
        is_published=False,
        is_refused=any(e.cls_name == GateRefused.__name__ for _, e in failed),
        reason="\n".join(e.message.strip() for _, e in failed),
    )


def _tell(settings: Settings, failure: Failure) -> None:
    """Tells maintainers of a failed run; a fault in telling never hides the failure."""
    try:
        with open_run(settings) as run:
            raise_alerts(run, failure=failure)
            send_due(run)
    except Exception:
        logging.getLogger(__name__).exception("The failure could not be told.")
