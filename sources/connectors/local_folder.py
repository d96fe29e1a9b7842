"""Local folder: files of this machine that senders have finished writing."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from sources.connectors.errors import SourceError, UnreadableFile
from sources.connectors.files import RemoteFile, check_size
from sources.connectors.names import is_wanted, path_of, readable, uri_of
from sources.connectors.places import Place, below
from sources.programme.model import Source


class LocalFolder:
    """A folder of this machine; see `Folder`."""

    def __init__(self, source: Source, folder: Path, hidden: Iterable[Place]) -> None:
        """Lists `folder` without what lies in one of `hidden`."""
        self.left: list[str] = []
        self._source = source
        self._folder = folder
        self._hidden = tuple(hidden)

    def list_files(self) -> list[RemoteFile]:
        """See `Folder`. Left out: links, pipes and devices, and what has a dot."""
        self.left.clear()
        now = dt.datetime.now(dt.UTC)
        try:
            if not self._folder.is_dir():
                raise FileNotFoundError(2, "the folder does not exist")
            found = list(self._walk())
        except OSError as error:
            raise SourceError(
                f"source {self._source.code}: cannot list {self._folder}: {error}."
                " Create the folder, or correct `path` in sources.yaml, and check that"
                " this account may read it."
            ) from error
        settled = []
        for file in sorted(found):
            age = (now - file.modified_at).total_seconds()
            if abs(age) < self._source.settle_seconds:
                self.left.append(file.name)
            else:
                settled.append(file)
        return settled

    def read_bytes(self, file: RemoteFile) -> bytes | None:
        """See `Folder`. Only while it is a regular file, no link, and as listed."""
        check_size(self._source.code, file)
        try:
            content = _read_regular(path_of(file.uri), file)
        except FileNotFoundError:
            content = None
        except OSError as error:
            raise UnreadableFile(
                f"source {self._source.code}: cannot read {file.uri}: {error}. It stays"
                " unread until the next run; check that this account may read it."
            ) from error
        if content is None:
            self.left.append(file.name)
        return content

    def close(self) -> None:
        """See `Folder`; nothing is open."""

    def _walk(self) -> Iterator[RemoteFile]:
        for place, folders, names in os.walk(self._folder, onerror=self._closed):
            folders[:] = [
                name
                for name in folders
                if not name.startswith(".") and not self._is_hidden(Path(place, name))
            ]
            for name in names:
                path = Path(place, name)
                relative = path.relative_to(self._folder).as_posix()
                if not is_wanted(relative, self._source.pattern):
                    continue
                try:
                    facts = path.lstat()
                except FileNotFoundError:  # taken back while we list
                    continue
                if stat.S_ISREG(facts.st_mode) and not self._is_hidden(path):
                    yield _told(path, facts)

    def _closed(self, error: OSError) -> None:
        if error.filename == str(self._folder):
            raise error
        self.left.append(readable(Path(error.filename).name) + "/")

    def _is_hidden(self, path: Path) -> bool:
        return any(below(place, str(path)) is not None for place in self._hidden)


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
    return _told(path, facts)


def hidden_files(folder: Path, pattern: str) -> list[str]:
    """Files below a folder that fit the pattern and are never read, by place.

    Links, folders that are links (with a / behind), and what lies behind a dot; not the
    lock files of spreadsheet programs.
    """
    found = []
    for place, folders, names in os.walk(folder):
        links = [f"{name}/" for name in folders if Path(place, name).is_symlink()]
        inside = Path(place).relative_to(folder)
        files = [(inside / name).as_posix() for name in names]
        found += [(inside / name).as_posix() + "/" for name in links]
        found += [name for name in files if _is_passed_over(folder, name, pattern)]
    return sorted(map(readable, found))


def _is_passed_over(folder: Path, relative: str, pattern: str) -> bool:
    bare = "/".join(part.lstrip(".") for part in relative.split("/"))
    name = PurePosixPath(bare)
    if not is_wanted(bare, pattern) or name.name.startswith("~") or not name.suffix:
        return False
    is_dotted = bare != relative
    return is_dotted or stat.S_ISLNK((folder / relative).lstat().st_mode)


def _told(path: Path, facts: os.stat_result) -> RemoteFile:
    return RemoteFile(
        uri_of(str(path)), readable(path.name), facts.st_size, _changed(facts)
    )


def _changed(facts: os.stat_result) -> dt.datetime:
    return dt.datetime.fromtimestamp(facts.st_mtime, dt.UTC)


def _read_regular(path: str, listed: RemoteFile) -> bytes | None:
    """The bytes; None where the file is not what was listed, or does not stay so."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(22, "not a regular file", path)
        if (before.st_size, _changed(before)) != (listed.size, listed.modified_at):
            return None
        content = stream.read()
        after = os.fstat(descriptor)
    is_whole = len(content) == before.st_size == after.st_size
    return content if is_whole and after.st_mtime_ns == before.st_mtime_ns else None
