"""Gate 2 in a run: what it refuses, and a person's decision to publish all the same."""

from __future__ import annotations

import datetime as dt
import getpass
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from orchestration.cli.errors import EXIT_ERROR, explain
from orchestration.cli.publish import publish_command
from orchestration.steps import show
from orchestration.steps.context import RunContext
from orchestration.steps.load import fingerprint, is_published
from orchestration.steps.release import (
    ACCEPT_PUBLICATION,
    Acceptance,
    AcceptanceRefused,
    GateRefused,
    judge_build,
    publish_build,
    publish_refused,
)
from orchestration.steps.standing import judge_standing_facts
from tests.helpers.marts_build import AS_OF
from tests.helpers.warehouse_frames import record, submission
from tests.unit.orchestration.release_case import VALUES, build, load, opened
from warehouse.ledger.decisions import Decisions
from warehouse.read import publication

WHY = Acceptance("Nguyễn A", "đã hỏi lại đơn vị")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    with opened(tmp_path) as context:
        yield context


@pytest.fixture
def refused(run: RunContext) -> RunContext:
    """A build whose control total nobody was told of."""
    build(run)
    with pytest.raises(GateRefused, match="tổng do đơn vị gửi là 51"):
        judge_build(run)
    return run


def publications(run: RunContext) -> list[tuple[str, str]]:
    query = "select status, reasons from publication order by published_at"
    with closing(sqlite3.connect(run.home.path / "ledger.sqlite")) as ledger:
        return ledger.execute(query).fetchall()


def test_a_total_that_differs_goes_out_once_it_was_told(run: RunContext) -> None:
    load(run)
    judge_standing_facts(run)
    build(run)
    results = judge_build(run).results.set_index("rule_code")
    assert results.status["CONTROL_TOTAL_UNSEEN"] == "pass"


def test_a_refusal_is_on_record_and_publishes_nothing(refused: RunContext) -> None:
    assert not refused.home.published_db.exists()
    ((status, reasons),) = publications(refused)
    assert status == "refused"
    assert "R, F, civil-2024-Y, m: tổng do đơn vị gửi là 51" in reasons


def test_a_person_publishes_what_was_refused_on_record(refused: RunContext) -> None:
    state = fingerprint(refused)
    report = publish_refused(refused, WHY)
    assert publication(refused.home)["publication_id"] == report.publication_id
    decision = Decisions(refused.ledger).latest("demo", ACCEPT_PUBLICATION, state)
    assert decision is not None
    assert (decision["decided_by"], decision["reason"]) == (WHY.by, WHY.reason)
    assert "51" in decision["observed"]
    statuses, reasons = zip(*publications(refused), strict=True)
    assert statuses == ("refused", "refused", "published")
    assert reasons[1].startswith("Được chấp nhận · accepted by Nguyễn A: đã hỏi lại")
    assert reasons[1].endswith(reasons[0])
    assert is_published(refused, fingerprint(refused))


