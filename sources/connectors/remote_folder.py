"""Remote folder: files of another machine, asked for patiently and never half."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import TypeVar

from sources.connectors.errors import SourceError, UnreadableFile
from sources.connectors.files import RemoteFile, check_size
from sources.connectors.names import is_wanted, path_of, readable, uri_of
from sources.connectors.patience import patient
from sources.connectors.places import Address, Place, below
from sources.connectors.remote_options import Options
from sources.connectors.remote_system import (
    Changed,
    Connection,
    Entry,
    Refused,
    RemoteSystem,
    connect,
)
from sources.programme.model import Source

Sleep = Callable[[float], None]
T = TypeVar("T")

_WHOLE_SECONDS = 2
"""How old a file must be where times have no parts of seconds: one to tell two changes
apart, one for clocks that are not quite alike."""
_LASTING = (
    FileNotFoundError,
    PermissionError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
)
_CHECK = (
    "Check `path`, `options` and `pace` in sources.yaml and that the server runs; the"
    " next run asks again"
)


class RemoteFolder:
    """A folder behind an address, with one connection; see `Folder`.

    Once the place could not be reached in all its tries, nothing more is asked of it.
    """

    def __init__(
        self,
        source: Source,
        address: Address,
        options: Options,
        base: Path,
        hidden: Iterable[Place] = (),
        sleep: Sleep = time.sleep,
    ) -> None:
        """Connects when first asked; `base` is where relative file options start."""
        self.left: list[str] = []
        self._source = source
        self._address = address
        self._options = options
        self._given = Connection(
            address, options.values, source.pace.timeout_seconds, base
        )
        self._hidden = tuple(hidden)
        self._sleep = sleep
        self._lock = threading.Lock()
        self._system: RemoteSystem | None = None
        self._opened: list[RemoteSystem] = []
        self._gave_up: SourceError | None = None

    def list_files(self) -> list[RemoteFile]:
        """See `Folder`. Left out: what is no regular file, and what has a dot.

        Times of whole seconds cannot tell two changes within one: a file changed in
        the last two seconds is left too, by the place's clock where it tells one. Where
        it does not (SFTP) and its clock is behind ours, `settle_seconds` must be longer
        than it is behind.
        """
        try:
            found, clock = self._ask(self._entries)
        except OSError as error:
            raise self._error("cannot list", error) from None
        now = clock or dt.datetime.now(dt.UTC)
        files = []
        for entry in found:
            shortest = 0 if entry.modified_at.microsecond else _WHOLE_SECONDS
            age = (now - entry.modified_at).total_seconds()
            name = readable(PurePosixPath(entry.relative).name)
            if abs(age) < max(self._source.settle_seconds, shortest):
                self.left.append(name)
                continue
            uri = uri_of(str(self._address / entry.relative))
            files.append(
                RemoteFile(uri, name, entry.size, entry.modified_at, entry.version)
            )
        return sorted(files)

    def read_bytes(self, file: RemoteFile) -> bytes | None:
        """See `Folder`."""
        check_size(self._source.code, file)
        relative = path_of(file.uri).removeprefix(f"{self._address}/")
        entry = Entry(relative, file.size, file.modified_at, file.version)
        try:
            return self._ask(lambda system: system.read(entry))
        except (Changed, FileNotFoundError):
            self.left.append(file.name)
            return None
        except OSError as error:
            raise UnreadableFile(
                f"source {self._source.code}: cannot read {file.uri}: "
                f"{self._why(error)}. It stays unread until the next run; check that"
                " this account may read it."
            ) from None

    def write(self, place: str, data: bytes) -> None:
        """Puts a file below the folder, in one step where the place can rename.

        Raises:
            SourceError: it cannot be written.
        """
        try:
            self._ask(lambda system: system.write(place, data))
        except OSError as error:
            raise self._error(f"cannot write {place} to", error) from None

    def close(self) -> None:
        """See `Folder`."""
        for system in self._opened:
            with suppress(Exception):  # all that was wanted of it is had
                system.close()
        self._opened.clear()
        self._system = None

    def _entries(self, system: RemoteSystem) -> tuple[list[Entry], dt.datetime | None]:
        self.left.clear()
        pattern = self._source.pattern
        found = [
            entry
            for entry in system.entries(self._is_open, self._closed)
            if is_wanted(entry.relative, pattern)
            and not self._is_hidden(entry.relative)
        ]
        return found, system.clock

    def _closed(self, relative: str) -> None:
        self.left.append(readable(PurePosixPath(relative).name) + "/")

    def _is_open(self, relative: str) -> bool:
        name = relative.rpartition("/")[2]
        return not name.startswith(".") and not self._is_hidden(relative)

    def _is_hidden(self, relative: str) -> bool:
        path = str(self._address / relative)
        return any(below(place, path) is not None for place in self._hidden)

    def _ask(self, call: Callable[[RemoteSystem], T]) -> T:
        """The answer, after as many tries as the source's pace allows.

        Raises:
            SourceError: the place refuses, or could not be reached in any try.
            OSError: one that would come again.
        """
        if self._gave_up:
            raise self._gave_up
        tries = patient(self._source.pace.tries, _may_pass, self._sleep)
        try:
            return tries(self._once, call)
        except Refused as error:
            self._gave_up = self._error("cannot enter", error)
        except OSError as error:
            if not _may_pass(error):
                raise
            self._gave_up = self._error(
                f"cannot reach, in {self._source.pace.tries} tries,", error
            )
        raise self._gave_up

    def _once(self, call: Callable[[RemoteSystem], T]) -> T:
        with _all_as_os_errors():
            system = self._connected()
        try:
            with _all_as_os_errors():
                return call(system)
        except OSError as error:
            if _may_pass(error) and system.reconnects:
                with self._lock:
                    if self._system is system:
                        self._system = None
            raise

    def _connected(self) -> RemoteSystem:
        with self._lock:
            if self._system is None:
                self._system = connect(self._given)
                self._opened.append(self._system)
            return self._system

    def _error(self, what: str, error: Exception) -> SourceError:
        return SourceError(
            f"source {self._source.code}: {what} {self._address}: {self._why(error)}."
            f" {_CHECK}."
        )

    def _why(self, error: Exception) -> str:
        text = str(error) or type(error).__name__
        return self._options.without_secrets(text).rstrip(".")


@contextmanager
def _all_as_os_errors() -> Iterator[None]:
    """File systems of fsspec raise what they like."""
    try:
        yield
    except (OSError, Refused, Changed):
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, OSError) and not isinstance(error, _LASTING)
