"""Confinement: what a worker does to itself before it touches a file.

Imported inside the worker, so it imports nothing that is slow or large.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import BinaryIO

from sources.readers.limits import Limits

_MOST_OPEN_FILES = 64


def confine(may_write: bool = False) -> tuple[Limits, BinaryIO]:
    """Limits this process for good; gives the limits and the pipe for answers.

    It may write files of `part_bytes` or none. Standard output is turned away: a stray
    print must not mix with the answers.
    """
    limits = Limits(**json.loads(sys.argv[1]))
    largest = limits.part_bytes if may_write else 0
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest,) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_OPEN_FILES,) * 2)
    return limits, answers


def allow_next_file(limits: Limits) -> None:
    """The next file may use `cpu_seconds` on top of what this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + limits.cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
