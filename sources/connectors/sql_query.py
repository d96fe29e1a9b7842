"""The query put around a maintainer's SELECT: which reports changed, all their rows.

Shape: built by SQLAlchemy, so that names are quoted as each database wants them and
values are bound, never written into the text. The SELECT itself goes over unchanged.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import (
    Select,
    TextClause,
    and_,
    bindparam,
    case,
    column,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    text,
)

from sources.connectors.sql_cursor import Watermark
from sources.programme.tables import SqlQuery

_CLOCK = len("2025-03-01 00:02:03")
_NEWEST, _WITHOUT = "nhiemky_newest", "nhiemky_without"


def probe(query: SqlQuery) -> Select[Any]:
    """No row, and the names of the columns."""
    report = _verbatim(query).columns().subquery("report")
    return select(literal_column("*")).select_from(report).where(false())


def changed_reports(
    query: SqlQuery, header: list[str], since: Watermark | None
) -> Select[Any]:
    """Every row of the reports in which something reached `since`, ordered by keys.

    Looks back by the overlap; reports with a row without watermark are always in it.
    The SELECT is evaluated once: the newest watermark of a report is worked out beside
    its rows, which also keeps rows whose key is NULL, as a join would not.
    """
    report = _verbatim(query).columns(*map(column, header)).subquery("report")
    keys = [report.c[key] for key in query.keys]
    if query.watermark is None or since is None:
        return select(*report.c).order_by(*keys)
    mark = report.c[query.watermark]
    bare = case((mark.is_(None), 1), else_=0)
    marked = select(
        *report.c,
        func.max(mark).over(partition_by=keys).label(_NEWEST),
        func.sum(bare).over(partition_by=keys).label(_WITHOUT),
    ).subquery("marked")
    start = bindparam(
        "since", since.before(query.overlap_seconds), type_=since.type, unique=True
    )
    is_new = or_(marked.c[_NEWEST] >= start, marked.c[_WITHOUT] > 0)
    return (
        select(*(marked.c[name] for name in header))
        .where(is_new)
        .order_by(*(marked.c[key] for key in query.keys))
    )


def other_spelling(query: SqlQuery, header: list[str], like: Watermark) -> Select[Any]:
    """One watermark that is not spelled as `like` is, if there is any.

    Texts compare as times only where they are spelled alike, so the query for what
    changed may itself pass over the others.
    """
    report = _verbatim(query).columns(*map(column, header)).subquery("report")
    mark = report.c[str(query.watermark)]
    clock, zone = like.spelling
    whole = clock.replace("0", "_")
    patterns = [whole + zone]
    if len(clock) == _CLOCK and zone != "Z":
        patterns.append(f"{whole}.%{zone}")
    is_alike = or_(*(mark.like(pattern) for pattern in patterns))
    if not zone:
        rest = func.substr(mark, _CLOCK + 1)
        is_alike = and_(is_alike, *(rest.not_like(f"%{sign}%") for sign in "+-Z"))
    return select(mark).select_from(report).where(not_(is_alike)).limit(1)


def digest_of(query: SqlQuery, address: str) -> str:
    """16 hex digits over what is asked, and of whom: another question, database or user
    is another history. `address` is without secrets, so that a new password is none."""
    asked = json.dumps([address, query.select, query.keys, query.watermark])
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def _verbatim(query: SqlQuery) -> TextClause:
    """The SELECT as it is written: a colon in it is no parameter."""
    written = query.select.strip().rstrip(";")
    return text(written.replace(":", r"\:") + "\n")
