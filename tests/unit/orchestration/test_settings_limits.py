from __future__ import annotations

import dataclasses

import pytest

from orchestration.settings import (
    LIMIT_VARIABLES,
    SHIPPED_PROGRAMME,
    Settings,
    SettingsError,
    reader_limits,
)
from orchestration.steps import handover
from orchestration.steps.context import open_run
from orchestration.steps.pull import pull
from orchestration.steps.read import read_pending
from sources.readers.limits import DEFAULT_LIMITS, MEBIBYTE
from sources.template.writer import write_template


def test_without_variables_the_defaults_hold(monkeypatch):
    assert reader_limits() == DEFAULT_LIMITS
    monkeypatch.setenv("NHIEMKY_LIMIT_CELLS", "  ")
    assert reader_limits() == DEFAULT_LIMITS


@pytest.mark.parametrize("name", LIMIT_VARIABLES)
def test_each_variable_sets_its_limit(monkeypatch, name):
    limit, unit = LIMIT_VARIABLES[name]
    monkeypatch.setenv(name, "300")
    limits = reader_limits()
    assert getattr(limits, limit) == 300 * unit
    changed = {
        field.name
        for field in dataclasses.fields(limits)
        if getattr(limits, field.name) != getattr(DEFAULT_LIMITS, field.name)
    }
    follow = {
        "NHIEMKY_LIMIT_CELLS": {"area"},
        "NHIEMKY_LIMIT_SECONDS": {"wall_seconds"},
    }
    assert changed == {limit} | follow.get(name, set())


def test_what_follows_from_a_limit(monkeypatch):
    monkeypatch.setenv("NHIEMKY_LIMIT_INFLATED_MB", "10")
    monkeypatch.setenv("NHIEMKY_LIMIT_SECONDS", "4")
    monkeypatch.setenv("NHIEMKY_LIMIT_CELLS", "1000")
    limits = Settings.resolve().limits
    assert limits.total_bytes == limits.part_bytes == 10 * MEBIBYTE
    assert (limits.cpu_seconds, limits.wall_seconds) == (4, 6.0)
    assert (limits.cells, limits.area) == (1000, 5000)


@pytest.mark.parametrize("name", LIMIT_VARIABLES)
@pytest.mark.parametrize("value", ["many", "-1", "0", "1.5", "١", "9" * 12])
def test_an_unusable_limit_stops_before_a_run(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        Settings.resolve()


def test_memory_in_which_no_file_can_be_read(monkeypatch):
    monkeypatch.setenv("NHIEMKY_LIMIT_MEMORY_MB", "64")
    with pytest.raises(SettingsError, match="256"):
        Settings.resolve()


def test_a_run_reads_within_its_limits(monkeypatch, tmp_path):
    monkeypatch.setenv("NHIEMKY_LIMIT_CELLS", "5")
    settings = Settings.resolve(SHIPPED_PROGRAMME, tmp_path)
    with open_run(settings) as run:
        path = run.home.path / "inbox" / "x.xlsx"
        write_template(path, run.programme, "TS-N", "HD.X11167", "police-2022-Y")
        pull(run)
        read_pending(run)
        (found,) = handover.read(run.home.work).findings.rule_code
    assert found == "X_TOOBIG"
