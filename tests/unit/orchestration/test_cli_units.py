"""`nhiemky units` and `nhiemky deliveries`: what a person decides, what scripts get."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click.testing
import pytest
import typer
from click.testing import Result

from orchestration.cli import deliveries, look, units
from orchestration.cli.errors import explain
from orchestration.steps.context import RunContext
from sources.programme.loader import load_programme
from tests.helpers.foreign_sources import FIGURES, HEAD, opened, send, sha_of
from tests.unit.orchestration.test_unmatched import take

Cli = Callable[..., Result]
NAMES = ("Xã An Hoà", "=Khu A", "Cả vùng", "Toàn tỉnh", "Nguồn", "MAU.A1")


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with three names that nobody decided on, and one that fits no map."""
    folder = tmp_path_factory.mktemp("received")
    with opened(folder) as context:
        rows = (f"{name},2025-01,{FIGURES}" for name in NAMES)
        send(context, "tables/crimes.csv", HEAD, *rows)
        send(context, "tables/bang.csv", HEAD, f"MAU.B1,2025-01,{FIGURES}")
        take(context)
    return folder


@pytest.fixture
def run(
    received: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunContext]:
    """A copy of that home, for this test alone."""
    monkeypatch.setenv("COLUMNS", "200")
    shutil.copytree(received, tmp_path / "copy")
    with opened(tmp_path / "copy") as context:
        yield context


def explained(main: Callable[..., Any]) -> Callable[..., Any]:
    """As the program does: errors in words, with their exit codes."""

    def run_it(*arguments: Any, **options: Any) -> Any:
        try:
            return main(*arguments, **options)
        except Exception as error:
            sys.exit(explain(error))

    return run_it


@pytest.fixture
def cli(run: RunContext, monkeypatch: pytest.MonkeyPatch) -> Cli:
    def invoke(app: object, *arguments: str, answers: str | None = None) -> Result:
        where = ["--programme", str(run.programme.folder)]
        where += ["--home", str(run.home.path)]
        whole: Any = typer.main.get_command(app)  # type: ignore[arg-type]
        monkeypatch.setattr(whole, "main", explained(whole.main))
        return click.testing.CliRunner().invoke(whole, [*arguments, *where], answers)

    return invoke


def decided(run: RunContext) -> dict[str, str | None]:
    names = load_programme(run.programme.folder).unit_names
    return {name.name: name.unit_code for name in names}


def plain(done: Result) -> str:
    """What was printed, without frames and line breaks."""
    return " ".join(done.output.replace("│", " ").split())


def waiting(run: RunContext) -> list[str]:
    return list(run.ledger.pending_deliveries(run.programme.code).file_name)


def test_names_are_decided_one_by_one_and_their_file_read_again(
    cli: Cli, run: RunContext
) -> None:
    done = cli(units.app, "match", "tables", "--by", "Lan", answers="i\nMAU.Z\ns\n1\n")
    assert done.exit_code == 0, done.output
    assert "did you mean" in done.output
    assert decided(run) == {"=Khu A": None, "Xã An Hoà": "MAU.A2"}
    assert waiting(run) == ["crimes.csv"]
    listed = json.loads(cli(units.app, "list", "--json").stdout)
    assert [(n["name"], n["decided_by"]) for n in listed] == [
        ("=Khu A", "Lan"),
        ("Xã An Hoà", "Lan"),
    ]
    left = json.loads(cli(units.app, "match", "tables", "--json").stdout)
    assert [name["name"] for name in left] == ["Cả vùng"]


def test_nothing_is_decided_without_an_answer_whatever_the_score(
    cli: Cli, run: RunContext
) -> None:
    facts = json.loads(cli(units.app, "match", "tables", "--json").stdout)
    best = {name["name"]: name["proposals"][:1] for name in facts}
    assert best["Xã An Hoà"][0]["unit_code"] == "MAU.A2"
    assert cli(units.app, "match", "tables", answers="").exit_code == 0
    assert cli(units.app, "match", "tables", answers="q\n").exit_code == 0
    assert decided(run) == {}
    assert waiting(run) == []


