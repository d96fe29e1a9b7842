"""One folder per installation: where everything that is kept has its place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from warehouse.errors import WarehouseError
from warehouse.files import file_lock

DEFAULT_HOME = ".nhiemky"
DATABASE_NAME = "warehouse.duckdb"
"""The same base name for build and publication: views may name their own file."""


@dataclass(frozen=True)
class Home:
    """Paths of one installation; nothing exists on disk before `create()`."""

    path: Path

    @classmethod
    def resolve(cls, value: str | os.PathLike[str] | None = None) -> Home:
        """The home given on the command line, else `NHIEMKY_HOME`, else `.nhiemky`."""
        chosen = value or os.environ.get("NHIEMKY_HOME") or DEFAULT_HOME
        return cls(Path(chosen).expanduser().absolute())

    @property
    def landing(self) -> Path:
        """Every delivery's bytes, by content."""
        return self.path / "landing"

    @property
    def quarantine(self) -> Path:
        """Locked folder of deliveries refused as personal data."""
        return self.path / "quarantine"

    @property
    def ledger_url(self) -> str:
        """`NHIEMKY_LEDGER_URL`, else a SQLite file in the home."""
        return os.environ.get("NHIEMKY_LEDGER_URL") or (
            f"sqlite:///{self.path / 'ledger.sqlite'}"
        )

    @property
    def build_db(self) -> Path:
        """The private DuckDB file that load and dbt write; no reader opens it."""
        return self.path / "build" / DATABASE_NAME

    @property
    def published(self) -> Path:
        """Folder that BI tools read."""
        return self.path / "published"

    @property
    def published_db(self) -> Path:
        """The DuckDB file that BI tools open read-only."""
        return self.published / DATABASE_NAME

    @property
    def published_parquet(self) -> Path:
        """Symlink to the Parquet folder of the publication in place."""
        return self.published / "parquet"

    @property
    def reports(self) -> Path:
        """Scorecards and workbooks for people."""
        return self.path / "reports"

    @property
    def work(self) -> Path:
        """Hand-over files between the steps of a run; may be deleted between runs."""
        return self.path / "work"

    def create(self) -> None:
        """Makes the folders; does nothing where they are.

        Raises:
            WarehouseError: the place cannot be written.
        """
        folders = (self.landing, self.build_db.parent, self.published, self.reports)
        try:
            for folder in (*folders, self.work):
                folder.mkdir(parents=True, exist_ok=True)
            self.quarantine.mkdir(mode=0o700, exist_ok=True)
            self.quarantine.chmod(0o700)
        except OSError as error:
            raise WarehouseError(
                f"The home {self.path} cannot be made: {error}. Choose a folder that "
                "you may write with --home or NHIEMKY_HOME."
            ) from error

    @contextmanager
    def run_lock(self, wait_seconds: float = 30) -> Iterator[None]:
        """Lets one run at a time work in this home.

        Raises:
            RunLocked: another run, named by its pid, kept it for too long.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with file_lock(self.path / "run.lock", "One run at a time", wait_seconds):
            yield
