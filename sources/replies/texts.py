"""Texts of a reply: visible, no formula, and nothing that a reader would refuse.

A reply quotes what cells and file names hold. Were it to quote a long figure in digits
that look like a person's number, the same file, corrected and sent in again, would be
refused as personal data because of our own words.
"""

from __future__ import annotations

import re

from sources.readers.personal import find_in_text, find_personal
from sources.readers.rejections import printable
from sources.readers.texts import is_legacy_font, narrow
from sources.replies.model import Remark
from sources.replies.wording import NOT_REPEATED

LONGEST = 1_500
LONGEST_FIGURE = 120
"""Of what stands in a cell and what was expected; the message says it in full."""
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_LONG_NUMBER = re.compile(r"\d(?:[ .\-\u00a0]?\d){8,}")
_RUN = re.compile(r"\d{4,}")
_BEFORE_THREE = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")
_MAIL = re.compile(r"(?<=\w)@(?=\w)")
_QUOTED = re.compile(r"“[^”]*”")
_PLACE = re.compile(
    r"(?:Tệp|File) “[^”]*”(?:, (?:trang|sheet) “[^”]*”)?"
    r"(?:, (?:ô|cell) [A-Z]{1,3}[0-9]+)?: "
)
_THIN = "\u202f"
"""Narrow no-break space: parts the digits of long figures, and the guard lets it be."""


def is_like_formula(text: str) -> bool:
    """True for text that a program might take for a formula when it is typed again."""
    return narrow(text[:1]).startswith(_FORMULA_SIGNS)


def quotable(text: str) -> str:
    """The text, or the nearest wording of it, that our own readers let pass."""
    clean = printable(text, LONGEST)
    apart = _MAIL.sub(" @ ", _LONG_NUMBER.sub(_apart, clean))
    unquoted = _QUOTED.sub("“…”", apart)
    attempts = (clean, apart, f"“{apart}”", unquoted)
    return next((text for text in attempts if _passes(text)), NOT_REPEATED)


def quotable_remark(remark: Remark) -> Remark:
    """The remark with texts that may stand in a reply; its place stays as it is."""
    return remark._replace(
        measure=quotable(remark.measure),
        message_vi=quotable(remark.message_vi),
        message_en=quotable(remark.message_en),
        observed=quotable(printable(remark.observed, LONGEST_FIGURE)),
        expected=quotable(printable(remark.expected, LONGEST_FIGURE)),
    )


def without_place(message: str, file_name: str) -> str:
    """A finding's message without file, sheet and cell at its beginning."""
    return _PLACE.sub("", message.removeprefix(f"{printable(file_name)}: "), count=1)


def _apart(number: re.Match[str]) -> str:
    text = number[0].replace("-", f"{_THIN}–{_THIN}")
    for separator in " .\u00a0":
        text = text.replace(separator, _THIN)
    return _RUN.sub(lambda run: _BEFORE_THREE.sub(_THIN, run[0]), text)


def _passes(text: str) -> bool:
    """True when a sheet with this text above another one would be let in."""
    found = find_personal([0, 1], [0, 0], "ss", [text, "x"])
    return not (found or find_in_text(text) or is_legacy_font(text))
