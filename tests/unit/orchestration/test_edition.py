"""Closing a period: what is frozen, what is refused, what the calendar closes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from orchestration.cli import close as close_commands
from orchestration.settings import SHIPPED_PROGRAMME
from orchestration.steps import edition
from orchestration.steps.context import RunContext
from orchestration.steps.edition import (
    CloseRefused,
    closable_periods,
    close_period,
    complete_reports,
    edition_folder,
    periods_to_close,
)
from orchestration.steps.load import shows_everything
from sources.programme.loader import load_programme
from tests.unit.orchestration.edition_case import (
    DAY,
    OPEN_YEAR,
    PUBLISHED_AT,
    YEAR,
    opened,
)
from warehouse.edition_rows import thaw
from warehouse.errors import LedgerError
from warehouse.ledger.editions import FINAL, PROVISIONAL, Editions
from warehouse.ledger.extensions import Extensions

CODE = f"{YEAR}.1p"


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    with opened(tmp_path) as context:
        yield context


def close(run: RunContext, kind: str = PROVISIONAL, reason: str = "") -> str:
    made = close_period(run, YEAR, kind, "Lan", reason).edition
    code: str = made["edition_code"]
    return code


def test_the_period_s_rows_are_frozen_in_order_with_the_names_of_that_day(
    run: RunContext,
) -> None:
    closed = close_period(run, YEAR, PROVISIONAL, "Lan", "sơ kết")
    made = closed.edition
    assert (made["edition_code"], made["reason"], made["row_count"]) == (
        CODE,
        "sơ kết",
        3,
    )
    assert (made["publication_id"], made["published_at"]) == ("first", PUBLISHED_AT)
    assert made["as_of_date"] == DAY
    assert [(row["verdict"], row["rows"]) for row in closed.verdicts] == [
        ("met", 2),
        ("not_met", 1),
    ]
    kept = thaw(run.landing, CODE, made["rows_sha256"]).to_pandas()
    keys = list(zip(kept.target_key, kept.unit_key, strict=True))
    assert keys == [("t1", "k"), ("t1", "k2"), ("t2", "k")]
    named = kept[["target_name_vi", "unit_name_en", "period_label_vi"]]
    assert named.iloc[0].tolist() == ["Tên", "Province", "Năm 2026"]
    assert str(kept.actual[1]) == "4.99999999"
    assert run.ledger.deliveries().empty


def test_a_new_edition_asks_for_a_build(run: RunContext) -> None:
    assert shows_everything(run)
    close(run)
    assert not shows_everything(run)


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("police-2026-y", "police-2026-Y"),  # nearest
        (OPEN_YEAR, "has not ended on 2027-01-10"),
        ("police-2026-M03", "judges no target"),
    ],
)
def test_a_period_that_cannot_be_closed_is_refused(
    run: RunContext, period: str, told: str
) -> None:
    with pytest.raises(CloseRefused, match=told):
        close_period(run, period, PROVISIONAL, "Lan")
    assert Editions(run.ledger).list().empty


def test_nothing_published_is_nothing_to_close(tmp_path: Path) -> None:
    with (
        opened(tmp_path, is_published=False) as run,
        pytest.raises(CloseRefused, match="nothing is published"),
    ):
        close(run)


def test_what_came_since_the_publication_must_be_seen_first(run: RunContext) -> None:
    (run.home.path / "inbox" / "new.xlsx").write_bytes(b"a correction")
    with pytest.raises(CloseRefused, match="nhiemky run"):
        close(run)
    assert Editions(run.ledger).list().empty


def test_a_publication_of_yesterday_can_be_closed_today(run: RunContext) -> None:
    tomorrow = replace(run, as_of=DAY + dt.timedelta(days=1))
    assert close(tomorrow) == CODE


def test_an_edition_not_published_yet_waits_for_its_refresh(run: RunContext) -> None:
    close(run, FINAL)
    with pytest.raises(LedgerError, match="no provisional edition"):
        close(run)
    with pytest.raises(LedgerError, match="needs a reason"):
        close(run, FINAL)
    with pytest.raises(CloseRefused, match="behind"):
        close(run, FINAL, "sai số")


def test_reports_are_written_once_an_edition_is_published(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def write(context: RunContext, code: str) -> None:
        folder = edition_folder(context, code)
        folder.mkdir(parents=True)
        for name in ("scorecard.html", "scorecard.xlsx"):
            (folder / name).touch()
        written.append(code)

    monkeypatch.setattr(edition, "write_edition_reports", write)
    close(run)
    published: set[str] = set()
    monkeypatch.setattr(edition, "published_editions", lambda *_: published)
    assert complete_reports(run) == {}
    published.add(CODE)
    assert complete_reports(run) == {CODE: edition_folder(run, CODE)}
    assert complete_reports(run) == {}
    assert written == [CODE]


LAST = dt.date(2026, 12, 17)
"""The last deadline inside the year: December's."""


