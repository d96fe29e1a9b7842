"""Folders: what lies new in the drop folders, and what in them is passed over.

Every folder is opened once, listed, and read while it is open. One that cannot be
listed costs the others nothing.
"""

from __future__ import annotations

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
from sources.programme.model import Source
from sources.readers.rejections import printable

_SHOWN = 5
_LONGEST_NAME = 60
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
    hidden = _reply_places(run, unreachable)
    sources = [source for source in sources if not is_asked(source)]
    with ExitStack() as opened:
        for source in (s for s in sources if s.code not in unreachable):
            folder = open_folder(source, run.programme.folder, run.environment, hidden)
            try:
                folders[source.code] = opened.enter_context(folder)
            except SourceError as error:
                unreachable[source.code] = said(error)

        def new_of(source: Source) -> list[RemoteFile] | str:
            try:
                files = folders[source.code].list_files()
            except SourceError as error:
                return said(error)
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
        except SourceError:
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


def said(error: SourceError) -> str:
    """What a connector says, without the login that an address may hold."""
    return without_login(str(error))


def _reply_places(run: RunContext, unreachable: dict[str, str]) -> list[Place]:
    places = []
    for source in run.programme.sources:
        try:
            places.append(reply_folder(run, source))
        except SourceError as error:
            unreachable[source.code] = said(error)
    return places
