"""Publish: schema marts of the build becomes the files that BI tools open.

Written beside, made durable, then swapped in by one rename each: Parquet first, the
DuckDB file last, so that the DuckDB file says what is published. A reader sees the old
publication or the new one; what a killed run left is swept by the next.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.build_file import OFFLINE
from warehouse.errors import PublishError
from warehouse.files import file_lock, fsync_path, replace_durably
from warehouse.home import DATABASE_NAME, Home
from warehouse.marts_copy import copy_marts

KEPT_GENERATIONS = 2
"""Parquet folders kept besides the one in place, for readers still at them."""

_PUBLICATION = """
create table publication (
    publication_id varchar not null,
    published_at timestamp not null,
    as_of_date date not null
);
comment on table publication is 'Chỉ có một dòng, cho biết bản công bố này là bản nào. \
· One row: which publication this is.';
comment on column publication.publication_id is 'Mã bản công bố. \
· Id of the publication.';
comment on column publication.published_at is 'Thời điểm công bố (giờ UTC). \
· When it was made, UTC.';
comment on column publication.as_of_date is 'Ngày xét: các kết luận tính đến ngày này. \
· Day on which the verdicts were judged.';
"""

_LOCK_SECONDS = 30.0
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class PublishReport:
    """What was published: rows by table, and the size of the DuckDB file."""

    publication_id: str
    published_at: dt.datetime
    tables: dict[str, int]
    size_bytes: int


def publish(
    home: Home, publication_id: str, published_at: dt.datetime, as_of_date: dt.date
) -> PublishReport:
    """Copies schema marts of the build file and swaps it in for readers.

    Raises:
        PublishError: there is no finished build, or it cannot be copied; the previous
            publication stays.
        RunLocked: another publication is under way.
    """
    if not _IDENTIFIER.fullmatch(publication_id):
        raise PublishError(
            f"{publication_id!r} cannot name a publication, because it names a folder: "
            "use 1 to 64 letters, digits, dots, dashes or underscores."
        )
    if published_at.tzinfo is None:
        raise PublishError("published_at has no time zone; give an aware datetime.")
    if not home.build_db.exists():
        raise PublishError(
            f"{home.build_db} does not exist, so there is nothing to publish. Run "
            "`nhiemky run` first."
        )
    home.published.mkdir(parents=True, exist_ok=True)
    lock = home.published / ".publish.lock"
    with file_lock(lock, "One publication at a time", _LOCK_SECONDS):
        places = _Places.of(home, publication_id)
        places.sweep()
        try:
            report = _write(home, places, publication_id, published_at, as_of_date)
        except (duckdb.Error, OSError) as error:
            places.sweep()
            raise PublishError(
                f"The build {home.build_db} could not be published: {error}. The "
                "previous publication stays. Free the disk or end the process that "
                "the message names, then run again."
            ) from error
        places.swap()
        places.drop_old_generations()
    return report


@dataclass(frozen=True)
class _Places:
    """Where one publication is written and where it goes."""

    staging: Path
    generations: Path
    generation: Path
    link: Path
    database: Path

    @classmethod
    def of(cls, home: Home, publication_id: str) -> _Places:
        generations = home.published / ".parquet"
        return cls(
            staging=home.published / ".next",
            generations=generations,
            generation=generations / publication_id,
            link=home.published_parquet,
            database=home.published_db,
        )

    @property
    def next_database(self) -> Path:
        return self.staging / DATABASE_NAME

    @property
    def next_parquet(self) -> Path:
        return self.staging / "parquet"

    def sweep(self) -> None:
        """Removes what a killed publication left beside."""
        shutil.rmtree(self.staging, ignore_errors=True)

    def swap(self) -> None:
        """Puts the written files in place, each in one step."""
        self.generations.mkdir(exist_ok=True)
        if self.generation.exists():
            shutil.rmtree(self.generation)
        self.next_parquet.rename(self.generation)
        fsync_path(self.generations)
        next_link = self.staging / "link"
        next_link.symlink_to(self.generation.relative_to(self.link.parent))
        replace_durably(next_link, self.link)
        replace_durably(self.next_database, self.database)
        self.sweep()

    def drop_old_generations(self) -> None:
        """Keeps the newest Parquet folders besides the one in place."""
        others = [p for p in self.generations.iterdir() if p != self.generation]
        others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in others[KEPT_GENERATIONS:]:
            shutil.rmtree(path)


def _write(
    home: Home,
    places: _Places,
    publication_id: str,
    published_at: dt.datetime,
    as_of_date: dt.date,
) -> PublishReport:
    places.next_parquet.mkdir(parents=True)
    # in memory, so that the build keeps its own name and its views find their tables
    with duckdb.connect(config=dict(OFFLINE)) as connection:
        tables = copy_marts(connection, home.build_db, places.next_database)
        connection.execute("use publication.marts")
        connection.execute(_PUBLICATION)
        connection.execute(
            "insert into publication values (?, ?, ?)",
            [
                publication_id,
                published_at.astimezone(dt.UTC).replace(tzinfo=None),
                as_of_date,
            ],
        )
        for table in [*tables, "publication"]:
            target = places.next_parquet / f"{table}.parquet"
            quoted = table.replace('"', '""')
            connection.execute(
                f'copy "{quoted}" to ? (format parquet, compression zstd)',
                [str(target)],
            )
            fsync_path(target)
        connection.execute("checkpoint publication")
        connection.execute("use memory.main")
        connection.execute("detach publication")
    if places.next_database.with_name(f"{DATABASE_NAME}.wal").exists():
        raise PublishError(
            f"{places.next_database} was closed with a log beside it, so it is not "
            "whole. The previous publication stays. Run again."
        )
    fsync_path(places.next_parquet)
    size = places.next_database.stat().st_size
    return PublishReport(publication_id, published_at, tables, size)