def test_a_spreadsheet_takes_names_there_and_decisions_back(
    cli: Cli, run: RunContext, tmp_path: Path
) -> None:
    path = tmp_path / "names.csv"
    assert cli(units.app, "match", "tables", "--export", str(path)).exit_code == 0
    assert decided(run) == {}
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["name"] for row in rows] == ["'=Khu A", "Cả vùng", "Xã An Hoà"]
    assert not any(v.startswith(("=", "+", "-", "@")) for r in rows for v in r.values())
    assert {row["decision"] for row in rows} == {""}
    # as a spreadsheet here saves it: semicolons
    lines = ["name;decision", "'=Khu A;MAU.B1", "Cả vùng;ignore", "Xã An Hoà;"]
    path.write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    again = cli(units.app, "match", "tables", "--export", str(path))
    assert (again.exit_code, "name a new file" in plain(again)) == (2, True)
    assert path.read_text(encoding="utf-8-sig").splitlines() == lines
    done = cli(units.app, "match", "tables", "--import", str(path), "--by", "Lan")
    assert done.exit_code == 0, done.output
    assert decided(run) == {"=Khu A": "MAU.B1", "Cả vùng": None}
    written = (run.programme.folder / "unit_names.csv").read_text(encoding="utf-8")
    assert ",'=Khu A,MAU.B1," in written


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--set", "Xã An Hoà=MAU.A9"), "MAU.A"),
        (("--set", "Xã An Hòa=MAU.A2"), "did you mean 'Xã An Hoà'"),
        (("--ignore", "Khu B"), "undecided"),
        (("--set", "Xã An Hoà"), "NAME=CODE"),
        (("--set", "Xã An Hoà=MAU.A2", "--by", " "), "--by"),
    ],
)
def test_slips_of_the_pen_decide_nothing(
    cli: Cli, run: RunContext, arguments: tuple[str, ...], told: str
) -> None:
    done = cli(units.app, "match", "tables", *arguments)
    assert done.exit_code == 2
    assert told in plain(done)
    assert decided(run) == {}
    assert waiting(run) == []


def test_a_source_without_names_and_an_unknown_one_are_explained(cli: Cli) -> None:
    assert "tables" in cli(units.app, "match", "long").output
    done = cli(units.app, "match", "tabels")
    assert (done.exit_code, "did you mean 'tables'" in done.output) == (2, True)


def test_a_name_that_turns_to_another_unit_has_every_file_read_again(
    cli: Cli, run: RunContext
) -> None:
    first = ("--set", "Xã An Hoà=MAU.A1", "--by", "Lan")
    assert cli(units.app, "match", "tables", *first).exit_code == 0
    with opened(run.programme.folder.parent) as again:
        take(again)
    assert waiting(run) == []
    assert cli(units.app, "match", "tables", *first).exit_code == 0
    assert waiting(run) == [], "the same decision changes nothing"
    second = ("--set", "Xã An Hoà=MAU.A2", "--by", "Lan")
    assert cli(units.app, "match", "tables", *second).exit_code == 0
    assert sorted(waiting(run)) == ["bang.csv", "crimes.csv"]


def test_the_inbox_is_listed_shown_and_decided(
    cli: Cli, run: RunContext, tmp_path: Path
) -> None:
    sha256 = sha_of(run, "bang.csv")
    (row,) = json.loads(cli(deliveries.app, "list", "--json").stdout)
    assert (row["delivery_sha256"], row["rules"]) == (sha256, ["X_NOMAP"])
    assert len(json.loads(cli(deliveries.app, "list", "--all", "--json").stdout)) == 2
    assert "bang.csv" in cli(deliveries.app, "list").output
    look_app = typer.Typer()
    look_app.command()(look.status)
    assert json.loads(cli(look_app, "--json").stdout)["unmatched_deliveries"] == 1
    assert "nhiemky deliveries list" in cli(look_app).output
    facts = json.loads(cli(deliveries.app, "show", sha256[:9], "--json").stdout)
    assert facts["sheets"][0]["cells"]["A2"] == "MAU.B1"
    assert facts["findings"][0]["rule_code"] == "X_NOMAP"
    out = tmp_path / "copy.csv"
    saving = (deliveries.app, "save", sha256, "--out", str(out))
    assert cli(*saving).exit_code == 0
    assert out.read_bytes() == run.landing.get(sha256)
    assert cli(*saving).exit_code == 2, "a file that is there stays as it is"
    wrong = ("--form", "ANTT-X", "--reason", "thử")
    done = cli(deliveries.app, "assign", sha256, *wrong)
    assert (done.exit_code, "ANTT-T" in done.output) == (2, True)
    right = ("--form", "ANTT-T", "--reason", "tên tệp sai", "--by", "Lan")
    assert cli(deliveries.app, "assign", sha256, *right).exit_code == 0
    assert waiting(run) == ["bang.csv"]
    shown = cli(deliveries.app, "show", sha256).output
    assert "tên tệp sai" in shown


def test_records_about_persons_are_neither_shown_nor_saved(
    cli: Cli, run: RunContext, tmp_path: Path
) -> None:
    sha256 = sha_of(run, "bang.csv")
    run.landing.quarantine(sha256)
    facts = json.loads(cli(deliveries.app, "show", sha256, "--json").stdout)
    assert facts["sheets"] == []
    out = tmp_path / "copy.csv"
    done = cli(deliveries.app, "save", sha256, "--out", str(out))
    assert done.exit_code != 0
    assert "personal data" in plain(done)
    assert not out.exists()
