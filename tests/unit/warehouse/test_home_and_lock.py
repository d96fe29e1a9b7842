"""The home folder and the lock that lets one run at a time work in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.errors import RunLocked, WarehouseError
from warehouse.home import Home

HOLD = """
import sys
from pathlib import Path
from warehouse.home import Home
with Home(Path(sys.argv[1])).run_lock():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_home_is_the_option_then_the_variable_then_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Home.resolve().path == tmp_path / ".nhiemky"
    monkeypatch.setenv("NHIEMKY_HOME", "elsewhere")
    assert Home.resolve().path == tmp_path / "elsewhere"
    assert Home.resolve("given").path == tmp_path / "given"


def test_ledger_url_is_a_file_in_the_home_unless_the_variable_says_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    assert home.ledger_url == f"sqlite:///{tmp_path}/ledger.sqlite"
    monkeypatch.setenv("NHIEMKY_LEDGER_URL", "postgresql://host/ledger")
    assert home.ledger_url == "postgresql://host/ledger"


def test_build_and_publication_have_one_base_name_on_one_filesystem(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    home.create()
    assert home.build_db.name == home.published_db.name == "warehouse.duckdb"
    assert home.build_db.parent.stat().st_dev == home.published.stat().st_dev


def test_create_makes_the_quarantine_private_and_may_be_repeated(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path / "home")
    home.create()
    home.create()
    assert home.quarantine.stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_made_is_named_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError, match=r"file/home.*--home"):
        Home(tmp_path / "file" / "home").create()


def test_a_second_run_waits_for_a_bounded_time_and_names_the_holder(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(RunLocked, match=rf"pid {holder.pid} since"),
            home.run_lock(wait_seconds=0.1),
        ):
            pytest.fail("two runs at once")
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    with home.run_lock(wait_seconds=0):
        pass


def test_the_lock_is_free_after_an_error_in_the_run(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(ZeroDivisionError), home.run_lock():
        raise ZeroDivisionError
    with home.run_lock(wait_seconds=0):
        pass
