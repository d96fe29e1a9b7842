from __future__ import annotations

import datetime as dt

import pytest

from sources.programme.loader import load_programme
from sources.programme.periods import periods_of
from sources.programme.problems import ProgrammeError
from sources.programme.reference import due_units
from sources.programme.scaffold import init_programme


def test_starter_programme_passes_its_check_and_has_work_to_do(tmp_path):
    written = init_programme(tmp_path / "new" / "programme")
    assert all(path.is_file() for path in written)
    programme = load_programme(tmp_path / "new" / "programme")
    assert [level.code for level in programme.levels] == [
        "province",
        "district",
        "commune",
    ]
    assert (len(programme.units), len(programme.measures)) == (7, 4)
    assert len(programme.targets) == 3
    due = due_units(programme, programme.forms[0], periods_of(programme, 2026))
    assert len(due) == 4 * 24
    assert due["due_date"].iloc[0] == dt.date(2025, 1, 17)


def test_every_key_of_the_starter_is_explained_in_both_languages(folder):
    for path in folder.glob("*.yaml"):
        comments = [x for x in path.read_text("utf-8").splitlines() if "#" in x]
        assert len(comments) >= 4, path.name
        assert any(ord(c) > 0x1E00 for line in comments for c in line), path.name


def test_nothing_is_overwritten(folder):
    (folder / "forms.yaml").write_text("mine")
    with pytest.raises(ProgrammeError, match="exists already"):
        init_programme(folder)
    assert (folder / "forms.yaml").read_text() == "mine"
