"""Metrics asked through MetricFlow equal the marts asked by SQL written by hand.

Figures and verdicts come from the models over random reports of two small programmes;
submissions and findings stand here row by row, counted by hand.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from sources.programme.loader import load_programme
from tests.helpers.both_languages import halves_fault
from tests.helpers.compiled_models import CompiledModels
from tests.helpers.metric_questions import Metrics
from tests.helpers.random_reports import make_worlds

AS_OF = dt.date(2025, 2, 1)
RATIO = "clear_up_rate"
"""What the clear-up rate of the first world is called here."""
PROGRAMMES = Path(__file__).parents[3] / "sources" / "programmes"
DATASETS = Path(__file__).parents[3] / "warehouse/bi/superset/bundle/datasets/nhiemky"
LABEL = re.compile(r"^[^·]*\S · \S[^·]*$", re.DOTALL)
VERDICTS = ["met", "not_met", "on_track", "off_track"]
VERDICTS += ["cannot_judge", "not_due", "no_case"]
# (unit, period, version, status, is_on_time, is_expected)
VERSIONS = (
    ("A", "Q1", 1, "accepted", True, True),  # on time
    ("B", "Q1", 1, "superseded", True, True),  # on time, corrected later
    ("B", "Q1", 2, "accepted", False, True),
    ("C", "Q1", 1, "rejected", True, True),  # late: what came in time did not count
    ("C", "Q1", 2, "accepted", False, True),
    ("D", "Q1", 0, "missing", False, True),  # missing: what came did not count
    ("D", "Q1", 1, "rejected", True, True),
    ("A", "Q2", 1, "held", True, True),  # due, waits for a decision
    ("B", "Q2", 0, "not_due", None, True),  # not due
    ("C", "Q2", 1, "accepted", True, False),  # nobody asked for it
    ("D", "Q2", 1, "accepted", True, True),  # on time
)
FINDINGS = (
    ("ERROR", "open"),
    ("ERROR", "open"),
    ("INFO", "open"),
    ("INFO", "waived"),
    ("BLOCKER", "resolved"),
)


def is_(dimension: str, *values: str) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{{{{ Dimension('{dimension}') }}}} in ({listed})"


FIGURE = ("unit", "period", "indicator", "figure__boundary", "figure__cumulation")
ONE = {
    "boundary": is_("figure__boundary", "as_reported"),
    "cumulation": is_("figure__cumulation", "period"),
    "type": is_("period__period_type", "quarter"),
    "level": is_("unit__level", "commune"),
}


@pytest.fixture(scope="module")
def metrics(compiled: CompiledModels) -> Iterator[Metrics]:
    worlds = make_worlds(2)
    rng = np.random.default_rng(2025)
    raw = {
        table: frame.replace("w0_clear_up", RATIO)
        for table, frame in worlds.raw(worlds.reports(rng, AS_OF, 0.1, 0.1)).items()
    }
    targets = raw["ref_target"].set_index("target_code")["target_key"]
    raw["ref_target_part"] = pd.DataFrame(
        {
            "programme_code": ["w0"],
            "target_key": targets["w0_LIMIT"],
            "part_target_code": ["w0_NONE"],
        }
    )
    units = raw["ref_unit"].query("programme_code == 'w0'").set_index("unit_code")
    keys = dict(zip("ABCD", units["unit_key"].head(4), strict=True))
    submissions = pd.DataFrame(
        [
            {
                "submission_key": f"{unit}{period}{version}",
                "programme_code": "w0",
                "form_code": "w0_F",
                "unit_code": unit,
                "unit_key": keys[unit],
                "period_key": f"civil-2024-{period}",
                "version": version,
                "status": status,
                "is_on_time": on_time,
                "is_expected": is_expected,
            }
            for unit, period, version, status, on_time, is_expected in VERSIONS
        ]
    )
    findings = pd.DataFrame(FINDINGS, columns=["severity", "status"])
    findings["finding_id"] = findings.index.astype(str)
    findings["first_seen_at"] = pd.Timestamp("2024-05-06")
    models = ["sem_figure", "sem_report", "sem_verdict", "sem_day"]
    models += ["dim_form", "dim_target", "fct_edition", "fct_finding"]
    with compiled.run(
        raw,
        models,
        AS_OF,
        given={"fct_submission": submissions, "fct_finding": findings},
    ) as connection:
        yield Metrics.of(compiled.semantic_manifest(), connection)


def marts(metrics: Metrics, query: str) -> list[tuple[Any, ...]]:
    return metrics.connection.execute(query).fetchall()


def test_a_figure_is_the_mart_s(metrics: Metrics) -> None:
    asked = metrics.ask(["indicator_value", "indicator_coverage"], FIGURE)
    rows = marts(
        metrics,
        "select unit_key, period_key, indicator_code, boundary, cumulation, "
        "case when is_measure then cast(f.numerator as double) "
        "  else cast(f.numerator * scale as double) / cast(f.denominator as double) "
        "end, cast(reports_received as double) / cast(reports_due as double), "
        "f.value, f.coverage "
        "from marts.fct_indicator_value f join marts.dim_indicator using "
        "(indicator_code) order by all",
    )
    assert len(rows) > 2000
    assert {row[2] for row in rows} >= {RATIO, "w1_clear_up", "w0_done_share"}
    figures = [_finite(row[:7]) for row in rows]
    assert [_floats(row) for row in asked] == figures
    for row, figure in zip(rows, figures, strict=True):
        assert figure[5] == (row[7] and pytest.approx(float(row[7]), abs=1e-8)), row
        assert figure[6] == (row[8] and pytest.approx(float(row[8]), abs=1e-6)), row


def _floats(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row[:5], *(None if x is None else float(x) for x in row[5:]))


def _finite(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (
        *row[:5],
        *(x if x is not None and np.isfinite(x) else None for x in row[5:]),
    )


def test_the_clear_up_rate_of_all_communes_is_the_province_s(metrics: Metrics) -> None:
    """Over units and over the quarters of a year it is a ratio of sums."""
    asked = metrics.ask([RATIO], ["period__reporting_year"], *ONE.values())
    theirs = marts(
        metrics,
        "select year, cast(f.numerator * 100 as double) / cast(denominator as double) "
        "from marts.fct_indicator_value f join marts.dim_period using (period_key) "
        f"where indicator_code = '{RATIO}' and unit_code = 'w0_P' and boundary = "
        "'as_reported' and cumulation = 'period' and period_type = 'year' order by 1",
    )
    assert len(theirs) == 2
    assert asked == theirs


@pytest.mark.parametrize("left_out", ONE)
def test_what_does_not_add_up_has_no_figure(metrics: Metrics, left_out: str) -> None:
    where = [filter_ for name, filter_ in ONE.items() if name != left_out]
    asked = metrics.ask([RATIO, "indicator_coverage"], [], *where)
    assert asked == [(None, None)]


def test_stocks_and_running_totals_do_not_add_over_periods(metrics: Metrics) -> None:
    codes = ("w0_cases", "w0_staff", "w0_trained_share", "w0_done_share")
    one = (is_("figure__indicator_code", *codes), *ONE.values())
    by = ["figure__indicator_code"]
    over_time = dict(metrics.ask(["indicator_value"], by, *one))
    assert over_time.pop("w0_cases") > 0
    assert over_time == dict.fromkeys(codes[1:])
    quarter = is_("period__period_key", "civil-2024-Q4")
    at_once = dict(metrics.ask(["indicator_value"], by, *one, quarter))
    assert None not in at_once.values()
    running = [*one[:2], is_("figure__cumulation", "year_to_date"), *one[3:]]
    assert set(metrics.ask(["indicator_value"], by, *running)) == {
        (code, None) for code in codes
    }


def test_reports_are_counted_once(metrics: Metrics) -> None:
    counts = ["reports_due", "reports_received", "reports_on_time", "late_reports"]
    counts += ["missing_reports", "held_reports"]
    by = ["period__period_key"]
    assert metrics.ask(counts, by) == [
        ("civil-2024-Q1", 4, 3, 2, 1, 1, 0),
        ("civil-2024-Q2", 2, 1, 1, 0, 0, 1),
    ]
    # 3 of 4, 1 of 2; together 4 of 6 and 3 of 6, no mean of the two
    rates = ["coverage", "on_time_rate"]
    assert metrics.ask(rates, by) == [
        ("civil-2024-Q1", 0.75, 0.5),
        ("civil-2024-Q2", 0.5, 0.5),
    ]
    assert metrics.ask(rates) == [(4 / 6, 0.5)]


def test_open_findings(metrics: Metrics) -> None:
    asked = metrics.ask(["open_findings"], ["finding__severity"])
    assert asked == [("ERROR", 2), ("INFO", 1)]


def test_verdicts_are_those_of_the_scorecard(metrics: Metrics) -> None:
    names = [f"targets_{verdict}" for verdict in VERDICTS]
    counts = ", ".join(f"count(*) filter (verdict = '{v}')" for v in VERDICTS)
    theirs = marts(
        metrics,
        f"select programme_code, count(*), {counts} from marts.rpt_term_scorecard "
        "where is_scope_unit and not is_commitment and target_code <> 'w0_NONE' "
        "group by 1 order by 1",
    )
    by = ["assessment__programme_code"]
    assert metrics.ask(["targets_assessed", *names], by) == theirs
    # eight targets each; one of the first world is a part of another
    assert [(row[1], sum(row[2:])) for row in theirs] == [(7, 7), (8, 8)]


def test_verdicts_of_one_period_type_alone_are_counted(metrics: Metrics) -> None:
    by = ["assessment__verdict", "period__period_type"]
    theirs = marts(
        metrics,
        "select verdict, period_type, count(*) from marts.fct_target_progress "
        "join marts.dim_period using (period_key) group by all order by all",
    )
    assert metrics.ask(["verdict_count"], by) == theirs
    assert {row[1] for row in theirs} == {"month", "year", "term"}
    assert metrics.ask(["verdict_count"]) == [(None,)]


def on_dashboards(
    metrics: Metrics, dataset: str, counts: list[str], where: str
) -> tuple[Any, ...]:
    """One row: what charts show of counts of a dataset of the Superset bundle."""
    text = (DATASETS / f"{dataset}.yaml").read_text(encoding="utf-8")
    described = yaml.safe_load(text)
    worded = {m["metric_name"]: m["expression"] for m in described["metrics"]}
    asked = ", ".join(worded[name] for name in counts)
    with metrics.connection.cursor() as cursor:
        cursor.execute("use warehouse.marts")
        (row,) = cursor.execute(
            f"select {asked} from ({described['sql']}) where {where}"
        ).fetchall()
    return row


def test_dashboards_count_reports_as_the_metrics_do(metrics: Metrics) -> None:
    counts = ["on_time_count", "late_count", "missing_count", "held_count"]
    rates = ["due_count", "on_time_rate"]
    shown = on_dashboards(metrics, "reports", [*counts, *rates], "true")
    assert shown == (3, 1, 1, 1, 6, 0.5)
    asked = ["reports_on_time", "late_reports", "missing_reports", "held_reports"]
    assert metrics.ask([*asked, "reports_due", "on_time_rate"]) == [shown]


def test_dashboards_count_verdicts_as_the_metrics_do(metrics: Metrics) -> None:
    shown = on_dashboards(
        metrics,
        "verdicts",
        ["judged_count", *(f"{verdict}_count" for verdict in VERDICTS)],
        "edition_vi = 'Hiện hành' and scope_vi = 'Toàn phạm vi chỉ tiêu'",
    )
    assert shown[0] == 15
    names = [f"targets_{verdict}" for verdict in VERDICTS]
    assert metrics.ask(["targets_assessed", *names]) == [shown]


def test_time_is_the_last_day_of_a_period(metrics: Metrics) -> None:
    """A civil month falls into itself, although it ends where the next begins."""
    asked = metrics.ask(
        ["figure_sum_groups"],
        ["metric_time__year", "period__reporting_year"],
        is_("period__period_type", "month", "quarter", "year"),
    )
    assert [(row[0].year, row[1]) for row in asked] == [(2023, 2023), (2024, 2024)]
    days = marts(
        metrics,
        "select count(*), max(date_day) - min(date_day) + 1, max(date_day) = "
        "(select max(last_date) from marts.dim_period) from semantic.sem_day",
    )
    assert days == [(731, 731, True)]


def test_metrics_speak_both_languages(compiled: CompiledModels) -> None:
    text = compiled.semantic_manifest().read_text(encoding="utf-8")
    manifest = json.loads(text)
    models = manifest["semantic_models"]
    named = [*manifest["metrics"], *models]
    assert len(named) > 30
    dimensions = [d for model in models for d in model["dimensions"]]
    silent = [
        item["name"]
        for item in (*named, *dimensions)
        if not LABEL.match(item["label"] or "")
    ]
    assert silent == []
    faults = {n["name"]: halves_fault(n["description"]) for n in named}
    assert {name: fault for name, fault in faults.items() if fault} == {}


def test_shipped_programmes_have_the_indicators_asked_by_name(
    compiled: CompiledModels,
) -> None:
    manifest = json.loads(compiled.semantic_manifest().read_text(encoding="utf-8"))
    (metric,) = [m for m in manifest["metrics"] if m["name"] == RATIO]
    (where,) = metric["filter"]["where_filters"]
    codes = set(re.findall(r"'(\w*clear\w*)'", where["where_sql_template"]))
    ratios = {
        folder.name: codes
        & {i.code for i in load_programme(folder).indicators if i.kind == "ratio"}
        for folder in sorted(PROGRAMMES.iterdir())
        if (folder / "programme.yaml").exists()
    }
    assert len(ratios) == 2
    assert [len(found) for found in ratios.values()] == [1, 1]
    assert set.union(*ratios.values()) == codes
