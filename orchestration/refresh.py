"""One refresh in this process: the Dagster job, and its outcome in plain words."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import dagster as dg

from orchestration.build import build_defs
from orchestration.instance import open_instance
from orchestration.jobs import REFRESH
from orchestration.resources import RunResource
from orchestration.settings import Settings
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
    errors = [
        event.step_failure_data.error
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.STEP_FAILURE
    ]
    innermost = [_innermost(error) for error in errors if error]
    return Outcome(
        is_published=False,
        is_refused=any(e.cls_name == GateRefused.__name__ for e in innermost),
        reason="\n".join(e.message.strip() for e in innermost),
    )


WRAPPERS = ("Dagster", "RetryRequestedFromPolicy")
"""What Dagster puts around our own errors; below ours stand only their causes."""


def _innermost(error):  # type: ignore[no-untyped-def]
    while error.cause and error.cls_name.startswith(WRAPPERS):
        error = error.cause
    return error
