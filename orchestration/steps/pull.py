"""Pull: files that the sources hold and the ledger has not seen go to landing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pandas as pd

from orchestration.progress import step
from orchestration.steps.context import RunContext
from orchestration.steps.reply import reply_folders
from sources.connectors.drop_folder import RemoteFile, list_files, read_bytes
from sources.programme.model import Source

WRITERS = 8
"""Threads that land bytes: each waits for the disk, not for the processor."""


@dataclass(frozen=True)
class PullSummary:
    """Counts of one pull: new files, new deliveries, same bytes seen again."""

    files: int
    landed: int
    repeated: int


def pull(run: RunContext) -> PullSummary:
    """Lands the bytes of every file whose place, size and time are new.

    Raises:
        SourceError: a source's folder cannot be listed; says which and what to do.
    """
    fresh = new_files(run)
    with (
        step("Nhận tệp · pull", len(fresh)) as progress,
        ThreadPoolExecutor(WRITERS) as writers,
    ):
        rows = []
        for row in writers.map(lambda entry: _land(run, *entry), fresh):
            rows.append(row)
            progress.advance(1)
        landed = run.ledger.record_deliveries(pd.DataFrame(rows)) if rows else 0
        summary = PullSummary(len(fresh), landed, len(rows) - landed)
        progress.summary = f"{landed} tệp mới, {summary.repeated} trùng · new, repeated"
    return summary


def _land(run: RunContext, source: Source, file: RemoteFile) -> dict[str, object]:
    sha256, _ = run.landing.put(read_bytes(file))
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
