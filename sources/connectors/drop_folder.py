"""Drop folder: one entry per regular file that senders have finished writing.

A folder of this machine or of another one that fsspec reaches; `open_folder` gives
either, listed and read the same way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sources.connectors.files import Folder, RemoteFile
from sources.connectors.local_folder import LocalFolder, hidden_files, local_file
from sources.connectors.names import is_wanted
from sources.connectors.places import (
    Address,
    Place,
    origin_folder,
    resolve_path,
    resolve_replies,
)
from sources.programme.model import Source

if TYPE_CHECKING:
    from sources.connectors.remote_folder import RemoteFolder

__all__ = [
    "Address",
    "Folder",
    "Place",
    "RemoteFile",
    "fits",
    "list_files",
    "list_hidden",
    "local_file",
    "open_folder",
    "open_replies",
    "origin_folder",
    "resolve_path",
    "resolve_replies",
]


@contextmanager
def open_folder(
    source: Source,
    programme_folder: Path,
    environment: Mapping[str, str] | None = None,
    passed_over: Iterable[Place] = (),
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Folder]:
    """The source's folder, with one connection for listing and all reading.

    It does not see what lies in the source's own folder for replies or in one of
    `passed_over`. `sleep` waits between the tries.

    Raises:
        SourceError: a variable is not set.
    """
    place = resolve_path(source, programme_folder, environment)
    replies = resolve_replies(source, programme_folder, environment)
    hidden = [*passed_over, *([] if replies is None else [replies])]
    folder: Folder
    if isinstance(place, Path):
        folder = LocalFolder(source, place, hidden)
    else:
        folder = _remote(source, place, programme_folder, environment, hidden, sleep)
    try:
        yield folder
    finally:
        folder.close()


@contextmanager
def open_replies(
    source: Source,
    programme_folder: Path,
    environment: Mapping[str, str] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[RemoteFolder | None]:
    """The source's folder for replies on another machine; None where it lies on this.

    Raises:
        SourceError: a variable is not set, or the folder would hide all deliveries.
    """
    place = resolve_replies(source, programme_folder, environment)
    if not isinstance(place, Address):
        yield None
        return
    folder = _remote(source, place, programme_folder, environment, (), sleep)
    try:
        yield folder
    finally:
        folder.close()


def list_files(
    source: Source,
    programme_folder: Path,
    environment: Mapping[str, str] | None = None,
    passed_over: Iterable[Place] = (),
) -> list[RemoteFile]:
    """Every finished file that fits the source's pattern, sorted by place.

    Left out: folders, links, pipes and devices, dot files and files in dot folders,
    `~$` lock files, names that say "still being written", what was changed in the last
    `settle_seconds`, and all that lies in the source's own folder for replies or in one
    of `passed_over`.

    Raises:
        SourceError: the folder is missing or cannot be listed.
    """
    with open_folder(source, programme_folder, environment, passed_over) as folder:
        return folder.list_files()


def list_hidden(
    source: Source,
    programme_folder: Path,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """Files that fit the source's pattern and are never read, by place; local ones.

    Raises:
        SourceError: the path needs a variable that is not set.
    """
    folder = resolve_path(source, programme_folder, environment)
    return hidden_files(folder, source.pattern) if isinstance(folder, Path) else []


def fits(source: Source, name: str) -> bool:
    """True when a file of that name, lying in the source's folder, would be listed."""
    return is_wanted(name, source.pattern)


def _remote(
    source: Source,
    address: Address,
    programme_folder: Path,
    environment: Mapping[str, str] | None,
    hidden: Iterable[Place],
    sleep: Callable[[float], None],
) -> RemoteFolder:
    from sources.connectors.remote_folder import RemoteFolder
    from sources.connectors.remote_options import options_of

    options = options_of(source, environment)
    return RemoteFolder(source, address, options, programme_folder, hidden, sleep)
