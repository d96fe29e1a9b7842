from __future__ import annotations

from pathlib import Path

import pytest

from sources.programme.loader import load_programme
from sources.programme.model import Programme
from sources.programme.scaffold import init_programme


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init_programme(tmp_path / "programme")
    return tmp_path / "programme"


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    folder = tmp_path_factory.mktemp("programme")
    init_programme(folder)
    return load_programme(folder)
