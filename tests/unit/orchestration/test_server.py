"""The publication on the server: owed until it is there, said truly, never a secret."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import duckdb
import pytest
import typer
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner, Result

with warnings.catch_warnings():
    # dagster-dbt imports sqlglot, whose compiled helper announces its successor
    warnings.filterwarnings("ignore", "sqlglotrs is deprecated", DeprecationWarning)
    import dagster_dbt  # noqa: F401

import dagster as dg

from orchestration.alerts.failure import SERVER_BEHIND, Failure, failure_notice
from orchestration.alerts.message import compose
from orchestration.assets.server import postgres_publication
from orchestration.build import build_defs
from orchestration.cli.errors import EXIT_ERROR, EXIT_SETTINGS, explain
from orchestration.cli.look import status
from orchestration.cli.publish import publish_command
from orchestration.cli.run import rebuild, refresh
from orchestration.jobs import REFRESH, SERVER
from orchestration.refresh import outcome_of
from orchestration.resources import RunResource
from orchestration.sensors import server_sensors
from orchestration.settings import Settings, SettingsError, publish_url
from orchestration.steps import duties
from orchestration.steps import load as load_step
from orchestration.steps import server as server_step
from orchestration.steps.alert import OF_FINDINGS, OF_RUNS, tell
from orchestration.steps.context import RunContext
from orchestration.steps.duties import do_owed
from orchestration.steps.load import fingerprint, is_up_to_date, remember_published
from orchestration.steps.owed import Duty
from orchestration.steps.server import bounded, is_server_owed, serve, standing
from sources.connectors.patience import patient
from tests.helpers.server_stand_in import DOWN, PASSWORD, SHOWN, URL, StandIn, install
from tests.unit.orchestration.release_case import opened
from warehouse.errors import PostgresError, ReadError
from warehouse.home import Home
from warehouse.ledger.outbox import Outbox
from warehouse.postgres.keys import StarKeys

KEYS = StarKeys({"dim_unit": ("unit_key",)})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunContext]:
    with opened(tmp_path) as context:
        monkeypatch.setattr(
            "orchestration.steps.context.load_programme", lambda _: context.programme
        )
        monkeypatch.setattr(server_step, "star_keys", lambda: KEYS)
        monkeypatch.setattr(load_step, "new_files", lambda _: [])
        yield context


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    unhurried = partial(patient, sleep=lambda _: None)
    monkeypatch.setattr(server_step, "patient", unhurried)
    return install(monkeypatch)


def publish(run: RunContext, publication_id: str = "p1") -> str:
    """Pretends that this state was published under this id, and all else done."""
    run.home.published.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(run.home.published_db)) as connection:
        connection.execute(
            "create schema if not exists marts;"
            "create or replace table marts.publication as select "
            f"'{publication_id}' as publication_id, timestamp '2026-11-22' as "
            "published_at, date '2026-11-21' as as_of_date;"
            "create or replace table marts.dim_unit (programme_code text,"
            " unit_key text, unit_code text);"
            "create or replace table marts.fct_submission (unit_key text,"
            " form_code text, period_key text, status text)"
        )
    state = fingerprint(run)
    remember_published(run, state)
    for duty in set(Duty) - {Duty.SERVER}:
        duty.done(run, state)
    return state


def resource(run: RunContext) -> RunResource:
    return RunResource(
        programme=str(run.programme.folder),
        home=str(run.home.path),
        as_of=run.as_of.isoformat(),
    )


def alerts(run: RunContext) -> list[str]:
    return list(Outbox(run.ledger).alerts("demo").alert_key)


# ---- the address


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://u:{PASSWORD}@host/bi",
        f"u:{PASSWORD}@host/bi",
        f"postgresql://u:{PASSWORD}@host",
        f"postgresql://u:{PASSWORD}@host:port/bi",
        f"postgresql://u:{PASSWORD}@[host/bi",
        f"postgresql://u:pa#{PASSWORD}@host/bi",
    ],
)
def test_a_wrong_address_stops_everything_before_it_begins_and_is_never_quoted(
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NHIEMKY_PUBLISH_URL", url)
    home = tmp_path / "home"
    for command in (
        lambda: refresh(Settings(home=Home(home))),
        lambda: rebuild(home=home),
        lambda: publish_command(home=home),
    ):
        with pytest.raises(SettingsError) as wrong:
            command()
        assert explain(wrong.value) == EXIT_SETTINGS
    assert not home.exists()
    said = capsys.readouterr().err
    assert "NHIEMKY_PUBLISH_URL" in said and "postgresql://publisher@" in said
    assert PASSWORD not in said


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h/bi",
        "postgres://u@h:5432/bi?sslmode=require",
        "postgresql+psycopg://u:p%40w@[::1]:5432/bi",
        "postgresql:///bi?host=/run/postgresql",
        "postgresql://?service=bi",
    ],
)
def test_addresses_of_postgres_in_all_their_forms(url: str) -> None:
    assert publish_url(url) == url
    assert publish_url() is None


def test_connecting_is_bounded_and_nothing_else_changes() -> None:
    plain, own = "postgresql://u:p%40w@h:1/bi", "postgresql:///bi?connect_timeout=60"
    assert bounded(plain, 3) == f"{plain}?connect_timeout=3"
    own_place = conninfo_to_dict(bounded(f"{own}&host=/run/pg", 3))
    assert own_place == {"dbname": "bi", "host": "/run/pg", "connect_timeout": "3"}


# ---- owed until it is there


def test_a_server_set_later_is_owed_and_then_not_asked_again(
    run: RunContext, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NHIEMKY_PUBLISH_URL")
    assert not is_server_owed(run)
    publish(run)
    assert is_up_to_date(run)
    monkeypatch.setenv("NHIEMKY_PUBLISH_URL", URL)
    monkeypatch.setattr(duties, "tell_maintainers", lambda _: None)
    monkeypatch.setitem(duties._DO, Duty.ALERTS, lambda _: None)
    assert not is_up_to_date(run)
    assert do_owed(run) == []
    assert (server.publication_id, server.loads, server.keys) == ("p1", 1, KEYS)
    assert is_up_to_date(run)
    asked = len(server.asked)
    assert do_owed(run) == []
    assert len(server.asked) == asked
    monkeypatch.setenv("NHIEMKY_PUBLISH_URL", URL.replace("bi.example", "other"))
    assert not is_up_to_date(run), "another server has nothing yet"


def test_the_same_state_published_again_is_owed_again(
    run: RunContext, server: StandIn
) -> None:
    """As after a rebuild: the same figures, another publication."""
    publish(run)
    serve(run)
    publish(run, "p2")
    assert is_server_owed(run)
    serve(run)
    assert (server.publication_id, server.loads) == ("p2", 2)


def test_another_password_is_no_other_server(
    run: RunContext, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(run)
    serve(run)
    monkeypatch.setenv("NHIEMKY_PUBLISH_URL", URL.replace(PASSWORD, "another"))
    assert not is_server_owed(run)


def test_nothing_published_is_nothing_owed(run: RunContext, server: StandIn) -> None:
    assert not is_server_owed(run)
    with pytest.raises(ReadError, match="nhiemky run"):
        serve(run)
    assert server.asked == []


def test_a_short_outage_is_waited_out(run: RunContext, server: StandIn) -> None:
    publish(run)
    server.down = 2
    assert serve(run).is_new
    assert len(server.asked) == 3
    assert {*server.asked} == {URL}, "its own limit on connecting holds"


def test_an_outage_leaves_it_owed_and_is_told_once_until_it_is_over(
    run: RunContext, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(duties._DO, Duty.ALERTS, lambda _: None)
    publish(run)
    for new in (1, 0):  # two runs, one word
        server.down = 3
        (failure,) = do_owed(run)
        assert (failure.step, failure.error_class) == ("server", "PostgresError")
        notice = failure_notice(failure)
        assert notice
        # the good end of another step settles failed runs, and not this
        raised = tell(run, [notice], ())
        assert raised.new == new
        tell(run, [], [*OF_FINDINGS, *OF_RUNS, "gate_refused"])
        assert alerts(run) == [SERVER_BEHIND]
        assert not is_up_to_date(run)
    assert do_owed(run) == []
    assert alerts(run) == []
    assert is_up_to_date(run)


def test_the_alert_says_in_both_languages_what_holds_and_what_to_do(
    run: RunContext,
) -> None:
    reason = f"postgresql://u:{PASSWORD}@h/bi: {DOWN}"
    notices = [
        failure_notice(Failure(step, "PostgresError", reason, "1", is_published))
        for step, is_published in (("server", True), ("postgres_publication", False))
    ]
    assert notices[0] == notices[1], "one word, whoever tried"
    tell(run, [notice for notice in notices if notice])
    text = compose(
        Outbox(run.ledger).due("demo", dt.datetime.now(dt.UTC)), run.programme
    ).text
    for words in (
        "Máy chủ BI chưa có bản công bố mới · BI server is behind",
        "the server still serves what it had",
        "máy chủ vẫn phục vụ bản trước",
        "nhiemky doctor; nhiemky publish",
        DOWN,
    ):
        assert words in text
    assert PASSWORD not in text
    assert "previous publication stays" not in text


# ---- Dagster


@dg.asset
def publication() -> None: ...


def materialized(run: RunContext) -> tuple[dg.ExecuteInProcessResult, str]:
    """How the step ended, and all that the event log keeps of it."""
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [publication, postgres_publication],
            resources={"run_settings": resource(run)},
            instance=instance,
            raise_on_error=False,
        )
        logged = instance.all_logs(result.run_id)
    return result, "".join(repr(entry) for entry in logged)


def test_the_asset_says_what_went_where(run: RunContext, server: StandIn) -> None:
    publish(run)
    result, logged = materialized(run)
    (made,) = result.asset_materializations_for_node("postgres_publication")
    metadata = {name: value.value for name, value in made.metadata.items()}
    assert metadata == {
        "server": SHOWN,
        "publication_id": "p1",
        "is_new": True,
        "dagster/row_count": 7,
        "rows": {"dim_unit": 3, "fct_observation": 4},
        "load_seconds": 1.5,
        "swap_milliseconds": 4.0,
    }
    assert not is_server_owed(run)
    assert PASSWORD not in logged


def test_a_server_that_is_down_leaves_the_run_published_and_not_done(
    run: RunContext, server: StandIn
) -> None:
    publish(run)
    server.down = 3
    result, logged = materialized(run)
    outcome, ((step, error),) = outcome_of(result, is_swapped=True)
    assert outcome.is_published and not outcome.is_refused
    assert DOWN in outcome.reason
    notice = failure_notice(Failure.of(step, error))
    assert notice and notice.key == SERVER_BEHIND
    assert DOWN in logged
    assert PASSWORD not in logged
    assert is_server_owed(run)


def test_the_graph_has_the_server_where_one_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NHIEMKY_PUBLISH_URL", URL)
    definitions = build_defs()
    dg.Definitions.validate_loadable(definitions)
    (spec,) = [s for s in definitions.resolve_all_asset_specs() if s.key == SERVER]
    assert spec.group_name == "publication" and spec.kinds == {"postgres"}
    assert [dep.asset_key.to_user_string() for dep in spec.deps] == ["publication"]
    job = definitions.resolve_job_def(REFRESH)
    assert SERVER in job.asset_layer.executable_asset_keys
    assert definitions.resolve_sensor_def("server_behind").job_name == REFRESH


def test_the_sensor_gives_the_server_what_a_run_could_not(
    run: RunContext, server: StandIn
) -> None:
    (sensor,) = server_sensors()
    publish(run)
    with dg.DagsterInstance.ephemeral() as instance:

        def tick() -> object:
            with dg.build_sensor_context(
                instance, resources={"run_settings": resource(run)}
            ) as context:
                return sensor(context)

        asked = tick()
        assert isinstance(asked, dg.RunRequest)
        assert asked.asset_selection == [SERVER]
        assert asked.run_key and asked.run_key.startswith("p1 ")
        serve(run)
        assert isinstance(tick(), dg.SkipReason)


def test_without_a_server_there_is_no_sensor() -> None:
    assert server_sensors() == []


# ---- the terminal


def invoke(command: object, *arguments: str) -> Result:
    app = typer.Typer()
    app.command()(command)  # type: ignore[type-var]
    return CliRunner().invoke(app, list(arguments))


def test_publish_is_exit_0_also_when_the_server_has_it_already(
    run: RunContext, server: StandIn
) -> None:
    publish(run)
    home = str(run.home.path)
    for said in ("published on the server: p1", "the server has it already: p1"):
        done = invoke(publish_command, "--home", home)
        assert done.exit_code == 0
        assert said in " ".join(done.output.split())
    assert server.loads == 1


def test_publish_without_a_server_is_exit_2_and_says_how_to_set_one(
    tmp_path: Path,
) -> None:
    error = invoke(publish_command, "--home", str(tmp_path / "home")).exception
    assert isinstance(error, SettingsError)
    assert "NHIEMKY_PUBLISH_URL" in str(error) and "--to" in str(error)


def test_publish_to_a_server_that_is_down_is_exit_1(
    run: RunContext, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(run)
    server.down = 3
    error = invoke(publish_command, "--home", str(run.home.path)).exception
    assert isinstance(error, PostgresError)
    assert explain(error) == EXIT_ERROR
    assert PASSWORD not in capsys.readouterr().err


def test_publish_to_another_server_pays_no_debt(
    run: RunContext, server: StandIn
) -> None:
    publish(run)
    other = "postgresql://someone@elsewhere:1/bi"
    home = str(run.home.path)
    assert invoke(publish_command, "--to", other, "--home", home).exit_code == 0
    assert server.asked[0].startswith(other)
    assert is_server_owed(run)


def test_what_a_person_accepts_goes_to_the_server_as_well(
    run: RunContext, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = str(run.home.path)
    monkeypatch.setattr(
        "orchestration.steps.release.publish_refused",
        lambda *_: (publish(run, "accepted"), StandIn("accepted"))[1],
    )
    monkeypatch.setattr("orchestration.steps.show.write_reports", lambda _: {})
    arguments = ("--accept", "vì", "--home", home)
    assert invoke(publish_command, *arguments).exit_code == 0
    assert server.publication_id == "accepted"
    server.down = 3
    failed = invoke(publish_command, *arguments)
    assert isinstance(failed.exception, PostgresError), "published, yet not done"
    monkeypatch.delenv("NHIEMKY_PUBLISH_URL")
    assert invoke(publish_command, *arguments).exit_code == 0


def test_status_says_whether_the_server_lags_and_waits_only_a_moment(
    run: RunContext, server: StandIn
) -> None:
    publish(run)

    def said() -> str:
        done = invoke(status, "--home", str(run.home.path))
        assert done.exit_code == 0
        return " ".join(done.output.split())

    assert f"server: {SHOWN} chưa kịp · behind, chưa có gì · nothing" in said()
    serve(run)
    assert "has this publication" in said()
    publish(run, "p2")
    assert "behind, p1: nhiemky publish" in said()
    server.down = 1
    shown = said()
    assert f"cannot be asked {DOWN}" in shown
    assert PASSWORD not in shown
    assert "connect_timeout=3" in server.asked[-1]
    assert not server.asked[-1].startswith(SHOWN), "asked with the password"


def test_status_without_a_server_does_not_speak_of_one(run: RunContext) -> None:
    assert standing(run) is None
    publish(run)
    done = invoke(status, "--home", str(run.home.path))
    assert done.exit_code == 0
    assert "server" not in done.output
