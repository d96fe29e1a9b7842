"""Exit codes and words of the program, run as a person runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.support import nhiemky


def test_help_lists_every_command() -> None:
    done = nhiemky("--help")
    assert done.returncode == 0
    for command in (
        *("demo", "run", "status", "simulate", "programme"),
        *("template", "trace", "doctor", "rebuild"),
    ):
        assert command in done.stdout


def test_wrong_programme_is_exit_2_and_names_file_line_and_remedy(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "programme"
    assert nhiemky("programme", "init", folder).returncode == 0
    units = folder / "units.csv"
    lines = units.read_text(encoding="utf-8").splitlines()
    line = next(i for i, text in enumerate(lines) if "2" in text and i > 0)
    lines[line] = lines[line].replace("20", "not-a-date-", 1)
    units.write_text("\n".join(lines), encoding="utf-8")
    for command in (
        ("programme", "check", folder),
        ("run", "--programme", folder, "--home", tmp_path / "home"),
    ):
        done = nhiemky(*command)
        assert done.returncode == 2, done.stdout + done.stderr
        assert "units.csv" in done.stderr
        assert str(line + 1) in done.stderr


def test_missing_programme_folder_is_exit_2(tmp_path: Path) -> None:
    done = nhiemky("run", "--programme", tmp_path / "none", "--home", tmp_path / "home")
    assert done.returncode == 2
    assert "none" in done.stderr


def test_missing_drop_folder_is_exit_1_and_says_which(tmp_path: Path) -> None:
    folder, inbox = tmp_path / "programme", tmp_path / "no-such-inbox"
    nhiemky("programme", "init", folder)
    done = nhiemky(
        *("run", "--programme", folder, "--home", tmp_path / "home"),
        environment={"NHIEMKY_INBOX": str(inbox)},
    )
    assert done.returncode == 1
    assert "no-such-inbox" in done.stderr


@pytest.mark.parametrize("command", ["status", "scorecard"])
def test_looking_before_anything_is_published_says_so(
    command: str, tmp_path: Path
) -> None:
    done = nhiemky(command, "--home", tmp_path / "home")
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1)
