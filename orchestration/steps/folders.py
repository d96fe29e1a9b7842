"""Folders: what lies new in the drop folders, and what in them is passed over.

Every folder is opened once, listed, and read while it is open. One that cannot be
listed costs the others nothing.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from orchestration.alerts.words import without_login
from orchestration.steps.context import RunContext
from orchestration.steps.reach import note_reach
from orchestration.steps.reply import reply_folder
from sources.connectors.drop_folder import (
    Folder,
    Place,
    RemoteFile,
    list_hidden,
    open_folder,
)
from sources.connectors.errors import SourceError
from sources.connectors.registry import is_asked
from sources.connectors.secrets import hidden, secrets_of
from sources.programme.model import Source
from sources.readers.rejections import printable

_LOG = logging.getLogger(__name__)
_SHOWN = 5
_LONGEST_NAME = 60
_LONGEST_FAULT = 300
_LISTERS = 8
"""Threads that list folders: each waits for a disk or another machine."""


@dataclass(frozen=True)
class Listing:
    """New files, the open folders they lie in, and why a folder could not be listed.

    Folders and reasons by the code of their source.
    """

    files: list[tuple[Source, RemoteFile]]
    folders: dict[str, Folder]
    unreachable: dict[str, str]

    @property
    def left(self) -> list[str]:
        """Names left for the next time, as of now."""
        return [name for folder in self.folders.values() for name in folder.left]


@contextmanager
def open_folders(run: RunContext, sources: Iterable[Source]) -> Iterator[Listing]:
    """Files of these drop folders whose place, size and time the ledger does not know.

    The folders stay open inside.
    """
    known = run.ledger.known_origins(run.programme.code)
    seen = set(zip(known.origin, known.size_bytes, known.modified_at, strict=True))
    unreachable: dict[str, str] = {}
    folders: dict[str, Folder] = {}
    replies = _reply_places(run, unreachable)
    sources = [source for source in sources if not is_asked(source)]
    with ExitStack() as opened:
        for source in (s for s in sources if s.code not in unreachable):
            folder = open_folder(source, run.programme.folder, run.environment, replies)
            try:
                folders[source.code] = opened.enter_context(folder)
            except Exception as error:
                unreachable[source.code] = told(run, source, error)

        def new_of(source: Source) -> list[RemoteFile] | str:
            try:
                files = folders[source.code].list_files()
            except Exception as error:
                return told(run, source, error)
            return [f for f in files if (f.uri, f.size, f.modified_at) not in seen]

        within = [source for source in sources if source.code in folders]
        new: list[tuple[Source, RemoteFile]] = []
        with ThreadPoolExecutor(_LISTERS) as threads:
            for source, files in zip(within, threads.map(new_of, within), strict=True):
                if isinstance(files, str):
                    unreachable[source.code] = files
                else:
                    new += [(source, file) for file in files]
        codes = {source.code for source in sources}
        reasons = {code: why for code, why in unreachable.items() if code in codes}
        yield Listing(new, folders, reasons)


def new_files(run: RunContext) -> list[tuple[Source, RemoteFile]]:
    """Files that the ledger does not know, with their source, of all folders in reach;
    maintainers are told of the others."""
    with open_folders(run, run.programme.sources) as listing:
        folders = [s.code for s in run.programme.sources if not is_asked(s)]
        note_reach(run, folders, listing.unreachable)
        return listing.files


def never_read(run: RunContext, sources: Iterable[Source] | None = None) -> list[str]:
    """Files in the drop folders that look like reports and are passed over."""
    names: list[str] = []
    for source in run.programme.sources if sources is None else sources:
        if is_asked(source):
            continue
        try:
            names += list_hidden(source, run.programme.folder, run.environment)
        except (SourceError, OSError):
            continue  # said where it is listed
    return names


def tell_hidden(names: list[str]) -> str:
    """One line about files that are passed over: how many, which, why."""
    shown = ", ".join(printable(name, _LONGEST_NAME) for name in names[:_SHOWN])
    more = " …" if len(names) > _SHOWN else ""
    return (
        f"{len(names)} tệp bị bỏ qua vì là tệp ẩn hoặc liên kết · passed over, hidden "
        f"or links: {shown}{more}"
    )


def told(run: RunContext, source: Source, error: Exception, what: str = "") -> str:
    """Why a source, or `what` of it, could not be had.

    What no connector foresaw goes to the log whole, and ends nothing but this.
    """
    if isinstance(error, SourceError):
        return without_login(str(error))
    secrets = secrets_of(source, run.environment)

    def safe(text: str) -> str:
        return without_login(hidden(text, secrets))

    where = f"source {source.code}" + (f", {what}" if what else "")
    _LOG.error("%s: %s", where, safe("".join(traceback.format_exception(error))))
    fault = f"{type(error).__name__}: {printable(safe(str(error)), _LONGEST_FAULT)}"
    return (
        f"{where}: unexpected {fault}; nothing of it was recorded; tell the maintainers"
        " of the program."
    )


def _reply_places(run: RunContext, unreachable: dict[str, str]) -> list[Place]:
    places = []
    for source in run.programme.sources:
        try:
            places.append(reply_folder(run, source))
        except Exception as error:
            unreachable[source.code] = told(run, source, error)
    return places
