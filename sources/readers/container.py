"""Container: the zip file of one workbook, entries checked before they inflate."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from types import TracebackType
from typing import BinaryIO
from xml.parsers import expat

from sources.readers.limits import Limits, check_file_size
from sources.readers.rejections import NO_TABLES, Rejected

_ZIP_MAGIC = b"PK\x03\x04"
_CHUNK = 1 << 22  # large: expat before 2.6 scans an open token again per chunk
_ACTIVE = re.compile(
    r"vbaproject\.bin|/embeddings/|/activex/|/externallinks/"
    r"|^xl/connections\.(?:xml|bin)|/querytables/|/macrosheets/|/ctrlprops/"
    r"|/webextensions/|^(?:basic|scripts|dialogs)/."
)
_MACRO = re.compile(r"vbaproject\.bin|/ctrlprops/|^(?:basic|scripts|dialogs)/.")
_KINDS = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "content.xml": "ods"}
_ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii")
_BAD_NAME = re.compile(r"^[/\\]|\\|:|(?:^|/)\.\.(?:/|$)|[\x00-\x1f]")


class Container:
    """One opened zip, its entries named, counted and sized sanely.

    `kind` is xlsx, xlsb or ods, by the one main part inside; `macros` names the
    parts that hold macros or run them, which nothing here ever does. A zip that is no
    workbook has the entries `needed`, in small letters, and no kind.

    Raises:
        Rejected: on opening or inflating, with the code that says why.
    """

    def __init__(self, stream: BinaryIO, limits: Limits, needed: Collection[str] = ()):
        self.limits = limits
        self._inflated = 0
        _check_head(stream, limits)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (
            zipfile.BadZipFile,
            NotImplementedError,  # an entry asks for a zip version that is none
            ValueError,
            OSError,
        ) as error:
            lost = "its table of contents is lost"
            lost_vi = "mất phần mục lục ở cuối tệp"
            raise Rejected("X_DAMAGED", lost, detail_vi=lost_vi) from error
        self.names: dict[str, str] = {}
        self.macros: list[str] = []
        self._check_entries()
        for part in needed:
            if part not in self.names:
                raise _missing(part)
        self.kind = "" if needed else self._found_kind()

    def __enter__(self) -> Container:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.names

    def chunks(self, name: str) -> Iterator[bytes]:
        """Inflated bytes of one part, counted as they come, headers never believed."""
        if name not in self:
            raise _missing(name)
        count = 0
        try:
            with self._zip.open(self.names[name.lower()]) as part:
                while chunk := part.read(_CHUNK):
                    count += len(chunk)
                    self._inflated += len(chunk)
                    if (
                        count > self.limits.part_bytes
                        or self._inflated > self.limits.total_bytes
                    ):
                        raise Rejected("X_BOMB", f"{name} inflates past {count} bytes")
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            OSError,
        ) as error:
            raise Rejected("X_DAMAGED", f"{name}: {error}") from error

    def small(self, name: str, most: int = 8 << 20) -> bytes:
        """All bytes of one part that has no reason to be large."""
        parts: list[bytes] = []
        count = 0
        for chunk in self.chunks(name):
            count += len(chunk)
            if count > most:
                raise Rejected("X_BOMB", f"{name} inflates past {most} bytes")
            parts.append(chunk)
        return b"".join(parts)

    def whole(self, name: str, most: int) -> bytes | None:
        """All bytes of one part, or None when it declares more than `most`."""
        if name not in self:
            raise _missing(name)
        if self._zip.getinfo(self.names[name.lower()]).file_size > most:
            return None
        return self.small(name, most)

    def declared_size(self, name: str) -> int:
        """Inflated bytes that the table of contents claims; a reader stops there."""
        return self._zip.getinfo(self.names[name.lower()]).file_size

    def _check_entries(self) -> None:
        entries = self._zip.infolist()
        if len(entries) > self.limits.entries:
            raise Rejected("X_BOMB", f"{len(entries)} entries in the container")
        total = 0
        for entry in entries:
            name = entry.filename
            key = name.lower()
            if _BAD_NAME.search(entry.orig_filename):
                raise Rejected("X_PATH", repr(entry.orig_filename))
            if key in self.names:
                raise Rejected("X_DUPPART", name)
            if entry.flag_bits & 1:
                raise Rejected("X_PASSWORD")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Rejected("X_DAMAGED", f"{name}: method {entry.compress_type}")
            total += entry.file_size
            bomb = is_bomb(entry.file_size, entry.compress_size, self.limits)
            if bomb or total > self.limits.total_bytes:
                sizes = f"{entry.compress_size} -> {entry.file_size} bytes"
                raise Rejected("X_BOMB", f"{name}: {sizes}")
            if _MACRO.search(key):
                self.macros.append(name)
            elif _ACTIVE.search(key):
                raise Rejected("X_ACTIVE", name)
            self.names[key] = name

    def _found_kind(self) -> str:
        """The kind of workbook; a reader must not be able to take it for another."""
        found = [kind for part, kind in _KINDS.items() if part in self.names]
        if not found and "word/document.xml" in self.names:
            raise _no_table(b"word/document.xml")
        if not found:
            raise _missing("xl/workbook.xml")
        if len(found) > 1:
            detail = f"it is {' and '.join(found)} at once"
            vi = f"tệp cùng lúc là {' và '.join(found)}"
            raise Rejected("X_NOTXLSX", detail, detail_vi=vi)
        if found != ["ods"] and "[content_types].xml" not in self.names:
            raise _missing("[content_types].xml")
        return found[0]


def is_bomb(size: int, packed: int, limits: Limits) -> bool:
    """True for an entry that says it inflates to more than a workbook ever needs."""
    return size > limits.part_bytes or (
        size > limits.ratio_from_bytes and size > limits.ratio * max(1, packed)
    )


def is_harmless_name(name: str) -> bool:
    """True for an entry's name that plays no tricks and stands for nothing active."""
    return not (_BAD_NAME.search(name) or _ACTIVE.search(name.lower()))


