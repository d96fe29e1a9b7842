"""Questions to MetricFlow in this process: its SQL for a metric, run over a build file.

What `mf query` does without its 10 seconds of start: the engine plans and renders from
the semantic manifest that dbt wrote, and the SQL runs on a connection of the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import duckdb
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlClient, SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup


class _Dialect:
    """As much of a client as rendering asks for."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


@dataclass(frozen=True)
class Metrics:
    """The metrics of one semantic manifest, asked over one database."""

    engine: MetricFlowEngine
    connection: duckdb.DuckDBPyConnection

    @classmethod
    def of(cls, manifest: Path, connection: duckdb.DuckDBPyConnection) -> Metrics:
        """From dbt's `semantic_manifest.json` and a database of the same name."""
        parsed = parse_manifest_from_dbt_generated_manifest(
            manifest_json_string=manifest.read_text(encoding="utf-8")
        )
        client = cast(SqlClient, _Dialect())
        return cls(MetricFlowEngine(SemanticManifestLookup(parsed), client), connection)

    def sql(self, metrics: Sequence[str], by: Sequence[str], *where: str) -> str:
        """MetricFlow's SQL for the metrics grouped by these, under these filters."""
        request = MetricFlowQueryRequest.create(
            metric_names=metrics, group_by_names=by, where_constraints=where or None
        )
        return self.engine.explain(request).sql_statement.sql

    def ask(
        self, metrics: Sequence[str], by: Sequence[str] = (), *where: str
    ) -> list[tuple[Any, ...]]:
        """Rows of the answer: the groups in order, then the metrics; sorted."""
        answer = ", ".join([*by, *metrics])
        return self.connection.execute(
            f"select {answer} from ({self.sql(metrics, by, *where)}) order by all"
        ).fetchall()
