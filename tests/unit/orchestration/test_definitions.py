"""What Dagster shows and starts: assets, checks, the job, schedules and the sensor."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

with warnings.catch_warnings():
    # dagster-dbt imports sqlglot, whose compiled helper announces its successor
    warnings.filterwarnings("ignore", "sqlglotrs is deprecated", DeprecationWarning)
    import dagster_dbt  # noqa: F401

import dagster as dg

from expectations.checks import (
    GATE_1_SUITES,
    GATE_2_SUITES,
    RESULT_COLUMNS,
    STANDING_SUITES,
)
from orchestration.alert_sensors import CHECK_OVERDUE
from orchestration.assets import OWNERS, WAREHOUSE_POOL
from orchestration.assets.suites import ROW_COLUMNS, ROWS_SHOWN, suite_result
from orchestration.build import build_defs
from orchestration.closing import CLOSE
from orchestration.dbt import manifest_path
from orchestration.instance import fail_dead_runs, open_instance
from orchestration.jobs import EDITION, REFRESH
from orchestration.resources import RunResource
from orchestration.sensors import drop_folder_sensor
from orchestration.settings import SHIPPED_PROGRAMME
from orchestration.steps.pull import pull
from sources.programme.loader import load_programme
from warehouse.errors import RunLocked
from warehouse.home import Home

LAYERS = {"staging", "intermediate", "marts", "semantic"}
GROUPS = {"sources", "intake", "warehouse", *LAYERS, "publication"}
LONG_AGO = 1_700_000_000


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return build_defs()


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    return list(definitions.resolve_all_asset_specs())


def test_definitions_hold_together(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_every_asset_says_what_it_is_where_it_stands_and_whose_it_is(
    specs: list[dg.AssetSpec],
) -> None:
    for spec in specs:
        assert spec.description, spec.key
        assert spec.group_name in GROUPS, spec.key
        assert list(spec.owners) == OWNERS, spec.key
        assert spec.kinds, spec.key
    assert {spec.group_name for spec in specs} == GROUPS


def test_every_dbt_model_is_an_asset_of_its_layer(specs: list[dg.AssetSpec]) -> None:
    models = {
        (node["fqn"][1], node["name"])
        for node in _nodes()
        if node["resource_type"] == "model"
    }
    shown = {tuple(s.key.path) for s in specs if s.group_name in LAYERS}
    assert shown == models
    assert all(s.group_name == s.key.path[0] for s in specs if s.group_name in LAYERS)


def test_every_suite_and_every_dbt_test_is_a_check(definitions: dg.Definitions) -> None:
    keys = definitions.resolve_asset_graph().asset_check_keys
    own = ("sources/inbox", "submissions_judged", "raw/finding", "publication")
    by_asset: dict[str, set[str]] = {asset: set() for asset in own}
    of_models = 0
    for key in keys:
        asset = key.asset_key.to_user_string()
        if asset in by_asset:
            by_asset[asset].add(key.name)
        else:
            of_models += 1
    assert by_asset == {
        "sources/inbox": {"reachable"},
        "submissions_judged": {
            *(suite.name for suite in GATE_1_SUITES),
            "overdue_submissions",
        },
        "raw/finding": {suite.name for suite in STANDING_SUITES},
        "publication": {suite.name for suite in GATE_2_SUITES},
    }
    assert of_models == sum(node["resource_type"] == "test" for node in _nodes())


def test_publication_comes_after_every_mart(specs: list[dg.AssetSpec]) -> None:
    publication = next(s for s in specs if s.key == dg.AssetKey("publication"))
    marts = {s.key for s in specs if s.group_name == "marts"}
    assert {dep.asset_key for dep in publication.deps} == marts


def test_one_job_runs_everything_in_process_and_its_writers_share_the_pool(
    definitions: dg.Definitions, specs: list[dg.AssetSpec]
) -> None:
    jobs = {j.name for j in definitions.resolve_all_job_defs()} - {"__ASSET_JOB"}
    assert jobs == {REFRESH, CHECK_OVERDUE, CLOSE}
    job = definitions.resolve_job_def(REFRESH)
    assert job.executor_def is dg.in_process_executor
    everything = {s.key for s in specs} - {EDITION}
    assert set(job.asset_layer.executable_asset_keys) == everything
    outside = {n.name for n in job.nodes if n.definition.pool != WAREHOUSE_POOL}
    # they read the publication and write pages, replies and the outbox
    assert outside == {"scorecard", "replies", "alerts"}


def test_schedules_and_sensor_run_from_the_start(definitions: dg.Definitions) -> None:
    forms = load_programme(SHIPPED_PROGRAMME).forms
    schedules = list(definitions.schedules or ())
    jobs = [schedule.job_name for schedule in schedules]
    assert sorted(jobs) == [CHECK_OVERDUE, CLOSE, *[REFRESH] * len(forms)]
    for schedule in schedules:
        assert isinstance(schedule, dg.ScheduleDefinition)
        assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    sensor = definitions.resolve_sensor_def("drop_folder")
    assert sensor.job_name == REFRESH
    for name in ("drop_folder", "due_sources", "alert_run_failure", "send_alerts"):
        told = definitions.resolve_sensor_def(name)
        assert told.default_status == dg.DefaultSensorStatus.RUNNING


class Office:
    """A home, its drop folder, and the sensor's memory from tick to tick."""

    def __init__(self, folder: Path, instance: dg.DagsterInstance) -> None:
        self.inbox = folder / "inbox"
        self.inbox.mkdir()
        self.resource = RunResource(
            programme=str(SHIPPED_PROGRAMME), home=str(folder), locks_home=True
        )
        self.instance = instance
        self.cursor: str | None = None

    def drop(self, name: str, content: bytes = b"any bytes") -> None:
        path = self.inbox / name
        path.write_bytes(content)
        os.utime(path, (LONG_AGO, LONG_AGO))

    def tick(self) -> dg.RunRequest | dg.SkipReason:
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            resources={"run_settings": self.resource},
        ) as context:
            answer = drop_folder_sensor()(context)
            self.cursor = context.cursor
        assert isinstance(answer, dg.RunRequest | dg.SkipReason)
        return answer


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("NHIEMKY_INBOX", str(tmp_path / "inbox"))
    with dg.DagsterInstance.ephemeral() as instance:
        yield Office(tmp_path, instance)


