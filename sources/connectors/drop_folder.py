"""Drop folder: one entry per regular file that senders have finished writing."""

from __future__ import annotations

import datetime as dt
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote_to_bytes

import fsspec
from fsspec.core import url_to_fs
from upath import UPath

from sources.connectors.errors import SourceError
from sources.connectors.variables import fill
from sources.programme.model import Source

UNFINISHED_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload")
"""Endings that copy programs give to files they are still writing."""

_ESCAPED = "escaped:"
"""Before a percent-escaped path whose bytes are no UTF-8 (old archives, shares)."""

_TIME_KEYS = ("mtime", "LastModified", "last_modified", "modified", "created")


@dataclass(frozen=True, order=True)
class RemoteFile:
    """One file at its origin: place, own name, bytes and time of last change (UTC)."""

    uri: str
    name: str
    size: int
    modified_at: dt.datetime


def resolve_path(
    source: Source, programme_folder: Path, environment: Mapping[str, str] | None = None
) -> UPath:
    """One folder: the source's path, variables filled, relative to the programme.

    `${VAR}` must be set and not empty; `${VAR:-default}` falls back, as in a shell.

    Raises:
        SourceError: a variable is not set.
    """
    return _resolve(source.code, source.path, programme_folder, environment)


def resolve_replies(
    source: Source, programme_folder: Path, environment: Mapping[str, str] | None = None
) -> UPath | None:
    """The folder for marked workbooks, found like the path; None where none is named.

    Raises:
        SourceError: a variable is not set, or the folder would hide all deliveries.
    """
    if not source.replies:
        return None
    replies = _resolve(source.code, source.replies, programme_folder, environment)
    inbox = resolve_path(source, programme_folder, environment)
    if _below(replies, str(inbox)) is not None:
        raise SourceError(
            f"source {source.code}: the inbox {inbox} lies in the folder for replies"
            f" {replies}, which is never read, so no delivery would ever arrive. Give"
            " `replies` in sources.yaml a folder of its own."
        )
    return replies


def origin_folder(folder: UPath, uri: str) -> PurePosixPath:
    """Where below `folder` a file lay; the folder itself for files from elsewhere."""
    return (_below(folder, _path(uri)) or PurePosixPath()).parent


def list_files(
    source: Source,
    programme_folder: Path,
    environment: Mapping[str, str] | None = None,
    passed_over: Iterable[UPath] = (),
) -> list[RemoteFile]:
    """Every finished file that fits the source's pattern, sorted by place.

    Left out: folders, links, pipes and devices, dot files and files in dot folders,
    `~$` lock files, names that say "still being written", and all that lies in the
    source's own folder for replies or in one of `passed_over`.

    Raises:
        SourceError: the folder is missing or cannot be listed.
    """
    folder = resolve_path(source, programme_folder, environment)
    replies = resolve_replies(source, programme_folder, environment)
    hidden = [*passed_over, *([] if replies is None else [replies])]
    try:
        if isinstance(folder, Path):
            found = list(_local(Path(folder), source.pattern))
        else:
            found = list(_remote(str(folder), source.pattern))
    except OSError as error:
        raise SourceError(
            f"source {source.code}: cannot list {folder}: {error}."
            " Create the folder, or correct `path` in sources.yaml, and check that this"
            " account may read it."
        ) from error
    return sorted(
        file
        for file in found
        if all(_below(place, _path(file.uri)) is None for place in hidden)
    )


def local_file(path: Path) -> RemoteFile:
    """One local file as a listing of its folder would tell it.

    Raises:
        SourceError: there is no such file, or it is no regular file.
    """
    try:
        facts = path.lstat()
    except OSError as error:
        raise SourceError(
            f"Không mở được tệp {path} · the file cannot be opened: {error.strerror}. "
            "Check its name and that you may read it."
        ) from error
    if not stat.S_ISREG(facts.st_mode):
        raise SourceError(
            f"{path} không phải là tệp thường · is no regular file (a folder, a link "
            "or a device). Name the workbook itself."
        )
    when = dt.datetime.fromtimestamp(facts.st_mtime, dt.UTC)
    return RemoteFile(_uri(path), _name(path.name), facts.st_size, when)


def fits(source: Source, name: str) -> bool:
    """True when a file of that name, lying in the source's folder, would be listed."""
    return _is_wanted(name, source.pattern)


