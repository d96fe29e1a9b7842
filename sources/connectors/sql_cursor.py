"""How far a database was read: the greatest watermark and what stood just before it.

Shape: a `Position`, kept in the ledger as one JSON text. Of every report that will be
read again although nothing in it needs to have changed (the overlap, rows without a
watermark, or with one in the future) it holds a digest, so that it is delivered only
when its content differs.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, Double, Numeric, String
from sqlalchemy.types import TypeEngine

from sources.connectors.errors import SourceError

DIGEST_LENGTH = 16
"""Letters of one report's digest; they stand in the cursor without a separator."""
AHEAD = dt.timedelta(days=1)
"""A watermark later than the server's clock by more than this moves no cursor; a day,
because a clock without zone may be that of any place."""

_WRITTEN = re.compile(
    r"\d{4}-\d\d-\d\d(?P<clock>[ T]\d\d:\d\d(:\d\d(?P<part>\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d(:?\d\d)?)?)?"
)
_TYPES: dict[str, TypeEngine[Any]] = {
    "instant": DateTime(timezone=True),
    "moment": DateTime(),
    "day": Date(),
    "integer": BigInteger(),
    "decimal": Numeric(),
    "real": Double(),
    "text": String(),
}


@dataclass(frozen=True)
class Watermark:
    """One value of the watermark column; `kind` keeps it exact as text.

    instant: a time with its zone; moment: one without; day; integer; decimal; real;
    text: a time or day written in ISO 8601, as SQLite keeps them.
    """

    kind: str
    value: Any

    @classmethod
    def of(cls, value: Any) -> Watermark:
        """The watermark that a row holds.

        Raises:
            ValueError: it is neither a time nor a number.
        """
        if isinstance(value, dt.datetime):
            return cls("moment" if value.tzinfo is None else "instant", value)
        if isinstance(value, str):
            if not _WRITTEN.fullmatch(value):
                raise ValueError(f"the text {value!r}")
            dt.datetime.fromisoformat(value)
            return cls("text", value)
        for kind, of in (
            ("day", dt.date),
            ("integer", int),
            ("decimal", Decimal),
            ("real", float),
        ):
            if isinstance(value, of):
                return cls(kind, value)
        raise ValueError(f"a value of type {type(value).__name__}")

    @classmethod
    def read(cls, kind: str, text: str) -> Watermark:
        """The watermark that `text` gave."""
        if kind in ("instant", "moment"):
            return cls(kind, dt.datetime.fromisoformat(text))
        if kind == "day":
            return cls(kind, dt.date.fromisoformat(text))
        number = {"integer": int, "decimal": Decimal, "real": float}.get(kind, str)
        return cls(kind, number(text))

    @property
    def text(self) -> str:
        """Exact, and the same whatever zone the server answers in."""
        if self.kind == "instant":
            return str(self.value.astimezone(dt.UTC).isoformat())
        if self.kind in ("moment", "day"):
            return str(self.value.isoformat())
        return repr(self.value) if self.kind == "real" else str(self.value)

    @property
    def spelling(self) -> tuple[str, str]:
        """How a text is written: the clock with zeros for digits, and the zone. Texts
        of one spelling sort as their times do. Parts of a second are left out, since
        they change nothing, unless a Z follows. Empty for what is no text."""
        parts = _WRITTEN.fullmatch(self.value) if self.kind == "text" else None
        if parts is None:
            return "", ""
        zone, part = parts["zone"] or "", parts["part"] or ""
        bare = self.value.removesuffix(part + zone)
        part = part if zone == "Z" else ""
        return re.sub(r"\d", "0", bare + part), zone

    @property
    def type(self) -> TypeEngine[Any]:
        """What a bound parameter of this kind is."""
        return _TYPES[self.kind]

    @property
    def instant(self) -> dt.datetime | None:
        """The moment in UTC, where it says one."""
        when = self.value
        if self.kind == "text":
            when = dt.datetime.fromisoformat(when)
        if isinstance(when, dt.datetime) and when.tzinfo is not None:
            return when.astimezone(dt.UTC)
        return None

    def before(self, seconds: int) -> Any:
        """The value that lies `seconds` back: whole days for a day, that many steps for
        a number."""
        if self.kind in ("instant", "moment"):
            return self.value - dt.timedelta(seconds=seconds)
        if self.kind == "day":
            return self.value - dt.timedelta(days=math.ceil(seconds / 86_400))
        if self.kind == "text":
            return _text_before(self.value, seconds)
        return self.value - seconds

    def is_ahead(self, clock: dt.datetime) -> bool:
        """True for a time that the server's clock will not show for a day and more."""
        limit = clock.replace(tzinfo=clock.tzinfo or dt.UTC) + AHEAD
        value = self.value
        if self.kind == "text":
            value = dt.datetime.fromisoformat(value)
        if isinstance(value, dt.datetime):
            return value > (limit if value.tzinfo else limit.replace(tzinfo=None))
        return isinstance(value, dt.date) and value > limit.date()


