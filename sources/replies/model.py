"""What a reply says, as plain values that go to a worker process and into a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

SEVERITIES = ("BLOCKER", "ERROR", "WARNING", "INFO")
"""Heaviest first."""


@dataclass(frozen=True)
class SubmissionFacts:
    """One submission of the delivery: about what, and what became of it.

    `status` is the ledger's, or `partly`: accepted, and some values kept out.
    """

    status: str
    form: str
    unit: str
    period: str


@dataclass(frozen=True)
class ReplyFacts:
    """What the head of the summary says about one delivery.

    `status` is the delivery's (`read`, `rejected`, `refused`); `received` is the moment
    of receipt as people of the programme write it. `ending`: what an earlier reply said
    is over, and this one takes its place: the report was taken (`settled`), `dismissed`
    for the reason in `ending_word`, or `passed_on` to the programme of that code.
    """

    programme: str
    file_name: str
    received: str
    status: str
    submissions: tuple[SubmissionFacts, ...] = ()
    is_simulated: bool = False
    ending: str = ""
    ending_word: str = ""


class Remark(NamedTuple):
    """One finding in the words of the reply; unknown parts are empty.

    `is_ours`: only the maintainer can settle it, and the sender has nothing to do.
    """

    severity: str
    sheet: str
    cell: str
    measure: str
    message_vi: str
    message_en: str
    observed: str
    expected: str
    is_ours: bool = False
