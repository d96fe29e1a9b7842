"""Files: what a listing tells of each file, and what every opened folder can do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, order=True)
class RemoteFile:
    """One file at its origin: place, own name, bytes and time of last change (UTC).

    `version` is what the place itself calls this state of the file, if it does.
    """

    uri: str
    name: str
    size: int
    modified_at: dt.datetime
    version: str = ""


class Folder(Protocol):
    """A source's folder, opened once for a run. Its methods may be called by threads.

    `left` are the names of files left for the next time, since the last listing: they
    are still being written, or went away between listing and reading; with a / behind,
    subfolders that this account may not list.
    """

    left: list[str]

    def list_files(self) -> list[RemoteFile]:
        """Every finished file that fits the source's pattern, sorted by place.

        Raises:
            SourceError: the folder is missing or cannot be listed.
        """

    def read_bytes(self, file: RemoteFile) -> bytes | None:
        """All bytes of one listed file; None where it is left for the next time.

        Raises:
            UnreadableFile: this file cannot be read, others may.
            SourceError: the place cannot be reached.
        """

    def close(self) -> None:
        """Ends the connection."""
