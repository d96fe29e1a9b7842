"""Errors of the gates; none of them carries a cell's value."""

from __future__ import annotations


class CheckCrashed(RuntimeError):
    """A check could not be evaluated: a fault of the program, never of the data.

    Names suite, rule and the kind of error. The original message is left out on
    purpose: it may quote cells.
    """

    def __init__(self, suite: str, rule: str, kind: str) -> None:
        self.suite, self.rule, self.kind = suite, rule, kind
        super().__init__(
            f"Check {suite}/{rule} could not be evaluated ({kind}). Nothing was judged "
            "and nothing entered. This is a fault of the program or of a frame handed "
            "to it, not of a submission: report it with the suite and the rule."
        )


class FrameRefused(ValueError):
    """A frame handed to a gate breaks its contract; says which frame and what to do."""


class UnknownRule(LookupError):
    """There is no rule of that code; suggests the nearest."""
