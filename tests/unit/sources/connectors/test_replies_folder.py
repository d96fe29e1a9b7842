"""The folder for replies: found like the inbox, and never read back."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import fsspec
import pytest

from sources.connectors.drop_folder import (
    Address,
    list_files,
    origin_folder,
    resolve_replies,
)
from sources.connectors.errors import SourceError
from sources.programme.model import Source


def source(path: str, replies: str = "") -> Source:
    return Source(
        code="s",
        name_vi="s",
        name_en="s",
        path=path,
        replies=replies,
        reader="template",
        number_style="vi",  # type: ignore[arg-type]
    )


def test_it_is_found_like_the_path(tmp_path: Path) -> None:
    given = source("in", "${OUT:-back}/x")
    assert resolve_replies(given, tmp_path, {}) == tmp_path / "back" / "x"
    assert resolve_replies(given, tmp_path, {"OUT": "/o"}) == Path("/o/x")
    assert resolve_replies(source("in"), tmp_path, {}) is None
    with pytest.raises(SourceError, match="variable OUT"):
        resolve_replies(source("in", "${OUT}"), tmp_path, {})


@pytest.mark.parametrize("replies", ["in", ".", "in/../in"])
def test_it_may_not_hide_the_inbox(tmp_path: Path, replies: str) -> None:
    with pytest.raises(SourceError, match="folder of its own"):
        resolve_replies(source("in", replies), tmp_path, {})


def test_replies_in_the_inbox_are_no_deliveries(tmp_path: Path) -> None:
    for name in ["a.xlsx", "phan_hoi/a.phan-hoi.xlsx", "b/a.phan-hoi.xlsx", "x/c.xlsx"]:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"1")
    given = source("in", "in/phan_hoi")
    found = list_files(given, tmp_path, {})
    # a reply that an officer corrected and dropped is a delivery like any other
    assert [file.name for file in found] == ["a.xlsx", "a.phan-hoi.xlsx", "c.xlsx"]
    other = tmp_path / "in" / "x"
    found = list_files(given, tmp_path, {}, passed_over=[other])
    assert [file.name for file in found] == ["a.xlsx", "a.phan-hoi.xlsx"]


def test_replies_in_a_store_are_no_deliveries(tmp_path: Path) -> None:
    store = fsspec.filesystem("memory")
    for name in ["a.xlsx", "out/a.phan-hoi.xlsx"]:
        store.pipe_file(f"/replies-box/{name}", b"1")
    given = source("memory://replies-box", "memory://replies-box/out")
    assert [file.name for file in list_files(given, tmp_path, {})] == ["a.xlsx"]


def test_a_file_s_folder_below_the_inbox() -> None:
    inbox = Path("/in")
    assert origin_folder(inbox, "/in/a/b/c.xlsx") == PurePosixPath("a/b")
    assert origin_folder(inbox, "file:///in/a/c.xlsx") == PurePosixPath("a")
    assert origin_folder(inbox, "/in/c.xlsx") == PurePosixPath()
    assert origin_folder(inbox, "/elsewhere/a/c.xlsx") == PurePosixPath()
    remote = Address("memory://in")
    assert origin_folder(remote, "memory://in/a/c.xlsx") == PurePosixPath("a")
