"""Jobs: the one run that brings everything up to date."""

import dagster as dg

REFRESH = "refresh_reporting"


def refresh_reporting() -> dg.UnresolvedAssetJobDefinition:
    """Everything from the sources to the scorecard, one run for all that has arrived.

    In process: the multiprocess executor costs about four seconds a step here.
    """
    return dg.define_asset_job(
        REFRESH,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Pull, read, judge, load, build, check, publish all that arrived.",
    )