def watermarks(
    who: str, name: str, found: Iterable[Any], known: Watermark | None
) -> list[Watermark]:
    """The watermarks that stand in the column `name`, of the one kind and spelling that
    they and the `known` one must have.

    Raises:
        SourceError: they are not, or one is none; says which and how to CAST.
    """
    who += f": the watermark {name!r}"
    try:
        marks = [Watermark.of(mark) for mark in found if mark is not None]
    except ValueError as error:
        raise SourceError(
            f"{who} is neither a time nor a number: {error}. Name a column that grows "
            "with every change, or CAST it."
        ) from None
    together = [*marks, *([known] if known else [])]
    kinds = {mark.kind for mark in together}
    if len(kinds) > 1:
        raise SourceError(
            f"{who} has values of several kinds: {', '.join(sorted(kinds))}. CAST it "
            "to one of them in sql.select."
        )
    ways = {mark.spelling: mark.text for mark in together}
    if len(ways) > 1:
        raise SourceError(
            f"{who} has texts spelled in several ways, which do not sort as times: "
            f"{', '.join(map(repr, sorted(ways.values())))}. Nothing of this pull was "
            "recorded. Give all one spelling and zone in sql.select; in SQLite "
            f"strftime('%Y-%m-%d %H:%M:%f', {name}) AS {name}, elsewhere "
            f"CAST({name} AS timestamptz) AS {name}."
        )
    return marks


def _text_before(text: str, seconds: int) -> str:
    """The earlier time in the same spelling, so that texts compare as times do."""
    parts = _WRITTEN.fullmatch(text)
    when = dt.datetime.fromisoformat(text).replace(tzinfo=None)
    if parts is None or parts["clock"] is None:
        back = when.date() - dt.timedelta(days=math.ceil(seconds / 86_400))
        return back.isoformat()
    back = when - dt.timedelta(seconds=seconds)
    length = len(text) - len(parts["zone"] or "")
    return back.isoformat(text[10], "microseconds")[:length] + (parts["zone"] or "")


@dataclass(frozen=True)
class Position:
    """What the ledger remembers of a database between two pulls.

    `query` is the digest of what is asked: another question starts from nothing.
    `told` is the latest time that a delivery was given, which later ones must pass,
    because the newest version of a report is the one that counts.
    """

    query: str
    watermark: Watermark | None = None
    told: dt.datetime | None = None
    held: frozenset[str] = frozenset()

    @classmethod
    def read(cls, query: str, cursor: str | None) -> Position:
        """The position that `cursor` says; the start for none or another question."""
        facts = json.loads(cursor) if cursor else {}
        told = dt.datetime.fromisoformat(facts["told"]) if facts.get("told") else None
        if facts.get("query") != query:
            return cls(query, told=told)
        held = facts["held"]
        mark = facts["watermark"]
        return cls(
            query,
            None if mark is None else Watermark.read(facts["kind"], mark),
            told,
            frozenset(_pieces(held)),
        )

    @property
    def text(self) -> str:
        """The cursor."""
        mark = self.watermark
        return json.dumps(
            {
                "watermark": None if mark is None else mark.text,
                "kind": None if mark is None else mark.kind,
                "told": self.told.isoformat() if self.told else None,
                "query": self.query,
                "held": "".join(sorted(self.held)),
            }
        )


def _pieces(held: str) -> Iterable[str]:
    return (held[at : at + DIGEST_LENGTH] for at in range(0, len(held), DIGEST_LENGTH))
