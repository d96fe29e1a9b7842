"""The publication on the Postgres server; in the graph where a server is set."""

import dagster as dg

from orchestration.assets import OWNERS
from orchestration.assets.publication import PUBLICATION_KEY
from orchestration.jobs import SERVER
from orchestration.resources import RunResource
from orchestration.settings import publish_url
from orchestration.steps.server import required_url, serve

MILLISECONDS = 1000


@dg.asset(
    key=SERVER,
    deps=[PUBLICATION_KEY],
    group_name="publication",
    owners=OWNERS,
    kinds={"postgres"},
)
def postgres_publication(run_settings: RunResource) -> dg.MaterializeResult:
    """The same publication as tables of a Postgres server, for BI tools that ask one.

    Loaded beside and swapped in at once, with keys, comments and row security. A server
    that is down leaves the files published; the next run, or the sensor, does it then.
    """
    from warehouse.postgres.publication import shown

    url = required_url()
    with run_settings.open() as run:
        report = serve(run, url)
    return dg.MaterializeResult(
        metadata={
            "server": shown(url),
            "publication_id": report.publication_id,
            "is_new": report.is_new,
            "dagster/row_count": sum(report.tables.values()),
            "rows": dg.MetadataValue.json(dict(report.tables)),
            "load_seconds": report.load_seconds,
            "swap_milliseconds": report.swap_seconds * MILLISECONDS,
        }
    )


def server_assets() -> list[dg.AssetsDefinition]:
    """The server's publication where one is set, else nothing.

    Raises:
        SettingsError: what is set is no address of a server.
    """
    return [postgres_publication] if publish_url() else []
