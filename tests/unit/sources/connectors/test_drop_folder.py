from __future__ import annotations

import datetime as dt
import os

import fsspec
import pytest

from sources.connectors.drop_folder import (
    RemoteFile,
    list_files,
    open_folder,
    resolve_path,
)
from sources.connectors.errors import SourceError, UnreadableFile
from sources.connectors.files import LARGEST_FILE
from sources.programme.model import Source


def source(path: str, pattern: str = "**/*") -> Source:
    return Source(
        code="s",
        name_vi="s",
        name_en="s",
        path=path,
        pattern=pattern,
        reader="template",
        number_style="vi",  # type: ignore[arg-type]
    )


def read_bytes(folder, file: RemoteFile) -> bytes | None:
    with open_folder(source(str(folder)), folder) as opened:
        return opened.read_bytes(file)


def names(folder, pattern="**/*"):
    return [file.name for file in list_files(source(str(folder), pattern), folder)]


def test_links_and_pipes_are_not_listed(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.xlsx").write_bytes(b"1")
    (tmp_path / "outside.xlsx").write_bytes(b"secret")
    (inbox / "link.xlsx").symlink_to(tmp_path / "outside.xlsx")
    (inbox / "linked").symlink_to(tmp_path)
    os.mkfifo(inbox / "pipe.xlsx")
    assert names(inbox) == ["a.xlsx"]


def test_patterns(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ["a.xlsx", "sub/b.xlsx", "c.csv"]:
        (tmp_path / name).write_bytes(b"1")
    assert names(tmp_path, "**/*.xlsx") == ["a.xlsx", "b.xlsx"]
    assert names(tmp_path, "*.xlsx") == ["a.xlsx"]
    assert names(tmp_path, "sub/?.XLSX") == ["b.xlsx"]
    for name in ["d.XLS", "e.xls.pdf", "sub/f.ods", "{g}.txt"]:
        (tmp_path / name).write_bytes(b"1")
    kinds = "**/*.{xlsx,xls,ods}"
    assert names(tmp_path, kinds) == ["a.xlsx", "d.XLS", "b.xlsx", "f.ods"]
    assert names(tmp_path, "{a,sub/?}.xls?") == ["a.xlsx", "b.xlsx"]
    assert names(tmp_path, "{*.txt") == ["{g}.txt"]


def test_a_file_swapped_for_a_link_is_not_read(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"1")
    (file,) = list_files(source(str(tmp_path)), tmp_path)
    (tmp_path / "a.xlsx").unlink()
    (tmp_path / "a.xlsx").symlink_to("/etc/hostname")
    with pytest.raises(SourceError, match=r"a\.xlsx"):
        read_bytes(tmp_path, file)
    (tmp_path / "a.xlsx").unlink()
    os.mkfifo(tmp_path / "a.xlsx")
    with pytest.raises(SourceError):
        read_bytes(tmp_path, file)


def test_variables_and_relative_paths(tmp_path):
    def resolved(path, **environment):
        return str(resolve_path(source(path), tmp_path, environment))

    assert resolved("${BOX}", BOX="/in") == "/in"
    assert resolved("${BOX:-../x}/y") == str(tmp_path.parent / "x" / "y")
    assert resolved("${BOX:-d}", BOX="") == str(tmp_path / "d")
    with pytest.raises(SourceError, match="BOX"):
        resolved("${BOX}")


def test_a_subfolder_closed_to_us_is_told_and_passed_over(tmp_path, monkeypatch):
    for name in ("a.xlsx", "mật/b.xlsx", "x/c.xlsx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"1")
    scandir, closed = os.scandir, tmp_path / "mật"

    def denied(path):
        if os.fspath(path) == str(closed):
            raise PermissionError(13, "closed", os.fspath(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", denied)
    with open_folder(source(str(tmp_path)), tmp_path) as folder:
        assert [file.name for file in folder.list_files()] == ["a.xlsx", "c.xlsx"]
        assert folder.left == ["mật/"]
    closed = tmp_path
    with pytest.raises(SourceError, match="source s: cannot list"):
        names(tmp_path)


def test_a_file_that_grows_while_it_is_read_is_left(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"half")
    fstat = os.fstat

    def growing(descriptor):
        facts = fstat(descriptor)
        with path.open("ab") as stream:
            stream.write(b" and more")
        return facts

    with open_folder(source(str(tmp_path)), tmp_path) as folder:
        (file,) = folder.list_files()
        with monkeypatch.context() as patched:
            patched.setattr("sources.connectors.local_folder.os.fstat", growing)
            assert folder.read_bytes(file) is None
        assert folder.left == ["a.xlsx"]
        (file,) = folder.list_files()
        assert folder.read_bytes(file) == path.read_bytes()


def test_a_file_of_this_machine_that_would_fill_the_memory_is_told(tmp_path):
    path = tmp_path / "a.xlsx"
    with path.open("wb") as stream:
        stream.truncate(LARGEST_FILE + 1)  # no block of it is ever written
    with open_folder(source(str(tmp_path)), tmp_path) as folder:
        (file,) = folder.list_files()
        with pytest.raises(UnreadableFile, match=r"a\.xlsx has 209,715,201 bytes"):
            folder.read_bytes(file)


def test_any_filesystem(tmp_path):
    system = fsspec.filesystem("memory")
    system.pipe({"/drop/b.xlsx": b"22", "/drop/a.xlsx": b"1", "/drop/c.part": b"3"})
    try:
        with open_folder(source("memory://drop", "*.xlsx"), tmp_path) as folder:
            files = folder.list_files()
            contents = [folder.read_bytes(file) for file in files]
        assert [(file.name, file.size) for file in files] == [
            ("a.xlsx", 1),
            ("b.xlsx", 2),
        ]
        assert contents == [b"1", b"22"]
        assert files[0].modified_at.tzinfo is dt.UTC
        with pytest.raises(SourceError):
            list_files(source("memory://none"), tmp_path)
    finally:
        system.rm("/drop", recursive=True)


def test_a_name_that_is_no_utf8_is_read_like_any_other(tmp_path):
    odd = os.fsencode(tmp_path) + b"/b\xff\xfe.xlsx"
    with open(odd, "wb") as stream:  # noqa: PTH123 - a name that no str can hold
        stream.write(b"bytes")
    (file,) = list_files(source(str(tmp_path)), tmp_path)
    assert file.uri.encode() and file.name.encode()
    assert file.name.endswith(".xlsx")
    assert read_bytes(tmp_path, file) == b"bytes"
