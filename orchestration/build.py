"""Assembly of the code location; tests pass other resources."""

from collections.abc import Mapping

import dagster as dg

from orchestration.alert_sensors import (
    alert_sensors,
    check_overdue,
    overdue_schedule,
    overdue_submissions,
)
from orchestration.assets.edition import build_edition
from orchestration.assets.intake import submissions_judged, submissions_read
from orchestration.assets.publication import (
    GATE_2_CHECKS,
    alerts,
    build_publication,
    replies,
    scorecard,
)
from orchestration.assets.server import server_assets
from orchestration.assets.sources import build_deliveries
from orchestration.assets.warehouse import (
    build_star_schema,
    raw_finding,
    raw_observation,
)
from orchestration.closing import close_period_job, closing_schedule, publish_editions
from orchestration.jobs import refresh_reporting
from orchestration.resources import RunResource
from orchestration.schedules import deadline_schedules
from orchestration.sensors import (
    drop_folder_sensor,
    due_sources_sensor,
    server_sensors,
)
from sources.programme.loader import load_programme

MARTS = "marts"


def build_defs(resources: Mapping[str, object] | None = None) -> dg.Definitions:
    """Everything Dagster shows and runs; `resources` override the defaults by name."""
    given = {"run_settings": RunResource(locks_home=True), **(resources or {})}
    settings = given["run_settings"]
    assert isinstance(settings, RunResource)
    programme = load_programme(settings.settings().programme)
    star_schema = build_star_schema()
    watched = [*GATE_2_CHECKS, *star_schema.check_keys]
    return dg.Definitions(
        assets=[
            build_deliveries(programme),
            submissions_read,
            submissions_judged,
            raw_observation,
            raw_finding,
            star_schema,
            build_publication(k for k in star_schema.keys if k.path[0] == MARTS),
            scorecard,
            replies,
            alerts,
            *server_assets(),
            build_edition(programme),
        ],
        asset_checks=[overdue_submissions],
        jobs=[refresh_reporting, check_overdue, close_period_job],
        schedules=[
            *deadline_schedules(programme),
            overdue_schedule(programme),
            closing_schedule(programme),
        ],
        sensors=[
            drop_folder_sensor(),
            due_sources_sensor(),
            *server_sensors(),
            publish_editions(),
            *alert_sensors(watched),
        ],
        resources=given,
        executor=dg.in_process_executor,  # also for what a person starts by hand
    )
