"""Dashboards changed in the browser, as files of the bundle again.

Superset exports numbers of its own database and keys in an order of its own; here they
are brought back to what the bundle says, so that a difference shows what was changed.
"""

# mypy: disable-error-code="import-not-found,import-untyped"
# what this imports is installed in Superset's environment only
from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

FIRST_CHART = 1000
NAMES = ("column_name", "metric_name")
KINDS = ("charts", "dashboards", "datasets")


def export(app: Any, bundle: Path) -> None:
    """Writes the dashboards that Superset holds into `bundle`; connections are not."""
    from flask import g
    from superset.commands.dashboard.export import ExportDashboardsCommand
    from superset.extensions import db
    from superset.models.dashboard import Dashboard

    g.user = app.appbuilder.sm.find_user("admin")
    ids = [row.id for row in db.session.query(Dashboard).order_by(Dashboard.id)]
    files = {
        told["uuid"]: (path, told)
        for kind in KINDS
        for path in sorted((bundle / kind).rglob("*.yaml"))
        for told in [yaml.safe_load(path.read_text(encoding="utf-8"))]
    }
    for name, text in ExportDashboardsCommand(ids).run():
        if name.split("/")[0] not in KINDS:
            continue
        told = yaml.safe_load(text())
        path, kept = files.get(told["uuid"], (bundle / name, {}))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(like(own(told), kept)), encoding="utf-8")


def own(told: dict[str, Any]) -> dict[str, Any]:
    """One file without the numbers of the database that it comes from."""
    if isinstance(told.get("params"), dict):
        told["params"].pop("datasource", None)
    if "position" not in told:
        return told
    charts = [
        part["meta"]
        for part in told["position"].values()
        if isinstance(part, dict) and part.get("type") == "CHART"
    ]
    numbers = {meta["chartId"]: FIRST_CHART + n for n, meta in enumerate(charts)}
    for meta in charts:
        meta["chartId"] = numbers[meta["chartId"]]
    metadata = told["metadata"]
    for native in metadata.get("native_filter_configuration", []):
        scope = native["scope"]
        kept = (numbers[n] for n in scope["excluded"] if n in numbers)
        scope["excluded"] = sorted(kept)
        shown = set(numbers.values()) - set(scope["excluded"])
        native["chartsInScope"] = sorted(shown)
    everywhere = metadata.setdefault("global_chart_configuration", {})
    everywhere["chartsInScope"] = sorted(numbers.values())
    return told


def like(told: Any, kept: Any) -> Any:
    """`told` in the order of `kept`, without empty keys that `kept` does not have."""
    if isinstance(told, dict) and isinstance(kept, dict):
        known = [key for key in kept if key in told]
        new = [k for k, v in told.items() if k not in kept and v not in (None, [], {})]
        return {key: like(told[key], kept.get(key)) for key in (*known, *new)}
    if isinstance(told, list) and isinstance(kept, list):
        by_name = {_name(part): part for part in kept if _name(part)}
        if not by_name:
            pairs = zip(told, [*kept, *([None] * len(told))], strict=False)
            return [like(one, other) for one, other in pairs]
        order = {name: place for place, name in enumerate(by_name)}
        placed = sorted(told, key=lambda part: order.get(_name(part), len(order)))
        return [like(part, by_name.get(_name(part))) for part in placed]
    return told


def _name(part: Any) -> str | None:
    if not isinstance(part, dict):
        return None
    return next((part[name] for name in NAMES if name in part), None)


class _Lines(yaml.SafeDumper):
    """YAML whose SQL keeps its lines."""


_Lines.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


def written(told: dict[str, Any]) -> str:
    """One file of the bundle as it is kept under version control."""
    return yaml.dump(
        told, Dumper=_Lines, allow_unicode=True, sort_keys=False, width=100
    )
