"""Files: what a listing tells of each file, and what every opened folder can do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from sources.connectors.errors import UnreadableFile
from sources.readers.limits import DEFAULT_LIMITS

LARGEST_FILE = 4 * DEFAULT_LIMITS.file_bytes
"""Bytes that are taken into memory: what is a little too large for the reader still
becomes a delivery that is refused and answered; beyond this nothing is read."""


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


def check_size(code: str, file: RemoteFile) -> None:
    """Passes over a file of the source `code` that would fill the memory.

    Raises:
        UnreadableFile: it is larger than `LARGEST_FILE`.
    """
    if file.size > LARGEST_FILE:
        raise UnreadableFile(
            f"source {code}: {file.uri} has {file.size:,} bytes, and at most "
            f"{LARGEST_FILE:,} are read. It stays unread: have its sender cut it into "
            "smaller files, and take it out of the folder."
        )


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
            UnreadableFile: this file cannot be read or is too large, others may.
            SourceError: the place cannot be reached.
        """

    def close(self) -> None:
        """Ends the connection."""
