"""`nhiemky docs`: when it refuses, what it leaves and serves; dbt is stood in for."""

from __future__ import annotations

import datetime as dt
import threading
import urllib.error
import urllib.request
from pathlib import Path

import duckdb
import pytest

from orchestration.steps.docs import HOST, docs_server, documentation
from orchestration.steps.refusals import AskedAmiss
from warehouse.errors import RunLocked, WarehouseError
from warehouse.home import Home

DAY = dt.date(2025, 12, 20)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose build has one table of the star schema."""
    home = Home(tmp_path / "home")
    home.create()
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute("create schema marts; create table marts.dim_unit (a int)")
    return home


def made_page(build_db: Path, target: Path, as_of: dt.date) -> Path:
    """What dbt would do: the page in its own folder, of this build, on this day."""
    assert build_db.name == "warehouse.duckdb"
    assert as_of == DAY
    target.mkdir(parents=True)
    page = target / "static_index.html"
    page.write_text("<head></head><body>tài liệu</body>", encoding="utf-8")
    return page


def test_nothing_built_is_said_and_makes_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with pytest.raises(WarehouseError, match="nothing was built here yet"):
        documentation(home, DAY, made_page)
    assert not home.path.exists()
    home.create()
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute("create schema raw; create table raw.unit (a int)")
    with pytest.raises(WarehouseError, match="chưa dựng kho dữ liệu"):
        documentation(home, DAY, made_page)


def test_a_run_at_work_comes_first(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = Home.run_lock
    monkeypatch.setattr(Home, "run_lock", lambda self: waiting(self, 0))
    with home.run_lock(), pytest.raises(RunLocked):
        documentation(home, DAY, made_page)


def test_the_page_is_a_file_of_the_home_served_on_loopback(home: Home) -> None:
    page = documentation(home, DAY, made_page)
    assert page == home.reports / "docs" / "index.html"
    # descriptions of columns are shown whole
    assert "white-space: normal" in page.read_text(encoding="utf-8")
    assert [path.name for path in page.parent.iterdir()] == ["index.html"]
    with docs_server(page, 0) as server:
        assert server.server_address[0] == HOST == "127.0.0.1"
        with pytest.raises(AskedAmiss, match=f"{server.server_port}.*--port"):
            docs_server(page, server.server_port)
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        address = f"http://{HOST}:{server.server_port}"
        try:
            with urllib.request.urlopen(address) as answer:
                assert answer.read() == page.read_bytes()
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address}/../scorecard.html").close()
        finally:
            server.shutdown()
            serving.join()
