"""Kills this very process at its n-th important call: `kill -9`, but repeatable.

Important are statements sent to a database and calls that change the disk.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Any

DISK = {"replace", "rename", "symlink", "fsync", "mkdir", "rmdir", "unlink"}


class Death:
    """Counts important calls; number 0 never comes."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.seen = 0

    def __enter__(self) -> Death:
        sys.setprofile(self._watch)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _watch(self, _: FrameType, event: str, function: Any) -> None:
        if event != "c_call":
            return
        name = function.__name__
        is_disk = name in DISK and getattr(function, "__module__", "") == "posix"
        if is_disk or name == "execute":
            self.seen += 1
            if self.seen == self.number:
                os.kill(os.getpid(), signal.SIGKILL)
