"""Match file: names to decide on as a CSV for a spreadsheet, and the decisions back.

No text in it can be taken for a formula; it reads back the same, from any spreadsheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from orchestration.steps.match_units import NotMatchable, UnknownName
from sources.programme.sheet_texts import escaped, unescaped
from sources.readers.texts import fold
from sources.readers.unit_proposals import MOST

NAME, DECISION, IGNORE = "name", "decision", "IGNORE"
_HEADS = [NAME, DECISION, "rows", "deliveries", "periods"]


def as_csv(names: Sequence[UnknownName]) -> str:
    """One line per name with its nearest units and an empty column of decisions."""
    heads = [
        f"{part}_{no}"
        for no in range(1, MOST + 1)
        for part in ("unit", "about", "score")
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*_HEADS, *heads])
    for name in names:
        told: list[str] = []
        for unit in name.proposals:
            told += [
                unit.unit_code,
                about(unit.name_vi, unit.parent_name),
                str(unit.score),
            ]
            if not unit.is_alive:
                told[-2] += " (không còn hoặc chưa có · not alive)"
            if unit.collides_with:
                told[-2] += " (trùng khi bỏ dấu · alike without accents)"
        told += [""] * (len(heads) - len(told))
        row = [name.name, "", str(name.row_count), str(len(name.deliveries))]
        writer.writerow(
            [escaped(text) for text in (*row, " ".join(name.periods), *told)]
        )
    return "\ufeff" + text.getvalue()


def decisions_in(path: Path) -> dict[str, str | None]:
    """The unit per name of every line with a decision; None where it says IGNORE.

    Raises:
        NotMatchable: the file cannot be read, lacks a column, or decides a name twice.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotMatchable(
            f"{path}: không đọc được · cannot be read ({error}). Save it as CSV UTF-8."
        ) from error
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not rows:
        return {}
    if absent := [name for name in (NAME, DECISION) if name not in rows[0]]:
        raise NotMatchable(
            f"{path}: thiếu cột · lacks the column {', '.join(absent)}. Take the file "
            "that --export writes and fill in its column `decision`."
        )
    chosen: dict[str, str | None] = {}
    for row in rows:
        name, decision = _plain(row[NAME] or ""), (row[DECISION] or "").strip()
        if not name or not decision:
            continue
        code = None if decision.upper() == IGNORE else _plain(decision)
        if chosen.setdefault(name, code) != code:
            raise NotMatchable(
                f"{path}: “{name}” có hai quyết định · is decided twice: "
                f"{chosen[name] or IGNORE}, {decision}. Keep one."
            )
    return chosen


def about(name: str, parent: str) -> str:
    """A unit's name, and the unit above it."""
    return f"{name} ← {parent}" if parent else name


def _plain(text: str) -> str:
    return fold(unescaped(fold(text)))