def test_an_empty_folder_starts_nothing(office: Office) -> None:
    assert isinstance(office.tick(), dg.SkipReason)
    assert isinstance(office.tick(), dg.SkipReason)


def test_files_that_lie_still_for_two_ticks_start_one_run(office: Office) -> None:
    office.drop("a.xlsx")
    office.drop("b.xlsx")
    first = office.tick()
    assert isinstance(first, dg.SkipReason)
    assert first.skip_message and first.skip_message.startswith("2 new files")
    assert isinstance(office.tick(), dg.RunRequest)


def test_a_file_that_still_grows_waits_another_tick(office: Office) -> None:
    office.drop("a.xlsx", b"half")
    office.tick()
    office.drop("a.xlsx", b"half and the rest")
    assert isinstance(office.tick(), dg.SkipReason)
    assert isinstance(office.tick(), dg.RunRequest)


def test_the_same_files_ask_under_the_same_key_so_no_second_run_starts(
    office: Office,
) -> None:
    office.drop("a.xlsx")
    office.tick()
    keys = {_key(office.tick()).split(" ")[0] for _ in range(3)}
    assert len(keys) == 1


def test_nothing_starts_while_a_run_is_on_its_way(office: Office) -> None:
    office.drop("a.xlsx")
    office.tick()
    job = build_defs().resolve_job_def(REFRESH)
    office.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert isinstance(office.tick(), dg.SkipReason)


def test_what_a_failed_run_landed_and_did_not_judge_starts_another(
    office: Office,
) -> None:
    office.drop("a.xlsx")
    with office.resource.open() as run:
        pull(run)
    waiting = office.tick()
    assert isinstance(waiting, dg.SkipReason)
    assert waiting.skip_message and "1 landed and not judged" in waiting.skip_message
    assert isinstance(office.tick(), dg.RunRequest)


