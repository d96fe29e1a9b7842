"""Worker: the process that opens a sender's workbook for marking, one reply a line in.

Started as `python -I`, without the parent's environment, under the limits that readers
use. A file that cannot be marked gives the report instead; a file that kills the
process costs that process, and its reply is asked for again without the file.
"""

from __future__ import annotations

import gc
import json
import struct
import sys
from enum import IntEnum
from pathlib import Path
from typing import Any

from sources.readers.confinement import allow_next_file, confine
from sources.readers.limits import Limits
from sources.readers.rejections import Rejected
from sources.replies.marking import marked_workbook
from sources.replies.model import Remark, ReplyFacts, SubmissionFacts
from sources.replies.summary import report_workbook

HEAD = struct.Struct("<QB")
"""Before each answer: its length and its `Outcome`."""


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
    limits, answers = confine(may_write=True)
    gc.set_threshold(200_000)  # a workbook is many small objects, dropped as a whole
    for line in sys.stdin.buffer:
        allow_next_file(limits)
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
