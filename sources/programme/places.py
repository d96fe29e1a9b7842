"""Where a programme folder states what a row of the marts is about.

Grain: one `Place` per line of the folder. A row names parts of the programme by the
columns it has; nothing here knows a table.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sources.programme.frames import open_end, open_start
from sources.programme.model import Programme

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """A line of the folder: of which part, and by which codes it was found."""

    part: str
    codes: str
    file: str
    line: int | None


_PARTS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "successions",
        {
            "from_unit_code": "from_unit_code",
            "to_unit_code": "to_unit_code",
            "effective_date": "effective_date",
        },
    ),
    ("groups", {"group_code": "group_code", "unit_code": "unit_code"}),
    ("targets", {"target_code": "code"}),
    ("documents", {"document": "code"}),
    ("units", {"unit_code": "unit_code"}),
    ("units", {"ancestor_unit_code": "unit_code"}),
    ("forms", {"form_code": "code"}),
    ("calendars", {"calendar_code": "code"}),
)
"""Part of the programme, and the columns of a row that name one of it by its fields."""


def places_of(programme: Programme, row: Mapping[str, object]) -> list[Place]:
    """The lines that state the units, targets, forms and figures a row names.

    Of dated parts those that overlap the row's own days, where it has any. A member of
    a breakdown leads to the measure and to its line in the code list.
    """
    found = [
        Place(part, _words(row, columns), *_place(programme, (part, index)))
        for part, columns in _PARTS
        if columns.keys() <= row.keys() and row[next(iter(columns))] is not None
        for index, stated in enumerate(getattr(programme, part))
        if all(getattr(stated, field) == row[c] for c, field in columns.items())
        and _overlaps(stated, row)
    ]
    code = row.get("indicator_code")
    if isinstance(code, str):
        found += [
            Place(str(path[0]), f"indicator_code={code}", *_place(programme, path))
            for path in _indicator_paths(programme, code)
        ]
    return list(dict.fromkeys(found))


def _words(row: Mapping[str, object], columns: Mapping[str, str]) -> str:
    return " ".join(f"{name}={row[name]}" for name in columns if row[name] is not None)


def _overlaps(stated: object, row: Mapping[str, object]) -> bool:
    since, until = row.get("valid_from"), row.get("valid_to")
    if not (isinstance(since, dt.date) and isinstance(until, dt.date)):
        return True
    first = open_start(getattr(stated, "valid_from", None))
    end = open_end(getattr(stated, "valid_to", None))
    return first < until and since < end


def _indicator_paths(programme: Programme, code: str) -> Iterator[Path]:
    """A measure or indicator; of a member (`code.member`) also the member's line."""
    lists = {listed.code: n for n, listed in enumerate(programme.code_lists)}
    for part, split in (("measures", "breakdown"), ("indicators", "by_breakdown")):
        for index, stated in enumerate(getattr(programme, part)):
            if stated.code == code:
                yield part, index
            elif getattr(stated, split) and code.startswith(f"{stated.code}."):
                yield part, index
                at = lists[getattr(stated, split)]
                member = code.removeprefix(f"{stated.code}.")
                for number, known in enumerate(programme.code_lists[at].members):
                    if known.code == member:
                        yield "code_lists", at, "members", number


def _place(programme: Programme, path: Path) -> tuple[str, int | None]:
    """File and line of a part, or of the nearest part around it."""
    for length in range(len(path), 0, -1):
        if path[:length] in programme._places:
            return programme._places[path[:length]]
    return "", None
