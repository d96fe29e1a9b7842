"""Jobs: the one run that brings everything up to date."""

import dagster as dg

REFRESH = "refresh_reporting"
OVERDUE = dg.AssetCheckKey(dg.AssetKey("submissions_judged"), "overdue_submissions")
"""The scheduled check that every report which was due has come."""

EDITION = dg.AssetKey("edition")
"""The frozen figures of a period that was closed."""

SERVER = dg.AssetKey("postgres_publication")
"""The publication on the Postgres server; there only where a server is set."""

# In process: the multiprocess executor costs about four seconds a step here.
refresh_reporting = dg.define_asset_job(
    REFRESH,
    # a run tells overdue reports with its other alerts; that check is the morning's;
    # closing a period is somebody's decision
    selection=dg.AssetSelection.all()
    - dg.AssetSelection.checks(OVERDUE)
    - dg.AssetSelection.assets(EDITION),
    executor_def=dg.in_process_executor,
    # a killed run is begun again from its start: every step repairs what it finds
    tags={"dagster/retry_strategy": "ALL_STEPS"},
    description="Pull, read, judge, load, build, check, publish all that arrived.",
)
