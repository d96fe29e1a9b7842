"""XML parts: the small parts of a workbook, parsed whole without document types.

Most workbooks of one term share their small parts to the last byte, so what a small
part says is remembered by its bytes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple, TypeVar, TypeVarTuple
from xml.parsers import expat

from sources.readers.container import parser_without_dtd
from sources.readers.rejections import Rejected

_Result = TypeVar("_Result")
_More = TypeVarTuple("_More")
_MOST_REMEMBERED = 1 << 16


class Element(NamedTuple):
    """One start tag: local names of its parent and itself, attributes by local name."""

    parent: str
    name: str
    attributes: dict[str, str]


def check_well_formed(part: str, data: bytes) -> None:
    """Refuses one part that is not well-formed XML or declares a document type."""
    _parse(part, data, parser_without_dtd(part))


def elements(part: str, data: bytes) -> list[Element]:
    """Every element of one part, in document order."""
    found: list[Element] = []
    parents = [""]
    parser = parser_without_dtd(part)

    def start(name: str, attributes: dict[str, str]) -> None:
        plain = {local(key): value for key, value in attributes.items()}
        found.append(Element(parents[-1], local(name), plain))
        parents.append(local(name))

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: parents.pop()
    _parse(part, data, parser)
    return found


def all_text(part: str, data: bytes) -> str:
    """Every text of one part, one a line."""
    texts: list[str] = []
    parser = parser_without_dtd(part)
    parser.CharacterDataHandler = texts.append
    _parse(part, data, parser)
    return "\n".join(text for text in texts if text.strip())


def texts_by_element(part: str, data: bytes) -> list[tuple[str, str]]:
    """Local name of the element around each text of one part, and the text."""
    found: list[tuple[str, str]] = []
    around = [""]
    parser = parser_without_dtd(part)
    parser.StartElementHandler = lambda name, _: around.append(local(name))
    parser.EndElementHandler = lambda _: around.pop()
    parser.CharacterDataHandler = lambda text: found.append((around[-1], text))
    _parse(part, data, parser)
    return found


def drawn_text(part: str, data: bytes) -> str:
    """Every text of a drawing, its runs joined, paragraphs kept apart by bars."""
    texts: list[str] = []
    around = [""]
    parser = parser_without_dtd(part)

    def end(name: str) -> None:
        around.pop()
        if local(name) == "p":
            texts.append(" | ")

    def take(text: str) -> None:
        if around[-1] == "t":
            texts.append(text)

    parser.StartElementHandler = lambda name, _: around.append(local(name))
    parser.EndElementHandler = end
    parser.CharacterDataHandler = take
    _parse(part, data, parser)
    return "".join(texts)


def local(name: str) -> str:
    """A tag's or attribute's name without its prefix."""
    return name.rpartition(":")[2]


def remember(
    count: int, size: int
) -> Callable[[Callable[[bytes, *_More], _Result]], Callable[[bytes, *_More], _Result]]:
    """Remembers what a function said of so many parts up to so many bytes each.

    Refusals are never remembered.
    """

    def decorate(
        function: Callable[[bytes, *_More], _Result],
    ) -> Callable[[bytes, *_More], _Result]:
        cached = functools.lru_cache(maxsize=count)(function)

        @functools.wraps(function)
        def call(data: bytes, *more: *_More) -> _Result:
            chosen = cached if len(data) <= size else function
            return chosen(data, *more)

        return call

    return decorate


remembered = remember(256, _MOST_REMEMBERED)


def _parse(part: str, data: bytes, parser: expat.XMLParserType) -> None:
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Rejected("X_XML", f"{part}: {error}") from error
