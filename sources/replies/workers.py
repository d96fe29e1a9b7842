"""Workers: replies made by processes that may die, one process per calling thread."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from sources.readers.isolation import START, IsolatedProcess
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.replies.model import Remark, ReplyFacts
from sources.replies.worker import HEAD, Outcome

_START = START.format(module="sources.replies.worker")


class ReplyError(Exception):
    """A reply could not be made or written; says which, why, and what to do."""


@dataclass(frozen=True)
class ReplyJob:
    """One reply to make: the sender's bytes, None where only a report may go back."""

    path: Path | None
    facts: ReplyFacts
    remarks: Sequence[Remark]

    def line(self) -> bytes:
        """The job as the worker takes it: one line of JSON."""
        path = None if self.path is None else str(self.path)
        facts = dataclasses.asdict(self.facts)
        fields = {"path": path, "facts": facts, "remarks": self.remarks}
        return json.dumps(fields).encode() + b"\n"


class Answer(NamedTuple):
    """The bytes of one reply, and what they are."""

    data: bytes
    outcome: Outcome


class ReplyWorkers:
    """Answers jobs in as many processes as threads ask; use it as a context manager."""

    def __init__(self, limits: Limits = DEFAULT_LIMITS):
        self._limits = limits
        self._own = threading.local()
        self._all: list[_Process] = []
        self._scratch = tempfile.TemporaryDirectory(prefix="nhiemky-replies-")

    def __enter__(self) -> ReplyWorkers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._all:
            process.close()
        self._scratch.cleanup()

    def answer(self, job: ReplyJob) -> Answer:
        """The reply to one job; a workbook that cannot be marked gives the report.

        Raises:
            ReplyError: not even the report could be made.
        """
        for attempt in (job, dataclasses.replace(job, path=None)):
            answer = self._process().ask(attempt)
            if answer is not None:
                return answer
        raise ReplyError(
            f"The reply to {job.facts.file_name!r} could not be made: the worker died"
            f" twice, with {len(job.remarks)} findings. Look at them with `nhiemky"
            " findings list`; free memory, then run again: it is tried anew."
        )

    def _process(self) -> _Process:
        current: _Process | None = getattr(self._own, "process", None)
        if current is None or not current.is_alive:
            current = _Process(self._limits, self._scratch.name)
            self._own.process = current
            self._all.append(current)
        return current


class _Process(IsolatedProcess):
    """One process that writes replies."""

    def __init__(self, limits: Limits, scratch: str):
        # openpyxl imports numpy, and writes by way of a temporary file
        environment = {"TMPDIR": scratch, "OPENBLAS_NUM_THREADS": "1"}
        super().__init__(_START, limits, environment)

    def ask(self, job: ReplyJob) -> Answer | None:
        """The answer to one job; None when this worker had to go."""
        watchdog = threading.Timer(self.limits.wall_seconds, self.process.kill)
        watchdog.start()
        try:
            self.send(job.line())
            head = self.out.read(HEAD.size)
            if len(head) == HEAD.size:
                length, outcome = HEAD.unpack(head)
                if length <= self.limits.answer_bytes:
                    data = self.out.read(length)
                    if len(data) == length:
                        return Answer(data, Outcome(outcome))
        finally:
            watchdog.cancel()
        self.close()
        return None
