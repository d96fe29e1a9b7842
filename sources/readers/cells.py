"""Cells: raw cells of many files, read by reused processes that may die.

One answer per request, in the order of finishing. A worker that dies, hangs or says too
much costs the file it was reading; it is replaced and the rest of its batch goes on.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import select
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from sources.readers.grid import SheetCells
from sources.readers.isolation import START, IsolatedProcess
from sources.readers.limits import DEFAULT_LIMITS, Limits
from sources.readers.rejections import Rejected
from sources.readers.worker import LENGTH

_START = START.format(module="sources.readers.worker")
_LARGEST_BATCH = 32
_WAITING_ANSWERS = 64
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class ReadRequest:
    """One file to read: its path, the dialect if it turns out to be text, and the path
    to its records if it turns out to be JSON."""

    path: Path
    may_be_text: bool = False
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    records: str = ""

    def line(self) -> bytes:
        """The request as the worker takes it: one line of JSON."""
        fields = dataclasses.asdict(self) | {"path": str(self.path)}
        return json.dumps(fields).encode() + b"\n"


Answer = list[SheetCells] | Rejected


class WorkerPool:
    """Some worker processes, each fed by one thread; use it as a context manager."""

    def __init__(self, workers: int = 2, limits: Limits = DEFAULT_LIMITS):
        self._workers = max(1, workers)
        self._limits = limits
        self._stopped = threading.Event()
        self._answers: queue.Queue[tuple[int, Answer] | BaseException] = queue.Queue(
            _WAITING_ANSWERS
        )
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def read(self, requests: Sequence[ReadRequest]) -> Iterator[tuple[int, Answer]]:
        """(position, cells or refusal) of every request, as they finish."""
        numbered = list(enumerate(requests))
        size = min(_LARGEST_BATCH, 1 + len(numbered) // (4 * self._workers))
        todo = deque(
            numbered[start : start + size] for start in range(0, len(numbered), size)
        )
        for _ in range(min(self._workers, len(todo))):
            thread = threading.Thread(target=self._serve, args=(todo,), daemon=True)
            thread.start()
            self._threads.append(thread)
        for _ in requests:
            answer = self._answers.get()
            if isinstance(answer, BaseException):
                raise answer
            yield answer

    def _serve(self, todo: deque[list[tuple[int, ReadRequest]]]) -> None:
        """Feeds batches to one worker at a time until none is left."""
        worker = _Worker(self._limits)
        try:
            while not self._stopped.is_set():
                try:
                    batch = todo.popleft()
                except IndexError:
                    break
                while batch and not self._stopped.is_set():
                    if not worker.is_alive:
                        worker.close()
                        worker = _Worker(self._limits)
                    batch = batch[self._run(worker, batch) :]
        except BaseException as error:  # handed to the caller, who raises it
            self._put(error)
        finally:
            worker.close()

    def _run(self, worker: _Worker, batch: list[tuple[int, ReadRequest]]) -> int:
        """Number of requests answered; fewer than all when the worker had to go."""
        worker.send(b"".join(request.line() for _, request in batch))
        for done, (position, _) in enumerate(batch, 1):
            self._put((position, worker.receive(self._stopped)))
            if not worker.is_alive:
                return done
        return len(batch)

    def _put(self, answer: tuple[int, Answer] | BaseException) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._answers.put(answer, timeout=_POLL_SECONDS)
                return


class _Worker(IsolatedProcess):
    """One process that reads, and what it has said so far."""

    def __init__(self, limits: Limits):
        super().__init__(_START, limits)
        self._buffer = bytearray()

    def receive(self, stopped: threading.Event) -> Answer:
        """The next answer; `is_alive` says whether this worker can go on."""
        deadline = time.monotonic() + self.limits.wall_seconds
        while not stopped.is_set():
            body = self._taken()
            if body is not None:
                return _decoded(body)
            if len(self._buffer) > self.limits.answer_bytes:
                return self._given_up("X_TOOBIG", f"> {self.limits.answer_bytes} B")
            if time.monotonic() > deadline:
                return self._given_up("X_LIMIT", f"{self.limits.wall_seconds:g} s")
            if select.select([self.out], [], [], _POLL_SECONDS)[0]:
                chunk = os.read(self.out.fileno(), 1 << 20)
                if not chunk:
                    return self._given_up("X_LIMIT", self._ending())
                self._buffer += chunk
        return self._given_up("X_LIMIT", "stopped")

    def _given_up(self, code: str, detail: str) -> Rejected:
        self.is_alive = False
        return Rejected(code, detail)

    def _taken(self) -> bytes | None:
        head = LENGTH.size
        if len(self._buffer) < head:
            return None
        end = head + LENGTH.unpack_from(self._buffer)[0]
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[head:end])
        del self._buffer[:end]
        return body

    def _ending(self) -> str:
        code = self.process.wait()
        return f"signal {-code}" if code < 0 else f"code {code}"


def _decoded(body: bytes) -> Answer:
    answer = json.loads(body)
    if "rejected" in answer:
        return Rejected(*answer["rejected"])
    sheets: list[SheetCells] = answer["sheets"]
    return sheets
