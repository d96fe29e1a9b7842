"""Text volume: the characters that all cells of a workbook show together.

One long text that a million cells point to costs a few bytes in the file and gigabytes
in any reader. The rough bound settles it for almost every file.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from sources.readers.container import Container, parse_part, parser_without_dtd
from sources.readers.package_parts import TEXTS
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import SheetFacts
from sources.readers.sheet_scan import is_text_number
from sources.readers.xml_parts import local


def check_text_volume(
    container: Container,
    sheets: Sequence[SheetFacts],
    shared: Sequence[tuple[str, str]],
) -> None:
    """Refuses a workbook whose cells show more text than the limits allow.

    Raises:
        Rejected: X_BOMB; the texts are honest, showing them is not.
    """
    limits = container.limits
    part = shared[0][1] if shared else TEXTS
    cells = sum(sheet.cells for sheet in sheets)
    if part not in container:
        return
    longest = min(container.declared_size(part), limits.text_length)
    if cells * longest <= limits.text_volume:
        return
    lengths = _lengths(container, part)
    if cells * max(lengths, default=0) <= limits.text_volume:
        return
    volume = 0
    for sheet in sheets:
        volume += _shown(container, sheet.part, lengths)
        check_volume(volume, limits.text_volume)


def check_volume(volume: int, most: int) -> None:
    """Refuses more than `most` characters in the cells of one workbook."""
    if volume > most:
        detail = f"the cells show more than {most} characters"
        raise Rejected("X_BOMB", detail, detail_vi=f"các ô chứa hơn {most} ký tự")


def _lengths(container: Container, part: str) -> Sequence[int]:
    """Characters of every shared text, in order."""
    lengths = array("L")

    def start(name: str, _: dict[str, str]) -> None:
        if local(name) == "si":
            lengths.append(0)

    def text(text: str) -> None:
        if lengths:
            lengths[-1] += len(text)

    parser = parser_without_dtd(part)
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parse_part(container, part, parser)
    return lengths


def _shown(container: Container, part: str, lengths: Sequence[int]) -> int:
    """Characters that the cells of one sheet take from the shared texts."""
    volume = 0
    is_shared = False
    value: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_shared
        if local(name) == "c":
            is_shared = attributes.get("t") == "s"
            value.clear()

    def end(name: str) -> None:
        nonlocal volume
        if is_shared and local(name) == "v":
            volume += _length(value, lengths)

    parser = parser_without_dtd(part)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: value.append(text) if is_shared else None
    parse_part(container, part, parser)
    return volume


def _length(value: Iterable[str], lengths: Sequence[int]) -> int:
    text = "".join(value).strip()
    return lengths[int(text)] if is_text_number(text, len(lengths)) else 0
