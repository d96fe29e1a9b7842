"""Delimiters: what separates the fields of a text file, declared or by evidence.

`auto` takes the sign that gives the header and nearly all records below it the same
number of fields, more than one; titles of one field may stand above the header. Of
several signs the one with the fewest such titles is taken: a decimal comma splits the
figures, but not the header. A tab goes before the signs that occur in texts
(`freq,unit,geo` as one packed key). Otherwise two signs, or none, are refused.
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
_LOOKED_AT = 1_000_000
_MOST = 500
_MOST_TITLES = 10
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
    beginning = text[:_LOOKED_AT]
    titles = {sign: _titles(beginning, sign) for sign in _CANDIDATES}
    fewest = min((count for count in titles.values() if count is not None), default=0)
    fitting = [sign for sign, count in titles.items() if count == fewest]
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


def _titles(text: str, sign: str) -> int | None:
    """Number of titles above the header that the sign makes; None if it makes none."""
    found: list[list[str]] = []
    try:
        found.extend(fields for fields in islice(records(text, sign), _MOST) if fields)
    except csv.Error:
        if len(text) < _LOOKED_AT:  # else the end was cut off here
            return None
    titles = next((no for no, fields in enumerate(found) if len(fields) > 1), None)
    if titles is None or titles > _MOST_TITLES:
        return None
    header = found[titles]
    if titles and not any(map(str.isalpha, "".join(header))):
        return None
    widths = [len(fields) for fields in found[titles:]]
    is_table = widths.count(len(header)) >= _MOSTLY * len(widths)
    return titles if is_table else None
