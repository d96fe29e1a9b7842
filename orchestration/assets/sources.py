"""Assets of the sources, and the deliveries that came from them: one step for all.

Made from the programme, because its sources are what stands there. One step, so that
another source costs a run the time of asking it and nothing more.
"""

from collections.abc import Iterator

import dagster as dg

from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.repeat import last_results
from orchestration.resources import RunResource
from orchestration.steps.pull import PullSummary, pull, stop_where_nothing_is
from sources.connectors.registry import is_asked
from sources.programme.model import Programme, Source

DELIVERIES = dg.AssetKey("deliveries")
SOURCES = "sources"
REACHABLE = "reachable"
_ABOUT = """Bytes as they came, one per SHA-256, with all places where they were seen.

Pulled from the sources of the programme into landing; the ledger remembers origins and
cursors, so the same file costs nothing the second time. Never changed afterwards.
"""


def source_key(code: str) -> dg.AssetKey:
    """The asset of one source."""
    return dg.AssetKey([SOURCES, code])


def build_deliveries(programme: Programme) -> dg.AssetsDefinition:
    """One asset per source of the programme, and the deliveries behind them."""
    codes = [source.code for source in programme.sources]
    checks = [
        dg.AssetCheckSpec(
            name=REACHABLE,
            asset=source_key(code),
            description="The source could be asked, and all it has be read.",
        )
        for code in codes
    ]

    @dg.multi_asset(
        name="deliveries",
        specs=[*map(_spec, programme.sources), _deliveries_spec(codes)],
        check_specs=checks,
        pool=WAREHOUSE_POOL,
        can_subset=True,
    )
    def deliveries(
        context: dg.AssetExecutionContext, run_settings: RunResource
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        """Pulls every source that is due; one that is down costs the others nothing."""
        keys = context.selected_asset_keys
        wanted = [code for code in codes if source_key(code) in keys]
        with run_settings.open() as run:
            # one that a person picked out is asked at once
            is_picked = DELIVERIES not in keys
            summary = pull(run, wanted, is_due_only=not is_picked)
            stop_where_nothing_is(run, summary)
        for code in wanted:
            yield from _of_source(code, summary)
        told = {*summary.sources, *summary.unreachable}
        silent = {source_key(code) for code in wanted if code not in told}
        asked = context.selected_asset_check_keys
        yield from last_results(context, [k for k in asked if k.asset_key in silent])
        if DELIVERIES in keys:
            yield dg.MaterializeResult(
                asset_key=DELIVERIES,
                metadata={
                    "files_new": summary.files,
                    "deliveries_landed": summary.landed,
                    "deliveries_repeated": summary.repeated,
                    "files_passed_over": summary.hidden,
                    "sources_not_reached": sorted(summary.unreachable),
                },
            )

    return deliveries


def _spec(source: Source) -> dg.AssetSpec:
    return dg.AssetSpec(
        source_key(source.code),
        description=f"{source.name_vi} · {source.name_en}",
        group_name=SOURCES,
        owners=OWNERS,
        kinds={source.connector if is_asked(source) else "file"},
        skippable=True,
    )


def _deliveries_spec(codes: list[str]) -> dg.AssetSpec:
    return dg.AssetSpec(
        DELIVERIES,
        deps=[source_key(code) for code in codes],
        description=_ABOUT,
        group_name="intake",
        owners=OWNERS,
        kinds={"python", "file"},
        skippable=True,
    )


def _of_source(
    code: str, summary: PullSummary
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """What came of asking one source; nothing where it is well and was not due."""
    count = summary.sources.get(code)
    reason = summary.unreachable.get(code)
    if count is None and reason is None:
        return
    if count and (reason is None or count.files):
        metadata = {"files_new": count.files, "deliveries_landed": count.landed}
        yield dg.MaterializeResult(asset_key=source_key(code), metadata=metadata)
    yield dg.AssetCheckResult(
        asset_key=source_key(code),
        check_name=REACHABLE,
        passed=reason is None,
        severity=dg.AssetCheckSeverity.WARN,
        description=reason,
        metadata={} if reason is None else {"reason": reason},
    )
