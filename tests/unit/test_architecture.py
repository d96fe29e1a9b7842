"""The import rules of the layout, read from the code itself, offline."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("orchestration", "expectations", "sources", "warehouse")
REFERENCE_MODEL = "sources.programme"
ONLY_HOME = {
    "dagster": "orchestration",
    "dagster_dbt": "orchestration",
    "great_expectations": "expectations",
    "duckdb": "warehouse",
    "sqlalchemy": "warehouse",
    "alembic": "warehouse",
    "httpx": "sources/connectors",
    "pysdmx": "sources/connectors",
}
ALSO_IN = {"sqlalchemy": "sources/connectors/sql"}
"""Modules that ask a unit's own database, apart from ours."""
LONGEST_FILE = 400


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path


@cache
def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def starts(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("package", ["expectations", "sources", "warehouse"])
def test_packages_import_neither_orchestration_nor_each_other(package: str) -> None:
    others = [p for p in PACKAGES if p != package]
    offences = [
        f"{where} imports {name}"
        for where, path in modules()
        if where.startswith(package + "/")
        for name in imported(path)
        for other in others
        if starts(name, other)
        and not starts(name, REFERENCE_MODEL)
        # `from sources import programme` names the package, not a foreign module
        and name != "sources"
    ]
    assert not offences


def test_reference_model_imports_nothing_of_ours_but_itself() -> None:
    offences = [
        f"{where} imports {name}"
        for where, path in modules()
        if where.startswith("sources/programme/")
        for name in imported(path)
        for package in PACKAGES
        if starts(name, package) and not starts(name, REFERENCE_MODEL)
    ]
    assert not offences


@pytest.mark.parametrize("library", sorted(ONLY_HOME))
def test_library_has_one_home(library: str) -> None:
    offences = [
        where
        for where, path in modules()
        if not where.startswith(ONLY_HOME[library] + "/")
        and not where.startswith(ALSO_IN.get(library, "-"))
        and any(starts(name, library) for name in imported(path))
    ]
    assert not offences


def test_simulator_and_readers_do_not_know_each_other() -> None:
    offences = [
        f"{where} imports {name}"
        for where, path in modules()
        for name in imported(path)
        if (where.startswith("sources/simulator/") and starts(name, "sources.readers"))
        or (where.startswith("sources/readers/") and starts(name, "sources.simulator"))
    ]
    assert not offences


def test_no_cycle_back_from_steps_to_dagster() -> None:
    offences = [
        where
        for where, path in modules()
        if where.startswith("orchestration/steps/")
        and any(starts(name, "dagster") for name in imported(path))
    ]
    assert not offences


def test_every_package_opens_with_its_charter() -> None:
    missing = [
        where
        for where, path in modules()
        if path.name == "__init__.py"
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not missing


def test_top_packages_say_what_does_not_belong() -> None:
    for package in PACKAGES:
        text = ast.get_docstring(
            ast.parse((ROOT / package / "__init__.py").read_text())
        )
        assert text is not None
        assert "not belong" in " ".join(text.split()), package


def test_files_are_small() -> None:
    long = [
        f"{where}: {lines} lines"
        for where, path in modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    ]
    assert not long


def test_entry_file_is_three_lines() -> None:
    tree = ast.parse((ROOT / "orchestration" / "definitions.py").read_text())
    statements = [node for node in tree.body if not isinstance(node, ast.Expr)]
    assert len(statements) == 2
