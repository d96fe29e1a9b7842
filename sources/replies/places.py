"""Places: where a reply lies, under which name, and how it gets there in one step."""

from __future__ import annotations

import os
import re
import unicodedata
import uuid
from pathlib import Path, PurePosixPath

_MARK = ".phan-hoi"
SUFFIX = f"{_MARK}.xlsx"
_UNSAFE = re.compile(r'[\\/:*?"<>|]')
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?")
_LONGEST_BYTES = 180


def reply_place(subfolder: PurePosixPath, file_name: str, mark: str = "") -> str:
    """Relative path of the reply to a file: its subfolder and `<stem>.phan-hoi.xlsx`.

    `mark` keeps apart files whose replies would have the same name. A reply to a reply
    that came back corrected, of whatever kind, has the name of the first.
    """
    whole = PurePosixPath(file_name).stem or file_name
    is_reply = whole.lower().endswith(_MARK)
    stem = whole[: -len(_MARK)] or whole if is_reply else whole
    extra = f".{mark}" if mark else ""
    parts = [_safe(part) for part in subfolder.parts if part not in ("", ".", "/")]
    return "/".join([*parts, f"{_safe(stem)}{extra}{SUFFIX}"])


def write_reply(folder: Path, place: str, data: bytes) -> None:
    """Writes a reply into a folder of this machine, whole or not at all.

    Raises:
        OSError: the place cannot be written, or a link leads out of the folder.
    """
    target = folder / place
    beside = target.parent / f".{uuid.uuid4().hex}.tmp"
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise OSError(40, "a link leads out of the replies folder", str(target.parent))
    # as open() would: senders on a share must be able to read it
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _safe(name: str) -> str:
    """One name that every file system takes and that shows what it is.

    Control and direction marks, path signs and halves of characters become `_`.
    """
    readable = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    visible = "".join(
        "_" if unicodedata.category(character)[0] == "C" else character
        for character in unicodedata.normalize("NFC", readable)
    )
    plain = _UNSAFE.sub("_", visible).strip(" .")
    clipped = plain.encode()[:_LONGEST_BYTES].decode(errors="ignore").rstrip(" .")
    if not clipped or _RESERVED.fullmatch(clipped):
        return f"_{clipped}"
    return clipped
