"""A pull killed at any point and run again leaves what an undisturbed one leaves.

In the manner of SQLite's tests: the n-th operation fails, for n = 1, 2, 3 and so on,
just before or just after it did its work, until a run comes through.
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orchestration.settings import SHIPPED_PROGRAMME, Settings
from orchestration.steps.context import RunContext, load_checked
from orchestration.steps.pull import pull
from sources.connectors.local_folder import LocalFolder
from sources.connectors.remote_folder import RemoteFolder
from sources.programme.model import Programme, Source
from tests.helpers.file_servers import (
    OLD,
    SftpServer,
    Shop,
    sftp_server,
    shop_of_folder,
)
from warehouse.home import Home
from warehouse.landing import Landing
from warehouse.ledger import Ledger

FILES = {"a.xlsx": b"1", "x/b.xlsx": b"22", "x/same as b.xlsx": b"22"}


class Killed(BaseException):
    """As good as SIGKILL: nothing in the product handles it."""


class Executioner:
    """Kills at the n-th point; every operation has a point before and one after it."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.points = 0

    def _point(self) -> None:
        self.points += 1
        if self.points == self.at:
            raise Killed

    def over(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **given: Any) -> Any:
            self._point()
            answer = method(*args, **given)
            self._point()
            return answer

        return watched


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_checked(SHIPPED_PROGRAMME)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with sftp_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a ledger and nothing in it: copied, it costs no migration."""
    home = Home(tmp_path_factory.mktemp("empty"))
    home.create()
    Ledger.open(home.ledger_url).close()
    return home.path


@contextmanager
def run_of(
    programme: Programme, shop: Shop, empty: Path, folder: Path
) -> Iterator[RunContext]:
    source = Source(
        code="inbox",
        name_vi="h",
        name_en="h",
        path=shop.address,
        options=shop.options,
        reader="template",
        number_style="vi",  # type: ignore[arg-type]
    )
    home = Home(Path(shutil.copytree(empty, folder)))
    ledger = Ledger.open(home.ledger_url)
    try:
        yield RunContext(
            settings=Settings(programme=SHIPPED_PROGRAMME, home=home, workers=1),
            programme=programme.model_copy(update={"sources": (source,)}),
            home=home,
            landing=Landing(home),
            ledger=ledger,
            as_of=dt.date(2025, 2, 1),
        )
    finally:
        ledger.close()


def state(run: RunContext) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, bytes]]:
    code = run.programme.code
    deliveries = run.ledger.deliveries(code).drop(columns="recorded_at")
    kept = {
        path.relative_to(run.home.landing).as_posix(): path.read_bytes()
        for path in run.home.landing.rglob("*")
        if path.is_file() and ".incoming" not in path.parts
    }
    return deliveries, run.ledger.known_origins(code), kept


# the other remote places differ below `RemoteFolder` only
@pytest.mark.parametrize("is_remote", [False, True], ids=["local", "sftp"])
def test_killed_at_any_point_and_run_again(
    programme: Programme,
    server: SftpServer,
    empty: Path,
    is_remote: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if is_remote:
        shop = server.shop("inbox", tmp_path / "inbox")
    else:
        shop = shop_of_folder(tmp_path / "inbox", str(tmp_path / "inbox"))
    for at, (name, data) in enumerate(FILES.items()):
        shop.put(name, data, OLD + dt.timedelta(days=at))
    monkeypatch.setattr("orchestration.steps.pull.WRITERS", 1)
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    with run_of(programme, shop, empty, tmp_path / "undisturbed") as run:
        summary = pull(run)
        wanted = state(run)
    assert (summary.files, summary.landed, summary.repeated) == (3, 2, 1)
    assert len(wanted[1]) == 3
    # an odd point lies before an operation, and a handshake takes its time
    for n in itertools.count(1, 2 if is_remote else 1):
        with run_of(programme, shop, empty, tmp_path / str(n)) as run:
            with monkeypatch.context() as patched:
                killer = Executioner(n)
                for owner, name in (
                    (LocalFolder, "list_files"),
                    (LocalFolder, "read_bytes"),
                    (RemoteFolder, "list_files"),
                    (RemoteFolder, "read_bytes"),
                    (Landing, "put"),
                    (Ledger, "record_deliveries"),
                ):
                    patched.setattr(owner, name, killer.over(getattr(owner, name)))
                try:
                    pull(run)
                    is_through = True
                except Killed:
                    is_through = False
            pull(run)
            deliveries, origins, kept = state(run)
        pd.testing.assert_frame_equal(deliveries, wanted[0])
        pd.testing.assert_frame_equal(origins, wanted[1])
        assert kept == wanted[2]
        if is_through:
            break
    # one listing, three files read and landed, one transaction
    assert killer.points == n - 1 == 2 * (1 + 3 + 3 + 1)