def list_hidden(
    source: Source,
    programme_folder: Path,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """Files that fit the source's pattern and are never read, by place; local ones.

    Links, folders that are links (with a / behind), and what lies behind a dot; not the
    lock files of spreadsheet programs.

    Raises:
        SourceError: the path needs a variable that is not set.
    """
    folder = resolve_path(source, programme_folder, environment)
    if not isinstance(folder, Path):
        return []
    found = []
    for place, folders, names in os.walk(folder):
        links = [f"{name}/" for name in folders if Path(place, name).is_symlink()]
        below = Path(place).relative_to(folder)
        files = [(below / name).as_posix() for name in names]
        found += [(below / name).as_posix() + "/" for name in links]
        found += [f for f in files if _is_hidden(Path(folder), f, source.pattern)]
    return sorted(map(_name, found))


def _is_hidden(folder: Path, relative: str, pattern: str) -> bool:
    bare = "/".join(part.lstrip(".") for part in relative.split("/"))
    name = PurePosixPath(bare)
    if not _is_wanted(bare, pattern) or name.name.startswith("~") or not name.suffix:
        return False
    is_dotted = bare != relative
    return is_dotted or stat.S_ISLNK((folder / relative).lstat().st_mode)


def read_bytes(remote: RemoteFile) -> bytes:
    """All bytes of one file; a local file only while it is a regular file, no link.

    Raises:
        SourceError: the file is gone, became something else, or cannot be read.
    """
    try:
        if "://" in remote.uri and not remote.uri.startswith("file://"):
            with fsspec.open(remote.uri, "rb") as stream:
                content: bytes = stream.read()
                return content
        return _read_regular(_path(remote.uri))
    except OSError as error:
        raise SourceError(
            f"cannot read {remote.uri}: {error}. It stays unread until the next run;"
            " check that the file still exists and may be read."
        ) from error


def _resolve(
    code: str,
    written: str,
    programme_folder: Path,
    environment: Mapping[str, str] | None,
) -> UPath:
    path = fill(code, written, environment)
    if "://" in path:
        return UPath(path)
    return UPath(os.path.normpath(programme_folder / Path(path).expanduser()))


def _below(folder: UPath, path: str) -> PurePosixPath | None:
    """The path from `folder` to what lies in it or is it; None for anything else."""
    try:
        return PurePosixPath(path).relative_to(PurePosixPath(str(folder)))
    except ValueError:
        return None


def _local(folder: Path, pattern: str) -> Iterator[RemoteFile]:
    if not folder.is_dir():
        raise FileNotFoundError(2, "the folder does not exist", str(folder))
    for place, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(place, name)
            if not _is_wanted(path.relative_to(folder).as_posix(), pattern):
                continue
            facts = path.lstat()
            if stat.S_ISREG(facts.st_mode):
                when = dt.datetime.fromtimestamp(facts.st_mtime, dt.UTC)
                yield RemoteFile(_uri(path), _name(name), facts.st_size, when)


def _remote(uri: str, pattern: str) -> Iterator[RemoteFile]:
    system, root = url_to_fs(uri)
    system.invalidate_cache()
    if not system.exists(root):
        raise FileNotFoundError(2, "the folder does not exist", uri)
    for path, facts in system.find(root, detail=True).items():
        relative = path.removeprefix(root).lstrip("/")
        if facts.get("type") != "file" or facts.get("islink"):
            continue
        if _is_wanted(relative, pattern):
            yield RemoteFile(
                system.unstrip_protocol(path),
                _name(PurePosixPath(path).name),
                int(facts.get("size") or 0),
                _modified_at(system, path, facts),
            )


def _modified_at(system: Any, path: str, facts: Mapping[str, Any]) -> dt.datetime:
    value = next((facts[key] for key in _TIME_KEYS if facts.get(key)), None)
    if value is None:
        value = system.modified(path)
    if isinstance(value, (int, float)):
        return dt.datetime.fromtimestamp(value, dt.UTC)
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    return value.replace(tzinfo=value.tzinfo or dt.UTC).astimezone(dt.UTC)


def _is_wanted(relative: str, pattern: str) -> bool:
    parts = relative.split("/")
    name = parts[-1]
    if any(part.startswith(".") for part in parts) or name.startswith("~$"):
        return False
    if name.lower().endswith(UNFINISHED_SUFFIXES):
        return False
    return bool(_glob(pattern).fullmatch(unicodedata.normalize("NFC", relative)))


def _glob(pattern: str) -> re.Pattern[str]:
    """One regular expression per pattern: `**/` spans folders, `*` and `?` do not."""
    text = re.escape(unicodedata.normalize("NFC", pattern))
    text = text.replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
    text = text.replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return re.compile(text, re.IGNORECASE | re.DOTALL)


def _name(name: str) -> str:
    readable = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return unicodedata.normalize("NFC", readable)


def _uri(path: Path) -> str:
    """The path as text that any store takes: bytes that are no UTF-8 go escaped."""
    text = str(path)
    return text if _is_text(text) else _ESCAPED + quote(os.fsencode(path))


def _path(uri: str) -> str:
    if uri.startswith(_ESCAPED):
        return os.fsdecode(unquote_to_bytes(uri.removeprefix(_ESCAPED)))
    return uri.removeprefix("file://")


def _is_text(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _read_regular(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise OSError(22, "not a regular file", path)
        return stream.read()
