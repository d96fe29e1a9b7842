"""Places: the folders that sources.yaml names, on this machine or on another."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, urlsplit

from sources.connectors.errors import SourceError
from sources.connectors.names import path_of
from sources.connectors.variables import fill
from sources.programme.model import Source


@dataclass(frozen=True)
class Address:
    """A folder or file on another machine, `scheme://machine/path`.

    Nothing in it is percent-escaped: a name is spelt as it is.
    """

    text: str

    def __str__(self) -> str:
        return self.text

    def __truediv__(self, below: str) -> Address:
        return Address(f"{self.text.rstrip('/')}/{below}")

    @property
    def scheme(self) -> str:
        """The kind of place: `sftp`, `s3`, `webdav+https`."""
        return self.text.partition("://")[0]

    @property
    def machine(self) -> SplitResult:
        """Host, port and user of the place, by those names."""
        return urlsplit(f"//{self._rest.partition('/')[0]}")

    @property
    def path(self) -> str:
        """The path on that machine, from its root, with no slash at the end."""
        return "/" + self._rest.partition("/")[2].strip("/")

    @property
    def _rest(self) -> str:
        return self.text.partition("://")[2]


Place = Path | Address


def resolve_path(
    source: Source, programme_folder: Path, environment: Mapping[str, str] | None = None
) -> Place:
    """One folder: the source's path, variables filled, relative to the programme.

    `${VAR}` must be set and not empty; `${VAR:-default}` falls back, as in a shell.

    Raises:
        SourceError: a variable is not set, or an address holds a password.
    """
    return _resolve(source.code, source.path, programme_folder, environment)


def resolve_replies(
    source: Source, programme_folder: Path, environment: Mapping[str, str] | None = None
) -> Place | None:
    """The folder for marked workbooks, found like the path; None where none is named.

    Raises:
        SourceError: a variable is not set, or the folder would hide all deliveries.
    """
    if not source.replies:
        return None
    replies = _resolve(source.code, source.replies, programme_folder, environment)
    inbox = resolve_path(source, programme_folder, environment)
    if below(replies, str(inbox)) is not None:
        raise SourceError(
            f"source {source.code}: the inbox {inbox} lies in the folder for replies"
            f" {replies}, which is never read, so no delivery would ever arrive. Give"
            " `replies` in sources.yaml a folder of its own."
        )
    return replies


def origin_folder(folder: Place, uri: str) -> PurePosixPath:
    """Where below `folder` a file lay; the folder itself for files from elsewhere."""
    return (below(folder, path_of(uri)) or PurePosixPath()).parent


def below(folder: Place, path: str) -> PurePosixPath | None:
    """The path from `folder` to what lies in it or is it; None for anything else."""
    try:
        return PurePosixPath(path).relative_to(PurePosixPath(str(folder)))
    except ValueError:
        return None


def _resolve(
    code: str,
    written: str,
    programme_folder: Path,
    environment: Mapping[str, str] | None,
) -> Place:
    path = fill(code, written, environment).removeprefix("file://")
    if "://" not in path:
        return Path(os.path.normpath(programme_folder / Path(path).expanduser()))
    address = Address(path.rstrip("/"))
    try:
        is_secret = address.machine.password is not None
        _ = address.machine.port
    except ValueError:
        raise SourceError(
            f"source {code}: {written!r} is no address: the port is no number. Write"
            " scheme://machine:port/folder in sources.yaml."
        ) from None
    if is_secret:
        raise SourceError(
            f"source {code}: {written!r} has a password in the address, which would be"
            " written to the ledger with every file. Give it as ${VAR} in the option"
            " `password` of the source."
        )
    return address
