"""Body of an answer: read to its stated end within bounds, or known to be cut.

Shape: raw pieces as they come off the line -> the whole content.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

_GZIP = 31
_PIECE = 1 << 20


class CutShort(Exception):
    """The body ended before its end, or is no whole gzip stream: worth another try."""


class TooLarge(Exception):
    """The body holds more than it may."""


def read_body(
    pieces: Iterable[bytes], encoding: str, at_most: int, check: Callable[[], None]
) -> tuple[bytes, bool]:
    """The content, inflated, and whether it says by itself that it is whole.

    `check` is called for each piece and may raise. Nothing is inflated past `at_most`.

    Raises:
        CutShort: a gzip stream ends in the middle or is damaged.
        TooLarge: there is more than `at_most`.
        ValueError: an encoding that was not asked for.
    """
    name = encoding.strip().lower()
    if name in ("gzip", "x-gzip"):
        return _inflate(pieces, at_most, check), True
    if name not in ("", "identity"):
        raise ValueError(name)
    content = bytearray()
    for piece in pieces:
        check()
        content += piece
        if len(content) > at_most:
            raise TooLarge
    return bytes(content), False


def _inflate(pieces: Iterable[bytes], at_most: int, check: Callable[[], None]) -> bytes:
    content = bytearray()
    stream = zlib.decompressobj(_GZIP)
    try:
        for piece in pieces:
            check()
            waiting = piece
            while waiting and not stream.eof:
                content += stream.decompress(waiting, _PIECE)
                waiting = stream.unconsumed_tail
                if len(content) > at_most:
                    raise TooLarge
    except zlib.error as error:
        raise CutShort("damaged gzip") from error
    if not stream.eof:
        raise CutShort("gzip cut off")
    return bytes(content)
