"""JSON rows: one list of records in JSON documents, as a sheet.

Row 0 holds the keys in the order in which they first appear, every record is a row
below. A nested object becomes columns of its own (`unit.code`), one level deep; what
lies deeper stays JSON text, so that the guard for personal data sees it. `null` is an
empty cell. A number keeps the digits it was written with.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from sources.json_paths import list_at
from sources.readers.grid import SheetCells, empty_sheet, guard
from sources.readers.limits import Limits, check_file_size
from sources.readers.personal import TITLED, find_in_text, is_personal_title
from sources.readers.rejections import Rejected
from sources.readers.texts import first_of

_BOM: Final = b"\xef\xbb\xbf"
_LOOKS_LIKE_JSON = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\[{\]])")
_MAY_BE_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""One escape of JSON; a whole pair of surrogates is one letter, half of one is none."""

_DEEPEST = 32
_MOST_DIGITS = 400
_SIGNS_PER_CELL = 4
"""Commas, colons and brackets; a record of one field has three."""


class _Digits(str):
    """A number as it was written."""

    __slots__ = ()


def is_json(head: bytes) -> bool:
    """True when a file that begins like this means to be a JSON document."""
    return _LOOKS_LIKE_JSON.match(head.removeprefix(_BOM)) is not None


_TAGS: Final[dict[type, str]] = {str: "s", _Digits: "n"}


def read_json(path: Path, records: str, limits: Limits) -> list[SheetCells]:
    """One entry: a JSON document's records as a sheet without a name.

    Raises:
        Rejected: see `json_sheet`; too large, or personal data.
    """
    check_file_size(path.stat().st_size, limits)
    sheet = json_sheet([("", path.read_bytes())], records, limits)
    guard([sheet])
    return [sheet]


def json_sheet(
    documents: Iterable[tuple[str, bytes]], path: str, limits: Limits
) -> SheetCells:
    """The records of all documents, (name, bytes), under one header.

    `path` leads to the list of records by points; empty is the document itself, or the
    only list of an object.

    Raises:
        Rejected: no JSON, no such list, no records, or over a limit.
    """
    rows = _Rows(limits)
    for name, data in documents:
        try:
            _check_size(data, limits)
            document = _parsed(data)
            records = _records(document, path)
            for number, record in enumerate(records, start=1):
                rows.add(number, record)
            _guard(document, records)
        except Rejected as reason:
            raise reason.inside(name) from reason
    if not rows.count:
        detail = f"no records at {path!r}"
        raise Rejected("X_JSON", detail, detail_vi=f"không có bản ghi nào ở {path!r}")
    return rows.sheet()


def _check_size(data: bytes, limits: Limits) -> None:
    """Refuses what would fill the memory before its cells can be counted."""
    signs = sum(data.count(sign) for sign in (b",", b":", b"[", b"{"))
    if signs > _SIGNS_PER_CELL * limits.cells:
        detail_vi = f"{signs} giá trị trong tài liệu"
        raise Rejected("X_TOOBIG", f"{signs} values", detail_vi=detail_vi)


class _Rows:
    """The rows so far: one column number per key, cells as parallel lists."""

    def __init__(self, limits: Limits) -> None:
        self.count = 0
        self._limits = limits
        self._columns: dict[str, int] = {}
        self._rows: list[int] = []
        self._places: list[int] = []
        self._kinds: list[str] = []
        self._texts: list[str] = []

    def add(self, number: int, record: Any) -> None:
        """One record as the next row; `number` is its own in its document."""
        if not isinstance(record, dict):
            detail_vi = f"bản ghi {number} không phải là đối tượng"
            raise Rejected("X_JSON", f"record {number} is no object", "", "", detail_vi)
        limits = self._limits
        parts = (len(v) for v in record.values() if type(v) is dict)
        if len(record) > limits.columns or sum(parts) > limits.columns:
            raise _too_big(number, f"over {limits.columns} keys")
        self.count += 1
        columns = self._columns
        for key, value in _fields(record):
            place = columns.setdefault(key, len(columns))
            kind = _TAGS.get(type(value))
            kind, text = (kind, value) if kind else _cell(value)
            if not text:
                continue
            if len(text) > limits.text_length:
                raise _too_big(number, f"a text over {limits.text_length}")
            if kind == "n" and len(text) > _MOST_DIGITS:
                raise _long_number(len(text))
            self._rows.append(self.count)
            self._places.append(place)
            self._kinds.append(kind)
            self._texts.append(text)
        if len(columns) > limits.columns:
            raise _too_big(number, f"over {limits.columns} keys")
        if len(self._texts) > limits.cells or self.count > limits.cells:
            raise _too_big(number, f"over {limits.cells} cells")

    def sheet(self) -> SheetCells:
        """All rows under their keys."""
        keys = list(self._columns)
        sheet = empty_sheet("", "visible")
        sheet["rows"] = [0] * len(keys) + self._rows
        sheet["columns"] = [*range(len(keys)), *self._places]
        sheet["kinds"] = "s" * len(keys) + "".join(self._kinds)
        sheet["texts"] = keys + self._texts
        sheet["is_records"] = True
        return sheet


