"""Worker: the process that touches hostile files, one job a line in, one answer out.

Started as `python -I`, without the parent's environment. It imports no frames, so that
it starts fast and its memory limit is all for the files. Answers are JSON: the parent
never unpickles anything that came near a submitted file.
"""

from __future__ import annotations

import gc
import json
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from sources.readers.confinement import allow_next_file, confine
from sources.readers.grid import SheetCells, read_csv, read_workbook
from sources.readers.limits import Limits
from sources.readers.rejections import Rejected

LENGTH = struct.Struct("<Q")


def main() -> None:
    """Reads jobs from standard input until it ends; answers on standard output."""
    limits, answers = confine()
    gc.set_threshold(500_000)  # cells are many small objects without cycles
    for line in sys.stdin.buffer:
        allow_next_file(limits)
        _answer(answers, _judge(json.loads(line), limits))


def _judge(job: dict[str, Any], limits: Limits) -> dict[str, Any]:
    try:
        return {"sheets": _read(job, limits)}
    except Rejected as refusal:
        reason = (
            refusal.code,
            refusal.detail,
            refusal.sheet,
            refusal.cell,
            refusal.detail_vi,
        )
    except MemoryError:
        reason = "X_LIMIT", "memory", "", "", "bộ nhớ"
    except OSError as error:
        reason = "X_UNREADABLE", f"{type(error).__name__}: {error.strerror}", "", "", ""
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the native reader is no Exception
        reason = "X_UNREADABLE", f"{type(error).__name__}", "", "", ""
    return {"rejected": reason}


def _read(job: dict[str, Any], limits: Limits) -> list[SheetCells]:
    path = Path(job["path"])
    if job["may_be_text"] and not _is_container(path):
        return read_csv(path, job["encoding"], job["delimiter"], limits)
    return read_workbook(path, limits)


def _is_container(path: Path) -> bool:
    """True for what claims to be a workbook by content: zip or the old OLE format."""
    with path.open("rb") as stream:
        head = stream.read(4)
    return head in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") or zipfile.is_zipfile(path)


def _answer(stream: BinaryIO, answer: dict[str, Any]) -> None:
    body = json.dumps(answer, ensure_ascii=True, separators=(",", ":")).encode()
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()
