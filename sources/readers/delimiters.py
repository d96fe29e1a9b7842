"""Delimiters: what separates the fields of a text file, declared or by evidence.

`auto` takes the sign that gives the header and nearly all records the same number of
fields, more than one. Two such signs, or none, are refused: a decimal comma gives each
record of figures a second field, but not the header. A tab goes before other signs,
which occur in texts (`freq,unit,geo` as one packed key).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Final

from sources.readers.encodings import AUTO
from sources.readers.rejections import Rejected

_CANDIDATES: Final = (",", ";", "\t", "|")
_FIRST = "\t"
_LOOKED_AT = 500
_MOSTLY = 0.8


def records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The records of a text as lists of fields; a quote left open is an error."""
    stream = io.StringIO(text, newline="")
    return csv.reader(stream, delimiter=delimiter, strict=True)


def delimiter_of(text: str, delimiter: str) -> str:
    """The declared sign, or the one that the text speaks for.

    Raises:
        Rejected: `auto`, and no sign or more than one could be it.
    """
    if delimiter != AUTO:
        return delimiter
    fitting = [sign for sign in _CANDIDATES if _fits(text, sign)]
    if _FIRST in fitting:
        return _FIRST
    if len(fitting) == 1:
        return fitting[0]
    tried = " ".join(map(repr, fitting or _CANDIDATES))
    english, vietnamese = (
        (
            f"{tried} could all separate the fields",
            f"{tried} đều có thể là dấu phân cách",
        )
        if fitting
        else (
            f"none of {tried} separates fields",
            f"không dấu nào trong {tried} tách cột",
        )
    )
    raise Rejected("X_CSV", english, cell="row 1", detail_vi=vietnamese)


def _fits(text: str, sign: str) -> bool:
    try:
        widths = [len(fields) for fields in islice(records(text, sign), _LOOKED_AT)]
    except csv.Error:
        return False
    filled = [width for width in widths if width]
    if not filled or filled[0] < 2:
        return False
    return filled.count(filled[0]) >= _MOSTLY * len(filled)
