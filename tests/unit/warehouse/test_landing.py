"""Landing keeps every byte under its SHA-256, and personal data nowhere."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from pathlib import Path

import pytest

from warehouse.errors import LandingError
from warehouse.home import Home
from warehouse.landing import Landing


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(Home(tmp_path))


def test_bytes_lie_under_their_hash_in_two_levels(landing: Landing) -> None:
    sha256, is_new = landing.put("Số liệu".encode())
    assert is_new
    assert sha256 == hashlib.sha256("Số liệu".encode()).hexdigest()
    path = landing.path(sha256)
    assert path.parts[-3:] == (sha256[:2], sha256[2:4], sha256)
    assert landing.get(sha256) == "Số liệu".encode()


def test_the_same_bytes_again_are_not_written_again(landing: Landing) -> None:
    sha256, _ = landing.put(b"same")
    before = landing.path(sha256).stat()
    assert landing.put(b"same") == (sha256, False)
    after = landing.path(sha256).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_nothing_half_written_stays_beside(landing: Landing, tmp_path: Path) -> None:
    landing.put(b"whole")
    (tmp_path / "landing" / ".incoming" / "torn").write_bytes(b"ha")
    assert landing.sweep() == 1
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def test_a_write_that_fails_leaves_nothing(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        landing.put(b"lost")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_damaged_bytes_are_refused_and_healed_by_the_same_file(
    landing: Landing,
) -> None:
    sha256, _ = landing.put(b"good")
    path = landing.path(sha256)
    path.chmod(0o600)
    path.write_bytes(b"gooD")
    with pytest.raises(LandingError, match="no longer holds the bytes"):
        landing.get(sha256)
    assert landing.put(b"good") == (sha256, False)
    assert landing.get(sha256) == b"good"


def test_absent_bytes_say_where_they_should_be(landing: Landing) -> None:
    with pytest.raises(LandingError, match=r"not in landing .*/00/00/0{64}"):
        landing.get("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63])
def test_only_a_hash_names_a_place(landing: Landing, name: str) -> None:
    with pytest.raises(LandingError, match="is not a SHA-256"):
        landing.path(name)


def test_personal_data_leaves_landing_for_a_locked_folder(
    landing: Landing, tmp_path: Path
) -> None:
    sha256, _ = landing.put(b"Nguyen Van A 012345678901")
    landing.quarantine(sha256)
    landing.quarantine(sha256)
    assert not landing.path(sha256).exists()
    held = tmp_path / "quarantine" / sha256
    assert held.stat().st_mode & 0o777 == 0o600
    assert held.parent.stat().st_mode & 0o777 == 0o700
    with pytest.raises(LandingError, match="refused as personal data"):
        landing.get(sha256)


def test_refused_bytes_are_not_stored_again_even_after_the_purge(
    landing: Landing, tmp_path: Path
) -> None:
    sha256, _ = landing.put(b"refused")
    landing.quarantine(sha256)
    assert landing.put(b"refused") == (sha256, False)
    assert landing.purge_quarantine(dt.timedelta(days=1)) == []
    assert landing.purge_quarantine(dt.timedelta(0)) == [sha256]
    assert landing.put(b"refused") == (sha256, False)
    assert not [p for p in tmp_path.rglob("*") if p.is_file() and p.stat().st_size]


def test_quarantine_of_unknown_bytes_is_an_error(landing: Landing) -> None:
    with pytest.raises(LandingError, match="cannot be moved to quarantine"):
        landing.quarantine("0" * 64)
