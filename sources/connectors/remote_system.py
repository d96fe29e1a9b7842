"""Remote systems: one connection to a file system of fsspec, paths below one folder.

Its methods raise OSErrors, `Refused` and `Changed`: FileNotFoundError and
PermissionError say what they say, all others may pass, and so may what a library raises
besides.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sources.connectors.places import Address
from sources.programme.problems import nearest

_TIME_KEYS = ("mtime", "LastModified", "last_modified", "modified", "created")

READ_BLOCK = 4 * 2**20
"""Bytes asked for at once where a time-out covers each answer."""


class Refused(Exception):
    """The place does not let us in, and asking again would not help; says why."""


class Changed(Exception):
    """The file is no longer what was listed."""


@dataclass(frozen=True)
class Entry:
    """One regular file: path below the folder, size, time of change, state's name."""

    relative: str
    size: int
    modified_at: dt.datetime
    version: str = ""


@dataclass(frozen=True)
class Connection:
    """What a system is opened with; relative `path` options start at `base`."""

    address: Address
    options: Mapping[str, Any]
    timeout: float
    base: Path


class RemoteSystem:
    """Any file system of fsspec that has no class of its own here."""

    reconnects = False
    """Whether a failed try needs a new connection."""

    def __init__(self, given: Connection) -> None:
        """Connects.

        Raises:
            Refused: the place does not let us in, or an option is wrong.
            OSError: it cannot be reached.
        """
        self.clock: dt.datetime | None = None
        self._given = given
        try:
            with self._told():
                self._system, self._root = self._connect()
        except (PermissionError, FileNotFoundError) as error:
            raise Refused(f"it does not let us in: {error}") from None
        except (TypeError, ValueError, KeyError, ImportError) as error:
            raise Refused(f"an option or the address is wrong: {error}") from None

    def entries(
        self, is_open: Callable[[str], bool], closed: Callable[[str], None]
    ) -> Iterator[Entry]:
        """Every regular file below the folder; only folders that `is_open` lets in.

        `closed` is told the subfolders that this account may not list.
        """
        folders = [""]
        while folders:
            folder = folders.pop()
            try:
                with self._told():
                    found = self._list(self._path(folder))
            except (FileNotFoundError, NotADirectoryError):
                if not folder:
                    raise
                continue  # taken away while we list
            except PermissionError:
                if not folder:
                    raise
                closed(folder)
                continue
            for facts in found:
                name = str(facts["name"]).rstrip("/").rpartition("/")[2]
                relative = f"{folder}/{name}" if folder else name
                if facts["type"] == "directory" and is_open(relative):
                    folders.append(relative)
                elif facts["type"] == "file" and not facts.get("islink"):
                    yield self._entry(relative, facts)

    def read(self, entry: Entry) -> bytes:
        """The bytes of a listed file.

        Raises:
            Changed: it is not what was listed, or did not stay so.
            OSError: it cannot be read.
        """
        path = self._path(entry.relative)
        with self._told():
            content = self._read(path, entry)
            if len(content) != entry.size:
                raise Changed(entry.relative)
            now = self._entry(entry.relative, self._system.info(path))
        if now != entry:
            raise Changed(entry.relative)
        return content

    def write(self, relative: str, data: bytes) -> None:
        """Puts a file, folders made where missing, in one step where that is possible.

        Raises:
            OSError: it cannot be written.
        """
        target = self._path(relative)
        with self._told():
            self._system.makedirs(target.rpartition("/")[0], exist_ok=True)
            self._write(target, data)

    def close(self) -> None:
        """Ends the connection."""

    def _connect(self) -> tuple[Any, str]:
        """The file system and the folder's path in it."""
        from fsspec.core import url_to_fs

        system, root = url_to_fs(
            str(self._given.address), use_listings_cache=False, **self._given.options
        )
        return system, root.rstrip("/")

    def _told(self) -> AbstractContextManager[None]:
        """Turns the library's own errors into those of this module."""
        return nullcontext()

    def _list(self, path: str) -> list[dict[str, Any]]:
        self._system.invalidate_cache()
        return list(self._system.ls(path, detail=True))

    def _read(self, path: str, entry: Entry) -> bytes:
        content: bytes = self._system.cat_file(path)
        return content

    def _write(self, target: str, data: bytes) -> None:
        self._system.pipe_file(f"{target}.part", data)
        self._system.mv(f"{target}.part", target)

    def _path(self, relative: str) -> str:
        return f"{self._root}/{relative}" if relative else self._root or "/"

    def _entry(self, relative: str, facts: Mapping[str, Any]) -> Entry:
        size = facts.get("size")
        if size is None:
            raise OSError(f"the place does not tell the size of {relative}")
        version = facts.get("ETag") or facts.get("etag") or ""
        return Entry(relative, int(size), _modified_at(relative, facts), str(version))


def check_options(
    options: Iterable[str],
    common: tuple[str, ...],
    taken_by: Iterable[Callable[..., Any]],
) -> None:
    """Every option must be one of the `common` ones, or a parameter of a function.

    Raises:
        Refused: one is not; names it and those that there are.
    """
    named = (name for one in taken_by for name in inspect.signature(one).parameters)
    known = list(dict.fromkeys([*common, *named]))
    for name in options:
        if name not in known:
            raise Refused(
                f"there is no option {name!r} for it: {nearest(name, known)} Most used"
                f" are {', '.join(common)}"
            )


def _modified_at(relative: str, facts: Mapping[str, Any]) -> dt.datetime:
    value = next((facts[key] for key in _TIME_KEYS if facts.get(key)), None)
    if value is None:
        raise OSError(f"the place does not tell when {relative} was changed")
    if isinstance(value, (int, float)):
        return dt.datetime.fromtimestamp(value, dt.UTC)
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    moment: dt.datetime = value.replace(tzinfo=value.tzinfo or dt.UTC)
    return moment.astimezone(dt.UTC)


def connect(given: Connection) -> RemoteSystem:
    """The system of an address, connected.

    Raises:
        Refused: the place does not let us in, or an option is wrong.
        OSError: it cannot be reached.
    """
    scheme = given.address.scheme
    if scheme in ("sftp", "ssh"):
        from sources.connectors.remote_sftp import Sftp

        return Sftp(given)
    if scheme in ("s3", "s3a"):
        from sources.connectors.remote_s3 import S3

        return S3(given)
    if scheme in ("webdav+http", "webdav+https"):
        from sources.connectors.remote_webdav import WebDav

        return WebDav(given)
    return RemoteSystem(given)
