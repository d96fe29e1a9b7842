"""The edition: one partition per period that can be closed."""

import dagster as dg

from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.publication import PUBLICATION_KEY
from orchestration.jobs import EDITION
from orchestration.resources import RunResource
from orchestration.steps.edition import closable_periods, close_period
from sources.programme.model import Programme
from warehouse.ledger.editions import FINAL, PROVISIONAL


class Closing(dg.Config):
    """How a period is closed from Dagster; what `nhiemky close` asks as options."""

    final: bool = False
    by: str = "Dagster"
    reason: str = ""


def build_edition(programme: Programme) -> dg.AssetsDefinition:
    """The edition of the programme's months, years and term, one partition each."""

    @dg.asset(
        key=EDITION,
        deps=[PUBLICATION_KEY],
        group_name="publication",
        owners=OWNERS,
        kinds={"python", "parquet"},
        pool=WAREHOUSE_POOL,
        partitions_def=dg.StaticPartitionsDefinition(closable_periods(programme)),
    )
    def edition(
        context: dg.AssetExecutionContext, config: Closing, run_settings: RunResource
    ) -> dg.MaterializeResult:
        """The figures of a period that ended, as they were published, for good.

        Materializing a partition again makes another edition beside the first; none
        ever changes. A period that has not ended is refused. The refresh that follows
        brings the edition to BI.
        """
        with run_settings.open() as run:
            closed = close_period(
                run,
                context.partition_key,
                FINAL if config.final else PROVISIONAL,
                config.by,
                config.reason,
            )
        made = closed.edition
        return dg.MaterializeResult(
            metadata={
                "edition_code": made["edition_code"],
                "kind": made["kind"],
                "closed_by": made["closed_by"],
                "publication_id": made["publication_id"],
                "as_of_date": str(made["as_of_date"]),
                "dagster/row_count": made["row_count"],
                **{f"rows_{row['verdict']}": row["rows"] for row in closed.verdicts},
            }
        )

    return edition
