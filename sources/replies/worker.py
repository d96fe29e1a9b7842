"""Worker: the process that opens a sender's workbook for marking, one reply a line in.

Started as `python -I`, without the parent's environment, under the limits that readers
use. A file that cannot be marked gives the report instead; a file that kills the
process costs that process, and its reply is asked for again without the file.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import struct
import sys
from enum import IntEnum
from pathlib import Path
from typing import Any

from sources.readers.limits import Limits
from sources.readers.rejections import Rejected
from sources.replies.marking import marked_workbook
from sources.replies.model import Remark, ReplyFacts, SubmissionFacts
from sources.replies.summary import report_workbook

HEAD = struct.Struct("<QB")
"""Before each answer: its length and its `Outcome`."""

_MOST_OPEN_FILES = 64


class Outcome(IntEnum):
    """A report alone, the workbook marked, or a report for want of better.

    `UNMARKED` is a workbook that passed inspection and could not be marked all the
    same: openpyxl does not open everything that spreadsheet programs do.
    """

    REPORT = 0
    MARKED = 1
    UNMARKED = 2


def main() -> None:
    """Reads replies to write from standard input; answers on standard output."""
    limits = Limits(**json.loads(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a stray print must not mix with the answers
    _limit_process(limits)
    gc.set_threshold(200_000)  # a workbook is many small objects, dropped as a whole
    for line in sys.stdin.buffer:
        _limit_cpu(limits)
        data, outcome = _answer(json.loads(line), limits)
        answers.write(HEAD.pack(len(data), outcome) + data)
        answers.flush()


def _answer(job: dict[str, Any], limits: Limits) -> tuple[bytes, Outcome]:
    about = job["facts"]
    about["submissions"] = tuple(SubmissionFacts(**s) for s in about["submissions"])
    facts = ReplyFacts(**about)
    remarks = [Remark(*texts) for texts in job["remarks"]]
    outcome = Outcome.REPORT
    if job["path"] is not None:
        try:
            data = Path(job["path"]).read_bytes()
            return marked_workbook(data, facts, remarks, limits), Outcome.MARKED
        except (Rejected, OSError):
            pass
        except Exception:  # what openpyxl raises on odd workbooks has no common class
            outcome = Outcome.UNMARKED
    return report_workbook(facts, remarks), outcome


def _limit_process(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.part_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_OPEN_FILES,) * 2)


def _limit_cpu(limits: Limits) -> None:
    """The next file may use `cpu_seconds` on top of what this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
