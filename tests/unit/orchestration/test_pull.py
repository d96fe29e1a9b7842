"""Pulling: each source for itself, recorded whole, told when it is down."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from orchestration.cli import pull as pull_cli
from orchestration.cli import run as run_cli
from orchestration.cli.app import app
from orchestration.settings import Settings
from orchestration.steps import pull as pull_step
from orchestration.steps.context import RunContext, open_run
from orchestration.steps.folders import new_files
from orchestration.steps.pull import PullSummary, pull, stop_where_nothing_is
from orchestration.steps.reach import source_states
from sources.connectors.errors import SourceError, UnreadableFile
from sources.connectors.fetched import Fetched
from sources.connectors.files import RemoteFile
from sources.connectors.local_folder import LocalFolder
from sources.programme.model import Source
from sources.programme.scaffold import init_programme
from warehouse.home import Home
from warehouse.ledger.outbox import Outbox

NOW = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
MAPS = """
    reader: mapped
    number_style: plain
    maps:
      - file: .*
        form: ANTT-T
        period_type: month
        unit_column: {header: [unit]}
        period_column: {header: [period]}
        measures: [{measure: crimes, header: [crimes]}]
"""
OTHERS = f"""
  - code: second
    name_vi: Thư mục hai
    name_en: Second folder
    path: ${{SECOND}}
    reader: template
    number_style: vi
  - code: office
    name_vi: Cơ sở dữ liệu
    name_en: Database
    connector: sql
    url: sqlite:////nowhere/unit.db
    sql: {{select: select 1 as unit, keys: [unit]}}{MAPS}