def test_the_decision_holds_for_that_build_only(
    refused: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_refused(refused, WHY)
    with pytest.raises(AcceptanceRefused, match="no build of programme demo waits"):
        publish_refused(refused, WHY)
    monkeypatch.setitem(VALUES, "a23", "5")
    record(refused.ledger, [(submission("a23", period="civil-2023-Y"), 9)])
    build(refused)
    with pytest.raises(GateRefused):
        judge_build(refused)


def test_what_changed_since_the_refusal_must_be_judged_first(
    refused: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(VALUES, "a23", "5")
    record(refused.ledger, [(submission("a23", period="civil-2023-Y"), 9)])
    with pytest.raises(AcceptanceRefused, match="nhiemky run"):
        publish_refused(refused, WHY)
    assert not refused.home.published_db.exists()
    assert Decisions(refused.ledger).history("demo").empty


def test_nothing_refused_is_nothing_to_accept(run: RunContext) -> None:
    with pytest.raises(AcceptanceRefused, match="nhiemky run"):
        publish_refused(run, WHY)


def test_a_build_that_passes_later_leaves_nothing_to_accept(
    refused: RunContext,
) -> None:
    judge_standing_facts(refused)
    build(refused)
    judge_build(refused)
    with pytest.raises(AcceptanceRefused, match="refused none"):
        publish_refused(refused, WHY)


@pytest.mark.parametrize("words", [("A", "  "), ("", "vì")])
def test_a_decision_without_reason_or_name_is_none(
    refused: RunContext, words: tuple[str, str]
) -> None:
    with pytest.raises(AcceptanceRefused, match="--accept"):
        publish_refused(refused, Acceptance(*words))
    assert not refused.home.published_db.exists()


def test_accepted_the_next_day_it_is_judged_on_the_day_of_the_refusal(
    refused: RunContext, tmp_path: Path
) -> None:
    with opened(tmp_path, AS_OF + dt.timedelta(days=1)) as next_day:
        publish_refused(next_day, WHY)
        assert publication(next_day.home)["as_of_date"] == AS_OF


def progress(run: RunContext, verdict: str, actual: int) -> None:
    """The same verdict for a year and for a month end of it."""
    with duckdb.connect(str(run.home.build_db)) as connection:
        connection.execute(
            "create or replace table marts.dim_period as "
            "from (values ('civil-2024-Y', 'year'), ('civil-2024-M12', 'month')) "
            "as periods (period_key, period_type)"
        )
        connection.execute(
            "create or replace table marts.fct_target_progress as select "
            "'k' as target_key, 'kR' as unit_key, period_key, "
            "'demo' as programme_code, 'T' as target_code, 'R' as unit_code, "
            "true as is_scope_unit, ? as verdict, ?::decimal(30, 8) as actual "
            "from marts.dim_period",
            [verdict, actual],
        )


def test_verdicts_that_turned_since_the_publication_come_back(run: RunContext) -> None:
    load(run)
    judge_standing_facts(run)
    build(run)
    progress(run, "on_track", 81)
    assert judge_build(run).verdict_changes.empty
    publish_build(run)
    progress(run, "off_track", 79)
    (row,) = judge_build(run).verdict_changes.to_dict("records")
    codes = ["T", "R", "civil-2024-Y"]
    assert list(row.values()) == [*codes, "on_track", "off_track", 81, 79]


def test_an_earlier_day_turns_no_verdict(run: RunContext, tmp_path: Path) -> None:
    load(run)
    judge_standing_facts(run)
    build(run)
    progress(run, "on_track", 81)
    publish_build(run)
    progress(run, "off_track", 79)
    with opened(tmp_path, AS_OF - dt.timedelta(days=1)) as earlier:
        assert judge_build(earlier).verdict_changes.empty


def invoke(*arguments: str) -> BaseException | None:
    app = typer.Typer()
    app.command()(publish_command)
    return CliRunner().invoke(app, list(arguments)).exception


def test_command_without_a_refused_build_is_exit_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = invoke("--accept", "vì", "--home", str(tmp_path))
    assert isinstance(error, AcceptanceRefused)
    assert explain(error) == EXIT_ERROR
    assert "nhiemky run" in " ".join(capsys.readouterr().err.split())


def test_command_publishes_as_the_user_logged_in(
    refused: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[RunContext] = []
    monkeypatch.setattr(show, "write_reports", shown.append)
    monkeypatch.setattr(getpass, "getuser", lambda: "truc_ban")
    monkeypatch.setattr(
        "orchestration.steps.context.load_programme", lambda _: refused.programme
    )
    home = str(refused.home.path)
    assert invoke("--accept", "vì đã hỏi", "--home", home) is None
    (decision,) = Decisions(refused.ledger).history("demo").to_dict("records")
    assert (decision["decided_by"], decision["reason"]) == ("truc_ban", "vì đã hỏi")
    assert len(shown) == 1
    assert refused.home.published_db.exists()
