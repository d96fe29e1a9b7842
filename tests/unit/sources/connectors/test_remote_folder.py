"""Patience with a remote place: what is tried again, and whose clock counts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import httpx
import pytest

from sources.connectors import remote_folder
from sources.connectors.drop_folder import open_folder, resolve_path
from sources.connectors.errors import SourceError, UnreadableFile
from sources.connectors.files import LARGEST_FILE
from sources.connectors.remote_options import options_of
from sources.connectors.remote_s3 import S3
from sources.connectors.remote_system import Entry, Refused
from sources.connectors.remote_webdav import WebDav
from sources.programme.model import Source
from sources.programme.tables import Pace

WHEN = dt.datetime(2025, 1, 15, 8, 30, 0, 500_000, tzinfo=dt.UTC)
HERE = Path(__file__).parent


def source(path: str = "sftp://may/chu", **given: Any) -> Source:
    return Source(
        **{
            "code": "huyen",
            "name_vi": "h",
            "name_en": "h",
            "path": path,
            "pace": Pace(tries=4),
            "reader": "template",
            "number_style": "vi",
            **given,
        }
    )


class Place:
    """A system that fails as told, and has one file."""

    reconnects = True

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.clock: dt.datetime | None = None
        self.found = [Entry("a.xlsx", 1, WHEN)]
        self.connections = 0

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    def entries(self, *_: object) -> list[Entry]:
        self._fail()
        return self.found

    def read(self, _: Entry) -> bytes:
        self._fail()
        return b"1"

    def close(self) -> None:
        self.connections -= 1


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place()

    def connect(_: object) -> Place:
        made.connections += 1
        return made

    monkeypatch.setattr(remote_folder, "connect", connect)
    return made


def test_what_may_pass_is_tried_again_longer_each_time(place: Place) -> None:
    slept: list[float] = []
    place.failures = [TimeoutError("slow"), OSError("503"), ConnectionError("lost")]
    with open_folder(source(), HERE, {}, sleep=slept.append) as folder:
        (file,) = folder.list_files()
        assert (file.uri, file.name) == ("sftp://may/chu/a.xlsx", "a.xlsx")
        assert place.connections == 4  # each try with a connection of its own
        place.failures = [OSError("503")]
        assert folder.read_bytes(file) == b"1"
    assert len(slept) == 4
    assert 1 <= slept[0] <= 2 <= slept[1] <= 3 <= 4 <= slept[2] <= 5
    assert place.connections == 0


def test_after_the_last_try_nothing_more_is_asked(place: Place) -> None:
    slept: list[float] = []
    with open_folder(source(), HERE, {}, sleep=slept.append) as folder:
        (file,) = folder.list_files()
        place.failures = [OSError("down")] * 99
        for _ in range(3):
            with pytest.raises(SourceError, match="in 4 tries"):
                folder.read_bytes(file)
    assert len(slept) == 3
    assert len(place.failures) == 95


def test_what_would_come_again_is_not_tried(place: Place) -> None:
    slept: list[float] = []
    with open_folder(source(), HERE, {}, sleep=slept.append) as folder:
        (file,) = folder.list_files()
        place.failures = [PermissionError("no"), FileNotFoundError("gone")]
        with pytest.raises(UnreadableFile, match=r"huyen: cannot read .*a\.xlsx"):
            folder.read_bytes(file)
        assert folder.read_bytes(file) is None
        place.failures = [Refused("the key has changed")]
        for _ in range(2):
            with pytest.raises(SourceError, match="the key has changed"):
                folder.read_bytes(file)
    assert slept == []


def test_a_file_that_would_fill_the_memory_is_told_and_not_read(place: Place) -> None:
    place.found = [Entry("a.xlsx", LARGEST_FILE + 1, WHEN)]
    with open_folder(source(), HERE, {}) as folder:
        (file,) = folder.list_files()
        place.failures = [OSError("read")] * 9
        with pytest.raises(
            UnreadableFile, match=r"a\.xlsx has 209,715,201 bytes.*209,715,200 are"
        ):
            folder.read_bytes(file)
        assert folder.left == []
    assert len(place.failures) == 9


def test_what_a_file_system_raises_besides_is_told_too(place: Place) -> None:
    place.failures = [ValueError("no such month"), KeyError("size")]
    with open_folder(source(), HERE, {}, sleep=lambda _: None) as folder:
        assert len(folder.list_files()) == 1
        place.failures = [EOFError("half a list")] * 4
        with pytest.raises(SourceError, match=r"in 4 tries.*EOFError: half a list"):
            folder.list_files()


@pytest.mark.parametrize("written", ["soon", "", "Fri, 31 Dec 9999 23:00:00 -2300"])
def test_a_date_that_is_none_leaves_the_clock_as_it_was(written: str) -> None:
    dav, s3 = WebDav.__new__(WebDav), S3.__new__(S3)
    for system in (dav, s3):
        system.clock = None
    dav._note_clock(httpx.Response(200, headers={"Date": written}))
    s3._note_clock({"ResponseMetadata": {"HTTPHeaders": {"date": written}}})
    assert (dav.clock, s3.clock) == (None, None)


def test_the_place_s_own_clock_says_what_has_settled(place: Place) -> None:
    # its clock is a year behind ours: by ours all would have settled long ago
    place.clock = WHEN + dt.timedelta(seconds=59)
    with open_folder(source(settle_seconds=60), HERE, {}) as folder:
        assert folder.list_files() == []
        assert folder.left == ["a.xlsx"]
        place.clock = WHEN + dt.timedelta(seconds=60)
        assert len(folder.list_files()) == 1


def test_a_time_of_whole_seconds_must_be_over(place: Place) -> None:
    second = WHEN.replace(microsecond=0)
    place.found = [Entry("a.xlsx", 1, second), Entry("b.xlsx", 1, WHEN)]
    place.clock = WHEN
    with open_folder(source(), HERE, {}) as folder:
        assert [file.name for file in folder.list_files()] == ["b.xlsx"]
        # a clock that is a second ahead of the one that the files have
        place.clock = second + dt.timedelta(seconds=1.9)
        assert [file.name for file in folder.list_files()] == ["b.xlsx"]
        place.clock = second + dt.timedelta(seconds=2)
        assert len(folder.list_files()) == 2


def test_options_are_filled_and_put_into_their_places() -> None:
    given = source(
        options={
            "anon": "false",
            "port": "2222",
            "known_hosts": "",
            "key": "${KEY}",
            "client_kwargs.endpoint_url": "https://${HOST}/s3",
            "client_kwargs.region_name": "us-east-1",
            "headers.X-Pass": "Bearer ${TOKEN}",
        }
    )
    options = options_of(given, {"KEY": "0123", "HOST": "kho", "TOKEN": "a b/c%"})
    assert options.values == {
        "anon": False,
        "port": 2222,
        "known_hosts": None,
        "key": "0123",
        "client_kwargs": {"endpoint_url": "https://kho/s3", "region_name": "us-east-1"},
        "headers": {"X-Pass": "Bearer a b/c%"},
    }
    told = "0123 a b/c% a%20b/c%25 a%20b%2Fc%25 us-east-1"
    assert options.without_secrets(told) == "*** *** *** *** us-east-1"
    assert "0123" not in repr(options)
    with pytest.raises(SourceError, match="variable KEY"):
        options_of(given, {})


def test_an_address_holds_no_password() -> None:
    written = "sftp://u:${PASS}@may/chu"
    with pytest.raises(SourceError, match=r"password in the address") as caught:
        resolve_path(source(written), HERE, {"PASS": "mat-khau-123"})
    assert "mat-khau-123" not in str(caught.value)
    with pytest.raises(SourceError, match="the port is no number"):
        resolve_path(source("sftp://may:ssh/chu"), HERE, {})
    assert (
        str(resolve_path(source("sftp://u@may:22/chu/"), HERE)) == "sftp://u@may:22/chu"
    )