@pytest.mark.parametrize(
    ("days", "due"), [(0, []), (1, [YEAR]), (60, [YEAR]), (61, [])]
)
def test_the_calendar_closes_the_morning_after_the_last_deadline_and_not_for_ever(
    run: RunContext, days: int, due: list[str]
) -> None:
    assert periods_to_close(run, LAST + dt.timedelta(days=days)) == due


def test_an_extension_keeps_the_period_open_and_who_closed_it_ends_it(
    run: RunContext,
) -> None:
    morning = LAST + dt.timedelta(days=1)
    granted = Extensions(run.ledger, run.programme.timezone)
    report = ("ANTT-T", "MAU.A1", "police-2026-M12", LAST)
    granted.grant(run.programme.code, *report, dt.date(2026, 12, 30), "Lan", "bão")
    assert periods_to_close(run, morning) == []
    assert periods_to_close(run, dt.date(2026, 12, 31)) == [YEAR]
    frozen = Editions(run.ledger)
    kept = edition.freeze(
        run.landing, edition.published_rows(run.home, run.programme.code, YEAR)
    )
    frozen.add(run.programme.code, YEAR, FINAL, kept, "Lan")
    assert periods_to_close(run, dt.date(2026, 12, 31)) == []


def test_months_years_and_the_term_can_be_closed() -> None:
    keys = closable_periods(load_programme(SHIPPED_PROGRAMME))
    term = [key for key in keys if key.endswith("-T")]
    assert term == ["police-2021_2025-T"]
    police = pd.Series([key for key in keys if key.startswith("police-")])
    assert len(police) == 5 * 12 + 5 + 1
    assert police.iloc[0] == "police-2021-M01"
    assert len(set(keys)) == len(keys)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """The commands, with a refresh that only notes the day it was asked for."""
    monkeypatch.setenv("COLUMNS", "200")
    made = typer.Typer()
    made.command("close")(close_commands.close)
    made.command("editions")(close_commands.editions)
    return made


def test_close_prints_what_was_frozen_and_publishes_on_the_same_day(
    tmp_path: Path, app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dt.date | None] = []
    monkeypatch.setattr(
        close_commands, "refresh", lambda settings: asked.append(settings.as_of) or 3
    )
    monkeypatch.setattr(close_commands, "out", Console(width=200))
    with opened(tmp_path):
        pass
    home = str(tmp_path / "home")
    where = ["--programme", str(tmp_path / "programme"), "--home", home]
    done = CliRunner().invoke(app, ["close", YEAR, "--by", "Lan", *where])
    assert done.exit_code == 3, done.output
    assert f"{CODE} (tạm thời · provisional), 3 dòng" in done.stdout
    assert "2  Đạt · Met" in done.stdout
    assert "the next `nhiemky run` publishes it" in done.stderr
    assert asked == [DAY]
    shown = CliRunner().invoke(app, ["editions", *where]).stdout
    assert CODE in shown
    listed = CliRunner().invoke(app, ["editions", "--json", *where]).stdout
    (row,) = json.loads(listed)
    assert (row["edition_code"], row["closed_by"], row["number"]) == (CODE, "Lan", 1)
    assert row["published_at"] == PUBLISHED_AT.isoformat()
