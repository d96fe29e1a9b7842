"""From the terminal to a real server: published, owed, secured, down, no secret."""

from __future__ import annotations

import contextlib
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import psycopg
import pytest

from orchestration.cli.app import app
from orchestration.cli.errors import explain
from orchestration.steps import server as server_step
from sources.programme.loader import load_programme
from sources.programme.scaffold import init_programme
from tests.helpers.star_home import Rows, publish_star, units
from warehouse.home import Home

PARENTS = {"MAU": None, "MAU.A": "MAU", "MAU.A1": "MAU.A", "MAU.B": "MAU"}
BRANCH = [("MAU.A",), ("MAU.A1",)]
SEEN = "select unit_code from marts.fct_observation order by 1"
READERS = """\
small_count: 5
readers:
  - {login: %(all)s, sees: all, password: ALL_PASSWORD}
  - {login: %(branch)s, units: [MAU.A], password: BRANCH_PASSWORD}
"""


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said on both streams."""

    code: int
    out: str
    err: str


class Desk:
    """A maintainer at the terminal of one home, its server in the environment."""

    def __init__(self, folder: Path, url: str, environment: pytest.MonkeyPatch) -> None:
        self.home, self.programme = Home(folder / "home"), folder / "programme"
        self.url, self.environment = url, environment
        database = urlsplit(url).path.strip("/")
        # logins belong to the server, which other tests use as well
        self.logins = {"all": f"all_{database}", "branch": f"branch_{database}"}
        self.secrets = {"ALL_PASSWORD": "m4t-khau", "BRANCH_PASSWORD": "m4t-khau-2"}
        for name, value in self.secrets.items():
            environment.setenv(name, value)
        init_programme(self.programme)
        access = self.programme / "access.yaml"
        access.write_text(READERS % self.logins, encoding="utf-8")
        self.code = load_programme(self.programme).code
        self.said = ""

    def publish_files(self, publication_id: str, value: int = 20) -> None:
        """Publishes on disk, as a run would."""
        observations = [
            {
                "unit_key": f"k{unit}",
                "period_key": "civil-2026-Y",
                "indicator_code": "m",
                "programme_code": self.code,
                "unit_code": unit,
                "value": value,
            }
            for unit in PARENTS
        ]
        rows: Rows = {**units(self.code, PARENTS), "fct_observation": observations}
        publish_star(self.home, publication_id, rows)

    def type(self, *words: str, url: str | None = None) -> Done:
        """Gives one command; all that it says is kept."""
        self.environment.setenv("NHIEMKY_PUBLISH_URL", url or self.url)
        places = ["--home", self.home.path, "--programme", self.programme]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                app([*words, *map(str, places)])
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
            except Exception as error:
                code = explain(error)
        said = [" ".join(text.getvalue().split()) for text in (out, err)]
        self.said += " ".join(said)
        return Done(code, *said)

    def rows(self, query: str, login: str | None = None) -> list[tuple[Any, ...]]:
        """What the server answers its owner, or one of the readers."""
        given = {}
        if login:
            password = self.secrets[f"{login.upper()}_PASSWORD"]
            given = {"user": self.logins[login], "password": password}
        with psycopg.connect(self.url, **given) as connection:  # type: ignore[arg-type]
            return connection.execute(query).fetchall()


@pytest.fixture
def desk(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setattr(server_step, "TRIES", 1)  # another try would hide a fault
    desk = Desk(tmp_path, postgres_url, monkeypatch)
    yield desk
    secrets = [urlsplit(postgres_url).password, *desk.secrets.values()]
    assert not [word for word in secrets if word and word in desk.said]
    with psycopg.connect(postgres_url) as connection:
        for login in desk.logins.values():
            connection.execute(f'drop role if exists "{login}"')


def test_from_disk_to_the_server_and_to_its_readers(desk: Desk) -> None:
    desk.publish_files("a" * 32)
    done = desk.type("publish")
    assert done.code == 0 and "published on the server" in done.err, done.err
    with duckdb.connect(str(desk.home.published_db), read_only=True) as disk:
        for table in ("dim_unit", "bridge_unit_ancestor", "fct_observation"):
            query = f"select * from marts.{table} order by 1, 2"
            assert desk.rows(query) == disk.execute(query).fetchall(), table
    assert desk.rows("select publication_id from marts.publication") == [("a" * 32,)]

    assert desk.type("access", "show").code == 1
    done = desk.type("access", "apply")
    assert done.code == 0, done.err
    assert "applied" in done.err and desk.logins["branch"] in done.out
    assert "nothing to do" in desk.type("access", "apply").err
    shown = desk.type("access", "show", "--json")
    assert shown.code == 0, shown.out
    assert {line["agreement"] for line in json.loads(shown.out)} == {"same"}
    assert desk.rows(SEEN, "branch") == BRANCH

    desk.publish_files("b" * 32, value=21)
    assert "behind, " + "a" * 32 in desk.type("status").out
    assert "published on the server" in desk.type("publish").err
    assert "has it already" in desk.type("publish").err
    assert "has this publication" in desk.type("status").out
    assert desk.rows("select distinct value from marts.fct_observation") == [(21,)]
    assert desk.rows(SEEN, "branch") == BRANCH
    assert len(desk.rows(SEEN, "all")) == len(PARENTS)


def test_a_server_that_is_down_or_refuses_is_said_and_keeps_nobody_waiting(
    desk: Desk,
) -> None:
    desk.publish_files("a" * 32)
    (server,) = [
        check
        for check in json.loads(desk.type("doctor", "--json").out)
        if check["what"] == "server"
    ]
    assert server["ok"] and server["detail"].startswith("PostgreSQL")
    parts = urlsplit(desk.url)
    wrong = {
        "down": desk.url.replace(f":{parts.port}/", ":1/"),
        "password": desk.url.replace(f":{parts.password}@", ":wr0ng@"),
        "database": f"{desk.url}_nowhere",
    }
    for why, url in wrong.items():
        done = desk.type("publish", url=url)
        assert done.code == 1 and "PostgresError" in done.err, why
    before = time.monotonic()
    done = desk.type("status", url=wrong["down"])
    assert done.code == 0 and "cannot be asked" in done.out
    assert time.monotonic() - before < 30
    assert desk.type("doctor", url=wrong["password"]).code == 1
    assert "wr0ng" not in desk.said
    assert desk.rows("select to_regclass('marts.publication')") == [(None,)]