"""


class Fake:
    """A connector that gives what it is told to, and notes how it was asked."""

    def __init__(self) -> None:
        self.content: list[bytes] = []
        self.error: str | None = None
        self.cursors: list[str | None] = []

    def __call__(
        self,
        source: Source,
        cursor: str | None,
        keep: Callable[[Fetched], None],
        environment: Mapping[str, str],
        now: dt.datetime,
    ) -> str | None:
        self.cursors.append(cursor)
        for place, content in enumerate(self.content):
            keep(Fetched(f"{place}.zip", f"db#{cursor}/{place}", content, NOW))
        if self.error:
            raise SourceError(self.error)
        return f"after {len(self.cursors)}"


class Place:
    """A home, its programme, two drop folders and a database."""

    def __init__(self, folder: Path) -> None:
        self.programme = folder / "programme"
        init_programme(self.programme)
        with (self.programme / "sources.yaml").open("a", encoding="utf-8") as out:
            out.write(OTHERS)
        self.inbox, self.second = folder / "inbox", folder / "second"
        self.inbox.mkdir()
        self.second.mkdir()
        self.home = Home(folder / "home")
        self.database = Fake()

    @contextmanager
    def run(self) -> Iterator[RunContext]:
        with open_run(Settings(self.programme, self.home)) as run:
            yield run

    def pull(self, *only: str, is_due_only: bool = False) -> PullSummary:
        with self.run() as run:
            return pull(run, only, is_due_only)

    def drop(self, folder: Path, name: str, content: bytes) -> None:
        (folder / name).write_bytes(content)

    def alerts(self) -> dict[str, str]:
        with self.run() as run:
            found = Outbox(run.ledger).alerts(run.programme.code)
        return dict(zip(found.alert_key, found.message_en, strict=True))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path)
    monkeypatch.setenv("NHIEMKY_INBOX", str(made.inbox))
    monkeypatch.setenv("SECOND", str(made.second))
    monkeypatch.setattr(pull_step, "fetch_of", lambda _: made.database)
    return made


def test_every_source_is_pulled_and_its_cursor_remembered(place: Place) -> None:
    place.drop(place.inbox, "a.xlsx", b"a")
    place.drop(place.second, "b.xlsx", b"b")
    place.drop(place.second, "again.xlsx", b"a")
    place.database.content = [b"c", b"d"]
    first = place.pull()
    counts = {code: (c.files, c.landed) for code, c in first.sources.items()}
    assert counts == {"inbox": (1, 1), "second": (2, 1), "office": (2, 2)}
    assert (first.files, first.landed, first.repeated) == (5, 4, 1)
    assert not first.unreachable
    place.database.content = []
    assert place.pull().files == 0
    assert place.database.cursors == [None, "after 1"]
    with place.run() as run:
        assert run.ledger.cursor(run.programme.code, "office") == "after 2"
        assert run.ledger.cursor(run.programme.code, "inbox") is None
        assert set(run.ledger.deliveries(run.programme.code).source_code) == {
            "inbox",
            "second",
            "office",
        }


def test_a_pull_without_news_is_noted_and_changes_no_build(place: Place) -> None:
    place.pull()
    with place.run() as run:
        code = run.programme.code
        before, first = run.ledger.state_token(), run.ledger.pulled(code)
        pull(run)
        later = run.ledger.pulled(code)
        assert run.ledger.state_token() == before
    assert list(later.source_code) == ["inbox", "office", "second"]
    assert (later.pulled_at > first.pulled_at).all()


def test_a_source_that_is_down_costs_the_others_nothing(place: Place) -> None:
    place.drop(place.inbox, "a.xlsx", b"a")
    place.database.content = [b"half"]
    place.database.error = "source office: //me:hunter2@host gone. Check it."
    place.second.rmdir()
    got = place.pull()
    assert set(got.unreachable) == {"second", "office"}
    assert (got.landed, got.sources["inbox"].landed) == (1, 1)
    assert "hunter2" not in str(got) and "hunter2" not in str(place.alerts())
    with place.run() as run:
        # what was kept before it failed is not recorded, and the cursor stays
        known = run.ledger.deliveries(run.programme.code)
        assert list(known.source_code) == ["inbox"]
        assert run.ledger.cursor(run.programme.code, "office") is None
        down = {s.code for s in source_states(run) if s.down}
    assert down == {"second", "office"}
    told = place.alerts()
    assert set(told) == {"source_down|source second", "source_down|source office"}
    assert "gone. Check it" in told["source_down|source office"]


def test_what_nobody_foresaw_costs_the_others_nothing_either(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    place.drop(place.inbox, "a.xlsx", b"a")
    place.drop(place.inbox, "b.xlsx", b"b")
    place.drop(place.second, "c.xlsx", b"c")
    read, listed = LocalFolder.read_bytes, LocalFolder.list_files

    def fails(folder: LocalFolder, file: RemoteFile) -> bytes | None:
        if file.name == "b.xlsx":
            raise KeyError("size")
        return read(folder, file)

    def unlisted(folder: LocalFolder) -> list[RemoteFile]:
        if folder._folder == place.second:
            raise RuntimeError("//me:hunter22@host")
        return listed(folder)

    def asked(*_: object) -> str | None:
        raise ValueError("no address: sqlite:////nowhere?key=hunter22")

    monkeypatch.setattr(LocalFolder, "read_bytes", fails)
    monkeypatch.setattr(LocalFolder, "list_files", unlisted)
    monkeypatch.setattr(pull_step, "fetch_of", lambda _: asked)
    monkeypatch.setenv("OFFICE_KEY", "hunter22")
    sources = place.programme / "sources.yaml"
    text = sources.read_text(encoding="utf-8")
    with_key = text.replace("unit.db", "unit.db?key=${OFFICE_KEY}")
    sources.write_text(with_key, encoding="utf-8")
    got = place.pull()
    assert got.sources["inbox"].landed == 1
    said = got.unreachable
    assert re.match(r"source inbox, .*b\.xlsx: unexpected KeyError", said["inbox"])
    assert "source second: unexpected RuntimeError" in said["second"]
    assert said["office"] == (
        "source office: unexpected ValueError: no address: sqlite:////nowhere?key=***;"
        " nothing of it was recorded; tell the maintainers of the program."
    )
    assert "Traceback" in caplog.text and "in asked" in caplog.text
    assert "hunter22" not in str(got) + caplog.text + str(place.alerts())


def test_a_source_that_is_back_is_resolved_and_one_not_asked_is_left(
    place: Place,
) -> None:
    place.database.error = "source office: gone."
    place.second.rmdir()
    place.pull()
    place.database.error = None
    place.database.content = [b"c"]
    assert place.pull("office").landed == 1
    assert set(place.alerts()) == {"source_down|source second"}
    # coming back is seen by looking alone
    place.second.mkdir()
    with place.run() as run:
        assert new_files(run) == []
    assert place.alerts() == {}


def test_a_killed_pull_ends_as_an_undisturbed_one(place: Place) -> None:
    place.drop(place.inbox, "a.xlsx", b"a")
    place.database.content = [b"c", b"d"]
    original = pull_step._record

    def dies(run: RunContext, code: str, one: object) -> object:
        if code == "office":
            raise KeyboardInterrupt
        return original(run, code, one)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pull_step, "_record", dies)
        with pytest.raises(KeyboardInterrupt):
            place.pull()
    again = place.pull()
    assert (again.files, again.landed) == (2, 2)
    assert place.database.cursors == [None, None]


def test_what_a_killed_pull_left_half_written_goes(place: Place) -> None:
    half = place.home.landing / ".incoming" / "tmpabc"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    place.drop(place.inbox, "a.xlsx", b"a")
    assert place.pull().landed == 1
    assert list(half.parent.iterdir()) == []


def test_one_file_that_cannot_be_read_leaves_the_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        place.drop(place.inbox, f"{name}.xlsx", name.encode())
    os.link(place.inbox / "b.xlsx", place.second / "b.xlsx")
    original = LocalFolder.read_bytes

    def some(folder: LocalFolder, file: RemoteFile) -> bytes | None:
        if file.uri.startswith(str(place.inbox)) and file.name == "b.xlsx":
            raise UnreadableFile(f"cannot read {file.uri}: broken. Check it.")
        return original(folder, file)

    monkeypatch.setattr(LocalFolder, "read_bytes", some)
    got = place.pull()
    assert got.sources["inbox"].landed == 2
    assert got.sources["second"].landed == 1
    assert "broken" in got.unreachable["inbox"]


def due_sources(run: RunContext, now: dt.datetime | None = None) -> list[str]:
    return [state.code for state in source_states(run, now) if state.is_due]


def test_an_interface_is_asked_in_its_rhythm_and_no_faster_when_down(
    place: Place,
) -> None:
    hour = dt.timedelta(minutes=60)
    with place.run() as run:
        assert due_sources(run) == ["office"]
        pull(run, is_due_only=True)
        (state,) = [s for s in source_states(run) if s.code == "office"]
        assert state.pulled_at is not None
        pulled = state.pulled_at
        assert due_sources(run, pulled + hour - dt.timedelta(seconds=1)) == []
        assert due_sources(run, pulled + hour) == ["office"]
        # a clock that was put back does not silence it
        assert due_sources(run, pulled - hour) == ["office"]
        got = pull(run, is_due_only=True)
        assert "office" not in got.sources and "inbox" in got.sources
        later = pulled + hour
        place.database.error = "source office: gone."
        pull(run, is_due_only=True, now=later)
        assert due_sources(run, later + hour - dt.timedelta(seconds=1)) == []
        assert due_sources(run, later + hour) == ["office"]
    assert len(place.database.cursors) == 2


def test_nothing_at_all_to_work_on_ends_the_run(place: Place) -> None:
    place.inbox.rmdir()
    place.second.rmdir()
    place.database.error = "source office: gone."
    with place.run() as run:
        with pytest.raises(SourceError, match="gone"):
            stop_where_nothing_is(run, pull(run))
        place.inbox.mkdir()
        stop_where_nothing_is(run, pull(run))


def command(place: Place, *arguments: str) -> tuple[int, str]:
    where = ["--programme", str(place.programme), "--home", str(place.home.path)]
    done = CliRunner().invoke(app, ["pull", *arguments, *where])
    return done.exit_code, done.output


def test_the_command_pulls_what_is_named_and_says_what_is_down(place: Place) -> None:
    place.drop(place.inbox, "a.xlsx", b"a")
    place.database.error = "source office: gone. Start it."
    code, said = command(place, "inbox")
    assert code == 0 and place.database.cursors == []
    code, said = command(place, "--json")
    assert code == 1
    assert '"office": "source office: gone. Start it."' in said
    place.second.rmdir()
    code, said = command(place, "second")
    assert code == 1 and "source second" in said
    assert "Start it" not in said
    code, said = command(place, "--list", "--json")
    assert code == 0 and '"code": "office"' in said and "gone" in said


@pytest.mark.parametrize("code", [0, 3])
def test_a_run_that_published_without_a_source_says_so_and_is_exit_1(
    place: Place,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refreshed(settings: Settings) -> int:
        place.pull()
        return code

    monkeypatch.setattr(run_cli, "refresh", refreshed)
    ends = []
    for error in ("source office: gone. Start it.", None):
        place.database.error = error
        with pytest.raises(typer.Exit) as ended:
            run_cli.run(programme=place.programme, home=place.home.path)
        ends.append((ended.value.exit_code, "Start it" in capsys.readouterr().err))
    assert ends == [(code or 1, True), (code, False)]


def test_the_command_names_the_nearest_source(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    with place.run() as run, pytest.raises(typer.Exit) as ended:
        pull_cli._check(run, ["offce"])
    assert ended.value.exit_code == 2
    assert "'office'" in capsys.readouterr().err
