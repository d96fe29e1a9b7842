"""What follows a publication and could not be done: said truly, and done later."""

from __future__ import annotations

import datetime as dt
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

from orchestration.alerts.failure import Failure, failure_notice
from orchestration.cli.errors import explain
from orchestration.cli.run import rebuild, refresh
from orchestration.refresh import outcome_of
from orchestration.settings import Settings, SettingsError
from orchestration.steps import duties
from orchestration.steps import load as load_step
from orchestration.steps.context import RunContext
from orchestration.steps.duties import do_owed
from orchestration.steps.load import fingerprint, is_up_to_date, remember_published
from orchestration.steps.owed import TURNS, Duty, owe_turns, owed_turns
from tests.unit.orchestration.release_case import opened
from warehouse.home import Home


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    with opened(tmp_path) as context:
        yield context


def publish(run: RunContext) -> str:
    """Pretends that exactly this state is published."""
    run.home.published_db.parent.mkdir(parents=True, exist_ok=True)
    run.home.published_db.touch()
    state = fingerprint(run)
    remember_published(run, state)
    return state


def test_the_next_run_goes_through_until_every_duty_is_done(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_step, "new_files", lambda _: [])
    state = publish(run)
    for duty in Duty:
        assert not is_up_to_date(run), duty
        duty.done(run, state)
    assert is_up_to_date(run)
    Duty.REPLIES.done(run, "an earlier state")
    assert not is_up_to_date(run)


def test_what_a_run_left_is_done_without_building_again(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    told: list[str] = []

    def pages(_: RunContext) -> dict[str, Path]:
        done.append("pages")
        return {}

    def replies(_: RunContext) -> None:
        done.append("replies")
        if len(done) < 4:
            raise OSError("disk full")

    monkeypatch.setattr(duties, "write_reports", pages)
    monkeypatch.setattr(duties, "write_replies", replies)
    monkeypatch.setattr(duties, "raise_alerts", lambda *_: told.append("told"))
    monkeypatch.setattr(duties, "send_due", lambda *_: None)
    assert do_owed(run) == []
    assert done == [], "nothing is published"
    publish(run)
    (failure,) = do_owed(run)
    assert (failure.step, failure.is_published) == ("replies", True)
    assert do_owed(run)[0].first_line == "disk full"
    assert do_owed(run) == []
    assert do_owed(run) == []
    assert done == ["pages", "replies", "replies", "replies"]
    # once because it was owed, once because what failed is well again
    assert len(told) == 2


@pytest.mark.parametrize(
    ("file", "is_another"),
    [
        ("expectations/catalogue/4_standing.yaml", True),
        ("dbt_project/models/marts/docs/keys.md", True),
        ("dbt_project/macros/verdict.sql", True),
        ("warehouse/bi/superset/bundle/charts/unit_table.yaml", False),
        ("dbt_project/target/compiled/verdict.sql", False),
    ],
)
def test_what_a_build_reads_is_its_state(
    run: RunContext,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file: str,
    is_another: bool,
) -> None:
    """What stands is judged by it again, and the build after it."""
    path = tmp_path / "code" / file
    path.parent.mkdir(parents=True)
    path.write_text("before", encoding="utf-8")
    monkeypatch.setattr(load_step, "ROOT", tmp_path / "code")
    before = fingerprint(run)
    assert fingerprint(run) == before
    path.write_text("after", encoding="utf-8")
    assert (fingerprint(run) != before) is is_another


def test_turns_are_kept_over_runs_until_they_are_told(run: RunContext) -> None:
    turn = pd.DataFrame(
        [("T1", "A", "civil-2024-Y", None, "met", 1), ("T1", "B", "p", "met", "x", 2)],
        columns=[
            *("target_code", "unit_code", "period_key"),
            *("verdict_before", "verdict_now", "more"),
        ],
    )
    owe_turns(run, turn.head(1))
    owe_turns(run, turn.tail(1))
    assert owed_turns(run).values.tolist() == [
        ["T1", "A", "civil-2024-Y", None, "met"],
        ["T1", "B", "p", "met", "x"],
    ]
    TURNS.drop(run)
    assert owed_turns(run).empty


@dg.asset
def publication() -> None: ...


@dg.asset(name="publication")
def refused() -> None:
    raise ValueError("no")


@dg.asset(deps=["publication"])
def replies() -> None:
    raise ValueError("disk full")


def ended(*assets: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize([*assets], instance=instance, raise_on_error=False)


def test_a_fault_after_the_publication_leaves_it_published_and_is_said() -> None:
    outcome, failed = outcome_of(ended(publication, replies), is_swapped=False)
    assert outcome.is_published
    assert "replies" in outcome.reason and "disk full" in outcome.reason
    assert [step for step, _ in failed] == ["replies"]
    outcome, _ = outcome_of(ended(refused, replies), is_swapped=False)
    assert not outcome.is_published
    # the file was swapped, and then the step failed
    outcome, _ = outcome_of(ended(refused, replies), is_swapped=True)
    assert outcome.is_published


def test_the_alert_of_a_fault_after_publishing_does_not_say_that_nothing_was() -> None:
    before = failure_notice(Failure("replies", "SourceError", "x", "1", True))
    assert before and before.kind == "run_failed"
    assert "The figures are published" in before.remedy_en
    assert "The previous publication stays" not in before.remedy_en
    after = failure_notice(Failure("load", "OSError", "x", "1"))
    assert after and "The previous publication stays" in after.remedy_en


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NHIEMKY_ALERT_QUIET", "from ten"),
        ("NHIEMKY_ALERT_DIGEST", "07:00+07:00"),
        ("NHIEMKY_ALERT_REPEAT_HOURS", "99999999999999999999"),
        ("NHIEMKY_ALERT_ESCALATE_DAYS", "3,-1"),
        ("NHIEMKY_ALERT_HISTORY_DAYS", "ten"),
    ],
)
def test_a_wrong_setting_stops_a_run_before_anything_is_made(
    name: str,
    value: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)
    home = tmp_path / "home"
    with pytest.raises(SettingsError) as wrong:
        refresh(Settings(home=Home(home)))
    with pytest.raises(SettingsError):
        rebuild(home=home)
    assert not home.exists()
    assert explain(wrong.value) == 2
    said = capsys.readouterr().err
    assert name in said and value in said and "write it like" in said


@pytest.mark.parametrize(
    ("name", "value"), [("NHIEMKY_AS_OF", "31.12"), ("NHIEMKY_WORKERS", "two")]
)
def test_the_other_settings_are_named_alike(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        Settings.resolve()


def test_the_day_may_be_written_as_people_write_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NHIEMKY_AS_OF", "31/12/2026")
    assert Settings.resolve().as_of == dt.date(2026, 12, 31)
