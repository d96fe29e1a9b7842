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

from sources.readers.bundles import is_bundle, read_bundle
from sources.readers.confinement import allow_next_file, confine
from sources.readers.delimited import Dialect, read_csv
from sources.readers.grid import SheetCells, check_encodable, read_workbook
from sources.readers.json_rows import is_json, read_json
from sources.readers.limits import Limits
from sources.readers.personal import find_in_text
from sources.readers.rejections import Rejected

_CONTAINERS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # zip, the old OLE format
_HEAD_BYTES = 4096

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
        sheets = _read(job, limits)
        check_encodable(sheets)
        return {"sheets": sheets}
    except Rejected as refusal:
        reason = (
            refusal.code,
            _unnamed(refusal.detail),
            _unnamed(refusal.sheet),
            refusal.cell,
            _unnamed(refusal.detail_vi),
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


def _unnamed(text: str) -> str:
    """The text, unless the names of sheets or parts in it tell of a person."""
    return "…" if find_in_text(text) else text


def _read(job: dict[str, Any], limits: Limits) -> list[SheetCells]:
    path = Path(job["path"])
    if not job["may_be_text"]:
        return read_workbook(path, limits)
    dialect = Dialect(job["encoding"], job["delimiter"])
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if is_bundle(head):
        return read_bundle(path, job["records"], dialect, limits)
    if head[:4] in _CONTAINERS or zipfile.is_zipfile(path):
        return read_workbook(path, limits)
    if is_json(head):
        return read_json(path, job["records"], limits)
    return read_csv(path, dialect, limits)


def _answer(stream: BinaryIO, answer: dict[str, Any]) -> None:
    body = json.dumps(answer, ensure_ascii=True, separators=(",", ":")).encode()
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()
