"""Pull: files that the sources hold and the ledger has not seen go to landing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pandas as pd

from orchestration.progress import step
from orchestration.steps.context import RunContext
from orchestration.steps.reply import reply_folders
from sources.connectors.drop_folder import (
    Folder,
    RemoteFile,
    list_files,
    list_hidden,
    open_folder,
)
from sources.programme.model import Source
from sources.readers.rejections import printable

_SHOWN = 5
_LONGEST_NAME = 60

WRITERS = 8
"""Threads that land bytes: each waits for the disk, not for the processor."""


@dataclass(frozen=True)
class PullSummary:
    """Counts of one pull: new files, new deliveries, same bytes seen again.

    `hidden`: files passed over because they are hidden or links. `left`: files left for
    the next time because they changed while they were read.
    """

    files: int
    landed: int
    repeated: int
    hidden: int = 0
    left: int = 0


def pull(run: RunContext) -> PullSummary:
    """Lands the bytes of every file whose place, size and time are new.

    Raises:
        SourceError: a source's folder cannot be listed; says which and what to do.
    """
    fresh = new_files(run)
    with (
        step("Nhận tệp · pull", len(fresh)) as progress,
        ExitStack() as opened,
        ThreadPoolExecutor(WRITERS) as writers,
    ):
        folders = {
            source.code: opened.enter_context(
                open_folder(source, run.programme.folder, run.environment)
            )
            for source in {source.code: source for source, _ in fresh}.values()
        }
        rows = []
        for row in writers.map(
            lambda entry: _land(run, folders[entry[0].code], *entry), fresh
        ):
            if row is not None:
                rows.append(row)
            progress.advance(1)
        landed = run.ledger.record_deliveries(pd.DataFrame(rows)) if rows else 0
        hidden = never_read(run)
        left = len(fresh) - len(rows)
        summary = PullSummary(len(fresh), landed, len(rows) - landed, len(hidden), left)
        progress.summary = f"{landed} tệp mới, {summary.repeated} trùng · new, repeated"
        if hidden:
            progress.summary += "; " + tell_hidden(hidden)
        if left:
            progress.summary += f"; {left} tệp đang ghi dở · still being written"
    return summary


def never_read(run: RunContext) -> list[str]:
    """Files in the drop folders that look like reports and are passed over."""
    return [
        name
        for source in run.programme.sources
        for name in list_hidden(source, run.programme.folder, run.environment)
    ]


def tell_hidden(names: list[str]) -> str:
    """One line about files that are passed over: how many, which, why."""
    shown = ", ".join(printable(name, _LONGEST_NAME) for name in names[:_SHOWN])
    more = " …" if len(names) > _SHOWN else ""
    return (
        f"{len(names)} tệp bị bỏ qua vì là tệp ẩn hoặc liên kết · passed over, hidden "
        f"or links: {shown}{more}"
    )


def _land(
    run: RunContext, folder: Folder, source: Source, file: RemoteFile
) -> dict[str, object] | None:
    content = folder.read_bytes(file)
    if content is None:
        return None
    sha256, _ = run.landing.put(content)
    return {
        "programme_code": run.programme.code,
        "source_code": source.code,
        "origin": file.uri,
        "file_name": file.name,
        "size_bytes": file.size,
        "modified_at": file.modified_at,
        "delivery_sha256": sha256,
    }


def new_files(run: RunContext) -> list[tuple[Source, RemoteFile]]:
    """Files whose place, size and time the ledger does not know, with their source.

    Raises:
        SourceError: a source's folder cannot be listed.
    """
    known = run.ledger.known_origins(run.programme.code)
    passed_over = list(reply_folders(run).values())
    seen = set(zip(known.origin, known.size_bytes, known.modified_at, strict=True))
    return [
        (source, file)
        for source in run.programme.sources
        for file in list_files(
            source, run.programme.folder, run.environment, passed_over
        )
        if (file.uri, file.size, file.modified_at) not in seen
    ]
