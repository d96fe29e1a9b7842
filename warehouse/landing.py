"""Landing: every delivery's bytes, kept unchanged under their SHA-256.

One file per distinct content at `landing/ab/cd/<sha256>`. A delivery refused as
personal data moves to the quarantine folder (0700) and, once purged, leaves an empty
marker by which the same bytes are known and never stored again.

The frozen rows of editions lie here too: with the ledger this folder is all that a
rebuild needs. Which bytes are a delivery's, the ledger says, never a listing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from pathlib import Path

from warehouse.errors import LandingError
from warehouse.files import fsync_path, write_durably
from warehouse.home import Home

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PURGED = ".purged"
_READ_ONLY = 0o440


class Landing:
    """The bytes of one home."""

    def __init__(self, home: Home) -> None:
        """Takes the folders of `home`; they are made when first written."""
        self._root = home.landing
        self._incoming = home.landing / ".incoming"
        self._quarantine = home.quarantine

    def put(self, data: bytes) -> tuple[str, bool]:
        """Keeps `data`; gives its SHA-256 and whether the bytes were new.

        Bytes that were refused as personal data are not stored again. A stored file
        that no longer matches its name is healed.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        if self.is_quarantined(sha256):
            return sha256, False
        target = self.path(sha256)
        is_known = target.exists()
        if is_known and _digest(target) == sha256:
            return sha256, False
        self._incoming.mkdir(parents=True, exist_ok=True)
        if not target.parent.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            fsync_path(target.parent.parent)
            fsync_path(self._root)
        write_durably(target, data, self._incoming, _READ_ONLY)
        return sha256, not is_known

    def path(self, sha256: str) -> Path:
        """Where the bytes of `sha256` lie, or would lie."""
        if not _SHA256.fullmatch(sha256):
            raise LandingError(
                f"{sha256!r} is not a SHA-256 (64 hex digits), so it names no delivery."
            )
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of `sha256`, verified.

        Raises:
            LandingError: they are absent, damaged, or in quarantine.
        """
        path = self.path(sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            if self.is_quarantined(sha256):
                raise LandingError(
                    f"Delivery {sha256} was refused as personal data, so its bytes are "
                    "no longer in landing. Ask the sender for a file without it."
                ) from None
            raise LandingError(
                f"Delivery {sha256} is not in landing ({path}). Restore the file from "
                "a backup, or drop it again: the same bytes get the same place."
            ) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise LandingError(
                f"{path} no longer holds the bytes that were received: its SHA-256 "
                "differs from its name (disk fault or a change by hand). Restore it "
                "from a backup, or drop the same file again: it is then healed."
            )
        return data

    def sweep(self) -> int:
        """Removes what killed runs left half-written; call it under the run lock."""
        left = list(self._incoming.glob("*"))
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def is_quarantined(self, sha256: str) -> bool:
        """True when these bytes were refused as personal data, purged or not."""
        self.path(sha256)
        held = self._quarantine / sha256
        return held.exists() or held.with_suffix(_PURGED).exists()

    def quarantine(self, sha256: str) -> None:
        """Moves the bytes out of landing into the locked folder; idempotent."""
        source = self.path(sha256)
        if not source.exists():
            if self.is_quarantined(sha256):
                return
            raise LandingError(
                f"Delivery {sha256} is not in landing ({source}), so it cannot be "
                "moved to quarantine. It was removed by hand: nothing is left to lock "
                "away."
            )
        self._quarantine.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._quarantine.chmod(0o700)
        target = self._quarantine / sha256
        source.replace(target)
        target.chmod(0o600)
        os.utime(target)
        fsync_path(self._quarantine)
        fsync_path(source.parent)

    def purge_quarantine(self, older_than: dt.timedelta) -> list[str]:
        """Deletes bytes held for longer than `older_than`; gives their SHA-256s."""
        limit = (dt.datetime.now(dt.UTC) - older_than).timestamp()
        purged = []
        for path in sorted(self._quarantine.glob("*")):
            if _SHA256.fullmatch(path.name) and path.stat().st_mtime <= limit:
                path.with_suffix(_PURGED).touch(mode=0o600)
                path.unlink()
                purged.append(path.name)
        if purged:
            fsync_path(self._quarantine)
        return purged


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
