"""Worker: the process that touches hostile files, one job a line in, one answer out.

Started as `python -I`, without the parent's environment. It imports no frames, so that
it starts fast and its memory limit is all for the files. Answers are JSON: the parent
never unpickles anything that came near a submitted file.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import struct
import sys
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from sources.readers.grid import SheetCells, read_csv, read_workbook
from sources.readers.limits import Limits
from sources.readers.rejections import Rejected

LENGTH = struct.Struct("<Q")
_MOST_OPEN_FILES = 64


def main() -> None:
    """Reads jobs from standard input until it ends; answers on standard output."""
    limits = Limits(**json.loads(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not mix with the answers
    _limit_process(limits)
    gc.set_threshold(500_000)  # cells are many small objects without cycles
    for line in sys.stdin.buffer:
        _limit_cpu(limits)
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


def _limit_process(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_OPEN_FILES,) * 2)


def _limit_cpu(limits: Limits) -> None:
    """The next file may use `cpu_seconds` on top of what this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _answer(stream: BinaryIO, answer: dict[str, Any]) -> None:
    body = json.dumps(answer, ensure_ascii=True, separators=(",", ":")).encode()
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()