def _no_table(sign: bytes) -> Rejected:
    vietnamese, english = NO_TABLES[sign]
    return Rejected("X_NOTXLSX", english, detail_vi=vietnamese)


def _missing(part: str) -> Rejected:
    detail_vi = f"thiếu phần {part}"
    return Rejected("X_NOTXLSX", f"the part {part} is missing", detail_vi=detail_vi)


def parser_without_dtd(part: str, separator: str | None = None) -> expat.XMLParserType:
    """One expat parser that refuses document types and any encoding but UTF-8.

    The readers of cells know no other encoding: they find nothing in UTF-16. With a
    `separator`, names come with their namespace before it and their prefix after it.
    """
    parser = expat.ParserCreate("UTF-8", separator)
    parser.buffer_text = True
    parser.namespace_prefixes = separator is not None

    def check_encoding(_: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            vi = f"{part}: bảng mã {encoding}, không phải UTF-8"
            raise Rejected("X_XML", f"{part}: encoding {encoding}", detail_vi=vi)

    parser.XmlDeclHandler = check_encoding

    def refuse(*_: object) -> None:
        raise Rejected("X_DTD", part)

    parser.StartDoctypeDeclHandler = refuse
    return parser


def parse_part(container: Container, part: str, parser: expat.XMLParserType) -> None:
    """Feeds one part through the parser, chunk by chunk, in constant memory."""
    try:
        for chunk in container.chunks(part):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Rejected("X_XML", f"{part}: {error}") from error


def _check_head(stream: BinaryIO, limits: Limits) -> None:
    check_file_size(stream.seek(0, 2), limits)
    stream.seek(0)
    head = stream.read(8)
    if known := next((magic for magic in NO_TABLES if head.startswith(magic)), None):
        raise _no_table(known)
    if not head.startswith(_ZIP_MAGIC):
        begin = "".join(chr(b) if 32 <= b < 127 else "·" for b in head)
        detail_vi = f"tệp bắt đầu bằng “{begin}”"
        raise Rejected("X_NOTXLSX", f"it starts with “{begin}”", detail_vi=detail_vi)
    stream.seek(0)