def test_a_missing_drop_folder_is_said_and_starts_nothing(office: Office) -> None:
    office.inbox.rmdir()
    answer = office.tick()
    assert isinstance(answer, dg.SkipReason)
    assert answer.skip_message and "inbox" in answer.skip_message


def test_a_run_holds_the_lock_of_the_home_and_a_tick_does_not(office: Office) -> None:
    home = Home(office.inbox.parent)

    @dg.op
    def try_lock(run_settings: RunResource) -> bool:
        try:
            with home.run_lock(wait_seconds=0):
                return False
        except RunLocked:
            return True

    @dg.job(resource_defs={"run_settings": office.resource})
    def locked() -> None:
        try_lock()

    assert locked.execute_in_process().output_for_node("try_lock") is True
    with home.run_lock(wait_seconds=0):
        office.tick()


def test_runs_that_died_with_their_machine_are_failed_when_nobody_is_at_work(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)

    @dg.job
    def any_job() -> None: ...

    with open_instance(home) as instance:
        run = instance.create_run_for_job(any_job, status=dg.DagsterRunStatus.STARTED)
    with home.run_lock():
        assert fail_dead_runs(home) == 0
    assert fail_dead_runs(home) == 1
    with open_instance(home) as instance:
        dead = instance.get_run_by_id(run.run_id)
        assert dead and dead.status == dg.DagsterRunStatus.FAILURE


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("BLOCKER", dg.AssetCheckSeverity.ERROR),
        ("ERROR", dg.AssetCheckSeverity.ERROR),
        ("WARNING", dg.AssetCheckSeverity.WARN),
        ("INFO", dg.AssetCheckSeverity.WARN),
    ],
)
def test_a_failed_rule_fails_its_suite_with_its_severity(
    severity: str, expected: dg.AssetCheckSeverity
) -> None:
    rows = [
        ("values", "NEGATIVE", severity, 10, 1, "fail", ""),
        ("values", "NOT_WHOLE", "ERROR", 10, 0, "pass", ""),
        ("values", "UNKNOWN", "ERROR", 0, 0, "skipped", "no such list"),
        ("other", "LATE", "BLOCKER", 10, 9, "fail", ""),
    ]
    result = suite_result("values", pd.DataFrame(rows, columns=list(RESULT_COLUMNS)))
    assert (result.passed, result.severity) == (False, expected)
    assert result.metadata["rules_checked"].value == 2
    assert result.metadata["rules_skipped"].value == 1
    assert result.metadata["rules_failed"].value == [
        {"rule_code": "NEGATIVE", "severity": severity, "checked": 10, "failed": 1}
    ]


def test_a_failed_suite_shows_where_it_failed_heaviest_first_and_no_figure() -> None:
    rows = [
        ("values", "NEGATIVE", "ERROR", 10, 1, "fail", ""),
        ("values", "ODD", "WARNING", 99, 60, "fail", ""),
        ("other", "LATE", "INFO", 10, 1, "fail", ""),
    ]
    found = [
        *(
            {"rule_code": "ODD", "severity": "WARNING", "cell": f"D{n}"}
            for n in range(60)
        ),
        {"rule_code": "NEGATIVE", "severity": "ERROR", "cell": "E1", "observed": "-77"},
        {"rule_code": "LATE", "severity": "INFO", "cell": "F1"},
    ]
    findings = pd.DataFrame(found).reindex(columns=[*ROW_COLUMNS, "observed"])
    results = pd.DataFrame(rows, columns=list(RESULT_COLUMNS))
    shown = suite_result("values", results, findings).metadata["rows"].value.records
    assert len(shown) == ROWS_SHOWN
    assert shown[0].data["cell"] == "E1"
    assert {record.data["rule_code"] for record in shown} == {"NEGATIVE", "ODD"}
    assert all("-77" not in record.data.values() for record in shown)


def _nodes() -> list[dict[str, str]]:
    manifest = json.loads(manifest_path().read_text(encoding="utf-8"))
    return list(manifest["nodes"].values())


def _key(answer: dg.RunRequest | dg.SkipReason) -> str:
    assert isinstance(answer, dg.RunRequest) and answer.run_key
    return answer.run_key
