"""Files that survive a crash: durable replacement, a lock that dies with its holder."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from warehouse.errors import RunLocked

READABLE = 0o644
"""Mode of a file that everybody of the machine may read."""
_POLL_SECONDS = 0.05


def fsync_path(path: Path) -> None:
    """Makes one file's content, or one folder's entries, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durably(new: Path, target: Path) -> None:
    """Puts the file or symlink `new` in place of `target` in one step, durably."""
    if not new.is_symlink():
        fsync_path(new)
    new.replace(target)
    fsync_path(target.parent)


def write_durably(target: Path, data: bytes, beside: Path, mode: int) -> None:
    """Writes `data` to `target` whole or not at all, by way of a file in `beside`."""
    descriptor, name = tempfile.mkstemp(dir=beside)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    fsync_path(target.parent)


@contextlib.contextmanager
def file_lock(path: Path, purpose: str, wait_seconds: float) -> Iterator[None]:
    """Holds an exclusive lock on `path` for the block; the kernel frees it on a kill.

    Raises:
        RunLocked: another holder kept it for longer than `wait_seconds`.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + wait_seconds
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
                raise RunLocked(
                    f"{purpose}: {path} is held by {holder or 'another process'} and "
                    f"was not freed within {wait_seconds:g} s, because only one may "
                    "work at a time. Wait until it ends, or stop that process; the "
                    "lock frees itself when its holder ends."
                )
            time.sleep(_POLL_SECONDS)
        since = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()} since {since}".encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