def _fields(record: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """The fields of a record, those of a nested object under `outer.inner`."""
    if dict not in map(type, record.values()):
        return record.items()
    fields = [
        (f"{key}.{inner}", part) if inner else (key, part)
        for key, value in record.items()
        for inner, part in (value.items() if isinstance(value, dict) else [("", value)])
    ]
    _check_keys([key for key, _ in fields])
    return fields


def _cell(value: Any) -> tuple[str, str]:
    """Tag and text of a value that is no text and no number; no text where none is."""
    if value is None:
        return "s", ""
    if isinstance(value, bool):
        return "b", "true" if value else "false"
    _guard(value)
    return "s", json.dumps(value, ensure_ascii=False) if value else ""


def _parsed(data: bytes) -> Any:
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Rejected("X_ENCODING", f"utf-8: {error}") from error
    try:
        document = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_Digits,
            parse_float=_Digits,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        detail = f"row {error.lineno}, column {error.colno}: {error.msg}"
        detail_vi = f"dòng {error.lineno}, cột {error.colno}: {error.msg}"
        raise Rejected("X_JSON", detail, detail_vi=detail_vi) from error
    except RecursionError:
        raise _too_deep() from None
    if _MAY_BE_HALF.search(text):
        _check_escapes(text)
    return document


def _check_escapes(text: str) -> None:
    """Refuses an escape that stands for no letter and that no file could hold."""
    for found in _ESCAPE.finditer(text):
        if found["half"]:
            row = text.count("\n", 0, found.start()) + 1
            column = found.start() - text.rfind("\n", 0, found.start())
            what = f"\\{found['half']}"
            raise Rejected(
                "X_JSON",
                f"row {row}, column {column}: {what} is no letter",
                detail_vi=f"dòng {row}, cột {column}: {what} không phải là chữ",
            )


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        _check_keys([key for key, _ in pairs])
    return found


def _check_keys(keys: Sequence[str]) -> None:
    if len(set(keys)) < len(keys):
        twice = ", ".join(repr(k) for k, count in Counter(keys).items() if count > 1)
        detail_vi = f"khóa {twice} lặp trong cùng một đối tượng"
        raise Rejected("X_JSON", f"{twice} twice in one object", detail_vi=detail_vi)


def _refuse_constant(text: str) -> NoReturn:
    raise Rejected("X_JSON", f"{text} is no number", detail_vi=f"{text} không phải số")


def _records(document: Any, path: str) -> list[Any]:
    """The list of records at the path."""
    found = list_at(document, path)
    if found is not None:
        return found
    keys = [repr(key) for key in document] if isinstance(document, dict) else []
    holds = first_of(keys) or type(document).__name__
    wanted = f"{path!r}" if path else "(records)"
    raise Rejected(
        "X_JSON",
        f"no list of records at {wanted}; the document has {holds}",
        detail_vi=f"không có danh sách ở {wanted}; tệp có {holds}",
    )


def _guard(value: Any, without: list[Any] | None = None) -> None:
    """Looks for personal data in what makes no cells of its own, the records apart."""
    for path, leaf in _leaves(value, without):
        if leaf is None or leaf == "":
            continue
        what = find_in_text(leaf) if isinstance(leaf, str) else None
        if what is None and path and is_personal_title(path[-1]):
            what = TITLED
        if what is not None:
            raise Rejected("PERSONAL_DATA", f"{'.'.join(path)} ({what})")


def _leaves(
    value: Any, without: list[Any] | None = None
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Path and value of all that is no object and no list; not recursive."""
    stack: list[tuple[tuple[str, ...], Any, int]] = [((), value, 0)]
    while stack:
        path, found, depth = stack.pop()
        if found is without and found is not None:
            continue
        if depth > _DEEPEST:
            raise _too_deep()
        if isinstance(found, dict):
            stack += [((*path, key), part, depth + 1) for key, part in found.items()]
        elif isinstance(found, list):
            stack += [(path, part, depth + 1) for part in found]
        else:
            yield path, found


def _too_big(record: int, what: str) -> Rejected:
    return Rejected("X_TOOBIG", f"record {record}: {what}")


def _long_number(length: int) -> Rejected:
    detail_vi = f"một số dài {length} ký tự"
    return Rejected("X_TOOBIG", f"a number of {length}", detail_vi=detail_vi)


def _too_deep() -> Rejected:
    return Rejected("X_JSON", "nested too deep", detail_vi="lồng nhau quá sâu")
