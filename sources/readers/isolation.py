"""Isolation: a process of ours for files that nobody trusts, seen from outside.

An interpreter of our own (`python -I`) without our environment, fed through one pipe
and heard through another. What it may use it limits itself (`confinement`). Whoever
feeds it decides what is asked and how long an answer may take.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sources.readers.limits import Limits

_ROOT = Path(__file__).resolve().parents[2]
START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from {module} import main; main()"
)
"""What the interpreter is told to run."""


class IsolatedProcess:
    """One worker at the end of two pipes; `start` is the code it runs."""

    def __init__(
        self, start: str, limits: Limits, environment: Mapping[str, str] | None = None
    ):
        self.limits = limits
        arguments = json.dumps(dataclasses.asdict(limits))
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-I", "-c", start, str(_ROOT), arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8", "PATH": os.defpath, **(environment or {})},
            cwd="/",
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self._in, self.out = self.process.stdin, self.process.stdout
        self.is_alive = True

    def send(self, lines: bytes) -> None:
        """Hands over jobs; one that died already says so when it is heard."""
        with contextlib.suppress(BrokenPipeError):
            self._in.write(lines)
            self._in.flush()

    def close(self) -> None:
        """Ends the process and its pipes; safe to call twice and on a dead one."""
        self.is_alive = False
        self.process.kill()
        self.process.wait()
        self.out.close()
        with contextlib.suppress(BrokenPipeError):
            self._in.close()
