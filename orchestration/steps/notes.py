"""Notes of the work folder: what a step must know of the runs before it.

One small JSON file a subject, one entry a programme. None of it is truth: a note that
is lost costs work done again, never a wrong answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.steps.context import RunContext


@dataclass(frozen=True)
class Note:
    """A subject that steps keep a note on; `name` is that of its file."""

    name: str

    def read(self, run: RunContext) -> Any:
        """What was noted for the run's programme, None for nothing."""
        return self._entries(run).get(run.programme.code)

    def write(self, run: RunContext, value: Any) -> None:
        """Notes a plain value for the run's programme."""
        self._save(run, {**self._entries(run), run.programme.code: value})

    def drop(self, run: RunContext) -> None:
        """Forgets what was noted for the run's programme."""
        entries = self._entries(run)
        if entries.pop(run.programme.code, None) is not None:
            self._save(run, entries)

    def drop_all(self, run: RunContext) -> None:
        """Forgets what was noted for every programme of the home."""
        self._path(run).unlink(missing_ok=True)

    def _path(self, run: RunContext) -> Path:
        return run.home.work / f"{self.name}.json"

    def _entries(self, run: RunContext) -> dict[str, Any]:
        path = self._path(run)
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def _save(self, run: RunContext, entries: dict[str, Any]) -> None:
        text = json.dumps(entries, ensure_ascii=False)
        beside = self._path(run).with_suffix(".next")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self._path(run))
