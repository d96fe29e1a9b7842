"""Scratch builds hold schema raw alone, and nothing of them stays."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.helpers.raw_build import small_build
from warehouse.errors import LoadError, ReadError, WarehouseError
from warehouse.home import Home
from warehouse.scratch import copy_raw, scratch_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A loaded home whose name needs quoting."""
    created = Home(tmp_path / "nhà 'riêng'")
    small_build().write(created)
    return created


def change(home: Home, statement: str) -> None:
    with duckdb.connect(str(home.build_db)) as connection:
        connection.execute(statement)


def test_schema_raw_is_copied_and_nothing_else(home: Home, tmp_path: Path) -> None:
    change(home, "create schema marts; create table marts.t as select 1 as x")
    copy_raw(home, tmp_path / "new" / "warehouse.duckdb")
    with (
        duckdb.connect(str(tmp_path / "new" / "warehouse.duckdb")) as copied,
        duckdb.connect(str(home.build_db)) as original,
    ):
        query = (
            "select schema_name, table_name, estimated_size from duckdb_tables() "
            "where schema_name <> 'marts' order by all"
        )
        assert copied.execute(query).fetchall() == original.execute(query).fetchall()
        query = "from raw.ref_unit order by unit_code"
        assert copied.execute(query).fetchall() == original.execute(query).fetchall()
        names = copied.execute("select distinct schema_name from duckdb_tables()")
        assert names.fetchall() == [("raw",)]


def test_nothing_stays_not_even_what_a_killed_one_left(home: Home) -> None:
    left = home.work / "scratch" / "before" / "build"
    left.mkdir(parents=True)
    (left / "warehouse.duckdb").write_bytes(b"torn")
    with pytest.raises(KeyError), scratch_home(home) as scratch:
        assert not scratch.path.exists()
        copy_raw(home, scratch.build_db)
        assert scratch.build_db.exists()
        raise KeyError
    assert not (home.work / "scratch").exists()


def test_what_cannot_be_copied_says_why(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"nothing to compare.*nhiemky run"):
        copy_raw(Home(tmp_path / "empty"), tmp_path / "a" / "warehouse.duckdb")
    change(home, "alter table raw.ref_unit drop column level")
    with pytest.raises(LoadError, match=r"another version.*nhiemky rebuild"):
        copy_raw(home, tmp_path / "b" / "warehouse.duckdb")
    home.build_db.write_bytes(b"x" * 4096)
    with pytest.raises(WarehouseError, match="could not be copied"):
        copy_raw(home, tmp_path / "c" / "warehouse.duckdb")
