"""Marks: signs, words and codes that stand for a figure, or say something about it.

This is the one table of them; `numbers` reads figures by it. A source's own marks
(`Source.marks`) go before those here. What a mark says: a status in place of a figure,
or a qualifier of one. Qualifiers that a table gives but no rule needs (definition
differs, low reliability, revised, confidential, …) are understood and dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from sources.programme.batch import Qualifier

Status = Literal["reported", "nil", "not_applicable", "missing"]

MISSING_MARKS: Final = frozenset({"", "-", "--", "—", "…", "...", ".."})
NOT_APPLICABLE_MARKS: Final = frozenset({"x", "không áp dụng", "kad", "n/a"})
FOREIGN_MISSING_MARKS: Final = frozenset({":", "na", "nan"})
"""Statistical offices' marks, beside figures in the styles `en` and `plain` alone."""

YES_MARKS: Final = frozenset({"có", "yes", "1", "true", "đúng"})
NO_MARKS: Final = frozenset({"không", "no", "0", "false", "sai"})

BOUND_WORDS: Final[Mapping[str, Qualifier]] = {
    "hơn": "more_than",
    "trên": "more_than",
    "ít nhất": "more_than",
    "dưới": "less_than",
    "không quá": "less_than",
    "gần": "nearly",
    "khoảng": "about",
}
"""Words before a figure; bounds that include the figure count as those that do not."""


class Meaning(NamedTuple):
    """What a status code says of a figure, and in place of a missing one."""

    qualifier: Qualifier | None = None
    status: Status | None = None


OBS_STATUS: Final[Mapping[str, Meaning]] = {
    "A": Meaning(),  # normal
    "B": Meaning("break"),
    "D": Meaning(),  # definition differs
    "E": Meaning("estimated"),
    "F": Meaning("estimated"),  # forecast
    "G": Meaning("provisional"),  # experimental
    "H": Meaning(status="missing"),  # holiday
    "I": Meaning("estimated"),  # imputed
    "J": Meaning(),  # derogation
    "K": Meaning(status="missing"),  # counted in another category
    "L": Meaning(status="missing"),  # not collected
    "M": Meaning(status="not_applicable"),  # cannot exist
    "N": Meaning(),  # not significant
    "O": Meaning(status="missing"),
    "P": Meaning("provisional"),
    "Q": Meaning(status="missing"),  # suppressed
    "S": Meaning(),  # strike or another special event
    "U": Meaning(),  # low reliability
    "V": Meaning("provisional"),  # unvalidated
    "W": Meaning(),  # holds another category
}
"""SDMX CL_OBS_STATUS 2.2."""

FLAGS: Final[Mapping[str, Meaning]] = {
    **{code.lower(): OBS_STATUS[code] for code in "BDEFIMNPU"},
    "c": Meaning(status="missing"),  # confidential
    "r": Meaning(),  # revised
    "s": Meaning("estimated"),
    "z": Meaning(status="not_applicable"),
}
"""Eurostat's letters after a figure or its mark `:` (before 2025 also c, r, s, z)."""

_STRONGEST: Final[tuple[Qualifier, ...]] = ("estimated", "provisional", "break")
_IN_PLACE: Final[tuple[Status, ...]] = ("not_applicable", "missing")


def meaning_of_flags(letters: str) -> Meaning | None:
    """What flags, in alphabetical order, say together; None if they are none."""
    if not set(letters) <= FLAGS.keys() or list(letters) != sorted(set(letters)):
        return None
    known = [FLAGS[letter] for letter in letters]
    said = {meaning.qualifier for meaning in known}
    statuses = {meaning.status for meaning in known}
    qualifier = next((word for word in _STRONGEST if word in said), None)
    return Meaning(qualifier, next((s for s in _IN_PLACE if s in statuses), None))
