"""`nhiemky access`: what is applied, and whether the server has it so."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from orchestration.cli.access import app
from orchestration.settings import SettingsError
from orchestration.steps.refusals import AskedAmiss
from tests.helpers.server_stand_in import PASSWORD, URL
from warehouse.postgres import examine
from warehouse.postgres.examine import ReaderThere


def reader(login: str, **more: object) -> SimpleNamespace:
    stated = {
        "login": login,
        "sees": None,
        "units": (),
        "totals": (),
        "suppress_small_counts": False,
        "password": None,
    }
    return SimpleNamespace(**{**stated, **more})


READERS = (
    reader("lan", units=("B", "A"), totals=("R",), suppress_small_counts=True),
    reader("minh", sees="all", password="MINH"),
    reader("new", units=("A",)),
)
THERE = [
    ReaderThere("lan", False, 5, ("A", "B"), ("R",), True),
    ReaderThere("minh", True, None, (), (), True),
    ReaderThere("old", False, None, ("A",), (), True),
]


@dataclass(frozen=True)
class Report:
    """As `apply_access` gives it."""

    logins: tuple[str, ...] = ("lan", "minh", "new")
    created: tuple[str, ...] = ("new",)
    given: tuple[str, ...] = ("new: nhiemky_reader",)
    taken: tuple[str, ...] = ()
    passwords_set: tuple[str, ...] = ("minh",)
    without_password: tuple[str, ...] = ("lan",)
    readers_changed: int = 2
    rows_added: int = 3
    rows_removed: int = 0
    unknown_members: tuple[str, ...] = ()
    is_published: bool = False
    may_create: tuple[str, ...] = ()
    is_changed: bool = field(default=True)


@pytest.fixture
def programme(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    access = SimpleNamespace(small_count=5, readers=READERS)
    stated = SimpleNamespace(code="demo", folder=Path("programme"), access=access)
    monkeypatch.setattr("orchestration.steps.context.load_checked", lambda _: stated)
    return stated


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def shown(monkeypatch: pytest.MonkeyPatch, there: list[ReaderThere]) -> Result:
    monkeypatch.setattr(examine, "readers_on", lambda *_: there)
    return invoke("show", "--to", URL, "--json")


def agreements(done: Result) -> dict[str, str]:
    return {line["login"]: line["agreement"] for line in json.loads(done.stdout)}


def test_apply_takes_passwords_from_the_environment_and_prints_what_changed(
    programme: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    module = ModuleType("warehouse.postgres.access")
    vars(module)["apply_access"] = lambda *given: (asked.append(given), Report())[1]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setenv("MINH", PASSWORD)
    done = invoke("apply", "--to", URL)
    assert done.exit_code == 0, done.output
    ((url, access, code, passwords),) = asked
    assert (url, access, code) == (URL, programme.access, "demo")
    assert passwords["MINH"] == PASSWORD  # type: ignore[index]
    said = " ".join(done.output.split())
    assert "new logins: new" in said and "passwords set: minh" in said
    assert "no password in the environment: lan" in said
    assert "roles taken" not in said
    assert PASSWORD not in said


def test_show_says_where_the_server_differs_and_is_exit_1(
    programme: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = shown(monkeypatch, THERE)
    assert done.exit_code == 1
    assert agreements(done) == {
        "lan": "same",
        "minh": "same",
        "new": "only_programme",
        "old": "only_server",
    }
    programme.access.readers = READERS[:2]
    assert shown(monkeypatch, THERE[:2]).exit_code == 0


@pytest.mark.parametrize(
    "there",
    [
        ReaderThere("lan", True, 5, ("A", "B"), ("R",), True),
        ReaderThere("lan", False, None, ("A", "B"), ("R",), True),
        ReaderThere("lan", False, 5, ("A",), ("R",), True),
        ReaderThere("lan", False, 5, ("A", "B"), (), True),
        ReaderThere("lan", False, 5, ("A", "B"), ("R",), False),
    ],
)
def test_anything_that_differs_is_seen(
    there: ReaderThere, programme: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme.access.readers = READERS[:1]
    done = shown(monkeypatch, [there])
    assert (done.exit_code, agreements(done)) == (1, {"lan": "different"})


def test_show_without_a_server_lists_what_the_programme_states(
    programme: SimpleNamespace,
) -> None:
    done = invoke("show")
    assert done.exit_code == 0
    said = " ".join(done.output.split())
    assert "lan" in said and "B, A" in said and "≥ 5" in said and "all" in said


def test_no_access_file_is_said_with_where_to_write_one(
    programme: SimpleNamespace,
) -> None:
    programme.access = None
    for command in ("apply", "show"):
        error = invoke(command, "--to", URL).exception
        assert isinstance(error, AskedAmiss)
        assert "programme/access.yaml" in str(error)
        assert "programme init" in str(error)


def test_an_access_file_of_comments_alone_is_told_from_none(
    programme: SimpleNamespace, tmp_path: Path
) -> None:
    """As `programme init` writes it."""
    programme.access, programme.folder = None, tmp_path
    (tmp_path / "access.yaml").write_text("# readers:\n", encoding="utf-8")
    error = invoke("show").exception
    assert isinstance(error, AskedAmiss)
    assert "commented out" in str(error) and "no such file" not in str(error)


def test_apply_without_a_server_says_how_to_set_one(
    programme: SimpleNamespace,
) -> None:
    assert isinstance(invoke("apply").exception, SettingsError)
