"""The scripts of Superset's environment, as far as they need nothing of it."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from types import ModuleType

import pytest

SUPERSET = Path(__file__).resolve().parents[4] / "warehouse" / "bi" / "superset"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bi_{name}", SUPERSET / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SERVE, BOOT, EXPORTED = script("serve"), script("boot"), script("exported")


@pytest.mark.parametrize(
    "scheme", ["postgresql", "postgresql+psycopg", "postgres", "postgresql+psycopg2"]
)
def test_connection_to_a_server_says_the_schema(
    scheme: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NHIEMKY_BI_URL", f"{scheme}://lan:pw@host/db")
    monkeypatch.setenv("NHIEMKY_BI_SCHEMA", "marts_suppressed")
    assert SERVE.connection(tmp_path) == (
        "postgresql+psycopg2://lan:pw@host/db?options=-csearch_path%3Dmarts_suppressed"
    )


def test_search_path_of_the_url_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = "postgresql+psycopg2://lan:pw@host/db?options=-csearch_path%3Dother"
    monkeypatch.setenv("NHIEMKY_BI_URL", url)
    assert SERVE.connection(tmp_path) == url


def test_without_a_url_the_published_file_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NHIEMKY_BI_URL", raising=False)
    with pytest.raises(SystemExit, match="nhiemky demo"):
        SERVE.connection(tmp_path)
    published = tmp_path / "published" / "warehouse.duckdb"
    published.parent.mkdir()
    published.touch()
    assert SERVE.connection(tmp_path) == f"duckdb:///{published}"


def test_secret_is_made_once_and_is_its_owners(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SOME_SECRET", raising=False)
    made = SERVE.kept_secret(tmp_path, "key", "SOME_SECRET")
    assert len(made) >= 40
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert SERVE.kept_secret(tmp_path, "key", "SOME_SECRET") == made
    monkeypatch.setenv("SOME_SECRET", "given")
    assert SERVE.kept_secret(tmp_path, "key", "SOME_SECRET") == "given"


def test_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < SERVE.free_port(port) < port + SERVE.PORTS_TRIED


def test_connection_goes_into_what_is_imported_and_not_into_the_file() -> None:
    import yaml

    url = "postgresql+psycopg2://lan:pw@host/db"
    told = yaml.safe_load(BOOT.contents(url)[BOOT.DATABASE_FILE])
    assert told["sqlalchemy_uri"] == url
    assert told["extra"] == {}, "read_only is an argument of DuckDB only"
    kept = (BOOT.BUNDLE / BOOT.DATABASE_FILE).read_text(encoding="utf-8")
    assert "lan:pw" not in kept


def test_error_shows_no_password() -> None:
    said = "cannot connect to postgresql+psycopg2://lan:pw%40x@host/db?options=-c"
    assert BOOT.NO_PASSWORD.sub(r"\1:***@", said) == (
        "cannot connect to postgresql+psycopg2://lan:***@host/db?options=-c"
    )


def test_export_keeps_our_order_and_numbers() -> None:
    kept = {
        "a": 1,
        "columns": [{"column_name": "x", "type": "T"}, {"column_name": "y"}],
    }
    told = {
        "columns": [
            {"column_name": "z"},
            {"column_name": "y"},
            {"extra": None, "type": "U", "column_name": "x"},
        ],
        "empty": None,
        "new": 2,
        "a": 1,
    }
    tidy = EXPORTED.like(told, kept)
    assert list(tidy) == ["a", "columns", "new"]
    assert tidy["columns"] == [
        {"column_name": "x", "type": "U"},
        {"column_name": "y"},
        {"column_name": "z"},
    ]


def test_export_numbers_charts_by_their_place() -> None:
    told = {
        "position": {
            "first": {"type": "CHART", "meta": {"chartId": 38}},
            "second": {"type": "CHART", "meta": {"chartId": 8}},
        },
        "metadata": {
            "native_filter_configuration": [
                {"scope": {"excluded": [8, 77]}, "chartsInScope": [1]}
            ]
        },
    }
    own = EXPORTED.own(told)
    assert own["position"]["second"]["meta"]["chartId"] == 1001
    (native,) = own["metadata"]["native_filter_configuration"]
    assert native == {"scope": {"excluded": [1001]}, "chartsInScope": [1000]}
